"""Metrics over forecasts of time series; axis 1 holds the steps of the horizon."""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from pytest_tfgrade.core.threshold import Direction
from pytest_tfgrade.metrics.arrays import Numbers, by_example, paired
from pytest_tfgrade.metrics.interface import Metric
from pytest_tfgrade.metrics.options import ABOVE_ZERO, COUNT, AboveZero, Count
from pytest_tfgrade.metrics.regression import PER_CENT, absolute_errors


def mase(y_true: ArrayLike, y_pred: ArrayLike, *, scale: AboveZero) -> float:
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
    with np.errstate(over="ignore"):
        return float(np.mean(_scaled_errors(y_true, y_pred, scale=scale)))


def smape(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Symmetric mean absolute percentage error, 0 to 200 per cent.

    The mean of 200 * |target - prediction| / (|target| + |prediction|); a term with 0
    and 0 is 0. The definition of the M3 and M4 competitions: Makridakis and Hibon,
    "The M3-Competition: results, conclusions and implications", 2000.

    Args:
        y_true: ``(n, ...)``.
        y_pred: The same shape, but for trailing axes of size 1.

    Raises:
        ValueError: As ``arrays.paired``.

    >>> smape([1.0, 3.0, 0.0, 2.0], [3.0, 1.0, 0.0, 2.0])
    50.0
    """
    return float(np.mean(_symmetric_errors(y_true, y_pred)))


def step_mae(y_true: ArrayLike, y_pred: ArrayLike, *, step: Count) -> float:
    """Mean absolute error of one step of the horizon.

    Args:
        y_true: ``(n, h, ...)``.
        y_pred: The same shape, but for trailing axes of size 1.
        step: Which one; 1 is the first after the known past, h the last.

    Raises:
        ValueError: As ``arrays.paired``, or there is no such step.

    >>> step_mae([[1.0, 2.0], [3.0, 4.0]], [[1.0, 3.0], [3.0, 6.0]], step=2)
    1.5
    """
    with np.errstate(over="ignore"):
        return float(np.mean(_errors_of_step(y_true, y_pred, step=step)))


def worst_step_mae(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Mean absolute error of the worst step of the horizon.

    Args:
        y_true: ``(n, h, ...)``.
        y_pred: The same shape, but for trailing axes of size 1.

    Raises:
        ValueError: As ``arrays.paired``.

    >>> worst_step_mae([[1.0, 2.0], [3.0, 4.0]], [[1.0, 3.0], [3.0, 6.0]])
    1.5
    """
    with np.errstate(over="ignore"):
        return float(np.max(np.mean(_errors_by_step(y_true, y_pred), axis=0)))


def _scaled_errors(y_true: ArrayLike, y_pred: ArrayLike, *, scale: float) -> Numbers:
    ABOVE_ZERO.require("scale", scale)
    with np.errstate(over="ignore"):
        return absolute_errors(y_true, y_pred) / float(scale)


def _symmetric_errors(y_true: ArrayLike, y_pred: ArrayLike) -> Numbers:
    true, pred = paired(y_true, y_pred)
    with np.errstate(over="ignore"):
        size = np.abs(true) + np.abs(pred)
        shares = np.abs(true - pred) / np.where(size == 0, 1, size)
    return by_example(2 * PER_CENT * shares)


def _errors_by_step(y_true: ArrayLike, y_pred: ArrayLike) -> Numbers:
    """Return ``(n, h)``; targets of one step may lack the axis."""
    true, pred = paired(y_true, y_pred)
    steps = true.shape[1] if true.ndim > 1 else 1
    with np.errstate(over="ignore"):
        apart = np.abs(true - pred).reshape(len(true), steps, -1)
        errors: Numbers = apart.mean(axis=2)
    return errors


def _errors_of_step(y_true: ArrayLike, y_pred: ArrayLike, *, step: int) -> Numbers:
    COUNT.require("step", step)
    errors = _errors_by_step(y_true, y_pred)
    last = errors.shape[1]
    if step > last:
        raise ValueError(f"step must be between 1 and {last}, got {step}")
    return errors[:, step - 1]


def _worst(means: Numbers) -> Numbers:
    worst: Numbers = means.max(axis=-1)
    return worst


METRICS: Final = (
    Metric(
        name="mase",
        function=mase,
        direction=Direction.LOWER_IS_BETTER,
        best=0.0,
        examples=_scaled_errors,
        aliases=("mean_absolute_scaled_error",),
    ),
    Metric(
        name="smape",
        function=smape,
        direction=Direction.LOWER_IS_BETTER,
        best=0.0,
        examples=_symmetric_errors,
        aliases=("symmetric_mean_absolute_percentage_error",),
    ),
    Metric(
        name="step_mae",
        function=step_mae,
        direction=Direction.LOWER_IS_BETTER,
        best=0.0,
        examples=_errors_of_step,
    ),
    Metric(
        name="worst_step_mae",
        function=worst_step_mae,
        direction=Direction.LOWER_IS_BETTER,
        best=0.0,
        examples=_errors_by_step,
        finish=_worst,
    ),
)
"""The metrics of this module."""
