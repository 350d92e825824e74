"""Metrics over probabilities; ``probabilities`` says what is taken as such.

Own code where scikit-learn has the metric: it lets the least probability depend on the
dtype, and warns of the rounding that a softmax in float32 has.
"""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from pytest_tfgrade.core.threshold import Direction
from pytest_tfgrade.metrics.arrays import (
    BINARY_CLASSES,
    Numbers,
    by_example,
    paired,
    score_pair,
)
from pytest_tfgrade.metrics.interface import Metric
from pytest_tfgrade.metrics.probabilities import (
    class_probabilities,
    flags,
    surprise,
    within_bounds,
)


def log_loss(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Mean negative logarithm of the probability of the true class.

    In nats, as scikit-learn's ``log_loss`` and Keras' categorical crossentropies. The
    probabilities of an example are divided by their sum, as in Keras. One below 1e-7
    counts as 1e-7.

    Args:
        y_true: Labels ``(n,)``, integer-coded or one-hot.
        y_pred: Probabilities ``(n, C)``, ``(n,)`` or ``(n, 1)``.

    Raises:
        NotProbabilities: A value lies outside 0..1, or all classes have 0.
        ValueError: As ``arrays.label_pair``.

    >>> round(log_loss([0, 1], [[0.5, 0.5], [0.2, 0.8]]), 6)
    0.458145
    """
    return float(_log_losses(y_true, y_pred).mean())


def binary_crossentropy(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Mean negative logarithm of the probability of each true 0 or 1.

    In nats, as in Keras: each value is a question of its own, so that it also suits
    several labels an example. A probability below 1e-7 counts as 1e-7.

    Args:
        y_true: ``(n, ...)`` of 0 and 1.
        y_pred: Probabilities of 1; the same shape, but for trailing axes of size 1.

    Raises:
        NotProbabilities: A value lies outside 0..1.
        ValueError: As ``arrays.paired``, or a target is neither 0 nor 1.

    >>> round(binary_crossentropy([[1, 0]], [[0.5, 0.2]]), 6)
    0.458145
    """
    return float(_binary_losses(y_true, y_pred).mean())


def brier(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Brier score: mean squared error of probabilities.

    Brier, "Verification of forecasts expressed in terms of probability", 1950: summed
    over the classes. Of two classes it is halved, so that it is that of class 1 alone,
    as scikit-learn's ``brier_score_loss``.

    Args:
        y_true: Labels ``(n,)``, integer-coded or one-hot.
        y_pred: Probabilities ``(n, C)``, ``(n,)`` or ``(n, 1)``.

    Raises:
        NotProbabilities: A value lies outside 0..1.
        ValueError: As ``arrays.label_pair``.

    >>> brier([0, 1], [0.5, 1.0])
    0.125
    """
    return float(_brier_losses(y_true, y_pred).mean())


def _log_losses(y_true: ArrayLike, y_pred: ArrayLike) -> Numbers:
    true, probabilities = class_probabilities(y_true, y_pred)
    own = np.take_along_axis(probabilities, true[..., None], axis=-1)
    return by_example(surprise(own))


def _binary_losses(y_true: ArrayLike, y_pred: ArrayLike) -> Numbers:
    true, pred = paired(y_true, y_pred)
    pred = within_bounds(pred)
    return by_example(surprise(np.where(flags(true), pred, 1 - pred)))


def _brier_losses(y_true: ArrayLike, y_pred: ArrayLike) -> Numbers:
    true, scores = score_pair(y_true, y_pred)
    classes = scores.shape[-1]
    squares = np.square(within_bounds(scores) - np.eye(classes)[true]).sum(axis=-1)
    return by_example(squares / 2 if classes == BINARY_CLASSES else squares)


METRICS: Final = (
    Metric(
        name="log_loss",
        function=log_loss,
        direction=Direction.LOWER_IS_BETTER,
        best=0.0,
        examples=_log_losses,
        aliases=("categorical_crossentropy", "sparse_categorical_crossentropy"),
    ),
    Metric(
        name="binary_crossentropy",
        function=binary_crossentropy,
        direction=Direction.LOWER_IS_BETTER,
        best=0.0,
        examples=_binary_losses,
    ),
    Metric(
        name="brier",
        function=brier,
        direction=Direction.LOWER_IS_BETTER,
        best=0.0,
        examples=_brier_losses,
        aliases=("brier_score", "brier_score_loss"),
    ),
)
"""The metrics of this module."""
