"""Memory of a process and of all that descend from it, looked at from outside."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

SECONDS_BETWEEN_LOOKS: Final = 0.02


class Look:
    """Looks at a process and all that descend from it, until it is ended."""

    def __init__(self, pid: int) -> None:
        """Begin to look."""
        self.peak = self.grader = self.on_disk = self.looks = 0
        self._pid = pid
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._go_on)
        self._thread.start()

    def end(self) -> None:
        """Look no more."""
        self._ended.set()
        self._thread.join()

    def _go_on(self) -> None:
        while not self._ended.wait(SECONDS_BETWEEN_LOOKS):
            with contextlib.suppress(OSError, KeyError):  # a process has ended
                self._once()

    def _once(self) -> None:
        before = list(_tree(self._pid))
        own = sum(map(_own_pages, before))
        in_memory, on_disk = _held(self._pid)
        if list(_tree(self._pid)) != before:
            return  # a process was born: what it shares would have counted twice
        self.peak = max(self.peak, own + in_memory)
        self.on_disk = max(self.on_disk, on_disk)
        self.grader = max(self.grader, _kib(f"/proc/{self._pid}/status")["VmHWM"])
        self.looks += 1


def _tree(pid: int) -> Iterator[int]:
    """Yield a process and all that descend from it, also from other threads."""
    yield pid
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in path.read_text(encoding="ascii").split():
                yield from _tree(int(child))


def _own_pages(pid: int) -> int:
    """Return a process' memory; what it shares since a fork is divided among all.

    Pages of files are not: libraries are there once for the whole machine.
    """
    try:
        return _kib(f"/proc/{pid}/smaps_rollup").get("Pss_Anon", 0)
    except OSError:
        return 0


def _held(pid: int) -> tuple[int, int]:
    """Return the bytes of all shared memory, and of files of inputs, of a process.

    Mapped or not: each once, however many processes have it open.
    """
    memory, files = {}, {}
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            target = os.readlink(entry)  # noqa: PTH115 - no path
            if target.startswith("/memfd:"):
                status = entry.stat()
                memory[status.st_ino] = status.st_blocks * 512
            elif "tfgrade-inputs-" in target:
                status = entry.stat()
                files[status.st_ino] = status.st_blocks * 512
    return sum(memory.values()), sum(files.values())


def _kib(path: str) -> dict[str, int]:
    """Return the sizes that a file of the kernel tells in KiB, in bytes."""
    lines = Path(path).read_text(encoding="ascii", errors="replace").splitlines()
    words = (line.split() for line in lines if line.endswith(" kB"))
    return {name.rstrip(":"): 1024 * int(value) for name, value, _ in words}
