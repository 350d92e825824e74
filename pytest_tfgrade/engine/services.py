"""What all jobs of a run share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from pytest_tfgrade.checks import Evaluation, Model
from pytest_tfgrade.engine.extensions import FactsReader
from pytest_tfgrade.engine.gate import Gate
from pytest_tfgrade.engine.predictions import PredictionStore
from pytest_tfgrade.engine.shelf import Shelf
from pytest_tfgrade.rubric import Rubric
from pytest_tfgrade.runner import Runner


class OpenReferences(Protocol):
    """Models of the grader's, looked at like submissions."""

    def model(self, rubric: Rubric, path: Path) -> Model:
        """Return what a file says."""
        ...

    def evaluation(self, rubric: Rubric, dataset: str, path: Path) -> Evaluation:
        """Return what it predicts for a task's inputs."""
        ...


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

    references: OpenReferences
    """Models of the grader's own."""

    idle_cores: Callable[[], int] = lambda: 1
    """Returns on how many cores one model may be run by now."""

    gate: Gate = field(default_factory=Gate)
    """Models pass it while they run."""

    facts_readers: Mapping[str, FactsReader] = field(default_factory=dict)
    """What fills ``Facts.extra``, by name."""

    faults: list[str] = field(default_factory=list)
    """What went wrong that no point depends on, once for each time."""
