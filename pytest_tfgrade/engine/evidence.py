"""What is known of one artifact: found out step by step, each step at most once."""

import re
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pytest_tfgrade.checks import Evaluation, Model, Needs, Subject
from pytest_tfgrade.checks.io import require_inputs
from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.facts import Facts
from pytest_tfgrade.core.submission import Artifact, Submission
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.datasets import EvaluationDataset
from pytest_tfgrade.engine.once import Once
from pytest_tfgrade.engine.predictions import PredictionStore
from pytest_tfgrade.engine.shelf import Shelf, contract_inputs
from pytest_tfgrade.engine.staging import choose, staged
from pytest_tfgrade.facts import read_facts
from pytest_tfgrade.rubric import Rubric
from pytest_tfgrade.runner import Predictions, Runner, SharedInputs


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What all jobs of a run share."""

    runner: Runner
    """Runs models."""

    shelf: Shelf
    """Holds the evaluation datasets."""

    store: PredictionStore
    """Keeps predictions, so that no file is run twice on the same inputs."""

    staging: Path
    """A private folder for copies of artifacts."""


class Evidence:
    """One submission's artifact for one task.

    Each property is a step that needs the ones above it. A step that finds the artifact
    at fault raises ``Ungradable``, and raises the same again when asked again.
    """

    def __init__(
        self, submission: Submission, rubric: Rubric, services: Services
    ) -> None:
        """Look at nothing yet."""
        self._submission = submission
        self._rubric = rubric
        self._services = services
        self._copies = ExitStack()
        self._artifact = Once(self._stage)
        self._facts = Once(self._read)
        self._predictions = Once(self._predict)
        self.seconds: dict[str, float] = {}
        """Of ``load`` and ``predict``, once there are predictions."""

    @property
    def artifact(self) -> Artifact:
        """A private copy of the file, its format known and accepted."""
        return self._artifact()

    @property
    def facts(self) -> Facts:
        """What the file says, read without running it."""
        return self._facts()

    @property
    def predictions(self) -> Predictions:
        """What the model returned for the hidden inputs: of the right shape, finite."""
        return self._predictions()

    def predict_on(self, dataset: EvaluationDataset) -> Predictions:
        """Return predictions for inputs other than the rubric's own; not kept."""
        require_inputs(self.facts, self._rubric.contract.inputs)
        with SharedInputs(contract_inputs(dataset, self._rubric)) as inputs:
            return self._run_on(inputs)

    def subject(self, needs: Needs) -> Subject:
        """Return what a check may look at.

        Raises:
            Ungradable: The artifact is at fault.
            RunnerError: The machine is.
        """
        match needs:
            case Needs.ARTIFACT:
                return self.artifact
            case Needs.FACTS:
                return Model(facts=self.facts, contract=self._rubric.contract)
            case Needs.PREDICTIONS:
                predictions = self.predictions  # first: without them no data are read
                return Evaluation(
                    contract=self._rubric.contract,
                    targets=self._services.shelf.targets(self._rubric),
                    predictions=predictions.arrays,
                )

    def close(self) -> None:
        """Remove the copy."""
        self._copies.close()

    def _stage(self) -> Artifact:
        file = choose(self._submission, self._rubric)
        copy = staged(file, self._rubric.artifact, self._services.staging)
        return self._copies.enter_context(copy)

    def _read(self) -> Facts:
        return read_facts(self.artifact, self._services.runner.read_hdf5)

    def _predict(self) -> Predictions:
        require_inputs(self.facts, self._rubric.contract.inputs)
        key = self.artifact.sha256, self._rubric.task
        predictions = self._services.store.get(key, self._run)
        self.seconds |= predictions.seconds
        return predictions

    def _run(self) -> Predictions:
        return self._run_on(self._services.shelf.inputs(self._rubric))

    def _run_on(self, inputs: SharedInputs) -> Predictions:
        runner = self._services.runner
        outputs, limits = self._rubric.contract.outputs, self._rubric.limits
        try:
            predictions = runner.predict(self.artifact, inputs, outputs, limits)
        except Ungradable as finding:
            ours = runner.versions.get("keras3", {}).get("keras", "")
            raise _blamed_on_version(finding, self.facts.keras_version, ours) from None
        _require_finite(predictions.arrays)
        return predictions


def _blamed_on_version(
    finding: Ungradable, theirs: str | None, ours: str
) -> Ungradable:
    """Return why a file cannot be loaded: for its Keras version, if that is likely.

    Keras 2 and 3 read few of each other's files, and an older Keras few of a newer's;
    a file of the same or an older Keras 3 fails for another reason.
    """
    if finding.code not in {Code.LOAD, Code.CUSTOM_OBJECT} or not theirs or not ours:
        return finding
    saved, here = (_major_minor(version) for version in (theirs, ours))
    if saved[0] == here[0] and saved <= here:
        return finding
    return Ungradable(
        Code.VERSION,
        f"the file was saved by Keras {printable(theirs, limit=20)}, and Keras {ours} "
        "cannot load it",
        hint=f"Save it again with Keras {ours}.",
        detail=finding.detail,
    )


def _major_minor(version: str) -> tuple[int, int]:
    """Return the numbers that decide what loads where.

    >>> _major_minor("3.15.1"), _major_minor("2.2.4-tf"), _major_minor("odd")
    ((3, 15), (2, 2), (0, 0))
    """
    found = re.match(r"(\d{1,4})\.(\d{1,4})", version)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _require_finite(arrays: Mapping[str, np.ndarray[Any, Any]]) -> None:
    for name, array in arrays.items():
        wrong = int(array.size - np.isfinite(array).sum())
        if wrong:
            text = f"{wrong} of {array.size} predicted values of {name!r}"
            raise Ungradable(Code.NONFINITE, f"{text} are NaN or infinite")
