"""What a check is, and what it may look at."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from numpy.typing import NDArray

from pytest_tfgrade.core.contract import Contract
from pytest_tfgrade.core.criterion import Measured
from pytest_tfgrade.core.facts import Facts
from pytest_tfgrade.core.submission import Artifact


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


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Evaluation:
    """What a check of predictions may look at; no model is in reach of it."""

    contract: Contract
    """What the task asks of inputs and outputs."""

    targets: Mapping[str, NDArray[Any]]
    """Hidden, by the contract's output names."""

    predictions: Mapping[str, NDArray[Any]]
    """Finite and of the contract's shapes, by the contract's output names."""

    def __repr__(self) -> str:
        """Return names, no values."""
        return f"<Evaluation of {', '.join(self.predictions)}>"


Subject = Artifact | Model | Evaluation

ParameterProblems = Callable[[Mapping[str, Any], Contract], Iterator[tuple[str, str]]]
"""Yields the name of a parameter and what is wrong with it, when a rubric is read."""


def no_problems(
    parameters: Mapping[str, Any],
    contract: Contract,
) -> Iterator[tuple[str, str]]:
    """Find nothing wrong: the types of the parameters say it all."""
    yield from ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A reusable question that a criterion can ask.

    The function takes its subject and keyword-only parameters, which are what a rubric
    may write (``class_`` is written ``class``). It returns evidence, or raises
    ``CheckFailed``; any other exception is the grader's own fault.
    """

    name: str
    """As rubrics write it: ``predict.metric``."""

    needs: Needs
    """Decides the subject: an ``Artifact``, a ``Model`` or an ``Evaluation``."""

    function: Callable[..., Measured]
    """Asks the question."""

    problems: ParameterProblems = no_problems
    """Finds what types cannot say about the parameters."""

    @property
    def title(self) -> str:
        """The first line of the function's docstring."""
        return (inspect.getdoc(self.function) or self.name).splitlines()[0]
