"""Metrics over numbers: the mean runs over all examples and all their values.

Formulas as in Keras. scikit-learn gives the same for one value an example; its root
mean squared error of several is the mean of their roots, Keras' the root of the mean.
"""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from pytest_tfgrade.core.threshold import Direction
from pytest_tfgrade.metrics.arrays import paired
from pytest_tfgrade.metrics.interface import Metric


def mae(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Mean absolute error.

    Args:
        y_true: ``(n, ...)``.
        y_pred: The same shape, but for trailing axes of size 1.

    Raises:
        ValueError: As ``arrays.paired``.

    >>> mae([1.0, 2.0, 3.0, 4.0], [1.0, 2.5, 3.0, 3.0])
    0.375
    """
    true, pred = paired(y_true, y_pred)
    with np.errstate(over="ignore"):
        return float(np.mean(np.abs(true - pred)))


def mse(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Mean squared error.

    Args:
        y_true: ``(n, ...)``.
        y_pred: The same shape, but for trailing axes of size 1.

    Raises:
        ValueError: As ``arrays.paired``.

    >>> mse([1.0, 2.0, 3.0, 4.0], [1.0, 2.5, 3.0, 3.0])
    0.3125
    """
    true, pred = paired(y_true, y_pred)
    with np.errstate(over="ignore"):
        return float(np.mean(np.square(true - pred)))


def rmse(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Root mean squared error.

    Args:
        y_true: ``(n, ...)``.
        y_pred: The same shape, but for trailing axes of size 1.

    Raises:
        ValueError: As ``arrays.paired``.

    >>> rmse([1.0, 2.0, 3.0, 4.0], [1.0, 5.0, 3.0, 8.0])
    2.5
    """
    return float(np.sqrt(mse(y_true, y_pred)))


METRICS: Final = (
    Metric(
        name="mae",
        function=mae,
        direction=Direction.LOWER_IS_BETTER,
        aliases=("mean_absolute_error",),
    ),
    Metric(
        name="mse",
        function=mse,
        direction=Direction.LOWER_IS_BETTER,
        aliases=("mean_squared_error",),
    ),
    Metric(
        name="rmse",
        function=rmse,
        direction=Direction.LOWER_IS_BETTER,
        aliases=("root_mean_squared_error",),
    ),
)
"""The metrics of this module."""
