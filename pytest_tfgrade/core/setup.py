"""How one model is loaded and fed: what was found out about it before it runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """How one input of a task is given to a model that declares it otherwise."""

    key: str | None = None
    """The model's own name of it; None: the task's, or by position."""

    axes: tuple[int | None, ...] | None = None
    """For each axis of one row as the model takes it: the axis of the task's, from 0.

    None stands for a new axis of size 1; an axis that is not named has size 1 and is
    left out. None in place of the tuple: as it is.
    """

    dtype: str | None = None
    """What numbers are cast to; None: as they are."""

    as_ids: bool = False
    """Whether texts are given as the ids of the task's vocabulary."""

    quantization: tuple[float, int] | None = None
    """Scale and zero point by which real numbers become integers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """Which output of a model is one of the task's."""

    key: str | None = None
    """The model's own name of it; None: it has none, and the position tells."""

    index: int = 0
    """Where it stands among all that the model returns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feeding:
    """How the inputs of a task are given to one model, and its outputs taken."""

    feeds: Mapping[str, Feed] = field(default_factory=dict)
    """By the contract's names; an input that is not here is given as it is."""

    takes: Mapping[str, Take] = field(default_factory=dict)
    """By the contract's names of outputs; empty: by the model's names, or position."""

    batch: int | None = None
    """Rows that the model takes at a time, no more and no fewer; None: any number."""

    notes: tuple[str, ...] = ()
    """What was adapted, for reports; empty if all is as the contract says."""


PLAIN: Final = Feeding()
"""All inputs as the contract says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """How one model is loaded and fed."""

    runtime: str = "keras3"
    """Name of the runtime that loads it."""

    feeding: Feeding = PLAIN
    """How it gets its inputs."""

    signature: str | None = None
    """Of a SavedModel or TFLite file: what is called."""

    allow_lambda: bool = False
    """Whether the task lets Python lambdas inside the file run, in the sandbox."""

    keras_version: str | None = None
    """The Keras that saved the file; None where it does not say."""

    onednn: bool = False
    """Whether TensorFlow may use oneDNN, whose numbers depend on the processor."""

    parameters: int | None = None
    """How many numbers weights alone hold; None of a file that holds its model."""


AS_IT_IS: Final = Setup()
"""By the first runtime, all inputs as the contract says."""
