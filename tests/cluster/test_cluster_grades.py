"""A course graded on a cluster: the same grades, and only what is needed travels."""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pytest_tfgrade.core.grade import TaskGrade
from pytest_tfgrade.core.submission import HandedIn, Submission
from pytest_tfgrade.engine import GradingRun, Job, read_course
from pytest_tfgrade.runner import LocalRunner, Runner
from pytest_tfgrade.runner.cluster import dask_cluster, open_cluster

if TYPE_CHECKING:
    from conftest import FarSide, Recorder

ROOT = Path(__file__).parents[2]
HIDDEN = ROOT / "reference_data" / "digits" / "hidden.npz"
SUBMISSIONS = ROOT / "examples" / "submissions"
SECRET = "no machine but the grader's reads this"  # noqa: S105 - a text to look for


@dataclass(repr=False)
class Graded:
    """What came of a run on a cluster, and what went to its processes."""

    grades: dict[Job, TaskGrade]
    expected: dict[Job, TaskGrade]
    to_scheduler: bytes
    to_workers: list[bytes]


def grade(rubrics: Path, runner: Runner, workers: int) -> dict[Job, TaskGrade]:
    names = ("alice", "bob", "erin", "heidi")
    submissions = [
        Submission(id=name, found={"digits": (HandedIn(name=path.name, path=path),)})
        for name in names
        for path in [SUBMISSIONS / name / "digits.keras"]
    ]
    course = read_course(rubrics, ROOT / "reference_data", files_elsewhere=True)
    run = GradingRun(
        course,
        submissions,
        runner=runner,
        load_dataset=lambda name, folder: None,
        workers=workers,
    )
    jobs = [Job(name, "digits") for name in names]
    try:
        run.begin(jobs)
        return {job: replace(run.grade(job), seconds={}) for job in jobs}
    finally:
        run.close()


@pytest.fixture(scope="module")
def graded(
    tmp_path_factory: pytest.TempPathFactory,
    far_side_class: "type[FarSide]",
    recorder_class: "type[Recorder]",
    free_port: Callable[[], str],
) -> Iterator[Graded]:
    """Grade digits here and there, and record what goes there."""
    folder = tmp_path_factory.mktemp("graded")
    text = (ROOT / "rubrics" / "digits.yaml").read_text(encoding="utf-8")
    rubric = folder / "digits.yaml"
    rubric.write_text(re.sub("title: .*", f"title: {SECRET}", text), encoding="utf-8")
    far_side = far_side_class(folder)
    scheduler, *workers = recorders = [recorder_class() for _ in range(3)]
    try:
        far_side.start_scheduler()
        address = dask_cluster.address_of(str(far_side.scheduler_file))
        scheduler.pass_on_to(address)
        for name, one in zip(("one", "two"), workers, strict=True):
            one.pass_on_to(listens := free_port())
            known_as = "--contact-address", one.address
            far_side.start_worker(name, "--listen-address", listens, *known_as)
        far_side.await_workers(2)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(dask_cluster, "LARGEST_BY_SCHEDULER", 64 << 10)
            runner = open_cluster(scheduler.address)
            grades = grade(rubric, runner, runner.threads)
        yield Graded(
            grades=grades,
            expected=grade(rubric, LocalRunner(), 2),
            to_scheduler=scheduler.bytes,
            to_workers=[one.bytes for one in workers],
        )
    finally:
        far_side.close()
        for one in recorders:
            one.close()


def test_grades_are_those_of_this_machine(graded: Graded) -> None:
    assert graded.grades == graded.expected
    assert {job.submission: grade.points for job, grade in graded.grades.items()} == {
        "alice": 5,
        "bob": 3,
        "erin": 0,
        "heidi": 0,
    }


def test_inputs_go_to_each_worker_once_and_not_by_the_scheduler(graded: Graded) -> None:
    inputs = np.load(HIDDEN)["image"].astype(np.float32).tobytes()

    assert [sent.count(inputs) for sent in graded.to_workers] == [1, 1]
    assert graded.to_scheduler.count(inputs[:256]) == 0


def test_each_model_goes_to_one_worker_once(graded: Graded) -> None:
    everything = graded.to_scheduler + b"".join(graded.to_workers)

    for name in ("alice", "bob"):
        model = (SUBMISSIONS / name / "digits.keras").read_bytes()
        assert everything.count(model) == 1, name


def test_workers_are_told_once_to_load_tensorflow(graded: Graded) -> None:
    told = re.findall(rb"runner\.cluster\.far\W{1,9}start\b", graded.to_scheduler)

    assert len(told) == 1


def test_targets_rubrics_and_names_never_leave_the_grader(graded: Graded) -> None:
    targets = np.load(HIDDEN)["digit"]
    everything = graded.to_scheduler + b"".join(graded.to_workers)

    for dtype in ("int64", "int32", "uint8", "float32"):
        assert everything.count(targets.astype(dtype).tobytes()[:128]) == 0
    for text in (SECRET, "accuracy", "bands", "zero", os.fspath(ROOT), HIDDEN.name):
        assert everything.count(text.encode()) == 0, text
