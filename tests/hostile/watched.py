"""Runs a command and writes down what became of its processes; a program.

    python watched.py REPORT COMMAND

The report is JSON: ``status`` of the command; ``left``, the processes that outlived
it; ``oldest``, the seconds that the oldest process of a model lived, and ``oldest_at``,
when it began; ``peak``, the most bytes that the command itself had in memory.
"""

import ctypes
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

SECONDS_BETWEEN_LOOKS = 0.25
SECONDS_TO_DIE = 5.0
"""From the command's end to that of the last process it started."""

_PR_SET_CHILD_SUBREAPER = 36
_TICKS = os.sysconf("SC_CLK_TCK")


class Process(NamedTuple):
    """One of the system's processes."""

    pid: int
    parent: int
    seconds: float
    """For how long it has lived."""


def watch(report: Path, command: list[str]) -> None:
    """Run the command to its end; write the report."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    start, oldest, born, peak = time.monotonic(), 0.0, 0.0, 0
    running = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    while running.poll() is None:
        age = max((p.seconds for p in _models(running.pid)), default=0.0)
        if age > oldest:
            oldest, born = age, time.monotonic() - start - age
        peak = max(peak, _peak(running.pid))
        time.sleep(SECONDS_BETWEEN_LOOKS)
    found = {
        "status": running.returncode,
        "left": _left(),
        "oldest": oldest,
        "oldest_at": born,
        "peak": peak,
    }
    report.write_text(json.dumps(found), encoding="utf-8")


def _left() -> list[str]:
    """Wait for what the command left behind; return what does not end."""
    end = time.monotonic() + SECONDS_TO_DIE
    while True:
        _bury()
        alive = list(_descendants(os.getpid()))
        if not alive or time.monotonic() > end:
            return [_shown(process.pid) for process in alive]
        time.sleep(0.1)


def _bury() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def _models(pid: int) -> Iterator[Process]:
    """Yield the processes below the zygotes, which are children of the command."""
    zygotes = {process.pid for process in _processes() if process.parent == pid}
    for zygote in zygotes:
        yield from _descendants(zygote)


def _descendants(pid: int) -> Iterator[Process]:
    known = {pid}
    for process in sorted(_processes(), key=lambda process: -process.seconds):
        if process.parent in known:
            known.add(process.pid)
            yield process


def _processes() -> Iterator[Process]:
    uptime = time.clock_gettime(time.CLOCK_BOOTTIME)
    for entry in os.listdir("/proc"):  # noqa: PTH208 - hundreds, four times a second
        if entry.isdecimal():
            try:
                fields = Path("/proc", entry, "stat").read_text().rpartition(")")[2]
            except OSError:
                continue  # it ended meanwhile
            parts = fields.split()
            seconds = uptime - int(parts[19]) / _TICKS
            yield Process(int(entry), int(parts[1]), seconds)


def _peak(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    peaks = [line.split()[1] for line in lines if line.startswith("VmHWM")]
    return int(peaks[0]) * 1024 if peaks else 0


def _shown(pid: int) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return str(pid)
    return f"{pid}: {b' '.join(words).decode('utf-8', 'replace')}"


if __name__ == "__main__":
    watch(Path(sys.argv[1]), sys.argv[2:])
