"""The checkpoint inside a SavedModel: an index of variables, and files of values.

``variables.index`` is a table as LevelDB writes it (https://github.com/google/leveldb,
doc/table_format.md): blocks of sorted keys that share beginnings, an index of the
blocks, and a footer. Its values are the messages of TensorFlow's
``core/protobuf/tensor_bundle.proto``: a header under the empty key, then an entry for
each variable. The values of variables lie in ``variables.data-?????-of-?????``.
"""

from __future__ import annotations

import math
import os
import struct
from typing import Any, Iterator, NamedTuple  # noqa: UP035 - Python 3.9

import numpy as np

from .malformed import MalformedError, TooLargeError
from .message_fields import BundleEntryProto, BundleHeaderProto, TensorShapeProto
from .protobuf import Budget, Message, text, varint

MAX_ENTRIES = 100_000
MAX_INDEX = 64 * 2**20  # bytes; a thousand variables need about 0.1 MB
MAX_NAME = 1000  # bytes
MAX_RANK = 32  # of NumPy 1
MAX_SHARDS = 10_000  # files of values

_MAGIC = 0xDB4775248B80FB57  # the last eight bytes of a table
_FOOTER = 48  # bytes
_FIELDS = 60 * MAX_ENTRIES  # each entry is gone through several times
_SLICE = b"\0"  # begins the key of a part of a variable

NAMES = {
    **{1: "float32", 2: "float64", 3: "int32", 4: "uint8", 5: "int16", 6: "int8"},
    **{7: "string", 8: "complex64", 9: "int64", 10: "bool", 11: "qint8", 12: "quint8"},
    **{13: "qint32", 14: "bfloat16", 15: "qint16", 16: "quint16", 17: "uint16"},
    **{18: "complex128", 19: "float16", 20: "resource", 21: "variant", 22: "uint32"},
    **{23: "uint64", 24: "float8_e5m2", 25: "float8_e4m3fn", 29: "int4", 30: "uint4"},
}
"""TensorFlow's ``core/framework/types.proto``; 100 more stands for a reference."""

_PLAIN = frozenset(NAMES[number] for number in (*range(1, 7), 8, 9, 17, 18, 19, 22, 23))
_STORED = {**dict.fromkeys(_PLAIN), "bool": "?", "bfloat16": "V2"}
"""Of dtypes that are plain numbers: what NumPy calls them, where it is another name."""


class Entry(NamedTuple):
    """One variable, or one part of a variable, and where its values lie."""

    name: str
    """Its path; of a part, followed by ``/part_0`` and so on."""

    dtype: str
    """One of ``NAMES``, or ``dtype n`` for a number that is not there."""

    shape: list[int]
    """Sizes of each axis."""

    shard: int
    """The number of its file, from 0."""

    offset: int
    """Where its values start in the file, in bytes."""

    size: int
    """How many bytes they are."""


class Bundle(NamedTuple):
    """What an index says."""

    shards: int
    """How many files of values there are."""

    big_endian: bool
    """Whether the most significant byte of a number comes first."""

    entries: list[Entry]
    """In the order of their names."""

    def data_name(self, shard: int) -> str:
        """Return the name of a file of values."""
        return f"variables.data-{shard:05d}-of-{self.shards:05d}"


def read_index(path: str) -> Bundle:
    """Read an index; of a variable that is stored in parts, its parts.

    Raises:
        OSError: The file cannot be read.
        MalformedError: It is no index.
        TooLargeError: It holds more than any model needs.
    """
    if os.path.getsize(path) > MAX_INDEX:
        raise TooLargeError("an index of more than 64 MiB")
    with open(path, "rb") as file:
        table = memoryview(file.read())
    budget = Budget(_FIELDS)
    shards, big_endian = 1, False
    entries: list[Entry] = []
    parts: dict[str, int] = {}
    for key, value in _rows(table):
        message = Message(value, budget)
        if not key:
            shards = message.integer(BundleHeaderProto.NUM_SHARDS)
            big_endian = message.integer(BundleHeaderProto.ENDIANNESS) == 1
            continue
        if any(True for _ in message.messages(BundleEntryProto.SLICES)):
            continue  # a variable in parts; they have keys of their own
        name = text(key)
        if key.startswith(_SLICE):
            name = _owner(key)
            parts[name] = parts.get(name, -1) + 1
            name = f"{name}/part_{parts[name]}"
        entries.append(_entry(name, message))
    if not 0 < shards <= MAX_SHARDS:
        raise MalformedError(f"an index of {shards} files")
    return Bundle(shards, big_endian, entries)


