"""Looking after a child from outside, at what no limit of the kernel bounds."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.runner import disk_use

SECONDS_BETWEEN_LOOKS: Final = 0.1

MOST_THREADS: Final = 64 + 4 * (os.cpu_count() or 1)
"""As the worker has it, where the kernel can bound it."""

LARGEST_SCRATCH: Final = 64 << 20
"""Bytes that a child may have on disk; the worker's own bound where it has a private
folder."""

MOST_FILES: Final = 4096
"""Files that a child may have on disk; the worker's own bound likewise."""

_SLACK: Final = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Watchdog:
    """What is looked at, and how much of it is too much."""

    memory: int
    """Bytes beyond what it shares with its zygote, its inputs included."""

    zygote: int
    """The process that the child descends from."""

    scratch: Path
    """The folder that the child writes into."""

    def look(self, pid: int, held: int) -> None:
        """Do nothing if a child keeps within its bounds, or has ended.

        Args:
            pid: The child.
            held: Bytes of memory that it shares with its zygote.

        Raises:
            Ungradable: ``E_MEMORY`` or ``E_RESOURCE``.
        """
        status = _status(pid)
        if status.get("PPid") != str(self.zygote):
            return  # it has ended, and its number may be another's
        if int(status.get("Threads", 1)) > MOST_THREADS:
            text = f"the model had more than {MOST_THREADS} threads"
            raise Ungradable(Code.RESOURCE, text)
        kib = [status.get(key, "0").split()[0] for key in ("RssAnon", "RssShmem")]
        if sum(map(int, kib)) * 1024 > held + self.memory + _SLACK:
            raise Ungradable(Code.MEMORY)
        held_on_disk = disk_use.held_on_disk(pid, self.scratch, MOST_FILES)
        if held_on_disk.files > MOST_FILES or held_on_disk.hidden:
            text = f"the model made more than {MOST_FILES} files, or hid them"
            raise Ungradable(Code.RESOURCE, text)
        if held_on_disk.size > LARGEST_SCRATCH:
            text = f"the model wrote more than {LARGEST_SCRATCH >> 20} MiB to disk"
            raise Ungradable(Code.RESOURCE, text)


def _status(pid: int) -> Mapping[str, str]:
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return {}  # it has ended; or this is not Linux
    pairs = (line.partition(":") for line in text.split("\n"))
    return {key: value.strip() for key, _, value in pairs}
