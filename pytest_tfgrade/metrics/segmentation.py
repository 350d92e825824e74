"""Metrics over masks: a class for each pixel, tallied over all images together.

Own code where scikit-learn has the metric: it takes seconds for some million pixels.
"""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pytest_tfgrade.core.threshold import Direction
from pytest_tfgrade.metrics import tallies
from pytest_tfgrade.metrics.arrays import (
    BINARY_CLASSES,
    Labels,
    Numbers,
    ShapeMismatch,
    classes_of,
    label_pair,
)
from pytest_tfgrade.metrics.interface import Metric

MASK_AXES: Final = 4
"""Images, height, width, classes."""


def iou(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Intersection over union, the mean over the classes.

    Those that occur in targets or predictions, as in Keras' ``MeanIoU``; a class that
    is predicted but in no target has 0. As scikit-learn's ``jaccard_score`` over
    pixels, averaged by ``macro``.

    Args:
        y_true: Labels ``(n, H, W)`` or ``(n, H, W, 1)``, or one-hot ``(n, H, W, C)``.
        y_pred: Probabilities ``(n, H, W, C)`` or ``(n, H, W, 1)``.

    Raises:
        ShapeMismatch: As ``arrays.label_pair``, or predictions have fewer axes.
        ValueError: As ``arrays.label_pair``.

    >>> iou([[[0, 1], [1, 1]]], [[[[0.9], [0.1]], [[0.9], [0.8]]]])
    0.25
    """
    return float(_iou(_totals(y_true, y_pred)))


def binary_iou(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Intersection over union of the foreground, class 1 of two.

    (Keras' ``BinaryIoU`` takes the mean with the background, unless told otherwise.)

    Args:
        y_true: Labels ``(n, H, W)`` or ``(n, H, W, 1)``, or one-hot ``(n, H, W, 2)``.
        y_pred: Probabilities ``(n, H, W, 1)`` or ``(n, H, W, 2)``.

    Raises:
        ShapeMismatch: As ``iou``, or predictions tell more classes apart.
        ValueError: As ``arrays.label_pair``, or targets hold no foreground.

    >>> binary_iou([[[0, 1], [1, 1]]], [[[[0.9], [0.1]], [[0.9], [0.8]]]])
    0.5
    """
    return _of_foreground(_binary_iou(_binary_totals(y_true, y_pred)), "binary_iou")


def dice(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Dice coefficient, the mean over the classes.

    Twice the intersection over the sum of both areas; the classes are those of
    ``iou``. Dice, "Measures of the amount of ecologic association between species",
    1945. The same as F1 over pixels.

    Args:
        y_true: Labels ``(n, H, W)`` or ``(n, H, W, 1)``, or one-hot ``(n, H, W, C)``.
        y_pred: Probabilities ``(n, H, W, C)`` or ``(n, H, W, 1)``.

    Raises:
        ShapeMismatch: As ``iou``.
        ValueError: As ``arrays.label_pair``.

    >>> dice([[[0, 1], [1, 1]]], [[[[0.1], [0.1]], [[0.9], [0.8]]]])
    0.7333333333333334
    """
    return float(_dice(_totals(y_true, y_pred)))


def binary_dice(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Dice coefficient of the foreground, class 1 of two.

    Args:
        y_true: Labels ``(n, H, W)`` or ``(n, H, W, 1)``, or one-hot ``(n, H, W, 2)``.
        y_pred: Probabilities ``(n, H, W, 1)`` or ``(n, H, W, 2)``.

    Raises:
        ShapeMismatch: As ``binary_iou``.
        ValueError: As ``binary_iou``.

    >>> binary_dice([[[0, 1], [1, 1]]], [[[[0.1], [0.1]], [[0.9], [0.8]]]])
    0.8
    """
    return _of_foreground(_binary_dice(_binary_totals(y_true, y_pred)), "binary_dice")


def _masks(y_true: ArrayLike, y_pred: ArrayLike) -> tuple[Labels, Labels, int]:
    shape = np.shape(y_pred)
    if len(shape) < MASK_AXES:
        raise ShapeMismatch(
            f"predictions of shape {shape} are no masks of images, height, width and "
            "classes"
        )
    return *label_pair(y_true, y_pred), classes_of(y_pred)


def _binary_masks(y_true: ArrayLike, y_pred: ArrayLike) -> tuple[Labels, Labels, int]:
    true, found, classes = _masks(y_true, y_pred)
    if classes != BINARY_CLASSES:
        shape = np.shape(y_pred)
        raise ShapeMismatch(
            f"predictions of shape {shape} are of more than two classes"
        )
    return true, found, classes


def _totals(y_true: ArrayLike, y_pred: ArrayLike) -> Numbers:
    return tallies.totals(*_masks(y_true, y_pred))


def _binary_totals(y_true: ArrayLike, y_pred: ArrayLike) -> Numbers:
    return tallies.totals(*_binary_masks(y_true, y_pred))


def _examples(y_true: ArrayLike, y_pred: ArrayLike) -> NDArray[np.generic]:
    return tallies.of_labels(*_masks(y_true, y_pred))


_iou: Final = tallies.averaged(tallies.JACCARD)
_dice: Final = tallies.averaged(tallies.F1)


def _binary_iou(means: Numbers) -> Numbers:
    return _iou(means, average="binary")


def _binary_dice(means: Numbers) -> Numbers:
    return _dice(means, average="binary")


def _of_foreground(value: Numbers, name: str) -> float:
    if np.isnan(value):
        raise ValueError(f"{name} has no value where targets hold no foreground")
    return float(value)


METRICS: Final = (
    Metric(
        name="iou",
        function=iou,
        direction=Direction.HIGHER_IS_BETTER,
        best=1.0,
        examples=_examples,
        finish=_iou,
        aliases=("mean_iou", "mean_io_u", "one_hot_mean_io_u"),
    ),
    Metric(
        name="binary_iou",
        function=binary_iou,
        direction=Direction.HIGHER_IS_BETTER,
        best=1.0,
        examples=_examples,
        finish=_binary_iou,
    ),
    Metric(
        name="dice",
        function=dice,
        direction=Direction.HIGHER_IS_BETTER,
        best=1.0,
        examples=_examples,
        finish=_dice,
        aliases=("dice_coefficient", "dice_score"),
    ),
    Metric(
        name="binary_dice",
        function=binary_dice,
        direction=Direction.HIGHER_IS_BETTER,
        best=1.0,
        examples=_examples,
        finish=_binary_dice,
    ),
)
"""The metrics of this module."""
