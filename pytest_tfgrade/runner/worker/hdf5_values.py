"""Going through the values of a dataset, in blocks of memory that does not grow."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    import h5py

LARGEST_NUMBER = 8  # bytes; twice as many for complex ones
BLOCK = 1 << 22  # bytes read at once
MOST_VALUES = 16  # of a variable whose values are sent


def summary_of(dataset: h5py.Dataset) -> list[Any]:
    """Return ``[sha256, not finite, zeros, values]`` of a dataset.

    The first is the SHA-256 of the bytes in C order, little-endian; None if the dataset
    holds no plain numbers. Then come counts; last all values, or None if there are more
    than 16.
    """
    sort = _sort(dataset)
    if sort is None:
        return [None, 0, 0, None]
    digest = hashlib.sha256()
    not_finite = zeros = 0
    values: list[Any] = []
    few = dataset.size <= MOST_VALUES and sort != "c"
    for block in _blocks(dataset):
        numbers = np.ascontiguousarray(block, dtype=block.dtype.newbyteorder("<"))
        digest.update(numbers.reshape(-1).view(np.uint8).data)
        if sort == "bfloat16":
            numbers = (numbers.view("<u2").astype("<u4") << 16).view("<f4")
        zeros += int(numbers.size - np.count_nonzero(numbers))
        if numbers.dtype.kind in "fc":
            not_finite += int(numbers.size - np.count_nonzero(np.isfinite(numbers)))
        if few:
            values += numbers.reshape(-1).tolist()
    return [digest.hexdigest(), not_finite, zeros, values if few else None]


def _sort(dataset: h5py.Dataset) -> str | None:
    """Return the kind of numbers; None for texts, references, structures and tables."""
    dtype = dataset.dtype
    if dataset.shape is None:  # HDF5 can say that there is not even a shape
        return None
    if dtype.kind in "fiub" and dtype.itemsize <= LARGEST_NUMBER:
        return str(dtype.kind)
    if dtype.kind == "c" and dtype.itemsize <= 2 * LARGEST_NUMBER:
        return "c"
    # HDF5 lacks bfloat16: Keras 3 stores two opaque bytes, and nothing else as such.
    return "bfloat16" if dtype == np.dtype("V2") else None


def _blocks(dataset: h5py.Dataset) -> Iterator[np.ndarray[Any, Any]]:
    """Yield the values in C order, at most ``BLOCK`` bytes at once."""
    shape = dataset.shape
    axis, size = len(shape), dataset.dtype.itemsize
    while axis and size * shape[axis - 1] <= BLOCK:
        axis -= 1
        size *= shape[axis]
    if axis == 0:
        yield np.asarray(dataset[()])
        return
    step = max(1, BLOCK // size)
    for before in np.ndindex(*shape[: axis - 1]):
        for start in range(0, shape[axis - 1], step):
            yield dataset[(*before, slice(start, start + step))]
