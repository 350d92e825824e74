"""What a check is, and what it may look at."""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeAlias

from numpy.typing import NDArray

from pytest_tfgrade.core.call import Call
from pytest_tfgrade.core.contract import Contract
from pytest_tfgrade.core.criterion import Measured
from pytest_tfgrade.core.facts import Facts, Part, StoredWeights
from pytest_tfgrade.core.measurement import Measurement
from pytest_tfgrade.core.submission import Artifact
from pytest_tfgrade.core.threshold import Direction

Arrays: TypeAlias = Mapping[str, NDArray[Any]]
"""Arrays ``(rows, ...)`` by name."""


class Needs(StrEnum):
    """What must be there before a check can run; also how much that costs."""

    ARTIFACT = "artifact"  # a copy of the file
    FACTS = "facts"  # what the file says, read without running it
    PREDICTIONS = "predictions"  # the model, run on hidden inputs


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What a check of facts may look at."""

    facts: Facts
    """What was read from the artifact."""

    contract: Contract
    """What the task asks of inputs and outputs."""

    read_weights: Callable[[], StoredWeights]
    """Reads what the file stores of each variable; ``weights`` calls it."""

    open_reference: Callable[[Path], "Model"]
    """Reads a model of the grader's, as a base or a reference model."""

    @property
    def weights(self) -> StoredWeights:
        """The variables that the file stores; read when first asked for."""
        return self.read_weights()


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a run of a model took."""

    seconds: float
    """Wall clock of the predictions, loading apart; the shortest if made repeatedly."""

    memory: int | None
    """Bytes at the peak beyond what TensorFlow itself holds; None if unknown."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Evaluation:
    """What a check of predictions may look at; the model is in reach by ``answers``."""

    dataset: str
    """Name of the evaluation dataset."""

    model: Model
    """What is known without running it."""

    inputs: Arrays
    """Hidden, by the contract's input names, shaped and typed as it says."""

    targets: Arrays
    """Hidden, by the contract's output names."""

    predictions: Arrays
    """Finite and of the contract's shapes, by the contract's output names."""

    public: NDArray[Any] | None
    """Which rows are of the public part, ``(rows,)`` of bool; None: no split."""

    usage: Usage
    """Of the run that made the predictions."""

    ask: Callable[[Sequence[Call]], list[Arrays]]
    """Calls the model in other ways; ``answers`` calls it."""

    switch: Callable[[str], "Evaluation"]
    """Evaluates on another dataset; ``on`` calls it."""

    refer: Callable[[Path], "Evaluation"]
    """Runs a model of the grader's on the same inputs; ``reference`` calls it."""

    @property
    def contract(self) -> Contract:
        """What the task asks of inputs and outputs."""
        return self.model.contract

    def answers(self, calls: Sequence[Call]) -> list[Arrays]:
        """Return what the model predicts when it is called in other ways.

        Each answer holds the contract's outputs by name; their values may be NaN or
        infinite. Calls that the check's ``calls`` named ahead cost no extra process.

        Raises:
            CheckFailed: The model failed at one of them.
        """
        return self.ask(calls)

    def on(self, dataset: str) -> "Evaluation":
        """Return the evaluation of the same model on another dataset."""
        return self.switch(dataset)

    def reference(self, path: Path) -> "Evaluation":
        """Return the evaluation of a model of the grader's on the same inputs."""
        return self.refer(path)

    def __repr__(self) -> str:
        """Return names, no values."""
        return f"<Evaluation of {', '.join(self.predictions)} on {self.dataset}>"


Subject = Artifact | Model | Evaluation

Outcome = Measured | Measurement
"""Evidence that the criterion is met, or a number for its scale."""

ParameterProblems = Callable[[Mapping[str, Any], Contract], Iterator[tuple[str, str]]]
"""Yields the name of a parameter and what is wrong with it, when a rubric is read.

``where.units`` is the key ``units`` of the parameter ``where``.
"""

NameCalls = Callable[[Mapping[str, Any], Contract], Sequence[Call]]
"""Returns the calls that a criterion with these parameters will ask for."""

NameParts = Callable[[Mapping[str, Any]], frozenset[Part]]
"""Returns the kinds of facts without which a criterion cannot be asked."""


def no_problems(
    parameters: Mapping[str, Any],
    contract: Contract,
) -> Iterator[tuple[str, str]]:
    """Find nothing wrong: the types of the parameters say it all."""
    yield from ()


def no_calls(parameters: Mapping[str, Any], contract: Contract) -> Sequence[Call]:
    """Name no call: the plain predictions are enough, or it depends on the model."""
    return ()


def no_parts(parameters: Mapping[str, Any]) -> frozenset[Part]:
    """Name no kind of facts: any format will do."""
    return frozenset()


def reads_layers(parameters: Mapping[str, Any]) -> frozenset[Part]:
    """Name the layers, whatever the parameters."""
    return frozenset({Part.LAYERS})


def reads_weights(parameters: Mapping[str, Any]) -> frozenset[Part]:
    """Name the weights, whatever the parameters."""
    return frozenset({Part.WEIGHTS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A reusable question that a criterion can ask.

    The function takes its subject and keyword-only parameters, which are what a rubric
    may write (``class_`` is written ``class``). It returns evidence, or raises
    ``CheckFailed``; any other exception is the grader's own fault. A check that
    measures returns a ``Measurement`` in place of evidence, and the criterion's
    threshold, bands, curve or cases make points of it.
    """

    name: str
    """As rubrics write it: ``predict.metric``."""

    needs: Needs
    """Decides the subject: an ``Artifact``, a ``Model`` or an ``Evaluation``."""

    function: Callable[..., Outcome]
    """Asks the question."""

    problems: ParameterProblems = no_problems
    """Finds what types cannot say about the parameters."""

    measures: bool = False
    """Whether the function returns a ``Measurement``."""

    better: Direction = Direction.LOWER_IS_BETTER
    """Which values are, of a check that measures without naming a metric."""

    calls: NameCalls = no_calls
    """Names ahead what the function will ask of the model."""

    reads: NameParts = no_parts
    """Names the kinds of facts without which it cannot be asked.

    Some formats hold no layers, for example; then the criterion is skipped, or fails,
    as the rubric says.
    """

    informs: bool = False
    """Whether it only reports, so that no points may hang on it."""

    is_timed: bool = False
    """Whether it looks at the time of the predictions, so that they run alone."""

    is_weighed: bool = False
    """Whether it looks at the memory that the predictions took."""

    needs_contract: bool = False
    """Whether a check of facts looks at the contract; those of predictions do."""

    def direction(self, parameters: Mapping[str, Any]) -> Direction:
        """Return which measured values are better, of a check that measures.

        Those of the metric that the parameters name, else those of ``better``.
        """
        better = getattr(parameters.get("metric"), "direction", self.better)
        return Direction(better)

    @property
    def title(self) -> str:
        """The first line of the function's docstring."""
        return (inspect.getdoc(self.function) or self.name).splitlines()[0]
