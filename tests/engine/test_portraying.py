"""What there is to see of a model reaches its grade, and never costs anything."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pytest_tfgrade.cache import Store
from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.grade import TaskGrade
from pytest_tfgrade.core.portrait import (
    NO_PORTRAIT,
    Architecture,
    Confusion,
    DrawnLayer,
    ErrorDistribution,
    Picture,
    Portrait,
    Rows,
)
from pytest_tfgrade.core.submission import Artifact
from pytest_tfgrade.datasets import EvaluationDataset
from pytest_tfgrade.datasets.hidden import HiddenArrays
from pytest_tfgrade.engine import Job

if TYPE_CHECKING:
    from conftest import School

ALICE = Job("alice", "line")

FLAGS = np.array([[0.0], [1.0], [1.0], [1.0]], np.float32)

LABELS = """\
  - {id: right, check: predict.metric, metric: accuracy, threshold: 1, points: 1}
"""

DRAWN = Architecture(
    layers=(
        DrawnLayer(name="in", kind="InputLayer", settings="shape 1", parameters=0),
        DrawnLayer(
            name="dense",
            kind="Dense",
            settings="1 units",
            parameters=1,
            inputs=("in",),
        ),
    ),
    parameters=1,
)


@pytest.fixture
def alice(school: "School") -> "School":
    """Return a school in which alice handed in a model that takes every row for 1."""
    school.hand_in("alice/line.keras")
    school.runner.answer = lambda artifact: np.ones((4, 1), np.float32)
    return school


def labelled(school: "School", **changes: object) -> None:
    """Let the school's task be one of two classes."""
    plain = school.load
    school.set_task(LABELS)

    def load(name: str, folder: Path) -> EvaluationDataset | None:
        found = plain(name, folder)
        assert found is not None
        return replace(found, targets=HiddenArrays({"y": FLAGS}), **changes)  # type: ignore[arg-type]

    school.load = load


def seen(grade: TaskGrade) -> Portrait:
    """Return what pages show."""
    return replace(grade.portrait, fingerprint=None)


def confused(rows: Rows, *counts: tuple[int, int]) -> Confusion:
    """Return a confusion matrix of ``no`` and ``yes``."""
    return Confusion(
        dataset="numbers", output="y", rows=rows, labels=("no", "yes"), counts=counts
    )


def test_a_grade_shows_predictions_that_were_made_anyway_and_the_layers(
    alice: "School",
) -> None:
    labelled(alice, classes={"y": ("no", "yes")})

    grade = alice.grade()

    pictures = (confused(Rows.ALL, (0, 1), (0, 3)),)
    assert seen(grade) == Portrait(pictures=pictures, architecture=DRAWN)
    assert len(alice.runner.calls) == 1
    assert grade.seconds == {"load": 0.5, "predict": 0.25}


def test_pictures_of_public_and_of_final_rows_are_apart(alice: "School") -> None:
    split = np.array([True, True, False, False])
    labelled(alice, classes={"y": ("no", "yes")}, public=split)

    found = alice.grade().portrait.pictures

    assert found == (
        confused(Rows.PUBLIC, (0, 1), (0, 1)),
        confused(Rows.FINAL, (0, 0), (0, 2)),
    )


def test_every_dataset_that_was_predicted_has_pictures(alice: "School") -> None:
    mae = "check: predict.metric, metric: mae"
    alice.set_task(f"  - {{id: error, {mae}, cases: {{easy: 9, hard: 9}}}}\n")

    found = alice.grade().portrait.pictures

    assert [(picture.dataset, picture.kind) for picture in found] == [
        ("easy", "errors"),
        ("hard", "errors"),
        ("easy", "forecast"),
        ("hard", "forecast"),
    ]


def test_a_model_that_failed_has_its_layers_and_no_pictures(alice: "School") -> None:
    def answer(artifact: Artifact) -> object:
        raise Ungradable(Code.CRASH)

    alice.runner.answer = answer  # type: ignore[assignment]

    grade = alice.grade()

    assert seen(grade) == Portrait(architecture=DRAWN)


def test_what_is_no_model_has_no_portrait(alice: "School") -> None:
    alice.hand_in("bob/lines.keras")
    alice.hand_in("carol/line.keras", b"no model at all")

    found = {name: alice.grade(name) for name in ("bob", "carol")}

    assert {name: grade.portrait for name, grade in found.items()} == {
        "bob": NO_PORTRAIT,
        "carol": NO_PORTRAIT,
    }


def test_nothing_is_predicted_for_a_picture(alice: "School") -> None:
    alice.set_task("  - {id: io, check: model.io, points: 1}\n")

    grade = alice.grade()

    assert (seen(grade), alice.runner.calls) == (Portrait(architecture=DRAWN), [])


# Faults: classes of a plug-in's dataset are a number, where names should be


def graded_twice(
    school: "School", folder: Path
) -> list[tuple[TaskGrade, tuple[str, ...], set[Job]]]:
    """Return grade, notices and what was recalled, of two runs with one cache."""
    folder.mkdir()
    found = []
    for _ in range(2):
        store = Store(folder, 1 << 20)
        with school.run(store=store) as run:
            run.begin(school.jobs())
            grade = run.grade(ALICE)
            found.append((grade, tuple(run.notices), run.recalled))
    return found


def test_a_portrait_is_recalled_with_its_grade(alice: "School", tmp_path: Path) -> None:
    (first, _, _), (second, notices, recalled) = graded_twice(alice, tmp_path / "kept")

    assert second == first
    assert any(isinstance(p, ErrorDistribution) for p in second.portrait.pictures)
    assert (notices, recalled) == ((), {ALICE})


def test_a_picture_that_fails_costs_nothing_and_graders_are_told_once(
    alice: "School",
) -> None:
    alice.hand_in("bob/line.keras")
    labelled(alice)
    points = alice.grade().points
    labelled(alice, classes={"y": 7})

    with alice.run() as run:
        grades = [run.grade(job) for job in alice.jobs()]
        notices = run.notices

    assert [grade.points for grade in grades] == [points, points]
    assert seen(grades[0]) == Portrait(architecture=DRAWN)
    (notice,) = notices
    assert notice.startswith("line: no pictures for the reports (TypeError in pictures")
    assert notice.endswith("; points do not depend on it (2 times)")


def test_a_grade_without_pictures_that_should_be_there_is_not_kept(
    alice: "School", tmp_path: Path
) -> None:
    labelled(alice, classes={"y": 7})

    first, second = graded_twice(alice, tmp_path / "kept")

    assert first == second
    assert second[2] == set()
    assert len(second[1]) == 1


def test_other_names_of_classes_have_a_task_graded_anew(
    alice: "School", tmp_path: Path
) -> None:
    labelled(alice, classes={"y": ("no", "yes")})
    graded_twice(alice, tmp_path / "kept")
    labelled(alice, classes={"y": ("off", "on")})
    store = Store(tmp_path / "kept", 1 << 20)

    with alice.run(store=store) as run:
        run.begin(alice.jobs())
        pictures: tuple[Picture, ...] = run.grade(ALICE).portrait.pictures

    assert [p.labels for p in pictures if isinstance(p, Confusion)] == [("off", "on")]
