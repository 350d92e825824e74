"""Metrics over the order that scores put examples in, class by class.

A class that is in no target has no curve; the mean runs over those that are.

The uncertainty comes from what each example adds to the value in first order (the
empirical influence function, for ROC AUC DeLong's placement values: DeLong, DeLong and
Clarke-Pearson, "Comparing the areas under two or more correlated receiver operating
characteristic curves", 1988), and not from a curve for each resample.
"""

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from pytest_tfgrade.core.threshold import Direction
from pytest_tfgrade.metrics.arrays import (
    BINARY_CLASSES,
    Flags,
    Numbers,
    by_example,
    score_pair,
)
from pytest_tfgrade.metrics.interface import Metric

FEWEST_EXAMPLES: Final = 2
"""Of a class; with one alone it cannot be told how much others would differ."""


def roc_auc(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Area under the ROC curve.

    As scikit-learn's ``roc_auc_score``: of class 1 for two classes, else the mean of
    one class against the rest. Scores need not be probabilities. (Keras' ``AUC`` is
    the same area from 200 thresholds, and so a little different.)

    Args:
        y_true: Labels ``(n,)``, integer-coded or one-hot.
        y_pred: Scores ``(n, C)``, ``(n,)`` or ``(n, 1)``.

    Raises:
        ValueError: As ``arrays.label_pair``, or targets are of one class.

    >>> roc_auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.75
    """
    from sklearn.metrics import roc_auc_score  # noqa: PLC0415

    curves = _curves(y_true, y_pred)
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.mean([roc_auc_score(true, s) for true, s in curves]))


def average_precision(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Mean precision over the thresholds of the scores, weighted by gained recall.

    As scikit-learn's ``average_precision_score``: of class 1 for two classes, else the
    mean of one class against the rest.

    Args:
        y_true: Labels ``(n,)``, integer-coded or one-hot.
        y_pred: Scores ``(n, C)``, ``(n,)`` or ``(n, 1)``.

    Raises:
        ValueError: As ``arrays.label_pair``, or targets are of one class.

    >>> round(average_precision([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]), 6)
    0.833333
    """
    from sklearn.metrics import average_precision_score  # noqa: PLC0415

    curves = _curves(y_true, y_pred)
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.mean([average_precision_score(t, s) for t, s in curves]))


def _curves(y_true: ArrayLike, y_pred: ArrayLike) -> Iterator[tuple[Flags, Numbers]]:
    """Yield for each class with a curve what is of it, and the scores of that."""
    labels, scores = score_pair(y_true, y_pred)
    occurring = np.unique(labels)
    if len(occurring) == 1:
        raise ValueError("no curve can be drawn where all targets are of one class")
    two = scores.shape[-1] == BINARY_CLASSES
    for label in (1,) if two else occurring:
        yield labels.ravel() == label, scores[..., label].ravel()


def _roc_influence(true: Flags, scores: Numbers) -> Numbers:
    """Return values ``(m,)`` whose mean is the area, and that vary as it does."""
    inside, outside = np.sort(scores[true]), np.sort(scores[~true])
    above = _share_below(outside, scores)
    below = 1 - _share_below(inside, scores)
    area = above[true].mean()
    values: Numbers = area + np.where(
        true,
        (above - area) * len(scores) / len(inside),
        (below - area) * len(scores) / len(outside),
    )
    return values


def _share_below(ordered: Numbers, scores: Numbers) -> Numbers:
    """Return which share of ordered values is below each score; equal ones half."""
    less = np.searchsorted(ordered, scores, side="left")
    not_more = np.searchsorted(ordered, scores, side="right")
    share: Numbers = (less + not_more) / (2 * len(ordered))
    return share


def _precision_influence(true: Flags, scores: Numbers) -> Numbers:
    """Return values ``(m,)`` whose mean is the average precision, as above.

    With T true ones and N examples at or above the score of an example, the average
    precision is the mean of T / N over the true ones. Each example k adds its own
    term, and is part of T and N of all with a score at or below its own.
    """
    m, order = len(scores), np.argsort(scores)
    ordered, marks = scores[order], true[order].astype(np.float64)
    first = np.searchsorted(ordered, ordered, side="left")
    last = np.searchsorted(ordered, ordered, side="right") - 1
    everyone = m - first
    positives = marks.sum()
    hits = positives - np.concatenate([[0.0], np.cumsum(marks)])[first]
    precision = hits / everyone
    area = (marks * precision).sum() / positives
    part_of_hits = np.cumsum(marks / everyone)[last]
    part_of_everyone = np.cumsum(marks * precision / everyone)[last]
    gain = marks * (precision - area + part_of_hits) - part_of_everyone
    values = np.empty(m)
    values[order] = area + gain * m / positives
    return values


def _examples(influence: Callable[[Flags, Numbers], Numbers]) -> Callable[..., Numbers]:
    """Return a function that gives each example the mean over curves and positions."""

    def examples(y_true: ArrayLike, y_pred: ArrayLike) -> Numbers:
        curves = []
        for true, scores in _curves(y_true, y_pred):
            if min(true.sum(), (~true).sum()) < FEWEST_EXAMPLES:
                raise ValueError("a class has too few examples")
            curves.append(influence(true, scores))
        means: Numbers = np.mean(curves, axis=0)
        return by_example(means.reshape(len(np.asarray(y_true)), -1))

    return examples


def _bounded(means: Numbers) -> Numbers:
    """Return areas within 0..1, which the first order may overshoot."""
    return means.clip(0, 1)


METRICS: Final = (
    Metric(
        name="roc_auc",
        function=roc_auc,
        direction=Direction.HIGHER_IS_BETTER,
        best=1.0,
        examples=_examples(_roc_influence),
        finish=_bounded,
        aliases=("roc_auc_score", "auc"),
    ),
    Metric(
        name="average_precision",
        function=average_precision,
        direction=Direction.HIGHER_IS_BETTER,
        best=1.0,
        examples=_examples(_precision_influence),
        finish=_bounded,
        aliases=("average_precision_score",),
    ),
)
"""The metrics of this module."""
