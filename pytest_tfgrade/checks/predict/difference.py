"""How far two answers of a model are apart."""

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

TOLERANCE: Final = 1e-4
"""What batches of another size may change: float32 rounds to about 1e-6 of the size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What two answers to the same rows do not agree on."""

    changed: NDArray[np.bool_] = field(repr=False)
    """Which rows differ by more than is allowed, ``(rows,)``."""

    most: float
    """The largest difference of two values; infinite where one is not finite."""

    allowed: float
    """The largest difference that is none."""

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
        before: ``(rows, ...)``.
        after: As many rows; one of another shape differs, as does a value that is not
            finite from any that is.
        tolerance: What is allowed, as a share of the largest absolute value in
            ``before``.
    """
    size = np.abs(before[np.isfinite(before)]).max(initial=0)
    allowed = tolerance * float(size)
    rows = _apart(before, after)
    return Difference(
        changed=rows > allowed,
        most=float(rows.max(initial=0.0)),
        allowed=allowed,
    )


def _apart(before: NDArray[Any], after: NDArray[Any]) -> NDArray[np.float64]:
    """Return the largest difference of two values in each row, ``(rows,)``."""
    if before.shape != after.shape:
        return np.full(len(before), np.inf)
    first, second = before.astype(np.float64), after.astype(np.float64)
    with np.errstate(invalid="ignore"):  # infinity less infinity
        apart = np.abs(first - second)
    apart[np.isnan(apart)] = np.inf
    apart[(first == second) | (np.isnan(first) & np.isnan(second))] = 0
    rows: NDArray[np.float64] = apart.max(axis=tuple(range(1, apart.ndim)), initial=0)
    return rows
