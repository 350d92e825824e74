"""What metrics over labels come from: hits, true and predicted labels of each class.

A tally of a class says how often it was rightly predicted (hits), was the label (true)
and was predicted at all (found). Flattened ``(..., 3 * C)``, tallies can be averaged
over examples, or resamples of them: what comes of them depends on no common factor.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pytest_tfgrade.metrics.arrays import Flags, Labels, Numbers


class Tallies(NamedTuple):
    """Numbers of each class, ``(..., C)``, up to a common factor."""

    hits: Numbers
    true: Numbers
    found: Numbers

    @property
    def occurring(self) -> Flags:
        """Which classes are in the targets or the predictions."""
        return (self.true + self.found) > 0


Ratio = Callable[[Tallies], tuple[Numbers, Numbers]]
"""Returns numerator and denominator of a measure of each class."""

PRECISION: Final[Ratio] = lambda t: (t.hits, t.found)  # noqa: E731
RECALL: Final[Ratio] = lambda t: (t.hits, t.true)  # noqa: E731
F1: Final[Ratio] = lambda t: (2 * t.hits, t.true + t.found)  # noqa: E731
JACCARD: Final[Ratio] = lambda t: (t.hits, t.true + t.found - t.hits)  # noqa: E731


def of_labels(true: Labels, found: Labels, classes: int) -> NDArray[Any]:
    """Return the tallies of each example, ``(n, 3 * C)``.

    One position an example gives uint8, so that they take less room than predictions.

    Args:
        true: ``(n, ...)`` labels.
        found: The same shape.
        classes: Their number, C.
    """
    n = len(true)
    true, found = true.reshape(n, -1), found.reshape(n, -1)
    if true.shape[1] > 1:
        return _of_positions(true, found, classes)
    tallies = np.zeros((n, 3, classes), dtype=np.uint8)
    rows, label, guess = np.arange(n), true[:, 0], found[:, 0]
    tallies[rows, 0, label] = label == guess
    tallies[rows, 1, label] = 1
    tallies[rows, 2, guess] = 1
    return tallies.reshape(n, -1)


def of_flags(true: Flags, found: Flags) -> NDArray[Any]:
    """Return the tallies of each example over its labels, ``(n, 3 * L)`` of uint8."""
    return np.hstack([true & found, true, found]).astype(np.uint8)


def totals(true: Labels, found: Labels, classes: int) -> Numbers:
    """Return the tallies of all examples together, ``(3 * C,)``: whole numbers."""
    kinds = (true[true == found], true, found)
    counts = [np.bincount(kind.ravel(), minlength=classes) for kind in kinds]
    return np.concatenate(counts).astype(np.float64)


def split(means: Numbers) -> Tallies:
    """Return flattened tallies ``(..., 3 * C)`` by their kinds."""
    parts = np.asarray(means).reshape(*means.shape[:-1], 3, -1)
    return Tallies(parts[..., 0, :], parts[..., 1, :], parts[..., 2, :])


def averaged(ratio: Ratio) -> Callable[..., Numbers]:
    """Return what makes one value of flattened tallies by an average over classes.

    The averages are scikit-learn's: ``macro`` is the mean of the classes that are in
    targets or predictions, ``weighted`` the same weighted by their number in the
    targets, ``micro`` the ratio of the sums, ``binary`` that of class 1 alone. A ratio
    with nothing below the line is 0; without any class there is NaN.
    """

    def finish(means: Numbers, *, average: str = "macro") -> Numbers:
        tallies = split(means)
        above, below = ratio(tallies)
        if average == "micro":
            return quotient(above.sum(axis=-1), below.sum(axis=-1))
        if average == "binary":
            one = quotient(above[..., 1], below[..., 1], 0.0)
            return np.where(tallies.true[..., 1] > 0, one, np.nan)
        weights = tallies.true if average == "weighted" else tallies.occurring
        ratios = quotient(above, below, 0.0)
        return quotient((weights * ratios).sum(axis=-1), weights.sum(axis=-1))

    return finish


def quotient(
    above: NDArray[Any], below: NDArray[Any], empty: float = np.nan
) -> Numbers:
    """Return the quotients of two arrays of one shape; ``empty`` for 0 below."""
    with np.errstate(divide="ignore", invalid="ignore"):
        quotients: Numbers = np.where(below == 0, empty, np.divide(above, below))
    return quotients


def _of_positions(true: Labels, found: Labels, classes: int) -> Numbers:
    n, positions = true.shape
    first = classes * np.arange(n)[:, None]  # each example counts in cells of its own
    kinds = ((first + true)[true == found], first + true, first + found)
    counts = [np.bincount(kind.ravel(), minlength=n * classes) for kind in kinds]
    by_row = np.hstack([count.reshape(n, classes) for count in counts])
    shares: Numbers = by_row / positions
    return shares
