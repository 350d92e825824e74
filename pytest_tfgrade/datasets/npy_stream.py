"""Reading one array in NumPy's own format from a stream, some rows at a time.

The format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import IO, Any, Final

import numpy as np
from numpy.lib import format as npy

from pytest_tfgrade.datasets.blocks import Blocks, blocks_of, rows_of
from pytest_tfgrade.datasets.hidden import Array

Open = Callable[[], AbstractContextManager[IO[bytes]]]
"""Opens the stream, at its beginning."""

_HEADERS: Final = {
    (1, 0): npy.read_array_header_1_0,
    (2, 0): npy.read_array_header_2_0,
}


def blocks_from(open_: Open) -> Blocks:
    """Return the blocks of an array; read by rows, none of it is held for longer.

    Raises:
        OSError: The stream cannot be read.
        ValueError: It is not in this format, or holds Python objects.
    """
    with open_() as stream:
        shape, by_columns, dtype = _header(stream)
    if by_columns or dtype.kind == "U" or not shape:
        with open_() as stream:
            array = npy.read_array(stream, allow_pickle=False)
        return Blocks(dtype=dtype, shape=shape, parts=blocks_of(array))
    return Blocks(dtype=dtype, shape=shape, parts=_parts(open_, dtype, shape))


def _header(stream: IO[bytes]) -> "tuple[tuple[int, ...], bool, np.dtype[Any]]":
    """Return shape, whether columns come first, and dtype."""
    version = npy.read_magic(stream)
    if version not in _HEADERS:  # 3.0 is for names of fields beyond Latin-1
        raise ValueError(f"version {version} of the format holds records")
    shape, by_columns, dtype = _HEADERS[version](stream)
    if dtype.hasobject:
        raise ValueError("holds Python objects")
    return shape, by_columns, dtype


def _parts(
    open_: Open, dtype: "np.dtype[Any]", shape: tuple[int, ...]
) -> Iterator[Array]:
    step = rows_of(dtype, shape)
    room = np.empty((min(step, shape[0]), *shape[1:]), dtype)
    with open_() as stream:
        _header(stream)
        for start in range(0, shape[0], step):
            block = room[: min(step, shape[0] - start)]
            _fill(block.reshape(-1).view(np.uint8), stream)
            yield block
        stream.read(1)  # the end, where a checksum is looked at


def _fill(room: Array, stream: IO[bytes]) -> None:
    """Read as many bytes as there is room for.

    Raises:
        EOFError: There are not as many.
    """
    rest = room.data
    while rest.nbytes:
        count = stream.readinto(rest)  # type: ignore[attr-defined]
        if not count:
            raise EOFError("ends before its last row")
        rest = rest[count:]
