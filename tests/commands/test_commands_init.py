"""``tfgrade init``: a course that works."""

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_tfgrade.core.localized import Localized
from pytest_tfgrade.rubric import json_schema, read_exam, read_rubric

if TYPE_CHECKING:
    from conftest import Run

FILES = [
    "README.md",
    "pytest.ini",
    "reference_data/line/dataset.yaml",
    "reference_data/line/generate.py",
    "rubrics/exam.yaml",
    "rubrics/line.yaml",
    "rubrics/references/line_good.keras",
    "rubrics/references/line_weak.keras",
    "rubrics/rubric.schema.json",
    "submissions/ada/line.keras",
    "submissions/bob/line.keras",
]


def files_of(folder: Path) -> list[str]:
    return sorted(
        str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()
    )


def test_a_course_is_written(run: "Run", tmp_path: Path) -> None:
    ran = run("init", "my/course")

    assert (ran.status, ran.err) == (0, "")
    assert ran.out == (
        "wrote a course to my/course:\n"
        + "".join(f"  {name}\n" for name in FILES)
        + "next:\n"
        "  cd my/course\n"
        "  tfgrade rubric check && tfgrade rubric selftest\n"
        "  pytest --tfgrade=submissions\n"
    )
    assert files_of(tmp_path / "my/course") == FILES


def test_its_files_are_small_and_its_schema_is_of_this_version(
    run: "Run", tmp_path: Path
) -> None:
    run("init", "course")

    course = tmp_path / "course"
    schema = json.loads((course / "rubrics/rubric.schema.json").read_text())
    assert schema == json_schema()
    assert max(path.stat().st_size for path in course.rglob("*.keras")) < 20_000


def test_its_rubric_teaches(run: "Run", tmp_path: Path) -> None:
    run("init", "course")

    rubrics = tmp_path / "course/rubrics"
    assert read_exam(rubrics / "exam.yaml").title == Localized.of("A first course")
    rubric = read_rubric(rubrics / "line.yaml")
    assert rubric.points == 6
    assert len(rubric.selftest.artifacts) == 2
    text = (rubrics / "line.yaml").read_text()
    assert text.startswith("# yaml-language-server: $schema=rubric.schema.json\n")


def test_an_empty_folder_will_do(run: "Run", tmp_path: Path) -> None:
    (tmp_path / "course").mkdir()

    ran = run("init", "course")

    assert ran.status == 0
    assert files_of(tmp_path / "course") == FILES


def test_a_folder_with_anything_in_it_is_left_as_it_is(
    run: "Run", tmp_path: Path
) -> None:
    (tmp_path / "course").mkdir()
    (tmp_path / "course/.notes").touch()

    ran = run("init", "course")

    assert (ran.status, ran.out) == (2, "")
    assert ran.err == (
        "course: is not empty, and nothing is overwritten; give a new folder\n"
    )
    assert files_of(tmp_path / "course") == [".notes"]


@pytest.mark.parametrize(
    ("folder", "text"),
    [
        ("taken", "taken: is a file; give a new folder\n"),
        ("taken/course", "taken/course: cannot be written: Not a directory\n"),
    ],
)
def test_a_place_that_cannot_be_written_to_is_a_mistake(
    run: "Run", tmp_path: Path, folder: str, text: str
) -> None:
    (tmp_path / "taken").touch()

    ran = run("init", folder)

    assert (ran.status, ran.out, ran.err) == (2, "", text)


COMMANDS = (
    ["pytest_tfgrade.cli", "rubric", "check"],
    ["pytest_tfgrade.cli", "rubric", "selftest"],
    ["pytest", "--tfgrade=submissions", "-p", "no:cacheprovider", "--tb=no", "-q"],
)


def test_the_course_grades_its_candidates(run: "Run", tmp_path: Path) -> None:
    """Everything that the README names, for real: TensorFlow starts twice."""
    run("init", "course")
    course = tmp_path / "course"

    check, selftest, grading = (
        subprocess.run(
            [sys.executable, "-m", *words],
            cwd=course,
            capture_output=True,
            text=True,
            check=False,
        )
        for words in COMMANDS
    )

    assert (check.returncode, check.stdout) == (
        0,
        "A first course: 1 task, all in order\n"
        "  line: 6 points, 6 criteria, data line\n",
    )
    assert (selftest.returncode, selftest.stderr) == (0, "")
    assert selftest.stdout.endswith("\n1 task: every score is as it must be\n")
    assert grading.returncode == 1  # bob's model is weak
    grades = json.loads((course / "grades/grades.json").read_text())
    assert {one["id"]: one["points"] for one in grades["submissions"]} == {
        "ada": 6,
        "bob": 2,
    }
