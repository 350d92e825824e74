"""A message, sent elsewhere or kept: JSON, and bytes that nobody interprets.

A message is four bytes, the length of the header (big-endian), the header in JSON, and
the bytes of its parts, one behind the other. The header tells their lengths.
"""

import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any, Final

_LENGTH: Final = struct.Struct(">I")

_PARTS: Final = "parts"


def pack(header: Mapping[str, Any], parts: Sequence[bytes | memoryview] = ()) -> bytes:
    """Return a message.

    >>> pack({"a": 1}, [b"xy"])[4:]
    b'{"a": 1, "parts": [2]}xy'
    """
    whole = {**header, _PARTS: [memoryview(part).nbytes for part in parts]}
    text = json.dumps(whole).encode("ascii")
    return b"".join((_LENGTH.pack(len(text)), text, *parts))


def unpack(message: bytes | memoryview) -> tuple[dict[str, Any], list[memoryview]]:
    """Return header and parts of a message; the parts share its memory.

    >>> unpack(pack({"a": 1}, [b"xy"]))[0]
    {'a': 1}

    Raises:
        ValueError: It is none.
    """
    view = memoryview(message).cast("B")
    try:
        (length,) = _LENGTH.unpack_from(view)
        header = json.loads(bytes(view[_LENGTH.size : _LENGTH.size + length]))
        sizes = header.pop(_PARTS)
    except (struct.error, AttributeError, KeyError) as error:
        raise ValueError(f"no message: {error}") from None
    parts, offset = [], _LENGTH.size + length
    for size in sizes:
        parts.append(view[offset : offset + size])
        offset += size
    if offset != len(view):
        raise ValueError(f"{len(view)} bytes are not {offset}, as a message says")
    return header, parts
