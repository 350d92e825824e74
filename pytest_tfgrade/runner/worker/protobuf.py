"""Reading Protocol Buffers without their library or their schemas.

A message is a row of fields: a tag (field number and wire type), then a varint, four or
eight bytes, or a length and that many bytes (https://protobuf.dev/programming-guides/
encoding). Files are hostile: nothing is read ahead, every field counts against a budget
and a field of another wire type than asked for is passed over, as an unknown one is.
"""

from __future__ import annotations

from typing import Iterator, Tuple, Union  # noqa: UP035 - Python 3.9

from .malformed import MalformedError, TooLargeError

Field = Tuple[int, Union[int, memoryview]]  # noqa: UP006 - Python 3.9
"""A field's number, and its value: a number, or the bytes of a text or a message."""

MOST_VARINT_BYTES = 10
_MORE = 0x80  # the bit of a byte that says that more follow

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_FIXED_BYTES = {_FIXED64: 8, _FIXED32: 4}


class Budget:
    """How many fields may be read until a file counts as too large."""

    def __init__(self, fields: int) -> None:
        """Allow for so many fields."""
        self._left = fields

    def spend(self) -> None:
        """Count one field; raise ``TooLargeError`` if there are too many."""
        self._left -= 1
        if self._left < 0:
            raise TooLargeError("too many parts")


class Message:
    """The bytes of one message; each question goes through its fields once.

    Of a field that stands there several times the last one counts, or all of them, as
    in the library; so nobody can show us one value and the library another.
    """

    def __init__(self, data: memoryview, budget: Budget) -> None:
        """Take a view of single bytes; read nothing yet."""
        self._data = data
        self._budget = budget

    def __iter__(self) -> Iterator[Field]:
        """Yield the fields in order; raise ``MalformedError`` if they do not fit."""
        data, at, end = self._data, 0, len(self._data)
        while at < end:
            self._budget.spend()
            tag, at = varint(data, at)
            wire = tag & 7
            if wire == _VARINT:
                value, at = varint(data, at)
                yield tag >> 3, value
                continue
            if wire == _BYTES:
                size, at = varint(data, at)
            elif wire in _FIXED_BYTES:
                size = _FIXED_BYTES[wire]
            else:
                raise MalformedError(f"a field of wire type {wire}")
            if size > end - at:
                raise MalformedError("a field that is longer than its message")
            part = data[at : at + size]
            yield tag >> 3, part if wire == _BYTES else int.from_bytes(part, "little")
            at += size

    def messages(self, number: int) -> Iterator[Message]:
        """Yield the messages that a field holds."""
        for found, value in self:
            if found == number and isinstance(value, memoryview):
                yield Message(value, self._budget)

    def texts(self, number: int) -> Iterator[str]:
        """Yield the texts that a field holds."""
        for found, value in self:
            if found == number and isinstance(value, memoryview):
                yield text(value)

    def text(self, number: int) -> str | None:
        """Return the last text that a field holds; None if it holds none."""
        last = None
        for last in self.texts(number):  # noqa: B007 - the last one is what is wanted
            pass
        return last

    def integer(self, number: int) -> int:
        """Return the last number that a field holds, as an int64; 0 if none."""
        last = 0
        for found, value in self:
            if found == number and isinstance(value, int):
                last = value
        return last - (1 << 64) if last >> 63 else last


def varint(data: memoryview | bytes, at: int) -> tuple[int, int]:
    r"""Return a number below 2**64 and where it ends; seven bits a byte, lowest first.

    >>> varint(b"\x96\x01", 0)
    (150, 2)
    """
    if at < len(data) and data[at] < _MORE:  # most are of one byte
        return data[at], at + 1
    value = 0
    for count, byte in enumerate(data[at : at + MOST_VARINT_BYTES]):
        value |= (byte & (_MORE - 1)) << (7 * count)
        if byte < _MORE:
            return value & (2**64 - 1), at + count + 1
    raise MalformedError("a number that does not end")


def text(data: memoryview | bytes) -> str:
    """Return UTF-8 as Unicode that every encoder accepts."""
    return bytes(data).decode("utf-8", "replace")
