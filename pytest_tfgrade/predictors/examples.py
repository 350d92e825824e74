"""What a trivial predictor may look at, read once for all of them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from pytest_tfgrade.core.contract import OutputKind, OutputSpec, Shape, shape_text
from pytest_tfgrade.predictors.interface import Array


class Meaning(StrEnum):
    """What targets say, and so what predictions for them look like."""

    CLASSES = "classes"  # one of C; predictions are C probabilities on the last axis
    FLAGS = "flags"  # yes or no; a prediction is the probability of yes
    NUMBERS = "numbers"  # a measure; a prediction is a number


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class Examples:
    """Hidden inputs and the targets of one output; printing it shows none of them."""

    inputs: Mapping[str, Array]
    """``(rows, ...)``, by the names of the contract; numbers or texts."""

    targets: Array
    """Of classes, the labels: int64 ``shape[:-1]``. Else float64 of ``shape``."""

    shape: tuple[int, ...]
    """Of the predictions, rows first; without None."""

    meaning: Meaning
    """What the targets say."""

    @property
    def rows(self) -> int:
        """Number of examples."""
        return self.shape[0]

    @property
    def classes(self) -> int:
        """How many classes there are; only where the targets are classes."""
        return self.shape[-1]

    def __repr__(self) -> str:
        """Return meaning and shape."""
        return f"<Examples {self.meaning} {self.shape}>"


def read_examples(
    inputs: Mapping[str, Array], targets: Array, spec: OutputSpec
) -> Examples:
    """Return what predictors may look at.

    What targets mean follows from them and the contract, in this order:

    * *classes*: there is a last axis of C > 1 in the contract's shape, and the targets
      are one-hot over it; or they lack it and are integers, or the contract's kind is
      ``probabilities``.
    * *flags*: the targets have the contract's shape but for trailing axes of size 1,
      and are all 0 or 1; they are integers, or the kind is ``probabilities``.
    * *numbers*: the targets have the contract's shape but for trailing axes of size 1.

    Args:
        inputs: ``(rows, ...)``.
        targets: ``(rows, ...)``, real numbers.
        spec: The output, as the contract says. An axis of any size is as long as that
            axis of the targets.

    Raises:
        ValueError: There is no example, rows differ, targets do not fit the output, or
            are no labels of its classes.
    """
    _require_rows(inputs, targets)
    shape = _known(spec.shape, targets)
    probabilities = spec.kind is OutputKind.PROBABILITIES
    integers = targets.dtype.kind in "biu"
    same = trimmed(targets.shape) == trimmed(shape)
    if len(shape) > 1 and shape[-1] > 1:
        lacking = trimmed(targets.shape) == trimmed(shape[:-1])
        if same and _is_one_hot(targets):
            labels = targets.reshape(shape).argmax(axis=-1)
            return _of(inputs, labels, shape, Meaning.CLASSES)
        if lacking and (integers or probabilities):
            labels = _labels(targets, shape)
            return _of(inputs, labels, shape, Meaning.CLASSES)
    if not same:
        text = f"targets of shape {targets.shape} do not fit the output's shape"
        raise ValueError(f"{text} {shape_text(spec.shape)}")
    flags = (integers or probabilities) and bool(np.isin(targets, (0, 1)).all())
    numbers = targets.astype(np.float64).reshape(shape)
    return _of(inputs, numbers, shape, Meaning.FLAGS if flags else Meaning.NUMBERS)


def _of(
    inputs: Mapping[str, Array],
    targets: Array,
    shape: tuple[int, ...],
    meaning: Meaning,
) -> Examples:
    return Examples(inputs=inputs, targets=targets, shape=shape, meaning=meaning)


def _require_rows(inputs: Mapping[str, Array], targets: Array) -> None:
    if targets.dtype.kind not in "biuf":
        raise ValueError(f"targets of dtype {targets.dtype} are not real numbers")
    if targets.size == 0:
        raise ValueError(f"targets of shape {targets.shape} hold no example")
    for name in inputs:
        if len(inputs[name]) != len(targets):
            text = f"{len(inputs[name])} rows of {name!r}, {len(targets)} of targets"
            raise ValueError(f"{text}; there must be as many of each")


def _known(shape: Shape, targets: Array) -> tuple[int, ...]:
    """Return a contract's shape for these targets, with a size for every axis."""
    sizes = [len(targets)]
    for axis, size in enumerate(shape[1:], start=1):
        if size is None and axis >= targets.ndim:
            text = f"axis {axis} of the output's shape {shape_text(shape)}"
            raise ValueError(f"{text} can have any size; say how many classes it holds")
        sizes.append(targets.shape[axis] if size is None else size)
    return tuple(sizes)


def trimmed(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Leave out trailing axes of size 1; the first axis counts the examples.

    >>> trimmed((500, 12, 1)), trimmed((1, 1))
    ((500, 12), (1,))
    """
    size = len(shape)
    while size > 1 and shape[size - 1] == 1:
        size -= 1
    return shape[:size]


def _is_one_hot(targets: Array) -> bool:
    zero_or_one = np.isin(targets, (0, 1)).all()
    return bool(zero_or_one and (targets.sum(axis=-1) == 1).all())


def _labels(targets: Array, shape: tuple[int, ...]) -> Array:
    """Return labels as int64 of ``shape[:-1]``."""
    classes = shape[-1]
    whole = (targets == np.floor(targets)) & (targets >= 0) & (targets < classes)
    if not whole.all():
        raise ValueError(f"targets are not all labels in 0..{classes - 1}")
    return targets.astype(np.int64).reshape(shape[:-1])


def places(examples: Examples) -> int:
    """Return how many labels or numbers one example has."""
    axes = (
        examples.shape[1:-1]
        if examples.meaning is Meaning.CLASSES
        else examples.shape[1:]
    )
    return math.prod(axes)
