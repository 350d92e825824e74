"""Honest and cheating models, made and graded once for a session."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from pytest_tfgrade.core.grade import TaskGrade
from pytest_tfgrade.datasets import EvaluationDataset
from pytest_tfgrade.engine import GradingRun, Job, discover, read_course
from pytest_tfgrade.runner import LocalRunner

HERE = Path(__file__).parent

Grades = Mapping[tuple[str, str], TaskGrade]
"""By task and candidate."""


@pytest.fixture(scope="session")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of rubrics, hidden data and submissions; see ``make_models.py``."""
    folder = tmp_path_factory.mktemp("cheats")
    shutil.copytree(HERE / "rubrics", folder / "rubrics")
    subprocess.run(
        [sys.executable, str(HERE / "make_models.py"), str(folder)],
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"},
        capture_output=True,
        check=True,
        timeout=120,
    )
    return folder


@pytest.fixture(scope="session")
def grades(course: Path) -> Grades:
    """The grades of all candidates, from one run."""
    read = read_course(course / "rubrics", course / "data", data_from_hook=True)
    names = {rubric.task: rubric.artifact.names for rubric in read.rubrics}
    submissions = discover(course / "submissions", names)
    run = GradingRun(
        read,
        submissions,
        runner=LocalRunner(),
        load_dataset=lambda name, _: _hidden(course / "data" / f"{name}.npz"),
        workers=2,
    )
    jobs = [Job(one.id, task) for one in submissions for task in one.found]
    try:
        run.begin(jobs)
        return {(job.task, job.submission): run.grade(job) for job in jobs}
    finally:
        run.close()


def _hidden(path: Path) -> EvaluationDataset:
    """Return hidden data; arrays are called ``input NAME`` and ``target NAME``."""
    with np.load(path) as arrays:
        parts = {
            kind: {
                name.removeprefix(f"{kind} "): arrays[name]
                for name in arrays
                if name.startswith(kind)
            }
            for kind in ("input", "target")
        }
    return EvaluationDataset.of(path.stem, parts["input"], parts["target"])
