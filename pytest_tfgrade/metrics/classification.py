"""Metrics over labels; ``arrays.label_pair`` says how labels are read."""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from pytest_tfgrade.core.threshold import Direction
from pytest_tfgrade.metrics.arrays import label_pair
from pytest_tfgrade.metrics.interface import Metric


def accuracy(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Share of labels predicted exactly.

    As scikit-learn's ``accuracy_score`` over labels.

    Args:
        y_true: Labels ``(n,)``, integer-coded or one-hot.
        y_pred: Probabilities ``(n, C)``, ``(n,)`` or ``(n, 1)``.

    Raises:
        ValueError: As ``arrays.label_pair``.

    >>> accuracy([0, 1, 1, 1], [0.1, 0.9, 0.4, 0.5])
    0.75
    """
    true, pred = label_pair(y_true, y_pred)
    return float(np.mean(true == pred))


def balanced_accuracy(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Mean share of labels predicted exactly, over the classes.

    As scikit-learn's ``balanced_accuracy_score``: the mean of the recalls of the
    classes that occur in the targets; a class that does not occur has no recall.

    Args:
        y_true: Labels ``(n,)``, integer-coded or one-hot.
        y_pred: Probabilities ``(n, C)``, ``(n,)`` or ``(n, 1)``.

    Raises:
        ValueError: As ``arrays.label_pair``.

    >>> balanced_accuracy([0, 1, 1, 1, 1], [0.9, 0.9, 0.9, 0.9, 0.1])
    0.375
    """
    true, pred = label_pair(y_true, y_pred)
    occurring = np.bincount(true.ravel())
    hit = np.bincount(true[true == pred], minlength=len(occurring))
    present = occurring > 0
    return float(np.mean(hit[present] / occurring[present]))


METRICS: Final = (
    Metric(
        name="accuracy",
        function=accuracy,
        direction=Direction.HIGHER_IS_BETTER,
        aliases=(
            "acc",
            "accuracy_score",
            "binary_accuracy",
            "categorical_accuracy",
            "sparse_categorical_accuracy",
        ),
    ),
    Metric(
        name="balanced_accuracy",
        function=balanced_accuracy,
        direction=Direction.HIGHER_IS_BETTER,
        aliases=("balanced_accuracy_score",),
    ),
)
"""The metrics of this module."""
