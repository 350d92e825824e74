"""A metric: the share of values that are predicted well enough."""

import numpy as np
from numpy.typing import ArrayLike

from pytest_tfgrade.api import Direction, metric, paired


@metric(direction=Direction.HIGHER_IS_BETTER)
def share_within(
    y_true: ArrayLike, y_pred: ArrayLike, *, distance: float = 1.0
) -> float:
    """Share of values predicted to within a distance.

    Args:
        y_true: ``(n, ...)``.
        y_pred: The same shape, but for trailing axes of size 1; ``paired`` refuses
            what NumPy would broadcast.
        distance: In the unit of the targets; that distance itself is within.

    Raises:
        ValueError: As ``paired``.
    """
    true, pred = paired(y_true, y_pred)
    return float(np.mean(np.abs(true - pred) <= distance))