def _entry(name: str, message: Message) -> Entry:
    shape = shape_of(message, BundleEntryProto.SHAPE)
    if shape is None or any(size < 0 for size in shape) or len(shape) > MAX_RANK:
        raise MalformedError(f"the shape of {name}")
    number = message.integer(BundleEntryProto.DTYPE)
    entry = Entry(
        name=name,
        dtype=NAMES.get(number, f"dtype {number}"),
        shape=shape,
        shard=message.integer(BundleEntryProto.SHARD_ID),
        offset=message.integer(BundleEntryProto.OFFSET),
        size=message.integer(BundleEntryProto.SIZE),
    )
    stored = stored_dtype(entry.dtype)
    if stored is not None and entry.size != math.prod(shape) * stored.itemsize:
        raise MalformedError(f"the size of {name}")
    if entry.offset < 0 or entry.size < 0:
        raise MalformedError(f"the place of {name}")
    return entry


def shape_of(message: Message, number: int) -> list[int] | None:
    """Return the ``TensorShapeProto`` of a field; None if the rank is unknown."""
    sizes: list[int] = []
    for shape in message.messages(number):
        if shape.integer(TensorShapeProto.UNKNOWN_RANK):
            return None
        sizes += [
            size.integer(TensorShapeProto.DIM_SIZE)
            for size in shape.messages(TensorShapeProto.DIM)
        ]
    return sizes


def stored_dtype(name: str) -> np.dtype[Any] | None:
    """Return what NumPy reads values as; None if they are no plain numbers."""
    return np.dtype(_STORED[name] or name) if name in _STORED else None


def stored_array(folder: str, bundle: Bundle, entry: Entry) -> np.ndarray[Any, Any]:
    """Return the values of a variable, read when they are looked at.

    Args:
        folder: Where the files of values lie.
        bundle: The index.
        entry: A variable of plain numbers that lies within its file.

    Raises:
        MalformedError: It is none of plain numbers.
    """
    dtype = stored_dtype(entry.dtype)
    if dtype is None:
        raise MalformedError(f"{entry.name} holds no numbers")
    if bundle.big_endian:
        dtype = dtype.newbyteorder(">")
    shape = tuple(entry.shape)
    if not entry.size:
        return np.zeros(shape, dtype)
    path = os.path.join(folder, bundle.data_name(entry.shard))
    return np.memmap(path, dtype, "r", entry.offset, shape)


def _rows(table: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    """Yield keys and values, in order."""
    if len(table) < _FOOTER or struct.unpack("<Q", table[-8:])[0] != _MAGIC:
        raise MalformedError("no index of variables")
    footer = table[-_FOOTER:]
    _, at = _place(footer, 0)  # of an index that TensorFlow leaves empty
    index, _ = _place(footer, at)
    rows = 0
    for _, value in _block(table, *index):
        place, _ = _place(value, 0)
        for row in _block(table, *place):
            rows += 1
            if rows > MAX_ENTRIES:
                raise TooLargeError(f"more than {MAX_ENTRIES} variables")
            yield row


def _place(data: memoryview, at: int) -> tuple[tuple[int, int], int]:
    """Return the offset and size of a block, and where they end."""
    offset, at = varint(data, at)
    size, at = varint(data, at)
    return (offset, size), at


def _block(
    table: memoryview, offset: int, size: int
) -> Iterator[tuple[bytes, memoryview]]:
    """Yield the rows of a block; behind them it says where whole keys begin."""
    if offset + size + 5 > len(table) or size < 4:  # noqa: PLR2004 - the smallest
        raise MalformedError("a block outside the index")
    if table[offset + size]:
        raise MalformedError("a compressed index")  # TensorFlow never writes one
    block = table[offset : offset + size]
    (restarts,) = struct.unpack("<I", block[-4:])
    end = size - 4 * (restarts + 1)
    key, at = b"", 0
    while at < end:
        shared, at = varint(block, at)
        own, at = varint(block, at)
        length, at = varint(block, at)
        if shared > len(key) or own + length > end - at or shared + own > MAX_NAME:
            raise MalformedError("a key that does not fit")
        key = key[:shared] + bytes(block[at : at + own])
        at += own + length
        yield key, block[at - length : at]


def _owner(key: bytes) -> str:
    """Return the name of the variable that a part belongs to.

    TensorFlow writes it as ``OrderedCode``: a zero, the name with its own zeros and
    0xFF bytes escaped, and two bytes that end it; the place of the part follows.
    """
    name, end, _ = key[1:].partition(b"\0\1")
    if not end:
        raise MalformedError("the name of a part of a variable")
    return text(name.replace(b"\0\xff", b"\0").replace(b"\xff\0", b"\xff"))
