"""Targets and predictions made fit to be compared: shapes, numbers, labels.

Nothing is broadcast: ``(n,)`` against ``(n, 1)`` would silently give ``(n, n)``.
"""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numbers: TypeAlias = NDArray[np.float64]
Labels: TypeAlias = NDArray[np.int64]

NUMERIC_KINDS = "biuf"
"""Kinds of NumPy dtypes that are real numbers."""

BINARY_THRESHOLD = 0.5
"""The least probability that counts as class 1."""


def paired(y_true: ArrayLike, y_pred: ArrayLike) -> tuple[Numbers, Numbers]:
    """Return targets and predictions as float64 arrays of one shape.

    Args:
        y_true: ``(n, ...)``, any real dtype.
        y_pred: The same shape, but for trailing axes of size 1.

    Raises:
        ValueError: The shapes differ, there is no example, or a value is not a
            finite number.
    """
    true, pred = _numbers("targets", y_true), _numbers("predictions", y_pred)
    if _trimmed(true.shape) != _trimmed(pred.shape):
        raise ValueError(_mismatch(true, pred))
    return true.reshape(_trimmed(true.shape)), pred.reshape(_trimmed(pred.shape))


def label_pair(y_true: ArrayLike, y_pred: ArrayLike) -> tuple[Labels, Labels]:
    """Return true and predicted labels as int64 arrays of one shape.

    Args:
        y_true: Integer-coded, of the shape of the predicted labels but for trailing
            axes of size 1; or one-hot, of the shape of ``y_pred``.
        y_pred: ``(n, C)`` or ``(n, ..., C)``: the label is the argmax of the last
            axis, the first of equals. ``(n,)`` or a last axis of size 1: the label
            is 1 for a probability of 0.5 and more, otherwise 0.

    Raises:
        ValueError: The shapes differ, there is no example, a value is not a finite
            number, or a target is not a label that the predictions can express.
    """
    true, pred = _numbers("targets", y_true), _numbers("predictions", y_pred)
    if pred.ndim == 1 or pred.shape[-1] == 1:
        classes = 2
        found = (pred >= BINARY_THRESHOLD).astype(np.int64)
    else:
        classes = pred.shape[-1]
        found = pred.argmax(axis=-1)
    shape = _trimmed(found.shape)
    if _trimmed(true.shape) == shape:
        expected = _integer_coded(true, classes)
    elif true.shape == pred.shape:
        expected = _from_one_hot(true)
    else:
        raise ValueError(_mismatch(true, pred))
    return expected.reshape(shape), found.reshape(shape)


def _numbers(role: str, values: ArrayLike) -> Numbers:
    array: NDArray[Any] = np.asarray(values)
    if array.dtype.kind not in NUMERIC_KINDS:
        raise ValueError(f"{role} of dtype {array.dtype} are not real numbers")
    if array.ndim == 0 or array.size == 0:
        raise ValueError(f"{role} of shape {array.shape} hold no example")
    if not np.isfinite(array).all():
        raise ValueError(f"{role} hold NaN or infinite values")
    return array.astype(np.float64)


def _trimmed(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Leave out trailing axes of size 1; the first axis counts the examples."""
    size = len(shape)
    while size > 1 and shape[size - 1] == 1:
        size -= 1
    return shape[:size]


def _mismatch(true: Numbers, pred: Numbers) -> str:
    return (
        f"targets of shape {true.shape} and predictions of shape {pred.shape} "
        "cannot be compared"
    )


def _integer_coded(true: Numbers, classes: int) -> Labels:
    if not np.isin(true, np.arange(classes)).all():
        raise ValueError(f"targets are not all labels in 0..{classes - 1}")
    return true.astype(np.int64)


def _from_one_hot(true: Numbers) -> Labels:
    if not (np.isin(true, (0, 1)).all() and (true.sum(axis=-1) == 1).all()):
        raise ValueError(f"targets of shape {true.shape} are not one-hot")
    labels: Labels = true.argmax(axis=-1)
    return labels
