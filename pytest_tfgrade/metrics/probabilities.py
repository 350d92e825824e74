"""Predictions that must be probabilities, of classes or of labels."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pytest_tfgrade.metrics.arrays import (
    BINARY_THRESHOLD,
    Flags,
    Labels,
    Numbers,
    paired,
    score_pair,
)

LEAST_PROBABILITY = 1e-7
"""A smaller probability counts as this one, so that no logarithm is infinite.

Keras uses the same bound. It makes 16.1 the largest loss, in nats.
"""

ROUNDING = 1e-6
"""How far outside 0..1 a value may lie for the rounding of float32."""

LABEL_AXES = 2
"""Axes of multi-label arrays: examples and labels."""


class NotProbabilities(ValueError):  # noqa: N818 - a finding about predictions
    """Predictions are of the right shape but no probabilities, as logits are.

    The submission is at fault, not the data.
    """


def class_probabilities(y_true: ArrayLike, y_pred: ArrayLike) -> tuple[Labels, Numbers]:
    """Return true labels ``(n, p)`` and probabilities ``(n, p, C)`` that sum to 1.

    They are divided by their sum, as in Keras: a sigmoid for each class is taken, and
    a model cannot gain by giving 1 to every class.

    Args:
        y_true: As for ``arrays.label_pair``.
        y_pred: As for ``arrays.label_pair``.

    Raises:
        ShapeMismatch: As ``arrays.label_pair``.
        NotProbabilities: A value lies outside 0..1, or all classes have 0.
        ValueError: As ``arrays.label_pair``.
    """
    true, scores = score_pair(y_true, y_pred)
    return true, normalised(within_bounds(scores))


def label_probabilities(y_true: ArrayLike, y_pred: ArrayLike) -> tuple[Flags, Numbers]:
    """Return true labels as flags and probabilities, both ``(n, L)``.

    Args:
        y_true: ``(n, L)`` of 0 and 1; any number of labels may be true, L is at
            least 2.
        y_pred: ``(n, L)``, a probability for each label.

    Raises:
        ShapeMismatch: As ``arrays.paired``.
        NotProbabilities: A value lies outside 0..1.
        ValueError: As ``arrays.paired``, or targets are not of several labels.
    """
    true, pred = label_scores(y_true, y_pred)
    return true, within_bounds(pred)


def label_scores(y_true: ArrayLike, y_pred: ArrayLike) -> tuple[Flags, Numbers]:
    """Return the same as ``label_probabilities``, but take any scores."""
    true, pred = paired(y_true, y_pred)
    if true.ndim != LABEL_AXES:
        shape = np.shape(y_true)
        raise ValueError(f"targets of shape {shape} are not of several labels")
    return flags(true), pred


def found_labels(pred: NDArray[np.float64]) -> Flags:
    """Return which labels are predicted: those of a probability of 0.5 and more."""
    return pred >= BINARY_THRESHOLD


def flags(true: Numbers) -> Flags:
    """Return targets of 0 and 1 as flags.

    Raises:
        ValueError: A target is another number.
    """
    found: Flags = true == 1
    if not (found | (true == 0)).all():
        raise ValueError("targets are not all 0 or 1")
    return found


def within_bounds(pred: Numbers) -> Numbers:
    """Return probabilities without what rounding put outside 0..1.

    Raises:
        NotProbabilities: A value lies further outside.
    """
    if pred.min() < -ROUNDING or pred.max() > 1 + ROUNDING:
        raise NotProbabilities(
            f"predictions between {pred.min():.4g} and {pred.max():.4g} are no "
            "probabilities"
        )
    return pred.clip(0, 1)


def normalised(pred: Numbers) -> Numbers:
    """Return probabilities divided by their sum over the last axis.

    Raises:
        NotProbabilities: A sum is 0.
    """
    sums = pred.sum(axis=-1, keepdims=True)
    if (sums == 0).any():
        raise NotProbabilities("predictions that are 0 for every class")
    shares: Numbers = pred / sums
    return shares


def surprise(probabilities: Numbers) -> Numbers:
    """Return the negative natural logarithm, at most that of the least probability."""
    loss: Numbers = -np.log(np.maximum(probabilities, LEAST_PROBABILITY))
    return loss
