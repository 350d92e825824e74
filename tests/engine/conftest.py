"""A small course, candidates, and a runner that answers without TensorFlow."""

import shutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pytest_tfgrade.cache import Store
from pytest_tfgrade.core.contract import OutputSpec
from pytest_tfgrade.core.criterion import CriterionResult
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.grade import TaskGrade
from pytest_tfgrade.core.isolation import Isolation, Mode, Profile
from pytest_tfgrade.core.limits import Limits
from pytest_tfgrade.core.runtime import KnownRuntime
from pytest_tfgrade.core.setup import AS_IT_IS, Setup
from pytest_tfgrade.core.submission import Artifact, Submission
from pytest_tfgrade.datasets import EvaluationDataset
from pytest_tfgrade.datasets.hidden import HiddenArrays
from pytest_tfgrade.engine import Course, GradingRun, Job, discover, read_course
from pytest_tfgrade.runner import Pass, Predictions, SharedInputs

TARGETS = np.array([[2.0], [4.0], [6.0], [8.0]], np.float32)

HEAD = """\
task: {task}
dataset: numbers
contract:
  inputs: {{x: {{shape: [null, 1]}}}}
  outputs: {{y: {{shape: [null, 1]}}}}
criteria:
"""

CRITERIA = """\
  - {id: file, check: file}
  - {id: io, check: model.io, points: 1}
  - {id: contract, check: predict.contract}
  - id: error
    check: predict.metric
    metric: mae
    bands: {4: 0.5, 2: 1.5}
    requires: [contract]
"""

KERAS3 = KnownRuntime(name="keras3", python="python", keras="3.15.1")

Answer = Callable[[Artifact], NDArray[Any]]
AnswerPass = Callable[[Artifact, Pass], NDArray[Any]]


class FakeRunner:
    """A ``Runner`` whose models are a function of the artifact, or of it and a pass."""

    def __init__(self, staging: Path) -> None:
        self.answer: Answer = lambda artifact: TARGETS
        self.answer_pass: AnswerPass = lambda artifact, one: self.answer(artifact)
        self.calls: list[str] = []
        self.runtimes: Sequence[KnownRuntime] = [KERAS3]
        self.setups: list[Setup] = []
        self.passes: list[tuple[Pass, ...]] = []
        self.inputs: list[SharedInputs] = []
        self.started = 0
        self.notices: Sequence[str] = ()
        self.profile = Profile.FULL
        self.versions: Mapping[str, Mapping[str, str]] = {"keras3": {"keras": "3.15.1"}}
        self.closed = threading.Event()
        self.staging = staging

    def isolation(self) -> Isolation:
        return Isolation(profile=self.profile)

    def require_isolated(self) -> None:
        pass

    def require_available(self) -> None:
        pass

    def start(self) -> None:
        self.started += 1

    def predict(
        self,
        artifact: Artifact,
        passes: Sequence[Pass],
        outputs: Mapping[str, OutputSpec],
        limits: Limits,
        setup: Setup = AS_IT_IS,
    ) -> tuple[Predictions, ...]:
        self.calls.append(artifact.name)
        self.setups.append(setup)
        self.passes.append(tuple(passes))
        self.inputs += [one.inputs for one in passes]
        done: list[Predictions] = []
        for one in passes:
            try:
                arrays = dict.fromkeys(outputs, self.answer_pass(artifact, one))
            except Ungradable:
                if not done:
                    raise
                break
            seconds = {"load": 0.5, "predict": 0.25}
            name = setup.runtime
            done.append(
                Predictions(arrays=arrays, seconds=seconds, log="", runtime=name)
            )
        return tuple(done)

    def read(self, artifact: Artifact, *, values: bool = False) -> object:
        weights = [["layers/dense/vars/0", "float32", [1, 1]]]
        return {"attributes": {}, "variables": weights, "problems": []}

    def close(self) -> None:
        self.closed.set()
        for copy in self.staging.iterdir():
            shutil.rmtree(copy, ignore_errors=True)


