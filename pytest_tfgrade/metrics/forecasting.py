"""Metrics over forecasts of time series."""

import math
from typing import Final

from numpy.typing import ArrayLike

from pytest_tfgrade.core.threshold import Direction
from pytest_tfgrade.metrics.interface import Metric
from pytest_tfgrade.metrics.regression import mae


def mase(y_true: ArrayLike, y_pred: ArrayLike, *, scale: float) -> float:
    """Mean absolute scaled error.

    The mean absolute error over that of the seasonal naive forecast, which repeats
    the value of one season ago: below 1 is better than naive. Hyndman and Koehler,
    "Another look at measures of forecast accuracy", 2006.

    Args:
        y_true: ``(n, ...)``.
        y_pred: The same shape, but for trailing axes of size 1.
        scale: Mean absolute error of the seasonal naive forecast, in the unit of the
            targets; above 0.

    Raises:
        ValueError: As ``arrays.paired``, or the scale is not above 0.

    >>> mase([1.0, 2.0, 3.0, 4.0], [1.0, 2.5, 3.0, 3.0], scale=1.5)
    0.25
    """
    if not (math.isfinite(scale) and scale > 0):
        raise ValueError(f"scale must be a number above 0, got {scale!r}")
    return mae(y_true, y_pred) / float(scale)


METRICS: Final = (
    Metric(
        name="mase",
        function=mase,
        direction=Direction.LOWER_IS_BETTER,
        aliases=("mean_absolute_scaled_error",),
    ),
)
"""The metrics of this module."""
