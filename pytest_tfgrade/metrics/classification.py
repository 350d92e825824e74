"""Metrics over labels; ``arrays.label_pair`` says how labels are read.

Own code where scikit-learn has the metric: it warns where more than half of the
examples have a class of their own, and warnings cannot be silenced among threads.
"""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pytest_tfgrade.core.threshold import Direction
from pytest_tfgrade.metrics import tallies
from pytest_tfgrade.metrics.arrays import (
    Numbers,
    by_example,
    classes_of,
    label_pair,
    score_pair,
)
from pytest_tfgrade.metrics.interface import Metric
from pytest_tfgrade.metrics.options import COUNT, Count


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
    return float(_hits(y_true, y_pred).mean())


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
    return float(_balanced(_totals(y_true, y_pred)))


def top_k_accuracy(y_true: ArrayLike, y_pred: ArrayLike, *, k: Count = 5) -> float:
    """Share of labels among the k classes of the highest scores.

    As scikit-learn's ``top_k_accuracy_score``, but for equal scores: here the class
    that comes first is ahead, as for accuracy, which this is for a k of 1. (Keras
    counts equal scores as hits, so that a constant predictor would be perfect.)

    Args:
        y_true: Labels ``(n,)``, integer-coded or one-hot.
        y_pred: Scores ``(n, C)``.
        k: A whole number above 0 and below C.

    Raises:
        ValueError: As ``arrays.label_pair``, or k is not below C.

    >>> scores = [0.5, 0.3, 0.2]
    >>> top_k_accuracy([0, 1, 2, 0], [scores, scores, scores, scores], k=2)
    0.75
    """
    return float(_top_k_hits(y_true, y_pred, k=k).mean())


def matthews_corrcoef(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Matthews' correlation coefficient.

    Gorodkin, "Comparing two K-category assignments by a K-category correlation
    coefficient", 2004; as scikit-learn's: 0 if all predictions are of one class.

    Args:
        y_true: Labels ``(n,)``, integer-coded or one-hot.
        y_pred: Probabilities ``(n, C)``, ``(n,)`` or ``(n, 1)``.

    Raises:
        ValueError: As ``arrays.label_pair``, or targets are of one class.

    >>> matthews_corrcoef([0, 0, 1, 1], [0.1, 0.2, 0.3, 0.9])
    0.5773502691896258
    """
    return _with_value(_correlation(_totals(y_true, y_pred)), "matthews_corrcoef")


def cohen_kappa(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Cohen's kappa: agreement beyond that of chance.

    Cohen, "A coefficient of agreement for nominal scales", 1960.

    Args:
        y_true: Labels ``(n,)``, integer-coded or one-hot.
        y_pred: Probabilities ``(n, C)``, ``(n,)`` or ``(n, 1)``.

    Raises:
        ValueError: As ``arrays.label_pair``, or targets are of one class.

    >>> cohen_kappa([0, 0, 1, 1], [0.1, 0.2, 0.3, 0.9])
    0.5
    """
    return _with_value(_kappa(_totals(y_true, y_pred)), "cohen_kappa")


def _hits(y_true: ArrayLike, y_pred: ArrayLike) -> Numbers:
    true, pred = label_pair(y_true, y_pred)
    return by_example(true == pred)


def _top_k_hits(y_true: ArrayLike, y_pred: ArrayLike, *, k: int = 5) -> Numbers:
    COUNT.require("k", k)
    true, scores = score_pair(y_true, y_pred)
    classes = scores.shape[-1]
    if k >= classes:
        raise ValueError(f"k must be below the number of classes, {classes}, got {k}")
    own = np.take_along_axis(scores, true[..., None], axis=-1)
    before = np.arange(classes) < true[..., None]
    ahead = (scores > own) | ((scores == own) & before)
    return by_example(ahead.sum(axis=-1) < k)


def _totals(y_true: ArrayLike, y_pred: ArrayLike) -> Numbers:
    return tallies.totals(*label_pair(y_true, y_pred), classes_of(y_pred))


def label_tallies(
    y_true: ArrayLike, y_pred: ArrayLike, **_: object
) -> NDArray[np.generic]:
    """Return the tallies of each example, ``(n, 3 * C)``, whatever the options."""
    return tallies.of_labels(*label_pair(y_true, y_pred), classes_of(y_pred))


def _balanced(means: Numbers) -> Numbers:
    hits, true, _ = tallies.split(means)
    recalls = tallies.quotient(hits, true, 0.0)
    balanced: Numbers = recalls.sum(axis=-1) / (true > 0).sum(axis=-1)
    return balanced


def _correlation(means: Numbers) -> Numbers:
    hits, true, found = _shares(means)
    together = hits.sum(axis=-1) - (true * found).sum(axis=-1)
    of_true = 1 - np.square(true).sum(axis=-1)
    of_found = 1 - np.square(found).sum(axis=-1)
    value = tallies.quotient(together, np.sqrt(of_true * of_found), 0.0)
    return np.where(true.max(axis=-1) == 1, np.nan, value)


def _kappa(means: Numbers) -> Numbers:
    hits, true, found = _shares(means)
    chance = (true * found).sum(axis=-1)
    value = tallies.quotient(hits.sum(axis=-1) - chance, 1 - chance)
    return np.where(true.max(axis=-1) == 1, np.nan, value)


def _shares(means: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    hits, true, found = tallies.split(means)
    size = true.sum(axis=-1, keepdims=True)
    return hits / size, true / size, found / size


def _with_value(value: Numbers, name: str) -> float:
    if np.isnan(value):
        raise ValueError(f"{name} has no value where all targets are of one class")
    return float(value)


METRICS: Final = (
    Metric(
        name="accuracy",
        function=accuracy,
        direction=Direction.HIGHER_IS_BETTER,
        best=1.0,
        examples=_hits,
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
        best=1.0,
        examples=label_tallies,
        finish=_balanced,
        aliases=("balanced_accuracy_score",),
    ),
    Metric(
        name="top_k_accuracy",
        function=top_k_accuracy,
        direction=Direction.HIGHER_IS_BETTER,
        best=1.0,
        examples=_top_k_hits,
        aliases=(
            "top_k_accuracy_score",
            "top_k_categorical_accuracy",
            "sparse_top_k_categorical_accuracy",
        ),
    ),
    Metric(
        name="matthews_corrcoef",
        function=matthews_corrcoef,
        direction=Direction.HIGHER_IS_BETTER,
        best=1.0,
        examples=label_tallies,
        finish=_correlation,
        aliases=("mcc",),
    ),
    Metric(
        name="cohen_kappa",
        function=cohen_kappa,
        direction=Direction.HIGHER_IS_BETTER,
        best=1.0,
        examples=label_tallies,
        finish=_kappa,
        aliases=("cohen_kappa_score",),
    ),
)
"""The metrics of this module."""
