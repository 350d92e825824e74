"""A command that is started afresh, and what it took to its end."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PYTEST: Final = (
    *(sys.executable, "-m", "pytest", "-q"),
    *("-p", "no:hypothesispytest"),  # of our tests; takes a second at the end
)
"""pytest, as all benchmarks start it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What a command took; times in seconds."""

    began: float
    """On the monotonic clock."""

    seconds: float
    """Of the wall clock, from its start to its end."""

    processor: float
    """CPU time of all its processes."""

    peak: int
    """Bytes of memory, at most, of the largest of its processes."""

    printed: str
    """The last of what it printed."""


def timed(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str] | None = None,
    statuses: Sequence[int] = (0,),
) -> Ended:
    """Run a command to its end, in a folder that also gets its log.

    Raises:
        SystemExit: It failed; what it printed is the reason.
    """
    log = folder / "log.txt"
    with log.open("wb") as printed:
        began = time.monotonic()
        process = subprocess.Popen(  # noqa: S603 - our own programs
            command,
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=subprocess.STDOUT,
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    tail = log.read_text(encoding="utf-8", errors="replace")[-3000:]
    if process.returncode not in statuses:
        raise SystemExit(f"{' '.join(command)[:300]}\nfailed:\n{tail}")
    return Ended(
        began=began,
        seconds=seconds,
        processor=usage.ru_utime + usage.ru_stime,
        peak=usage.ru_maxrss * 1024,
        printed=tail,
    )
