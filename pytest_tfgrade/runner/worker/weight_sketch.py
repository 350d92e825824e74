"""What tells the weights of a model from those of others, in a confined process.

A digest tells whether two arrays are the same. A sketch of a few numbers tells how far
apart two arrays of the same shape are, in two ways:

* *in order*: each number of the array is added to, or taken from, one of 48 sums (24 of
  a vector). Which sum, and with which sign, is drawn once for all arrays. The distance
  of two such sketches is about that of the arrays (a count sketch: Charikar, Chen and
  Farach-Colton, Finding Frequent Items in Data Streams, 2002).
* *in any order*: of each column of a kernel, and of each row, four moments. The moments
  of all columns are sorted, so that it makes no difference which unit comes first; of
  the sorted list six quantiles are kept. Of a vector, twelve of its numbers.

Sketches of several arrays of one shape can be added up: then it makes no difference
either which of them comes first.
"""

from __future__ import annotations

import base64
import math
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from .hdf5_values import summary_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST_BYTES = 64 << 20  # of all variables; of more nothing is looked at
MOST_VARIABLES = 5000
MOST_NUMBERS = 1 << 20  # of one variable; of larger ones the first rows are sketched
MATRICES = 4  # shapes of kernels that are sketched, those with most numbers
VECTORS = 3  # shapes of vectors

ORDERED = 48  # sums of a kernel
QUANTILES = 6  # of each of the four moments of columns and of rows
MOMENTS = 4
ORDERED_OF_VECTOR = 24
QUANTILES_OF_VECTOR = 12

_LARGEST = 1e30  # what a sketch can hold
_SLOT = re.compile(r"OPTIMIZER_SLOT|^_?optimizer(?:_weights)?/(?!.*trainable)")
"""Most of the optimizer's state, to save time; the trusted side tells all of it."""


def prints_of(variables: Sequence[tuple[str, Any]]) -> list[list[Any]]:
    """Return ``[index, sha256, is_initial, sketch]`` of the variables of numbers.

    The index is that of the variable; the digest is ``summary_of``'s. ``is_initial``
    says of a vector whether it holds nothing but 0 and 1, as Keras starts biases and
    scales; None of other variables. The sketch is float32 in base64, or None of what is
    not sketched. Nothing is returned of files beyond ``MOST_BYTES``, nor of what can be
    told to be of the optimizer.

    Args:
        variables: Path and array of each; an array may be a dataset of HDF5 that is
            read as it is looked at.
    """
    models = [
        (index, array)
        for index, (path, array) in enumerate(variables)
        if not _SLOT.search(path)
    ]
    sizes = (math.prod(array.shape or ()) * array.dtype.itemsize for _, array in models)
    if len(models) > MOST_VARIABLES or sum(sizes) > MOST_BYTES:
        return []
    chosen = _chosen_shapes(array for _, array in models)
    prints: list[list[Any]] = []
    for index, array in models:
        values = np.asarray(array[()]) if _is_small(array) else array
        digest, not_finite, _, _ = summary_of(values)
        if digest is None:
            continue
        is_initial, sketch = None, None
        if array.shape in chosen and not not_finite:
            head = _head(values)
            if head.ndim == 1:
                is_initial = bool(((head == 0) | (head == 1)).all())
            sketch = _packed(sketched(head))
        prints.append([index, digest, is_initial, sketch])
    return prints


