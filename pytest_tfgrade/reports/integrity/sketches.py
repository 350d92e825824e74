"""Prints of weights as arrays that can be compared all at once."""

import base64
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pytest_tfgrade.core.fingerprint import (
    ORDERED,
    ORDERED_OF_VECTOR,
    SORTED,
    SORTED_OF_VECTOR,
    WeightPrint,
)

Numbers = NDArray[np.float32]

_LISTS_OF_KERNEL = 8  # four moments of columns, then of rows


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Sketches:
    """What ``n`` files say of their arrays of one shape."""

    shape: tuple[int, ...]
    """Of the arrays."""

    share: float
    """Which share of all numbers of a file are in them."""

    ordered: Numbers
    """``(n, 48)``, of vectors ``(n, 24)``: what depends on the order of units."""

    lists: Numbers
    """``(n, 8, 6)``, of vectors ``(n, 1, 12)``: sorted lists, which do not."""

    @property
    def is_vector(self) -> bool:
        """Whether the arrays have one axis, as biases."""
        return len(self.shape) == 1

    @property
    def says_something(self) -> NDArray[np.bool_]:
        """Whether there is a number that is not 0, ``(n,)``.

        Vectors that still are as Keras starts them have none.
        """
        found: NDArray[np.bool_] = (self.ordered != 0).any(axis=1)
        return found


def sketches_of(prints: Sequence[WeightPrint]) -> tuple[Sketches, ...]:
    """Return the sketches of files of one layout, shape by shape.

    Args:
        prints: At least one; all with the same ``shapes``, of which one with another
            number of bytes counts as all 0.
    """
    shapes = prints[0].shapes
    sizes = [_sizes(shape) for shape in shapes]
    total = sum(map(sum, sizes))
    whole = np.zeros((len(prints), total), np.float32)
    for row, one in enumerate(prints):
        data = decoded(one.sketch)
        if len(data) == 2 * total:
            whole[row] = np.frombuffer(data, "<f2")
    whole = np.nan_to_num(whole)
    found, at = [], 0
    shares = dict(zip(shapes, prints[0].shares, strict=False))
    for shape, (ordered, listed) in zip(shapes, sizes, strict=True):
        lists = 1 if len(shape) == 1 else _LISTS_OF_KERNEL
        middle, end = at + ordered, at + ordered + listed
        found.append(
            Sketches(
                shape=shape,
                share=shares.get(shape, 0.0),
                ordered=whole[:, at:middle],
                lists=whole[:, middle:end].reshape(len(prints), lists, -1),
            )
        )
        at = end
    return tuple(found)


def decoded(text: str) -> bytes:
    """Return what stands in base64; nothing if somebody changed it."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""


def numbers_of(one: WeightPrint) -> int:
    """Return how many numbers the arrays have that a sketch is of, at least."""
    return sum(math.prod(shape) for shape in one.shapes)


def _sizes(shape: tuple[int, ...]) -> tuple[int, int]:
    if len(shape) == 1:
        return ORDERED_OF_VECTOR, SORTED_OF_VECTOR
    return ORDERED, SORTED
