"""Claims on keys, between processes; the kernel drops them when a process ends."""

import contextlib
import fcntl
import os
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_SECONDS_BETWEEN: Final = 0.02
"""Between two tries: to wait in the kernel would look like a deadlock to it, as its
claims are a process's and not a thread's."""


class Claims:
    """Locks one byte of a file for each key.

    Threads of one process do not keep each other out. Where a file system knows no
    locks, nobody is kept out.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, or make it."""
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        self._file: int | None = os.open(path, flags, 0o600)
        self._waits = True

    @contextlib.contextmanager
    def claimed(self, key: str) -> Iterator[None]:
        """Wait until no other process has a claim on a key, and have one."""
        place = zlib.crc32(key.encode())
        has_it = self._waited(place)
        try:
            yield
        finally:
            if has_it and self._file is not None:
                fcntl.lockf(self._file, fcntl.LOCK_UN, 1, place)

    def stop_waiting(self) -> None:
        """Let whoever waits, or would, go on without a claim."""
        self._waits = False

    def close(self) -> None:
        """Drop all claims; may be called twice."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _waited(self, place: int) -> bool:
        """Return whether there is a claim now; not where there are no locks."""
        while self._waits and self._file is not None:
            try:
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
            except (BlockingIOError, PermissionError):
                time.sleep(_SECONDS_BETWEEN)
            except OSError:
                return False
            else:
                return True
        return False
