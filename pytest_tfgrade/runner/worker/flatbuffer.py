"""A small reader of FlatBuffers, for files that may be hostile.

The layout is that of https://flatbuffers.dev/internals/: all is little-endian; a table
starts with the signed distance to its vtable, which holds 16-bit sizes and the place of
each field in the table, 0 for one that is absent; texts, vectors and tables are reached
by unsigned distances forward, and vectors start with their length.

Every place is checked against the file before it is read. What is read is counted, so
that a file whose vectors share their elements ends the reading early.
"""

from __future__ import annotations

import struct
from typing import Any, Iterator  # noqa: UP035 - Python 3.9

from .malformed import MalformedError, TooLargeError

MAX_WORK = 2_000_000  # bytes of text and numbers, all told; about three seconds
TABLE_WORK = 20  # what a table counts for; 100 000 of them may be read
MAX_TEXT = 10_000  # bytes; TensorFlow Lite joins the names of what it fuses

_COUNT = struct.Struct("<I")
_VTABLE = struct.Struct("<HH")


class Reader:
    """The bytes of a file, and how much of them may still be read.

    Places are positions in the file, in bytes. Every method raises ``MalformedError``
    for one outside of it.
    """

    def __init__(self, data: Any) -> None:
        """Read ``data``: bytes, or a memory map of a file."""
        self.data = data
        self.size = len(data)
        self._work = MAX_WORK

    def root(self, identifier: bytes) -> Table:
        """Return the outermost table.

        Raises:
            MalformedError: The file does not bear the identifier of four bytes.
        """
        if self.data[4:8] != identifier:
            raise MalformedError(f"the file is not marked as {identifier.decode()}")
        return Table(self, self.forward(0))

    def require(self, at: int, size: int) -> None:
        """Raise ``MalformedError`` unless so many bytes lie there."""
        if at < 0 or at + size > self.size:
            raise MalformedError(f"{size} bytes at {at} lie outside the file")

    def spend(self, work: int) -> None:
        """Count what is about to be read.

        Raises:
            TooLargeError: It is too much.
        """
        self._work -= work
        if self._work < 0:
            raise TooLargeError("more parts than any model has")

    def numbers(self, at: int, code: str) -> tuple[Any, ...]:
        """Return the numbers at a place; ``code`` is in the notation of ``struct``."""
        self.require(at, struct.calcsize("<" + code))
        return struct.unpack_from("<" + code, self.data, at)

    def forward(self, at: int) -> int:
        """Return the place that the distance at ``at`` leads to."""
        self.require(at, 4)
        (distance,) = _COUNT.unpack_from(self.data, at)
        self.require(at + distance, 4)
        return int(at + distance)


class Table:
    """A table; fields go by their number in the schema, from 0."""

    def __init__(self, reader: Reader, at: int) -> None:
        """Read the table at a place; nothing but its own size is read yet."""
        reader.spend(TABLE_WORK)
        (back,) = reader.numbers(at, "i")
        self._reader = reader
        self._at = at
        self._vtable = at - back
        self._entries, self._size = reader.numbers(self._vtable, "HH")
        if self._entries < _VTABLE.size or self._size < 4:  # noqa: PLR2004 - own header
            raise MalformedError(f"the table at {at} has no size")
        reader.require(self._vtable, self._entries)
        reader.require(at, self._size)

    def number(self, field: int, code: str, default: int = 0) -> int:
        """Return a number; ``code`` as in ``struct``."""
        at = self._place(field, struct.calcsize("<" + code))
        return int(self._reader.numbers(at, code)[0]) if at else default

    def table(self, field: int) -> Table | None:
        """Return the table in a field; None if it is absent."""
        at = self._place(field, 4)
        return Table(self._reader, self._reader.forward(at)) if at else None

    def text(self, field: int) -> str:
        """Return a text, with what is no UTF-8 replaced; empty if it is absent."""
        start, count = self.vector(field, 1)
        if count > MAX_TEXT:
            raise MalformedError(f"a text of {count} bytes")
        self._reader.spend(count)
        raw: bytes = self._reader.data[start : start + count]
        return raw.decode("utf-8", "replace")

    def numbers(self, field: int, code: str) -> tuple[Any, ...]:
        """Return a vector of numbers, each as ``code``; empty if it is absent."""
        start, count = self.vector(field, struct.calcsize("<" + code))
        self._reader.spend(count)
        return self._reader.numbers(start, f"{count}{code}")

    def tables(self, field: int) -> Tables:
        """Return a vector of tables; empty if it is absent."""
        start, count = self.vector(field, 4)
        return Tables(self._reader, start, count)

    def vector(self, field: int, size: int) -> tuple[int, int]:
        """Return where the elements of a vector start, and how many there are.

        Args:
            field: The number of the field.
            size: Bytes of each element.
        """
        at = self._place(field, 4)
        if not at:
            return 0, 0
        start = self._reader.forward(at)
        (count,) = self._reader.numbers(start, "I")
        self._reader.require(start + 4, count * size)
        return start + 4, count

    def _place(self, field: int, size: int) -> int:
        """Return where a field of so many bytes lies in the file; 0 if it is absent."""
        entry = _VTABLE.size + 2 * field
        if entry + 2 > self._entries:
            return 0
        (offset,) = self._reader.numbers(self._vtable + entry, "H")
        if offset + size > self._size:
            raise MalformedError(f"a field lies outside the table at {self._at}")
        return int(self._at + offset) if offset else 0


class Tables:
    """A vector of tables, each read when it is asked for."""

    def __init__(self, reader: Reader, start: int, count: int) -> None:
        """Refer to ``count`` tables by the distances at ``start``."""
        self._reader = reader
        self._start = start
        self._count = count

    def __len__(self) -> int:
        """Return how many there are."""
        return self._count

    def __getitem__(self, index: int) -> Table:
        """Return one of them; ``MalformedError`` if there is none such."""
        if not 0 <= index < self._count:
            raise MalformedError(f"there is no part {index} of {self._count}")
        return Table(self._reader, self._reader.forward(self._start + 4 * index))

    def __iter__(self) -> Iterator[Table]:
        """Yield all in order."""
        for index in range(self._count):
            yield self[index]
