"""Metrics over numbers that hold errors against the variance of the targets.

Several values an example are columns: the value is the mean of theirs, as in Keras'
``R2Score`` and in scikit-learn. A column of equal targets has no variance, and so the
metric has no value; the libraries would say 0 or 1.
"""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from pytest_tfgrade.core.threshold import Direction
from pytest_tfgrade.metrics.arrays import Numbers, paired
from pytest_tfgrade.metrics.interface import Metric

NO_VARIANCE: Final = 1e-12
"""Of the mean square: a variance below this share is rounding."""


def r2(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Coefficient of determination.

    1 minus the squared error over that of the mean of the targets, as scikit-learn's
    ``r2_score``: 0 for the mean itself, below 0 for what is worse.

    Args:
        y_true: ``(n, ...)``.
        y_pred: The same shape, but for trailing axes of size 1.

    Raises:
        ValueError: As ``arrays.paired``, or targets are constant.

    >>> r2([1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 3.0])
    0.8
    """
    from sklearn.metrics import r2_score  # noqa: PLC0415

    with np.errstate(over="ignore", invalid="ignore"):
        return float(r2_score(*_columns(y_true, y_pred)))


def explained_variance(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Share of the variance of the targets that predictions explain.

    1 minus the variance of the error over that of the targets, as scikit-learn's
    ``explained_variance_score``: a constant error costs nothing.

    Args:
        y_true: ``(n, ...)``.
        y_pred: The same shape, but for trailing axes of size 1.

    Raises:
        ValueError: As ``arrays.paired``, or targets are constant.

    >>> explained_variance([1.0, 2.0, 3.0, 4.0], [2.0, 3.0, 4.0, 5.0])
    1.0
    """
    from sklearn.metrics import explained_variance_score  # noqa: PLC0415

    with np.errstate(over="ignore", invalid="ignore"):
        return float(explained_variance_score(*_columns(y_true, y_pred)))


def _columns(y_true: ArrayLike, y_pred: ArrayLike) -> tuple[Numbers, Numbers]:
    true, pred = paired(y_true, y_pred)
    true, pred = true.reshape(len(true), -1), pred.reshape(len(pred), -1)
    if (true == true[0]).all(axis=0).any():
        raise ValueError("targets are constant, so their variance is 0")
    return true, pred


def _moments(y_true: ArrayLike, y_pred: ArrayLike) -> Numbers:
    """Return ``(n, 4 * k)``: deviations of k columns, errors, and the squares of both.

    Deviations are taken from the mean of all targets, so that no digits are lost.
    """
    true, pred = _columns(y_true, y_pred)
    deviations, errors = true - true.mean(axis=0), pred - true
    with np.errstate(over="ignore"):
        return np.hstack([deviations, deviations**2, errors, errors**2])


def _r2(means: Numbers) -> Numbers:
    deviation, square, _, error_square = _split(means)
    return _explained(error_square, square - np.square(deviation), square)


def _explained_variance(means: Numbers) -> Numbers:
    deviation, square, error, error_square = _split(means)
    spread = error_square - np.square(error)
    return _explained(spread, square - np.square(deviation), square)


def _split(means: Numbers) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    parts = means.reshape(*means.shape[:-1], 4, -1)
    return parts[..., 0, :], parts[..., 1, :], parts[..., 2, :], parts[..., 3, :]


def _explained(error: Numbers, variance: Numbers, square: Numbers) -> Numbers:
    known = variance > NO_VARIANCE * square
    value: Numbers = 1 - (error / np.where(known, variance, np.nan)).mean(axis=-1)
    return value


METRICS: Final = (
    Metric(
        name="r2",
        function=r2,
        direction=Direction.HIGHER_IS_BETTER,
        best=1.0,
        examples=_moments,
        finish=_r2,
        aliases=("r2_score",),
    ),
    Metric(
        name="explained_variance",
        function=explained_variance,
        direction=Direction.HIGHER_IS_BETTER,
        best=1.0,
        examples=_moments,
        finish=_explained_variance,
        aliases=("explained_variance_score",),
    ),
)
"""The metrics of this module."""
