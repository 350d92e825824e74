"""What a task asks of a model's inputs and outputs."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Shape = tuple[int | None, ...]
"""Sizes of each axis, the batch first; None is any size."""


DtypeName = Literal[
    "bool",
    "float16",
    "float32",
    "float64",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "string",
]
"""What hidden data may hold; NumPy's names, and ``string``."""


def shape_text(shape: Shape | None) -> str:
    """Write a shape as Keras does.

    >>> shape_text((None, 8, 8)), shape_text((None,)), shape_text(None)
    ('(None, 8, 8)', '(None,)', 'unknown')
    """
    return "unknown" if shape is None else str(shape)


def fits(shape: Shape, required: Shape) -> bool:
    """Return whether arrays of a required shape may have this shape, or the reverse.

    >>> fits((500, 10), (None, 10)), fits((None, 10), (None, 10, 1))
    (True, False)
    """
    return len(shape) == len(required) and all(
        a is None or b is None or a == b for a, b in zip(shape, required, strict=True)
    )


class OutputKind(StrEnum):
    """What the numbers of an output mean."""

    ANY = "any"
    PROBABILITIES = "probabilities"  # in 0..1; of classes, each row sums to 1


class Side(StrEnum):
    """An end of a sequence."""

    PRE = "pre"
    POST = "post"


class Standardize(StrEnum):
    """What is done to a text before it is split, named as Keras does."""

    NONE = "none"
    LOWER = "lower"
    LOWER_AND_STRIP_PUNCTUATION = "lower_and_strip_punctuation"


@dataclass(frozen=True, slots=True, kw_only=True)
class WordIds:
    """How a text becomes ids of words, as a task publishes it."""

    words: tuple[str, ...]
    """The vocabulary; the word at k has the id ``first + k``."""

    length: int
    """Ids of each text."""

    padding: Side
    """Where a short text is filled up."""

    truncation: Side
    """Where a long text loses words."""

    pad: int = 0
    """The id that fills up."""

    unknown: int = 1
    """The id of words that are not in the vocabulary."""

    first: int = 2
    """The id of the first word of the vocabulary."""

    standardize: Standardize = Standardize.LOWER_AND_STRIP_PUNCTUATION
    """What is done before the text is split at white space."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InputSpec:
    """One input of a task."""

    shape: Shape
    """As the model declares it, batch axis first."""

    dtype: str
    """A NumPy dtype name, or ``string``."""

    exact: bool = False
    """Whether the model must declare this shape and dtype; else what fits is fed."""

    range: tuple[float, float] | None = None
    """Least and largest value; None if the task states none."""

    ids: WordIds | None = None
    """Of texts: what a model gets that takes numbers; None if texts are all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputSpec:
    """One output of a task."""

    shape: Shape
    """As the model declares it, batch axis first."""

    kind: OutputKind = OutputKind.ANY
    """What the numbers mean."""

    last_step: bool = False
    """Whether of a model that returns a sequence the last step counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """The inputs a model must accept and the outputs it must return."""

    inputs: Mapping[str, InputSpec]
    """By the name of the evaluation dataset's input."""

    outputs: Mapping[str, OutputSpec]
    """By the name of the evaluation dataset's target."""
