"""Models of the grader's own that submissions are held against."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar

from pytest_tfgrade.checks import Evaluation, Model
from pytest_tfgrade.core.errors import RubricError, Ungradable
from pytest_tfgrade.core.submission import ArtifactFormat, HandedIn
from pytest_tfgrade.engine.evidence import Evidence
from pytest_tfgrade.engine.services import Services
from pytest_tfgrade.rubric import ArtifactRule, Rubric

Found = TypeVar("Found")

_ANY: Final = ArtifactRule(names=(), formats=tuple(ArtifactFormat), max_size=1 << 40)


class References:
    """Opens each file once for each task; safe to ask from several threads."""

    def __init__(self, make_services: Callable[["References"], Services]) -> None:
        """Open nothing yet."""
        self.services = make_services(self)
        self._lock = threading.Lock()
        self._known: dict[tuple[str, Path], Evidence] = {}

    def model(self, rubric: Rubric, path: Path) -> Model:
        """Return what a file says.

        Raises:
            RubricError: It cannot be used as a reference.
        """
        return self._looked_at(rubric, path, lambda evidence: evidence.model)

    def evaluation(self, rubric: Rubric, dataset: str, path: Path) -> Evaluation:
        """Return what a file predicts for a task's inputs.

        Raises:
            RubricError: It cannot be used as a reference.
        """
        return self._looked_at(rubric, path, lambda e: e.evaluation(dataset))

    def close(self) -> None:
        """Remove the copies."""
        for evidence in self._known.values():
            evidence.close()

    def _looked_at(
        self, rubric: Rubric, path: Path, look: Callable[[Evidence], Found]
    ) -> Found:
        with self._lock:
            key = rubric.task, path
            if key not in self._known:
                task = replace(rubric, artifact=_ANY)
                file = HandedIn(name=path.name, path=path)
                self._known[key] = Evidence(lambda: file, task, self.services)
            try:
                return look(self._known[key])
            except Ungradable as finding:
                text = f"{path}: cannot be used as a reference: {finding}"
                raise RubricError(text) from None
