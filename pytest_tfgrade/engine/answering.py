"""Asking the runner for what a model predicts, and saying what went wrong."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from pytest_tfgrade.checks.interface import Arrays
from pytest_tfgrade.core.call import Call
from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import ChannelsFirst, Ungradable, Unloadable
from pytest_tfgrade.core.facts import Facts
from pytest_tfgrade.core.runtime import KnownRuntime
from pytest_tfgrade.core.setup import AS_IT_IS, Feeding, Setup
from pytest_tfgrade.core.submission import Artifact, ArtifactFormat
from pytest_tfgrade.engine.runtime_choice import (
    assumed_version,
    in_order,
    judged,
    may_load_elsewhere,
)
from pytest_tfgrade.rubric import Rubric
from pytest_tfgrade.runner import Pass, Predictions, Runner


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Answers:
    """What a model predicts on one evaluation dataset."""

    predictions: Predictions
    """Called plainly; finite and of the contract's shapes."""

    more: dict[Call, Arrays] = field(default_factory=dict)
    """Called in other ways; more may be asked for later."""

    failed: dict[Call, Ungradable] = field(default_factory=dict)
    """Why the model failed at a call."""

    shortest: float = 0.0
    """Seconds of the plain call, of several the shortest."""

    setup: Setup = AS_IT_IS
    """How the model was loaded and fed."""

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        # A copy: another thread may be adding to it.
        held = (self.predictions.arrays, *self.more.copy().values())
        return sum(array.nbytes for arrays in held for array in arrays.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A model, and what is asked of it."""

    artifact: Artifact
    """The staged copy, its format as the facts say."""

    facts: Facts
    """What the file says."""

    rubric: Rubric
    """With the outputs that the task asks for, and what the model may use."""

    feeding: Feeding
    """How the model wants the inputs of the task."""


def answer(
    runner: Runner, case: Case, passes: Sequence[Pass]
) -> tuple[tuple[Predictions, ...], Setup]:
    """Return what a model predicts, the plain pass first, and how it was loaded.

    Fewer predictions if it fails at a later pass.

    Raises:
        Ungradable: No runtime loads the model, it failed at the plain pass, or it
            predicts NaN.
        RunnerError: The machine failed, or lacks the runtime that would load it.
    """
    ordered = in_order(case.facts, runner.runtimes)
    findings: list[tuple[KnownRuntime, Unloadable]] = []
    for known in ordered:
        if known.missing is not None:
            continue
        setup = Setup(
            runtime=known.name,
            feeding=case.feeding,
            signature=case.facts.signature,
            allow_lambda=case.rubric.artifact.allow_lambda,
            keras_version=assumed_version(case.facts),
            parameters=_parameters(case.facts),
        )
        try:
            done, setup = _tried(runner, case, passes, setup)
        except Unloadable as finding:
            findings.append((known, finding.with_traceback(None)))
            if not may_load_elsewhere(finding):
                break
        else:
            require_finite(done[0].arrays)
            return done, setup
    raise judged(findings, ordered, case.facts)


def _tried(
    runner: Runner, case: Case, passes: Sequence[Pass], setup: Setup
) -> tuple[tuple[Predictions, ...], Setup]:
    """Return what one runtime gives; with oneDNN, if nothing else computes it."""
    try:
        return _predicted(runner, case, passes, setup), setup
    except ChannelsFirst:
        notes = (*setup.feeding.notes, _WITH_ONEDNN)
        feeding = replace(setup.feeding, notes=notes)
        setup = replace(setup, onednn=True, feeding=feeding)
        return _predicted(runner, case, passes, setup), setup


_WITH_ONEDNN: Final = "channels_first: computed with oneDNN, as this processor does"


def _parameters(facts: Facts) -> int | None:
    is_all = facts.format is ArtifactFormat.WEIGHTS
    return facts.weights.parameters if is_all else None


def more_answers(
    runner: Runner, case: Case, passes: Sequence[Pass], setup: Setup
) -> tuple[list[Arrays], Ungradable | None]:
    """Return what a model predicts when it is called in other ways.

    Fewer, if it fails at one of them; then why.
    """
    found: list[Arrays] = []
    while len(found) < len(passes):  # after a failure, the rest raises why
        try:
            done = _predicted(runner, case, passes[len(found) :], setup)
        except Ungradable as finding:
            return found, finding.with_traceback(None)
        found += [predictions.arrays for predictions in done]
    return found, None


def _predicted(
    runner: Runner, case: Case, passes: Sequence[Pass], setup: Setup
) -> tuple[Predictions, ...]:
    outputs, limits = case.rubric.contract.outputs, case.rubric.limits
    return runner.predict(case.artifact, passes, outputs, limits, setup)


def require_finite(arrays: Arrays) -> None:
    """Do nothing if all predictions are numbers.

    Raises:
        Ungradable: ``E_NONFINITE``.
    """
    for name, array in arrays.items():
        wrong = int(array.size - np.isfinite(array).sum())
        if wrong:
            text = f"{wrong} of {array.size} predicted values of {name!r}"
            raise Ungradable(Code.NONFINITE, f"{text} are NaN or infinite")
