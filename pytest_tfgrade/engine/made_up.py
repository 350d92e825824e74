"""Rows made up from the description of a dataset: what hidden data may look like.

The hidden data themselves are not read. Where a description leaves open what targets
hold, there are several kinds of rows, the likeliest first.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pytest_tfgrade.core.contract import InputSpec, OutputKind, OutputSpec
from pytest_tfgrade.datasets.fields import ArrayDescription
from pytest_tfgrade.metrics.arrays import trimmed

Array = NDArray[np.generic]

ROWS: Final = 16
"""Examples that are made up."""

_FEWEST_ROWS: Final = 4
"""Where one example is large."""

_MOST_VALUES: Final = 1 << 23
"""Of one array; for larger ones nothing is made up, which would take seconds."""

_MANY_CLASSES: Final = 10
"""Where neither contract nor description says how many there are."""


def targets_of(part: ArrayDescription, spec: OutputSpec) -> Iterator[Array]:
    """Yield targets ``(rows, *shape)`` of each kind that a description admits.

    Args:
        part: The target.
        spec: The output that is held against it.
    """
    rows = _rows_of(part.shape, shape_of(part, spec))
    if part.dtype == "string":
        yield np.full((rows, *part.shape), "text")
        return
    for low, high in _bounds(part, spec):
        yield _spread(low, high, (rows, *part.shape)).astype(part.dtype)
    if _may_be_one_hot(part, spec):
        size = part.shape[-1]
        labels = _spread(0, size - 1, (rows, *part.shape[:-1])).astype(np.int64)
        yield np.eye(size)[labels].astype(part.dtype)


def predictions_of(part: ArrayDescription, spec: OutputSpec) -> Array:
    """Return predictions ``(rows, ...)`` of a contract's shape: probabilities.

    They are numbers too, so that no metric refuses them that takes the shape.
    """
    shape = shape_of(part, spec)
    rows = _rows_of(part.shape, shape)
    values = np.random.default_rng(0).uniform(0.1, 0.9, (rows, *shape))
    if shape and shape[-1] > 1:
        values /= values.sum(axis=-1, keepdims=True)
    return values.astype(np.float32)


def inputs_of(specs: Mapping[str, InputSpec], rows: int) -> dict[str, Array]:
    """Return inputs ``(rows, ...)`` as a contract has them, axes of any size as 1."""
    made: dict[str, Array] = {}
    for name, spec in specs.items():
        shape = (rows, *(size or 1 for size in spec.shape[1:]))
        if spec.dtype == "string":
            made[name] = np.full(shape, "text")
        else:
            made[name] = _spread(0, 1, shape).astype(spec.dtype)
    return made


def is_too_large(part: ArrayDescription, spec: OutputSpec) -> bool:
    """Return whether few rows would already take seconds."""
    size = max(math.prod(part.shape), math.prod(shape_of(part, spec)))
    return size * _FEWEST_ROWS > _MOST_VALUES


def shape_of(part: ArrayDescription, spec: OutputSpec) -> tuple[int, ...]:
    """Return the shape of one prediction; axes of any size are those of the target."""
    rest = part.shape[len(spec.shape) - 1 :] == () and len(part.classes or ())
    return tuple(
        size
        or (part.shape[axis] if axis < len(part.shape) else rest or _MANY_CLASSES)
        for axis, size in enumerate(spec.shape[1:])
    )


def _rows_of(*shapes: tuple[int, ...]) -> int:
    largest = max(math.prod(shape) for shape in shapes)
    return ROWS if largest * ROWS <= _MOST_VALUES else _FEWEST_ROWS


def _bounds(
    part: ArrayDescription, spec: OutputSpec
) -> Iterator[tuple[float, float]]:
    """Yield from where to where targets may go: labels, flags, counts, numbers."""
    least, most = _limits(part)
    if part.classes is not None:
        is_one_hot = part.shape[-1:] == (len(part.classes),)
        yield 0, 1 if is_one_hot else len(part.classes) - 1
        return
    whole = not part.dtype.startswith("float")
    wanted = [(max(least, 1.0), min(most, 20.0))]
    if whole or _may_be_labels(part, spec):
        shape = shape_of(part, spec)
        classes = shape[-1] if shape and shape[-1] > 1 else 2
        wanted.insert(0, (max(least, 0.0), min(most, classes - 1.0)))
    if whole or _may_be_flags(part, spec):
        wanted.append((max(least, 0.0), min(most, 1.0)))
    if part.range is not None:
        wanted.append((least, most))
    elif least < 0:
        wanted.append((-10.0, 10.0))
    for low, high in wanted:
        if low < high:
            yield low, high


def _limits(part: ArrayDescription) -> tuple[float, float]:
    """Return the least and the greatest value that targets can have."""
    if part.range is not None:
        return part.range
    dtype = np.dtype(part.dtype)
    if dtype.kind == "b":
        return 0.0, 1.0
    info = np.finfo(dtype) if dtype.kind == "f" else np.iinfo(dtype)
    return float(info.min), float(info.max)


def _may_be_labels(part: ArrayDescription, spec: OutputSpec) -> bool:
    """Return whether fractional targets may stand for classes."""
    shape = shape_of(part, spec)
    lacks_classes = bool(shape) and shape[-1] > 1 and _same(part.shape, shape[:-1])
    return lacks_classes or spec.kind is OutputKind.PROBABILITIES


def _may_be_flags(part: ArrayDescription, spec: OutputSpec) -> bool:
    """Return whether fractional targets may be 0 and 1: several labels, or a mask."""
    is_known = spec.kind is OutputKind.PROBABILITIES or part.range == (0, 1)
    is_several = part.shape[-1:] > (1,) or len(trimmed((1, *part.shape))) > 2  # noqa: PLR2004 - rows and one more axis
    return is_known or is_several


def _may_be_one_hot(part: ArrayDescription, spec: OutputSpec) -> bool:
    several = part.shape[-1:] > (1,)
    least, most = _limits(part)
    fitting = part.classes is None or len(part.classes) == part.shape[-1]
    return several and fitting and least <= 0 and most >= 1


def _same(shape: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Return whether the shapes of one example differ by axes of size 1 at most."""
    return trimmed((1, *shape)) == trimmed((1, *other))


def _spread(low: float, high: float, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return values from low to high in every column; whole ones if both are."""
    rows, columns = shape[0], math.prod(shape[1:])
    steps = np.linspace(low, high, rows)
    if float(low).is_integer() and float(high).is_integer() and high - low < rows:
        steps = np.rint(steps)
    places = np.arange(rows)[:, None] + np.arange(columns)
    return steps[places % rows].reshape(shape)
