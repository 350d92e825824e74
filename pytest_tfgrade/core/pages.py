"""Bytes that are written once, and then read by any process but changed by none."""

import fcntl
import mmap
import os
import tempfile
import weakref
from pathlib import Path
from typing import Final

from pytest_tfgrade.core.memory import available

MOST_OF_MEMORY: Final = 0.5
"""Share of the memory that is available, beyond which bytes go to disk.

The rest is for models: a child may have as much as its limit says, and what lies in
shared memory cannot be taken back from under it.
"""


class Pages:
    """Room for so many bytes: sealed memory, or a file without a name if they are many.

    They are filled by ``write``, in order, and complete with ``seal``. Who has the
    descriptor can read and map them. Memory is sealed: nobody can change it, by
    whatever descriptor. A file can be changed only by who opens it anew for writing,
    and nobody may, not even its owner, unless he gives himself the right: which the
    sandbox refuses, and ``is_as_written`` finds out.
    """

    def __init__(self, size: int, *, most: int | None = None) -> None:
        """Make room.

        Args:
            size: In bytes.
            most: Bytes up to which they lie in memory; None decides by what there is.

        Raises:
            OSError: There is no room.
        """
        self.size = size
        self._written = 0
        self._stamp: tuple[int, int] | None = None
        if most is None:
            most = _most_in_memory()
        self.is_file = size > most or not hasattr(os, "memfd_create")
        if self.is_file:
            self._writable, self.descriptor = _unlinked_file()
        else:
            flags = os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING
            self._writable = self.descriptor = os.memfd_create("inputs", flags)
        self._close = weakref.finalize(
            self, _close_all, {self._writable, self.descriptor}
        )
        os.truncate(self._writable, size)

    def write(self, data: "bytes | memoryview") -> None:
        """Add bytes to those that were written.

        Raises:
            OSError: The disk is full.
            ValueError: There is no room for so many.
        """
        rest = memoryview(data).cast("B") if len(data) else memoryview(b"")
        if self._written + rest.nbytes > self.size:
            text = f"{self._written + rest.nbytes} bytes do not fit into {self.size}"
            raise ValueError(text)
        while rest:
            count = os.pwrite(self._writable, rest, self._written)
            self._written += count
            rest = rest[count:]

    def seal(self) -> None:
        """Let nobody change the bytes from now on.

        Raises:
            ValueError: Some are missing.
        """
        if self._written != self.size:
            raise ValueError(f"{self._written} of {self.size} bytes were written")
        if not self.is_file:
            seals = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK
            fcntl.fcntl(self.descriptor, fcntl.F_ADD_SEALS, seals | fcntl.F_SEAL_SEAL)
            return
        self._close.detach()
        os.close(self._writable)
        self._close = weakref.finalize(self, _close_all, {self.descriptor})
        self._stamp = _changed_at(self.descriptor)

    def is_as_written(self) -> bool:
        """Return whether nobody has touched the bytes, or their file, since."""
        return self._stamp is None or _changed_at(self.descriptor) == self._stamp

    def view(self) -> memoryview:
        """Return the bytes, mapped; the view may outlive this object."""
        if not self.size:
            return memoryview(b"")
        return memoryview(mmap.mmap(self.descriptor, self.size, prot=mmap.PROT_READ))

    def again(self) -> "Pages":
        """Return the same complete pages, to be closed on their own."""
        other = object.__new__(type(self))
        other.size, other.is_file = self.size, self.is_file
        other._written, other._stamp = self._written, self._stamp
        other._writable = other.descriptor = os.dup(self.descriptor)
        other._close = weakref.finalize(other, _close_all, {other.descriptor})
        return other

    def close(self) -> None:
        """Close the descriptor; what is mapped stays as long as somebody holds it."""
        self._close()

    def __repr__(self) -> str:
        """Return how many bytes there are and where, none of them."""
        return f"<Pages of {self.size} bytes {'on disk' if self.is_file else ''}>"


def _close_all(descriptors: set[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


def _changed_at(descriptor: int) -> tuple[int, int]:
    """Return when a file was last written and when its rights changed."""
    status = os.fstat(descriptor)
    return status.st_mtime_ns, status.st_ctime_ns


def _most_in_memory() -> int:
    there = available()
    return (1 << 62) if there is None else int(there * MOST_OF_MEMORY)


def _unlinked_file() -> tuple[int, int]:
    """Return two descriptors of a new file that has no name, to write and to read."""
    writable, name = tempfile.mkstemp(prefix="tfgrade-inputs-", dir=_disk())
    try:
        readable = os.open(name, os.O_RDONLY | os.O_CLOEXEC)
        os.fchmod(writable, 0o400)
    except BaseException:
        os.close(writable)
        raise
    finally:
        os.unlink(name)  # noqa: PTH108 - as mkstemp gave it
    return writable, readable


def _disk() -> Path:
    """Return a folder for large files that does not itself lie in memory."""
    usual, other = Path(tempfile.gettempdir()), Path("/var/tmp")  # noqa: S108 - no name
    in_memory = _in_memory()
    if usual.stat().st_dev in in_memory and other.is_dir():
        return usual if other.stat().st_dev in in_memory else other
    return usual


def _in_memory() -> set[int]:
    """Return the devices of file systems that lie in memory, as far as it is known."""
    try:
        lines = Path("/proc/self/mountinfo").read_text("utf-8", "replace").splitlines()
    except OSError:
        return set()
    found = set()
    for line in lines:
        before, _, after = line.partition(" - ")
        if after.split(" ", 1)[0] in {"tmpfs", "ramfs"}:
            major, minor = before.split(" ")[2].split(":")
            found.add(os.makedev(int(major), int(minor)))
    return found
