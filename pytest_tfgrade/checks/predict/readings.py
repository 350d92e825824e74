"""Other ways to read inputs and predictions, that a misunderstanding may explain."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pytest_tfgrade.checks.interface import Arrays
from pytest_tfgrade.core.call import Transform
from pytest_tfgrade.core.contract import Contract, InputSpec, OutputKind, OutputSpec
from pytest_tfgrade.transforms import Divide, Multiply, ReverseChannels, SwapAxes

_WITHOUT_CHANNELS: Final = 3
_WITH_CHANNELS: Final = 4
"""Axes of images: rows, height, width, and channels if there are several."""

_SMALLEST_IMAGE: Final = 8
"""Pixels; rank 3 with a shorter axis is a series, not an image."""

_COLOURS: Final = 3

_MOST_CLASSES: Final = 500
"""Whose order is searched for: 500 take 10 ms, thousands seconds and gigabytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InputReading:
    """One way in which a model may want its inputs."""

    name: str
    """Goes on "accuracy 0.96 ...": ``divided by 255``."""

    hint: str
    """What the candidate can do about it, as a phrase."""

    change: Transform
    """What is done to the inputs."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class OutputReading:
    """One way in which predictions may be meant."""

    name: str
    """Goes on "accuracy 0.96 ...": ``with each label one lower``."""

    hint: str
    """What the candidate can do about it, as a phrase."""

    predictions: NDArray[Any]
    """As they are meant, of the shape of those given."""

    fitted: bool = False
    """Whether the targets chose it; then it only tells where no other reading does."""


def input_readings(contract: Contract, inputs: Arrays) -> Iterator[InputReading]:
    """Yield what may be done to images before a model sees them."""
    for name, spec in contract.inputs.items():
        array = inputs[name]
        if not _is_image(array):
            continue
        which = f"with {name!r} " if len(contract.inputs) > 1 else ""
        if spec.dtype.startswith("float"):
            yield from _scales(name, which, spec)
        yield from _layouts(name, which, array)


def _scales(name: str, which: str, spec: InputSpec) -> Iterator[InputReading]:
    """Yield both ways, or the one that the range of the contract leaves open."""
    highest = None if spec.range is None else spec.range[1]
    if highest is None or highest > 1:
        yield InputReading(
            name=f"{which}divided by 255",
            hint="Put the division into the model, as a Rescaling layer.",
            change=Divide(input=name, by=255),
        )
    if highest is None or highest <= 1:
        yield InputReading(
            name=f"{which}multiplied by 255",
            hint="Leave out the division by 255; the inputs are scaled already.",
            change=Multiply(input=name, by=255),
        )


def _layouts(name: str, which: str, array: NDArray[Any]) -> Iterator[InputReading]:
    if array.ndim == _WITH_CHANNELS and array.shape[-1] == _COLOURS:
        yield InputReading(
            name=f"{which}with the channels reversed",
            hint="Train on the order of channels that the task states.",
            change=ReverseChannels(input=name),
        )
    if array.shape[1] == array.shape[2]:
        yield InputReading(
            name=f"{which}with rows and columns exchanged",
            hint="Train on images with the height before the width.",
            change=SwapAxes(input=name, a=1, b=2),
        )


def _is_image(array: NDArray[Any]) -> bool:
    if array.dtype.kind not in "iuf":
        return False
    if array.ndim == _WITHOUT_CHANNELS:
        return bool(min(array.shape[1:]) >= _SMALLEST_IMAGE)
    return array.ndim == _WITH_CHANNELS


def output_readings(
    spec: OutputSpec, targets: NDArray[Any], predictions: NDArray[Any]
) -> Iterator[OutputReading]:
    """Yield what predictions of labels may mean; nothing for numbers.

    Args:
        spec: The output.
        targets: Labels ``(n, ...)``, integer-coded, one-hot, or 0 and 1 for each of
            several labels.
        predictions: ``(n, ..., C)``; ``(n,)`` or ``(n, ..., 1)`` for two classes.
    """
    if predictions.ndim == 1 or predictions.shape[-1] == 1:
        if np.isin(targets, (0, 1)).all():
            yield from _of_two(spec, predictions)
        return
    labels = _labels(targets, predictions)
    if labels is not None:
        yield from _of_several(spec, labels, predictions)
    elif targets.shape == predictions.shape and np.isin(targets, (0, 1)).all():
        yield from _of_chances(spec, predictions)


def _of_two(spec: OutputSpec, predictions: NDArray[Any]) -> Iterator[OutputReading]:
    chances = list(_of_chances(spec, predictions))
    yield from chances or [
        OutputReading(
            name="with the two classes exchanged",
            hint="Train on the labels in the order that the task states.",
            predictions=1 - predictions.astype(np.float64),
        )
    ]


def _of_chances(spec: OutputSpec, predictions: NDArray[Any]) -> Iterator[OutputReading]:
    """Yield what each value may mean that should be a probability by itself."""
    if spec.kind is OutputKind.PROBABILITIES and _outside(predictions):
        with np.errstate(over="ignore"):  # exp of much is infinite, which is right
            chances = 1 / (1 + np.exp(-predictions.astype(np.float64)))
        yield OutputReading(
            name="taken as logits",
            hint="End the model with a sigmoid activation.",
            predictions=chances,
        )


def _of_several(
    spec: OutputSpec, labels: NDArray[np.int64], predictions: NDArray[Any]
) -> Iterator[OutputReading]:
    if spec.kind is OutputKind.PROBABILITIES and _outside(predictions):
        yield OutputReading(
            name="taken as logits",
            hint="End the model with a softmax activation.",
            predictions=_softmax(predictions.astype(np.float64)),
        )
    for step, word in ((-1, "lower"), (1, "higher")):
        yield OutputReading(
            name=f"with each label one {word}",
            hint="Count the labels from 0, as the task does.",
            predictions=np.roll(predictions, step, axis=-1),
        )
    if predictions.shape[-1] > _MOST_CLASSES:
        return
    yield OutputReading(
        name="with the labels in another order",
        hint="Train on the labels in the order that the task states.",
        predictions=predictions[..., _best_order(labels, predictions)],
        fitted=True,
    )


def _labels(
    targets: NDArray[Any], predictions: NDArray[Any]
) -> NDArray[np.int64] | None:
    """Return integer-coded labels ``predictions.shape[:-1]``; None for numbers."""
    classes, shape = predictions.shape[-1], predictions.shape[:-1]
    if targets.shape == predictions.shape:
        one_hot = np.isin(targets, (0, 1)).all() and (targets.sum(axis=-1) == 1).all()
        return targets.argmax(axis=-1) if one_hot else None
    if targets.size != np.prod(shape) or not np.isin(targets, range(classes)).all():
        return None
    return targets.reshape(shape).astype(np.int64)


def _best_order(
    labels: NDArray[np.int64], predictions: NDArray[Any]
) -> NDArray[np.int64]:
    """Return which column of the predictions stands for each label, at best.

    The assignment of columns to labels that gets most of them right, by SciPy's
    ``linear_sum_assignment`` on the counts of true and predicted labels.
    """
    from scipy.optimize import linear_sum_assignment  # type: ignore[import-untyped]  # noqa: PLC0415 - 0.3 s

    classes = predictions.shape[-1]
    cells = labels.ravel() * classes + predictions.argmax(axis=-1).ravel()
    counts = np.bincount(cells, minlength=classes**2).reshape(classes, classes)
    _, columns = linear_sum_assignment(counts, maximize=True)
    order: NDArray[np.int64] = columns
    return order


def _outside(predictions: NDArray[Any]) -> bool:
    return bool(((predictions < 0) | (predictions > 1)).any())


def _softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(over="ignore"):  # less than any number is nothing, which is right
        powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares: NDArray[np.float64] = powers / powers.sum(axis=-1, keepdims=True)
    return shares