def sketched(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return the sketch of an array of one axis or more.

    Of a vector, distances from 0 or 1 count, whichever a number is nearer to.
    """
    if values.ndim == 1:
        moved = values - (values > 0.5)  # noqa: PLR2004 - halfway
        return np.concatenate(
            (_sums(moved, ORDERED_OF_VECTOR), _quantiles(moved, QUANTILES_OF_VECTOR))
        )
    return np.concatenate((_sums(values, ORDERED), _moments(values)))


def _chosen_shapes(arrays: Iterable[Any]) -> set[tuple[int, ...]]:
    """Return the shapes with most numbers; of equals the first in order."""
    count: dict[tuple[int, ...], int] = {}
    for array in arrays:
        shape = array.shape
        is_number = array.dtype.kind in "fiu" or array.dtype == np.dtype("V2")
        if shape and is_number and _is_sliceable(shape):
            count[shape] = count.get(shape, 0) + math.prod(shape)
    shapes = sorted(count, key=lambda shape: (-count[shape], shape))
    matrices = [shape for shape in shapes if len(shape) > 1][:MATRICES]
    return {*matrices, *[shape for shape in shapes if len(shape) == 1][:VECTORS]}


def _is_sliceable(shape: tuple[int, ...]) -> bool:
    """Return whether there are several numbers, in rows that are not too long."""
    return math.prod(shape) > 1 and math.prod(shape[1:]) <= MOST_NUMBERS


def _is_small(array: Any) -> bool:
    return array.shape is not None and 0 < array.size <= MOST_NUMBERS


def _head(array: Any) -> np.ndarray[Any, Any]:
    """Return the numbers of an array, of a large one the first rows, as float64."""
    rows = max(1, MOST_NUMBERS // math.prod(array.shape[1:]))
    values = np.asarray(array[:rows])
    if values.dtype == np.dtype("V2"):  # bfloat16, as ``summary_of`` says
        values = (values.view("<u2").astype("<u4") << 16).view("<f4")
    return values.astype(np.float64)


def _sums(values: np.ndarray[Any, Any], size: int) -> np.ndarray[Any, Any]:
    """Return so many sums of the numbers, each number in one of them; all if few."""
    flat = values.reshape(-1)
    if len(flat) <= size:
        return np.concatenate((flat, np.zeros(size - len(flat))))
    drawn = _drawn(len(flat))
    signs = np.where(drawn >> np.uint64(63), 1.0, -1.0)
    places = (drawn % np.uint64(size)).astype(np.int64)
    return np.bincount(places, signs * flat, size)


def _drawn(count: int) -> np.ndarray[Any, Any]:
    """Return the first so many numbers of SplitMix64, started at 0."""
    with np.errstate(over="ignore"):
        mixed = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return mixed ^ (mixed >> np.uint64(31))


def _moments(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return quantiles of the moments of the units along each of the last two axes.

    They are of the size of the weights: the first and third moment, which are near 0,
    are multiplied by the root of how many weights they are of.
    """
    square = float(np.mean(values * values)) or 1.0
    of_axes = []
    for axis in (-1, -2):
        units = np.moveaxis(values, axis, 0).reshape(values.shape[axis], -1)
        root = math.sqrt(units.shape[1])
        squares = units * units
        moments = (
            np.sqrt(squares.mean(axis=1)),
            units.mean(axis=1) * root,
            (squares * units).mean(axis=1) * (root / square),
            np.sqrt(np.sqrt((squares * squares).mean(axis=1))),
        )
        of_axes.append(_quantiles(np.stack(moments), QUANTILES).reshape(-1))
    return np.concatenate(of_axes)


def _quantiles(values: np.ndarray[Any, Any], count: int) -> np.ndarray[Any, Any]:
    """Return quantiles of the last axis, from the least to the greatest.

    One value has no order, so it says nothing in any order: 0s.
    """
    last = values.shape[-1] - 1
    if not last:
        return np.zeros((*values.shape[:-1], count))
    ordered = np.sort(values)
    places = np.arange(count) * (last / (count - 1))
    below = np.minimum(places.astype(np.int64), last - 1)
    steps = ordered[..., below + 1] - ordered[..., below]
    quantiles: np.ndarray[Any, Any] = ordered[..., below] + (places - below) * steps
    return quantiles


def _packed(sketch: np.ndarray[Any, Any]) -> str:
    bounded = np.clip(np.nan_to_num(sketch), -_LARGEST, _LARGEST)
    return base64.b64encode(bounded.astype("<f4").tobytes()).decode()
