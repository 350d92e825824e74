"""What tells a model from others: prints of its weights and of its predictions."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightPrint:
    """What tells one stored array of numbers from others."""

    path: str
    """Where it lies in the file; printable."""

    shape: tuple[int, ...]
    """Sizes of each axis."""

    sha256: str
    """Of its values, the first 16 hexadecimal digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerPrint:
    """What tells the predictions for one evaluation dataset from others."""

    dataset: str
    """The evaluation dataset."""

    output: str
    """The output of the contract."""

    sha256: str
    """Of the predictions, the first 16 hexadecimal digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What tells a model from others."""

    weights: tuple[WeightPrint, ...] = ()
    """In the order of the file."""

    answers: tuple[AnswerPrint, ...] = ()
    """One for each dataset and output that were predicted."""
