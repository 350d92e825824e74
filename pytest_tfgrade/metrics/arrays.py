"""Targets and predictions made fit to be compared: shapes, numbers, labels.

Nothing is broadcast: ``(n,)`` against ``(n, 1)`` would silently give ``(n, n)``.
"""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numbers: TypeAlias = NDArray[np.float64]
Labels: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]

NUMERIC_KINDS = "biuf"
"""Kinds of NumPy dtypes that are real numbers."""

BINARY_THRESHOLD = 0.5
"""The least probability that counts as class 1."""

BINARY_CLASSES = 2
"""Classes that one column of predictions can tell apart."""


class ShapeMismatch(ValueError):  # noqa: N818 - a finding about predictions
    """Predictions are not of a shape that goes with the targets.

    The submission is at fault; of any other ValueError, the data or the options are.
    """


def paired(y_true: ArrayLike, y_pred: ArrayLike) -> tuple[Numbers, Numbers]:
    """Return targets and predictions as float64 arrays of one shape.

    Args:
        y_true: ``(n, ...)``, any real dtype.
        y_pred: The same shape, but for trailing axes of size 1.

    Raises:
        ShapeMismatch: The shapes differ, or there is no prediction.
        ValueError: There is no target, or a value is not a finite number.
    """
    true, pred = numbers("targets", y_true), numbers("predictions", y_pred)
    if trimmed(true.shape) != trimmed(pred.shape):
        raise mismatch(true, pred)
    return true.reshape(trimmed(true.shape)), pred.reshape(trimmed(pred.shape))


def label_pair(y_true: ArrayLike, y_pred: ArrayLike) -> tuple[Labels, Labels]:
    """Return true and predicted labels as int64 arrays of one shape.

    Args:
        y_true: Integer-coded, of the shape of the predicted labels but for trailing
            axes of size 1; or one-hot, of the shape of ``y_pred``.
        y_pred: ``(n, C)`` or ``(n, ..., C)``: the label is the argmax of the last
            axis, the first of equals. ``(n,)`` or a last axis of size 1: the label
            is 1 for a probability of 0.5 and more, otherwise 0.

    Raises:
        ShapeMismatch: The shapes differ, or there is no prediction.
        ValueError: There is no target, a value is not a finite number, or a target is
            not a label that the predictions can express.
    """
    true, pred = numbers("targets", y_true), numbers("predictions", y_pred)
    if _has_one_column(pred):
        found = (pred >= BINARY_THRESHOLD).astype(np.int64)
    else:
        found = pred.argmax(axis=-1)
    shape = trimmed(found.shape)
    if trimmed(true.shape) == shape:
        expected = integer_coded(true, classes_of(pred))
    elif true.shape == pred.shape:
        expected = _from_one_hot(true)
    else:
        raise mismatch(true, pred)
    return expected.reshape(shape), found.reshape(shape)


def score_pair(y_true: ArrayLike, y_pred: ArrayLike) -> tuple[Labels, Numbers]:
    """Return true labels ``(n, p)`` and the scores ``(n, p, C)`` of all classes.

    Args:
        y_true: As for ``label_pair``.
        y_pred: As for ``label_pair``; a single column is the score s of class 1, and
            class 0 has 1 - s. All positions of an example become one axis p.

    Raises:
        ShapeMismatch: As ``label_pair``.
        ValueError: As ``label_pair``.
    """
    true, _ = label_pair(y_true, y_pred)
    pred = np.asarray(y_pred, dtype=np.float64)
    if _has_one_column(pred):
        pred = np.stack([1 - pred, pred], axis=-1)
    n = len(pred)
    return true.reshape(n, -1), pred.reshape(n, -1, pred.shape[-1])


def classes_of(y_pred: ArrayLike) -> int:
    """Return how many classes predictions can tell apart.

    >>> classes_of([0.1, 0.9]), classes_of([[0.1, 0.2, 0.7]])
    (2, 3)
    """
    pred = np.asarray(y_pred)
    return BINARY_CLASSES if _has_one_column(pred) else pred.shape[-1]


def by_example(values: NDArray[Any]) -> Numbers:
    """Return the mean of each example, ``(n,)``, from values ``(n, ...)``."""
    means: Numbers = values.reshape(len(values), -1).mean(axis=1)
    return means


def numbers(role: str, values: ArrayLike) -> Numbers:
    """Return targets or predictions, whichever the role names, as float64.

    Raises:
        ShapeMismatch: There is no prediction.
        ValueError: There is no target, or a value is not a finite number.
    """
    array: NDArray[Any] = np.asarray(values)
    if array.dtype.kind not in NUMERIC_KINDS:
        raise ValueError(f"{role} of dtype {array.dtype} are not real numbers")
    if array.ndim == 0 or array.size == 0:
        at_fault = ShapeMismatch if role == "predictions" else ValueError
        raise at_fault(f"{role} of shape {array.shape} hold no example")
    if not np.isfinite(array).all():
        raise ValueError(f"{role} hold NaN or infinite values")
    return array.astype(np.float64)


def trimmed(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Leave out trailing axes of size 1; the first axis counts the examples.

    >>> trimmed((6, 1)), trimmed((1, 1)), trimmed((3, 1, 2))
    ((6,), (1,), (3, 1, 2))
    """
    size = len(shape)
    while size > 1 and shape[size - 1] == 1:
        size -= 1
    return shape[:size]


def mismatch(true: NDArray[Any], pred: NDArray[Any]) -> ShapeMismatch:
    """Describe shapes that do not go together."""
    return ShapeMismatch(
        f"targets of shape {true.shape} and predictions of shape {pred.shape} "
        "cannot be compared"
    )


def integer_coded(true: Numbers, classes: int) -> Labels:
    """Return targets as labels.

    Raises:
        ValueError: A target is not a label below the number of classes.
    """
    outside = true.min() < 0 or true.max() > classes - 1
    if outside or (true != np.floor(true)).any():
        raise ValueError(f"targets are not all labels in 0..{classes - 1}")
    return true.astype(np.int64)


def _has_one_column(pred: NDArray[Any]) -> bool:
    return pred.ndim == 1 or pred.shape[-1] == 1


def _from_one_hot(true: Numbers) -> Labels:
    if not (np.isin(true, (0, 1)).all() and (true.sum(axis=-1) == 1).all()):
        raise ValueError(f"targets of shape {true.shape} are not one-hot")
    labels: Labels = true.argmax(axis=-1)
    return labels
