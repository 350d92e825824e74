"""From targets and predictions to pictures: counts and numbers, ready to be drawn."""

import math
from collections.abc import Sequence
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pytest_tfgrade.core.portrait import (
    Confusion,
    ErrorDistribution,
    Forecast,
    Rows,
)
from pytest_tfgrade.core.text import printable

MOST_CLASSES: Final = 20
"""Of a confusion matrix; a larger one is not looked at. "Other" classes as one would
put what was confused among them among the hits."""

BINS: Final = 20
"""Of the distribution of errors."""

_LONGEST_LABEL: Final = 40

_REACH: Final = 3.0
"""Interquartile ranges beyond the quartiles to which bins reach: of normal errors 4.7
standard deviations."""

_SAMPLE: Final = 4096
"""Errors of which the quartiles are taken."""

_GOLDEN: Final = (math.sqrt(5) - 1) / 2
"""Its multiples spread evenly over 0..1, and fall in step with no period of rows."""

_ROUNDING: Final = 1e-9
"""A spread below this share of the errors' size is rounding."""

_LEAST_SPREAD: Final = 1e-290
"""A smaller one cannot be divided into bins."""

_DIGITS: Final = 6
"""Significant ones of what is shown."""

Labels: TypeAlias = NDArray[np.int64]
Numbers: TypeAlias = NDArray[np.float64]


class Caption(NamedTuple):
    """What a picture is of."""

    dataset: str
    output: str
    rows: Rows


def confusion(
    caption: Caption, true: Labels, found: Labels, classes: int, names: Sequence[str]
) -> Confusion | None:
    """Count how often each class was taken for each; None for too many classes.

    Where there are too many, those count that occur.

    Args:
        caption: What it is of.
        true: ``(n, ...)`` labels.
        found: The same shape.
        classes: How many there are.
        names: Of the first of them; the others are numbered.
    """
    positions = true.size // len(true)
    shown: NDArray[Any] = np.arange(classes)
    if classes > MOST_CLASSES:
        shown = np.union1d(true, found)
        if len(shown) > MOST_CLASSES:
            return None
        true, found = np.searchsorted(shown, true), np.searchsorted(shown, found)
    size = len(shown)
    cells = np.bincount((true * size + found).ravel(), minlength=size * size)
    return Confusion(
        dataset=caption.dataset,
        output=caption.output,
        rows=caption.rows,
        labels=tuple(_label(int(number), names) for number in shown),
        counts=tuple(map(tuple, cells.reshape(size, size).tolist())),
        positions=positions,
    )


def _label(number: int, names: Sequence[str]) -> str:
    name = names[number] if number < len(names) else str(number)
    return printable(name, limit=_LONGEST_LABEL)


def error_distribution(
    caption: Caption, true: Numbers, predicted: Numbers
) -> ErrorDistribution | None:
    """Count errors by their size; None if they are too large for a number.

    A few errors that lie far from the others are counted beside the bins.

    Args:
        caption: What it is of.
        true: ``(n, ...)``.
        predicted: The same shape.
    """
    with np.errstate(over="ignore"):
        errors = (predicted - true).ravel()
    bounds = _bounds(errors)
    if bounds is None:
        return None
    low, high = bounds
    counts, edges = np.histogram(errors, bins=BINS, range=bounds)
    decimals = _DIGITS - 1 - math.floor(math.log10(high - low))
    return ErrorDistribution(
        dataset=caption.dataset,
        output=caption.output,
        rows=caption.rows,
        edges=tuple(round(edge, decimals) + 0.0 for edge in edges.tolist()),  # no -0.0
        counts=tuple(counts.tolist()),
        below=int((errors < low).sum()),
        above=int((errors > high).sum()),
    )


def _bounds(errors: Numbers) -> tuple[float, float] | None:
    """Return the first and the last edge of the bins."""
    least, greatest = float(errors.min()), float(errors.max())
    if not math.isfinite(greatest - least):
        return None
    if _is_rounding(least, greatest):
        middle = (least + greatest) / 2
        width = (abs(middle) if abs(middle) > _LEAST_SPREAD else 1.0) / BINS
        bounds = middle - 10.5 * width, middle + 9.5 * width  # amid a bin
        return bounds if math.isfinite(bounds[1] - bounds[0]) else None
    first, third = np.percentile(_some(errors), [25, 75])
    reach = _REACH * float(third - first)
    low, high = max(least, float(first) - reach), min(greatest, float(third) + reach)
    return (least, greatest) if _is_rounding(low, high) else (low, high)


def _some(errors: Numbers) -> Numbers:
    if errors.size <= _SAMPLE:
        return errors
    places = np.arange(_SAMPLE) * _GOLDEN % 1.0 * errors.size
    return errors[places.astype(np.intp)]


def _is_rounding(low: float, high: float) -> bool:
    size = max(abs(low), abs(high))
    return high - low <= max(_ROUNDING * size, _LEAST_SPREAD)


def forecast(
    caption: Caption, true: Numbers, predicted: Numbers, *, steps: int = 1
) -> Forecast:
    """Return all rows as they are.

    Args:
        caption: What it is of.
        true: ``(n, ...)``.
        predicted: The same shape.
        steps: Numbers of each row.
    """
    return Forecast(
        dataset=caption.dataset,
        output=caption.output,
        rows=caption.rows,
        truth=_significant(true),
        predicted=_significant(predicted),
        steps=steps,
    )


def _significant(values: Numbers) -> tuple[float, ...]:
    """Return numbers with six digits, in C order; 0 has no sign."""
    return tuple(float(f"{value:.{_DIGITS}g}") + 0.0 for value in values.ravel())
