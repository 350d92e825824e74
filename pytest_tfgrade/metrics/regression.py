"""Metrics over numbers: the mean runs over all examples and all their values.

Formulas as in Keras. scikit-learn gives the same for one value an example; its root
mean squared error of several is the mean of their roots, Keras' the root of the mean.
"""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from pytest_tfgrade.core.threshold import Direction
from pytest_tfgrade.metrics.arrays import Numbers, by_example, paired
from pytest_tfgrade.metrics.interface import Metric

PER_CENT: Final = 100.0


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
    with np.errstate(over="ignore"):
        return float(np.mean(absolute_errors(y_true, y_pred)))


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
    with np.errstate(over="ignore"):
        return float(np.mean(_squared_errors(y_true, y_pred)))


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


def median_absolute_error(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Median absolute error.

    Of all values of all examples; scikit-learn's is the mean of the medians of
    several values an example.

    Args:
        y_true: ``(n, ...)``.
        y_pred: The same shape, but for trailing axes of size 1.

    Raises:
        ValueError: As ``arrays.paired``.

    >>> median_absolute_error([1.0, 2.0, 3.0], [1.0, 2.5, 13.0])
    0.5
    """
    true, pred = paired(y_true, y_pred)
    with np.errstate(over="ignore"):
        return float(np.median(np.abs(true - pred)))


def max_error(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Largest absolute error.

    As scikit-learn's ``max_error``. An extreme has no standard error that resampling
    could tell.

    Args:
        y_true: ``(n, ...)``.
        y_pred: The same shape, but for trailing axes of size 1.

    Raises:
        ValueError: As ``arrays.paired``.

    >>> max_error([1.0, 2.0, 3.0], [1.0, 2.5, 5.0])
    2.0
    """
    true, pred = paired(y_true, y_pred)
    with np.errstate(over="ignore"):
        return float(np.max(np.abs(true - pred)))


def mape(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Mean absolute percentage error, in per cent.

    10 is a tenth, as in Keras; scikit-learn's is the share, 0.1.

    Args:
        y_true: ``(n, ...)``, none of them 0.
        y_pred: The same shape, but for trailing axes of size 1.

    Raises:
        ValueError: As ``arrays.paired``, or a target is 0.

    >>> mape([1.0, 2.0, 4.0, 5.0], [1.5, 2.0, 3.0, 5.0])
    18.75
    """
    with np.errstate(over="ignore"):
        return float(np.mean(_percentage_errors(y_true, y_pred)))


def msle(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Mean squared logarithmic error: of the logarithms of value + 1.

    A prediction below 0 counts as 0, as in Keras.

    Args:
        y_true: ``(n, ...)``, 0 or more.
        y_pred: The same shape, but for trailing axes of size 1.

    Raises:
        ValueError: As ``arrays.paired``, or a target is below 0.

    >>> round(msle([0.0, 1.0], [0.0, 3.0]), 6)
    0.240227
    """
    return float(np.mean(_squared_logarithmic_errors(y_true, y_pred)))


def absolute_errors(y_true: ArrayLike, y_pred: ArrayLike) -> Numbers:
    """Return the mean absolute error of each example, ``(n,)``."""
    true, pred = paired(y_true, y_pred)
    with np.errstate(over="ignore"):
        return by_example(np.abs(true - pred))


def _squared_errors(y_true: ArrayLike, y_pred: ArrayLike) -> Numbers:
    true, pred = paired(y_true, y_pred)
    with np.errstate(over="ignore"):
        return by_example(np.square(true - pred))


def _percentage_errors(y_true: ArrayLike, y_pred: ArrayLike) -> Numbers:
    true, pred = paired(y_true, y_pred)
    if (true == 0).any():
        raise ValueError("mape has no value where a target is 0")
    with np.errstate(over="ignore"):
        return by_example(PER_CENT * np.abs((true - pred) / true))


def _squared_logarithmic_errors(y_true: ArrayLike, y_pred: ArrayLike) -> Numbers:
    true, pred = paired(y_true, y_pred)
    if (true < 0).any():
        raise ValueError("msle has no value where a target is below 0")
    return by_example(np.square(np.log1p(true) - np.log1p(np.maximum(pred, 0))))


METRICS: Final = (
    Metric(
        name="mae",
        function=mae,
        direction=Direction.LOWER_IS_BETTER,
        best=0.0,
        examples=absolute_errors,
        aliases=("mean_absolute_error",),
    ),
    Metric(
        name="mse",
        function=mse,
        direction=Direction.LOWER_IS_BETTER,
        best=0.0,
        examples=_squared_errors,
        aliases=("mean_squared_error",),
    ),
    Metric(
        name="rmse",
        function=rmse,
        direction=Direction.LOWER_IS_BETTER,
        best=0.0,
        examples=_squared_errors,
        finish=np.sqrt,
        aliases=("root_mean_squared_error",),
    ),
    Metric(
        name="median_absolute_error",
        function=median_absolute_error,
        direction=Direction.LOWER_IS_BETTER,
        best=0.0,
    ),
    Metric(
        name="max_error",
        function=max_error,
        direction=Direction.LOWER_IS_BETTER,
        best=0.0,
        resampled=False,
    ),
    Metric(
        name="mape",
        function=mape,
        direction=Direction.LOWER_IS_BETTER,
        best=0.0,
        examples=_percentage_errors,
        aliases=("mean_absolute_percentage_error",),
    ),
    Metric(
        name="msle",
        function=msle,
        direction=Direction.LOWER_IS_BETTER,
        best=0.0,
        examples=_squared_logarithmic_errors,
        aliases=("mean_squared_logarithmic_error", "mean_squared_log_error"),
    ),
)
"""The metrics of this module."""
