"""The result channel: binary frames from a child to the trusted side.

A frame is a 16-byte header and a payload: magic ``TFGR``, version, kind, sequence
number and payload length, big-endian. A child sends ``STARTED`` when it is confined and
``LOADED`` when the model is loaded, with the names of what was repaired in its file,
separated by spaces. Then come the passes in the order that was asked
for: for each output one ``ARRAY`` frame with its name, dtype and shape and ``DATA``
frames with its bytes in C order, and ``PREDICTED`` when the pass is complete. An array
belongs to the first pass that is not complete. Last comes ``END``. ``ERROR`` takes the
place of whatever would have followed. ``DOCUMENT`` carries text for the trusted side to
parse with limits: JSON in ASCII, once, and only where no pass was asked for. Each
``DATA`` frame of an array but the last has ``LARGEST_DATA`` bytes. What follows ``END``
is not looked at.

Both sides are of one version: the trusted side starts the worker that lies beside it.
Version 2 added ``PREDICTED``; version 1 had one pass and no mark of its end. Version 3
added the names of repairs, and one of ``failures`` behind the code of an ``ERROR``.
"""

import math
import struct
from typing import Any, NamedTuple

import numpy as np

MAGIC = b"TFGR"
VERSION = 3
HEADER = struct.Struct(">4sBBHQ")
STARTED, LOADED, ARRAY, DATA, DOCUMENT, ERROR, END, PREDICTED = range(1, 9)
KINDS = frozenset((STARTED, LOADED, ARRAY, DATA, DOCUMENT, ERROR, END, PREDICTED))

LARGEST_DATA = 1 << 20
"""Bytes of payload of one ``DATA`` frame."""

LARGEST_TEXT = 4096
"""Bytes of payload of an ``ARRAY`` or ``ERROR`` frame."""

UNKNOWN_LAYER = "unknown layer"
"""In place of a code in an ``ERROR`` frame: the order names a layer there is not."""

MOST_INPUTS = 128
"""Inputs that one order may bring along, each as a file descriptor."""

MOST_AXES = 8
"""Axes of an array."""

DTYPES: tuple[str, ...] = (
    *("float16", "float32", "float64", "bool"),
    *("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
)
"""What an array may hold; its index is the code on the channel."""


class FrameError(ValueError):
    """Bytes on the channel are not frames as described above."""


class Header(NamedTuple):
    """The first 16 bytes of a frame."""

    kind: int
    sequence: int
    length: int


class ArrayHeader(NamedTuple):
    """What an ``ARRAY`` frame says of the ``DATA`` that follows."""

    name: str
    dtype: str
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        """The bytes of the whole array."""
        return math.prod(self.shape) * np.dtype(self.dtype).itemsize


def pack(kind: int, sequence: int, payload: bytes = b"") -> bytes:
    """Return a frame."""
    return HEADER.pack(MAGIC, VERSION, kind, sequence % 65536, len(payload)) + payload


def unpack_header(header: bytes) -> Header:
    """Return the header of a frame.

    Raises:
        FrameError: It is not one.
    """
    magic, version, kind, sequence, length = HEADER.unpack(header)
    if magic != MAGIC or version != VERSION or kind not in KINDS:
        raise FrameError("the bytes are not a frame header")
    return Header(kind, sequence, length)


def pack_array_header(name: str, array: "np.ndarray[Any, Any]") -> bytes:
    """Return the payload of an ``ARRAY`` frame."""
    shape = struct.pack(f">BB{array.ndim}Q", DTYPES.index(array.dtype.name), array.ndim,
                        *array.shape)  # fmt: skip
    return shape + name.encode()


def unpack_array_header(payload: bytes) -> ArrayHeader:
    """Return what an ``ARRAY`` frame announces.

    Raises:
        FrameError: The payload is malformed, or announces what no array may be.
    """
    try:
        code, axes = struct.unpack_from(">BB", payload)
        if code >= len(DTYPES) or axes > MOST_AXES:
            raise FrameError("the array has an unknown dtype or too many axes")
        shape = struct.unpack_from(f">{axes}Q", payload, 2)
        name = payload[2 + 8 * axes :].decode()
    except (struct.error, UnicodeDecodeError) as error:
        raise FrameError("the array header is malformed") from error
    return ArrayHeader(name, DTYPES[code], shape)


class Writer:
    """Sends frames on a socket, in order."""

    def __init__(self, channel: Any) -> None:
        """Write to a connected stream socket."""
        self._channel = channel
        self._sequence = 0

    def send(self, kind: int, payload: bytes = b"") -> None:
        """Send one frame."""
        self._channel.sendall(pack(kind, self._sequence, payload))
        self._sequence += 1

    def send_array(self, name: str, array: "np.ndarray[Any, Any]") -> None:
        """Send an array; its dtype must be one of ``DTYPES``."""
        data = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
        self.send(ARRAY, pack_array_header(name, array))
        for start in range(0, data.size, LARGEST_DATA):
            self.send(DATA, data[start : start + LARGEST_DATA].tobytes())

    def send_error(self, code: str, text: str) -> None:
        """Send why there is no (further) result."""
        payload = (code + "\n" + text).encode("utf-8", "replace")
        self.send(ERROR, payload[:LARGEST_TEXT])
