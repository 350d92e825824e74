"""Arrays that are read some rows at a time, so that none is in memory twice."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol, Self

import numpy as np

from pytest_tfgrade.datasets.hidden import Array

BYTES: Final = 1 << 20
"""Of one block, about; one row in any case."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class Blocks:
    """The rows of an array, in order, as a file gives them."""

    dtype: "np.dtype[Any]"
    """Of all blocks."""

    shape: tuple[int, ...]
    """Of the whole: ``(rows, ...)``."""

    parts: Iterable[Array]
    """Some rows each, all rows together; may raise ``Unfit``. Gone through once."""

    @classmethod
    def of(cls, array: Array) -> Self:
        """Return the blocks of an array that is there already; they are views."""
        return cls(dtype=array.dtype, shape=array.shape, parts=blocks_of(array))

    def __repr__(self) -> str:
        """Return dtype and shape, no value."""
        return f"<Blocks of {self.dtype} {self.shape}>"


def blocks_of(array: Array) -> Iterator[Array]:
    """Yield the rows of an array, some at a time, as views; a single value as it is.

    >>> [len(block) for block in blocks_of(np.zeros((5, 1 << 16)))]
    [2, 2, 1]
    """
    if array.ndim == 0:
        yield array
        return
    step = rows_of(array.dtype, array.shape)
    for start in range(0, len(array), step):
        yield array[start : start + step]


def rows_of(dtype: "np.dtype[Any]", shape: tuple[int, ...]) -> int:
    """Return how many rows a block has."""
    row = dtype.itemsize * int(np.prod(shape[1:], dtype=np.int64))
    return max(1, BYTES // max(row, 1))


class Keeper(Protocol):
    """Takes an array block by block, and keeps it in whatever form it likes."""

    def begin(
        self,
        dtype: "np.dtype[Any]",
        shape: tuple[int, ...],
        within: tuple[float, float] | None,
    ) -> None:
        """Make room.

        Args:
            dtype: As described.
            shape: Of the whole: ``(rows, ...)``, as described.
            within: The range that its description tells.
        """
        ...

    def take(self, block: Array) -> None:
        """Keep the next rows; they are not there any more after the call."""
        ...


class InMemory:
    """Keeps an array as it is described."""

    def __init__(self) -> None:
        """Keep nothing yet."""
        self.array: Array = np.empty(0)
        self._rows = 0

    def begin(
        self,
        dtype: "np.dtype[Any]",
        shape: tuple[int, ...],
        within: tuple[float, float] | None,
    ) -> None:
        """Make room."""
        del within
        self.array, self._rows = np.empty(shape, dtype), 0

    def take(self, block: Array) -> None:
        """Keep the next rows."""
        self.array[self._rows : self._rows + len(block)] = block
        self._rows += len(block)
