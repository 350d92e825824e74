"""Precision, recall and F1 over the classes of labels, from scikit-learn.

Which classes count: ``macro`` and ``weighted`` run over those that are in the targets
or the predictions. A class that was never predicted has a precision of 0.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from pytest_tfgrade.core.threshold import Direction
from pytest_tfgrade.metrics import tallies
from pytest_tfgrade.metrics.arrays import BINARY_CLASSES, Flags, classes_of, label_pair
from pytest_tfgrade.metrics.classification import label_tallies
from pytest_tfgrade.metrics.interface import Metric
from pytest_tfgrade.metrics.options import AVERAGES, Average


def precision(
    y_true: ArrayLike, y_pred: ArrayLike, *, average: Average = "macro"
) -> float:
    """Share of what is predicted as a class that is of it.

    As scikit-learn's ``precision_score``, but its default average is binary.

    Args:
        y_true: Labels ``(n,)``, integer-coded or one-hot.
        y_pred: Probabilities ``(n, C)``, ``(n,)`` or ``(n, 1)``.
        average: ``macro``, ``micro``, ``weighted``, or ``binary`` for class 1 of two.

    Raises:
        ValueError: As ``arrays.label_pair``, or binary where there are more classes
            or no target of class 1.

    >>> precision([0, 1, 1, 1], [0.1, 0.9, 0.4, 0.5])
    0.75
    """
    return _scores(y_true, y_pred, average)[0]


def recall(
    y_true: ArrayLike, y_pred: ArrayLike, *, average: Average = "macro"
) -> float:
    """Share of what is of a class that is predicted as it.

    As scikit-learn's ``recall_score``, but its default average is binary.

    Args:
        y_true: Labels ``(n,)``, integer-coded or one-hot.
        y_pred: Probabilities ``(n, C)``, ``(n,)`` or ``(n, 1)``.
        average: ``macro``, ``micro``, ``weighted``, or ``binary`` for class 1 of two.

    Raises:
        ValueError: As ``precision``.

    >>> recall([0, 0, 1, 1], [0.1, 0.9, 0.4, 0.4], average="binary")
    0.0
    """
    return _scores(y_true, y_pred, average)[1]


def f1(y_true: ArrayLike, y_pred: ArrayLike, *, average: Average = "macro") -> float:
    """Harmonic mean of precision and recall.

    As scikit-learn's ``f1_score``, but its default average is binary.

    Args:
        y_true: Labels ``(n,)``, integer-coded or one-hot.
        y_pred: Probabilities ``(n, C)``, ``(n,)`` or ``(n, 1)``.
        average: ``macro``, ``micro``, ``weighted``, or ``binary`` for class 1 of two.

    Raises:
        ValueError: As ``precision``.

    >>> f1([0, 1, 1, 1], [0.1, 0.9, 0.9, 0.4], average="binary")
    0.8
    """
    return _scores(y_true, y_pred, average)[2]


def _scores(
    y_true: ArrayLike, y_pred: ArrayLike, average: str
) -> tuple[float, float, float]:
    AVERAGES.require("average", average)
    true, pred = label_pair(y_true, y_pred)
    classes = classes_of(y_pred)
    if average != "binary":
        one_hot = np.eye(classes, dtype=bool)
        true_flags, found_flags = one_hot[true.ravel()], one_hot[pred.ravel()]
        return averaged_scores(true_flags, found_flags, average)
    if classes != BINARY_CLASSES:
        raise ValueError(f"an average of binary is for two classes, not {classes}")
    if not true.any():
        raise ValueError("an average of binary has no value without targets of class 1")
    return averaged_scores(true.reshape(-1, 1) == 1, pred.reshape(-1, 1) == 1, "macro")


def averaged_scores(
    true: Flags, found: Flags, average: str
) -> tuple[float, float, float]:
    """Return precision, recall and F1 of flags ``(m, C)``, by scikit-learn.

    Columns without any flag on either side are left out.
    """
    from sklearn.metrics import precision_recall_fscore_support  # noqa: PLC0415

    labels = np.flatnonzero((true | found).any(axis=0))
    if true.shape[1] == 1:  # scikit-learn takes a single column for classes 0 and 1
        true, found, labels = true[:, 0], found[:, 0], np.array([1])
    scores = precision_recall_fscore_support(
        true.astype(int),
        found.astype(int),
        labels=labels,
        average=average,
        zero_division=0.0,
    )
    return float(scores[0]), float(scores[1]), float(scores[2])


def _metric(function: Callable[..., float], ratio: tallies.Ratio, alias: str) -> Metric:
    return Metric(
        name=function.__name__,
        function=function,
        direction=Direction.HIGHER_IS_BETTER,
        best=1.0,
        examples=label_tallies,
        finish=tallies.averaged(ratio),
        aliases=(alias,),
    )


METRICS: Final[tuple[Metric, ...]] = (
    _metric(precision, tallies.PRECISION, "precision_score"),
    _metric(recall, tallies.RECALL, "recall_score"),
    _metric(f1, tallies.F1, "f1_score"),
)
"""The metrics of this module."""
