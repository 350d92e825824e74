"""Finding the course that a command is about."""

import argparse
from pathlib import Path

from pytest_tfgrade.engine import Course, read_course
from pytest_tfgrade.engine.extensions import Extensions
from pytest_tfgrade.rubric.exam import FILE_NAME


def add_place(parser: argparse.ArgumentParser) -> None:
    """Let a command take the place of rubrics and of data."""
    parser.add_argument(
        "rubrics",
        type=Path,
        nargs="?",
        default=Path("rubrics"),
        help="Rubric, folder of rubrics, or course folder (default: rubrics)",
    )
    parser.add_argument(
        "--data",
        type=Path,
        help="Folder of evaluation datasets (default: reference_data beside the "
        "rubrics)",
    )


def course_of(given: argparse.Namespace, extensions: Extensions) -> Course:
    """Return the course that arguments of a command name.

    Raises:
        RubricError: With every problem of every rubric and of the exam.
        DatasetError: A description of data is not in order.
    """
    rubrics = _rubrics(given)
    beside = rubrics.parent if rubrics.is_dir() else rubrics.parent.parent
    data = given.data or beside / "reference_data"
    return read_course(rubrics, data, extensions=extensions)


def not_graded(given: argparse.Namespace, course: Course) -> list[str]:
    """Return the names of files beside the rubrics of a course that are none of them.

    The exam file leaves them out; a rubric that is given by itself is all there is.
    """
    rubrics = _rubrics(given)
    read = {rubric.document.path.name for rubric in course.rubrics}
    return sorted(
        path.name
        for path in (rubrics.iterdir() if rubrics.is_dir() else ())
        if path.suffix in {".yaml", ".yml"}
        and path.name not in {*read, FILE_NAME}
        and not path.name.startswith(".")
    )


def _rubrics(given: argparse.Namespace) -> Path:
    """Return the place of rubrics; a course's folder has them in ``rubrics``."""
    inside: Path = given.rubrics / "rubrics"
    place: Path = given.rubrics
    return inside if inside.is_dir() else place
