"""What can be shown of a model: pictures of its predictions, its layers, its prints."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, TypeAlias

from pytest_tfgrade.core.fingerprint import Fingerprint


class Rows(StrEnum):
    """Which rows of an evaluation dataset a picture is of."""

    ALL = "all"
    PUBLIC = "public"  # those a candidate may know the results of
    FINAL = "final"  # the others, of a dataset that is split


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """How often examples of each class were taken for each class."""

    kind: Literal["confusion"] = "confusion"
    """Tells pictures apart in ``grades.json``."""

    dataset: str
    """The evaluation dataset."""

    output: str
    """The output of the contract."""

    rows: Rows
    """Which rows it is of."""

    labels: tuple[str, ...]
    """The classes, in order."""

    counts: tuple[tuple[int, ...], ...]
    """By target, then by prediction, each in the order of ``labels``."""

    positions: int = 1
    """Labels that each example has, all of which count: of a mask one a pixel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """Predicted numbers beside true ones, row by row."""

    kind: Literal["forecast"] = "forecast"
    """Tells pictures apart in ``grades.json``."""

    dataset: str
    """The evaluation dataset."""

    output: str
    """The output of the contract."""

    rows: Rows
    """Which rows it is of."""

    truth: tuple[float, ...] = field(repr=False)
    """The targets, in the order of the rows."""

    predicted: tuple[float, ...] = field(repr=False)
    """The predictions of the same rows."""

    steps: int = 1
    """Numbers of each row, which follow one another: the steps of its horizon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorDistribution:
    """How often predictions were off by how much."""

    kind: Literal["errors"] = "errors"
    """Tells pictures apart in ``grades.json``."""

    dataset: str
    """The evaluation dataset."""

    output: str
    """The output of the contract."""

    rows: Rows
    """Which rows it is of."""

    edges: tuple[float, ...]
    """Of the bins, one more than there are; prediction minus target, in its unit."""

    counts: tuple[int, ...]
    """Numbers in each bin."""

    below: int = 0
    """Numbers below the first edge: a few that lie far from the others."""

    above: int = 0
    """Numbers above the last edge."""


Picture: TypeAlias = Confusion | Forecast | ErrorDistribution


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnLayer:
    """A layer as it is drawn."""

    name: str
    """As the model names it."""

    kind: str
    """The Keras class, as ``Conv2D``."""

    settings: str = ""
    """What matters of its settings, as ``32 units, relu``."""

    parameters: int | None = None
    """Numbers in its weights; None if the file does not say."""

    inputs: tuple[str, ...] = ()
    """Names of the layers whose outputs it takes; empty of the first."""

    depth: int = 0
    """How many models or wrappers are around it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """The layers of a model, as its file declares them."""

    layers: tuple[DrawnLayer, ...]
    """In order; those within another follow it."""

    left_out: int = 0
    """How many more there are."""

    parameters: int | None = None
    """Numbers in all weights; None if the file does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Portrait:
    """What a report can show of the model of one task."""

    pictures: tuple[Picture, ...] = ()
    """Of its predictions; those of public rows are for candidates, too."""

    architecture: Architecture | None = None
    """Its layers; for candidates, too."""

    fingerprint: Fingerprint | None = None
    """What tells it from other models; for graders alone."""


NO_PORTRAIT = Portrait()
"""Of a task of which no model could be read."""
