"""How far two answers of a model are apart.

What is no difference is a share of how far the answers for the rows lie apart, not of
how large they are. So a model that adds a large number to all it says, or that says one
huge value somewhere, is watched as closely as any other.
"""

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pytest_tfgrade.checks.predict.sample import chosen_rows

TOLERANCE: Final = 1e-4
"""What batches of another size may change: sums in another order round otherwise."""

ROUNDING: Final = 16 * float(np.finfo(np.float32).eps)
"""What float32 rounds, as a share of a value: 2e-6, after many operations."""

TYPICAL: Final = 0.9
"""The share of places that lie no further apart than is typical."""

MOST_PLACES: Final = 9_973
"""That decide what is typical; a prime, so that they are of all steps of a series."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What two answers to the same rows do not agree on."""

    changed: NDArray[np.bool_] = field(repr=False)
    """Which rows differ by more than is allowed, ``(rows,)``."""

    most: float
    """The difference of the two values that are furthest above what is allowed.

    Infinite where one is not finite.
    """

    allowed: float
    """The largest difference of these two values that is none."""

    @property
    def count(self) -> int:
        """How many rows differ."""
        return int(np.sum(self.changed))

    def text_of(self, output: str) -> str:
        """Say how much of an output differs, and by how much at most."""
        finite = np.isfinite(self.most)
        by = f"by up to {self.most:.2g}" if finite else "by NaN or infinity"
        text = f"{self.count} of {self.changed.size} rows of {output!r} differ {by}"
        return f"{text}, allowed {self.allowed:.2g}" if self.allowed else text


def difference(
    before: NDArray[Any], after: NDArray[Any], tolerance: float
) -> Difference:
    """Compare two answers, row by row.

    Args:
        before: ``(rows, ...)``; NaN where nothing is to be compared, in both.
        after: As many rows; one of another shape differs, as does a value that is not
            finite from any that is.
        tolerance: What is allowed, as a share of how far the values of ``before`` lie
            apart; what float32 rounds comes on top. 0: nothing.
    """
    apart = _apart(before, after)
    allowed = _allowed(before, tolerance)
    if not apart.size:
        nothing = np.zeros(len(before), np.bool_)
        return Difference(changed=nothing, most=0.0, allowed=0.0)
    worst = np.unravel_index(np.argmax(apart - allowed), apart.shape)
    beyond: NDArray[np.bool_] = (apart > allowed).reshape(len(before), -1)
    return Difference(
        changed=np.asarray(beyond.any(axis=1)),
        most=float(apart[worst]),
        allowed=float(allowed[worst]),
    )


def _apart(before: NDArray[Any], after: NDArray[Any]) -> Numbers:
    """Return how far each two values are apart, of the shape of ``before``."""
    if before.shape != after.shape:
        return np.full(before.shape, np.inf)
    first, second = before.astype(np.float64), after.astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):  # infinity less infinity
        apart = np.abs(first - second)
    apart[np.isnan(apart)] = np.inf
    apart[(first == second) | (np.isnan(first) & np.isnan(second))] = 0
    return apart


def _allowed(before: NDArray[Any], tolerance: float) -> Numbers:
    """Return how far each value may change, of the shape of ``before``; finite.

    A share of how far a value's place, as a row or a step or pixel of it, lies from the
    usual, or of how far nine in ten places do, if that is more. So a place may be as
    wrong as it is unusual, and makes no other one less exact.
    """
    if not tolerance or not before.size:
        return np.zeros(before.shape)
    values = before.astype(np.float64)
    values[~np.isfinite(values)] = np.nan
    places = values.reshape(-1, before.shape[-1] if before.ndim > 1 else 1)
    with np.errstate(over="ignore"):  # infinity becomes the largest number below
        sizes = _sizes(places)
        some = sizes[chosen_rows(len(sizes), MOST_PLACES)]
        some = some[some > 0]  # more than nine in ten may be padding
        typical = np.quantile(some, TYPICAL) if some.size else 0.0
        spread = np.maximum(sizes, typical)[:, None]
        allowed = tolerance * spread + ROUNDING * np.abs(places)
    return np.nan_to_num(allowed).reshape(before.shape)


def _sizes(places: Numbers) -> Numbers:
    """Return how far the values of each place lie from the usual ones, ``(places,)``.

    The usual ones are the medians over all places, so that no constant which a model
    adds makes the result larger.

    Args:
        places: ``(places, values)``; NaN where there is none.
    """
    some = places[chosen_rows(len(places), MOST_PLACES)]
    known = ~np.isnan(some).all(axis=0)
    usual = np.zeros(places.shape[1])
    usual[known] = np.nanmedian(some[:, known], axis=0)
    sizes: Numbers = np.nan_to_num(np.abs(places - usual)).max(axis=1)
    return sizes