class School:
    """Folders of rubrics and submissions, and runs over them."""

    def __init__(self, folder: Path, model: bytes) -> None:
        self.rubrics = folder / "rubrics"
        self.submissions = folder / "submissions"
        self.rubrics.mkdir()
        self.submissions.mkdir()
        staging = folder / "staging"
        staging.mkdir()
        self.runner = FakeRunner(staging)
        self.load: Callable[[str, Path], EvaluationDataset | None] = numbers
        self.model = model

    def set_task(self, criteria: str = CRITERIA, *, task: str = "line") -> None:
        """Write a rubric."""
        text = HEAD.format(task=task) + criteria
        (self.rubrics / f"{task}.yaml").write_text(text)

    def hand_in(self, name: str, content: bytes | None = None) -> None:
        """Write ``CANDIDATE/FILE``, by default a model like every other."""
        path = self.submissions / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.model if content is None else content)

    def another_model(self, number: int) -> bytes:
        """Return a model of other bytes: a zip may have a comment."""
        end = self.model[:-2]
        return end + bytes([2, 0]) + number.to_bytes(2, "big")

    @property
    def says(self) -> str:
        """What the check ``file`` says of the model."""
        return f"line.keras, keras, {round(len(self.model) / 1000)} kB"

    def course(self) -> Course:
        """Read the rubrics; their data come from ``load``."""
        return read_course(self.rubrics, self.rubrics, data_from_hook=True)

    def found(self, course: Course | None = None) -> tuple[Submission, ...]:
        """Look who handed in what."""
        course = course or self.course()
        names, sources = course.artifact_names, course.source_names
        return discover(self.submissions, names, course.candidates, sources)

    @contextmanager
    def run(
        self,
        workers: int = 1,
        course: Course | None = None,
        *,
        store: Store | None = None,
        mode: Mode = Mode.AUTO,
    ) -> Iterator[GradingRun]:
        """Yield a run over all submissions; close it, and the store."""
        course = course or self.course()
        run = GradingRun(
            course,
            self.found(course),
            runner=self.runner,
            load_dataset=self.load,
            workers=workers,
            store=store,
            mode=mode,
        )
        try:
            yield run
        finally:
            run.close()

    def jobs(self) -> list[Job]:
        """Return every job, in order."""
        rubrics = self.course().rubrics
        return [Job(s.id, rubric.task) for s in self.found() for rubric in rubrics]

    def grade_all(self, workers: int = 1) -> dict[Job, TaskGrade]:
        """Grade every job ahead of being asked."""
        jobs = self.jobs()
        with self.run(workers) as run:
            run.begin(jobs)
            return {job: run.grade(job) for job in jobs}

    def grade(self, candidate: str = "alice", task: str = "line") -> TaskGrade:
        """Grade one job."""
        with self.run() as run:
            return run.grade(Job(candidate, task))


def numbers(name: str, folder: Path) -> EvaluationDataset:
    """Return the evaluation dataset of every task."""
    return EvaluationDataset(
        name=name,
        rows=4,
        inputs=HiddenArrays({"x": np.arange(4, dtype=np.float32).reshape(4, 1)}),
        targets=HiddenArrays({"y": TARGETS}),
        sha256="0" * 64,
    )


@pytest.fixture
def school(tmp_path: Path, make_model: Callable[..., Path]) -> School:
    """Return a school with one task, ``line``, and no submissions."""
    made = make_model("made.keras", ("Dense", {"units": 1}), shape=(1,))
    folder = tmp_path / "school"
    folder.mkdir()
    school = School(folder, made.read_bytes())
    school.set_task()
    return school


@pytest.fixture
def outcome() -> Callable[[TaskGrade], list[tuple[Any, ...]]]:
    """Shorten the results of a task to what a candidate sees."""

    def shorten(result: CriterionResult) -> tuple[Any, ...]:
        points = None if result.points is None else float(result.points)
        return result.id, result.verdict.value, points, result.code, result.rationale

    return lambda grade: [shorten(result) for result in grade.criteria]


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of its own for everything temporary."""
    folder = tmp_path / "temporary"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder
