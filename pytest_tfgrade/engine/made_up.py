"""Rows made up from the description of a dataset: what hidden data may look like.

The hidden data themselves are not read. Where a description leaves open what targets
hold, there are several kinds of rows, the likeliest first.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pytest_tfgrade.core.contract import InputSpec, OutputKind, OutputSpec, WordIds
from pytest_tfgrade.datasets.fields import ArrayDescription
from pytest_tfgrade.metrics.arrays import trimmed

Array = NDArray[Any]

ROWS: Final = 16
"""Examples that are made up."""

_FEWEST_ROWS: Final = 4
"""Where one example is large."""

_MOST_VALUES: Final = 1 << 23
"""Of one array; for larger ones nothing is made up, which would take seconds."""

_MOST_COUNTED: Final = 20.0
"""Numbers without a range go so far."""


class Sample(NamedTuple):
    """A target and an output, with a size for every axis."""

    part: ArrayDescription
    """What the description says of the target."""

    spec: OutputSpec
    """What the contract says of the output."""

    shape: tuple[int, ...]
    """Of one prediction."""

    rows: int
    """How many are made up."""

    def targets(self) -> Iterator[Array]:
        """Yield targets ``(rows, *part.shape)`` of each kind that may be meant."""
        shape = (self.rows, *self.part.shape)
        if self.part.dtype == "string":
            yield np.full(shape, "text")
            return
        for kind in _kinds(self):
            yield _spread(kind, shape).astype(self.part.dtype)
        if _may_be_one_hot(self.part):
            size = shape[-1]
            labels = _spread(_Kind(0, size - 1), shape[:-1]).astype(np.int64)
            yield np.eye(size)[labels].astype(self.part.dtype)

    def predictions(self) -> Array:
        """Return predictions ``(rows, *shape)``, float32: probabilities.

        They are numbers too, so that no metric refuses them that takes the shape.
        """
        shape = (self.rows, *self.shape)
        values = np.random.default_rng(0).uniform(0.1, 0.9, shape)
        if shape[-1] > 1 and self.shape:
            values /= values.sum(axis=-1, keepdims=True)
        return values.astype(np.float32)


def sample(part: ArrayDescription, spec: OutputSpec) -> Sample | None:
    """Return what rows can be made of; None if there are too many values.

    Also None if neither says how many classes there are. An axis of any size is as long
    as that axis of the target.

    Args:
        part: The target.
        spec: The output that is held against it.
    """
    classes = len(part.classes or ())
    known = (*part.shape, *(classes for _ in spec.shape))
    pairs = zip(spec.shape[1:], known, strict=False)
    shape = tuple(size or other for size, other in pairs)
    if 0 in shape:
        return None
    largest = max(math.prod(part.shape), math.prod(shape))
    for rows in (ROWS, _FEWEST_ROWS):
        if largest * rows <= _MOST_VALUES:
            return Sample(part, spec, shape, rows)
    return None


def inputs(
    specs: Mapping[str, InputSpec],
    parts: Mapping[str, ArrayDescription],
    rows: int,
) -> dict[str, Array]:
    """Return inputs ``(rows, ...)`` as a contract has them, in the range it states.

    Texts are made of the words of the vocabulary, if there is one.

    Args:
        specs: What the contract says.
        parts: What the description says; an axis of any size is as long as there.
        rows: How many.
    """
    made: dict[str, Array] = {}
    for name, spec in specs.items():
        known = (*parts[name].shape, *(1 for _ in spec.shape))
        pairs = zip(spec.shape[1:], known, strict=False)
        shape = (rows, *(size or other for size, other in pairs))
        if spec.dtype == "string":
            texts = np.array([_text(spec.ids, row) for row in range(rows)])
            column = texts.reshape(rows, *(1 for _ in shape[1:]))
            made[name] = np.broadcast_to(column, shape)
        else:
            made[name] = _spread(_promised(spec), shape).astype(spec.dtype)
    return made


def _promised(spec: InputSpec) -> "_Kind":
    """Return numbers from the least to the largest that a contract promises."""
    low, high = spec.range or (0, 1)
    if spec.dtype.startswith("float"):
        return _Kind(low, high, whole=spec.range is None)
    return _Kind(math.ceil(low), math.floor(high))


def _text(ids: WordIds | None, row: int) -> str:
    """Return a text of words that a vocabulary knows, and of one that it does not."""
    known = ids.words[row : row + ids.length] if ids else ()
    return " ".join((*known, "text"))


class _Kind(NamedTuple):
    """A kind of numbers that targets may be."""

    low: float
    high: float
    whole: bool = True


def _kinds(of: Sample) -> Iterator[_Kind]:
    """Yield labels, counts or measures, flags, numbers: what may be meant."""
    part, spec = of.part, of.spec
    if part.classes is not None:
        is_one_hot = part.shape[-1:] == (len(part.classes),)
        yield _Kind(0, 1 if is_one_hot else len(part.classes) - 1)
        return
    whole = not part.dtype.startswith("float")
    least, most = _limits(part)
    kinds = [_Kind(1, _MOST_COUNTED, whole)]
    if whole or _may_be_labels(of):
        classes = of.shape[-1] if of.shape[-1:] > (1,) else 2
        kinds.insert(0, _Kind(0, classes - 1))
    if whole or _may_be_flags(part, spec):
        kinds.append(_Kind(0, 1))
    kinds.append(_Kind(-_MOST_COUNTED, _MOST_COUNTED, whole))
    if part.range is not None:
        inside = (most - least) / ROWS  # as 0 may not occur
        kinds += [
            _Kind(least, most, whole),
            _Kind(least + inside, most, whole),
            _Kind(least, most - inside, whole),
        ]
    for kind in kinds:
        low, high = max(kind.low, least), min(kind.high, most)
        if low < high:
            yield _Kind(low, high, kind.whole)


def _limits(part: ArrayDescription) -> tuple[float, float]:
    """Return the least and the greatest value that targets can have."""
    if part.range is not None:
        return part.range
    dtype = np.dtype(part.dtype)
    if dtype.kind == "b":
        return 0, 1
    info = np.finfo(dtype) if dtype.kind == "f" else np.iinfo(dtype)
    return float(info.min), float(info.max)


def _may_be_labels(of: Sample) -> bool:
    """Return whether fractional targets may stand for classes."""
    lacking = of.shape[-1:] > (1,) and _plain(of.part.shape) == _plain(of.shape[:-1])
    return lacking or of.spec.kind is OutputKind.PROBABILITIES


def _may_be_flags(part: ArrayDescription, spec: OutputSpec) -> bool:
    """Return whether fractional targets may be 0 and 1: several labels, or a mask.

    So may those of which neither a unit nor a range is told.
    """
    is_known = spec.kind is OutputKind.PROBABILITIES or part.range == (0, 1)
    untold = part.unit is None and part.range is None
    several = part.shape[-1:] > (1,) or len(_plain(part.shape)) > 1
    return is_known or untold or several


def _may_be_one_hot(part: ArrayDescription) -> bool:
    if part.shape[-1:] <= (1,):
        return False
    least, most = _limits(part)
    named = part.classes is None or len(part.classes) == part.shape[-1]
    return named and least <= 0 and most >= 1


def _plain(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of one example without trailing axes of size 1."""
    return trimmed((1, *shape))[1:]


def _spread(kind: _Kind, shape: tuple[int, ...]) -> Array:
    """Return values from the lowest to the highest in every column, ``shape``."""
    rows, columns = shape[0], math.prod(shape[1:])
    steps = np.linspace(kind.low, kind.high, rows)
    if kind.whole:
        steps = np.rint(steps)
    places = np.arange(rows)[:, None] + np.arange(columns)
    values: Array = steps[places % rows].reshape(shape)
    return values
