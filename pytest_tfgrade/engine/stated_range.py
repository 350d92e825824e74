"""The range that a contract states of an input: pixels mapped to it, the rest held."""

from typing import Final

import numpy as np

from pytest_tfgrade.core.contract import InputSpec
from pytest_tfgrade.datasets.hidden import Array

Range = tuple[float, float]
"""Least and largest value."""

PIXELS: Final[Range] = (0, 255)
"""What a byte of an image may be."""


def are_pixels(dtype: str, described: Range | None, spec: InputSpec) -> bool:
    """Return whether values of a dataset are pixels that a contract wants elsewhere.

    Bytes are, unless their description tells another range: then they are numbers that
    happen to be small.

    Args:
        dtype: As the dataset holds them.
        described: What the dataset says of their range.
        spec: What the contract says.
    """
    as_floats = dtype == "uint8" and spec.dtype.startswith("float")
    return as_floats and spec.range is not None and described in {None, PIXELS}


def mapped(pixels: Array, to: Range, dtype: str) -> Array:
    """Return bytes as numbers of a dtype: 0 is the least of a range, 255 the largest.

    >>> mapped(np.array([0, 51, 255], np.uint8), (-1, 1), "float32").tolist()
    [-1.0, -0.6000000238418579, 1.0]
    """
    numbers: Array = np.linspace(*to, 256).astype(dtype)[pixels]
    return numbers


def outside(numbers: Array, within: Range) -> float | None:
    """Return the value that lies farthest outside a range; None if none does.

    Bounds are compared as numbers of the same dtype, so that rounding costs nothing.
    """
    if not numbers.size:
        return None
    low, high = np.asarray(within).astype(numbers.dtype).astype(np.float64)
    least, most = float(numbers.min()), float(numbers.max())
    below, above = low - least, most - high
    if max(below, above) > 0:
        return least if below >= above else most
    return None
