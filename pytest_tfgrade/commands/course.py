"""Finding the course that a command is about."""

import argparse
from pathlib import Path

from pytest_tfgrade.engine import Course, read_course
from pytest_tfgrade.engine.extensions import Extensions


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
    inside = given.rubrics / "rubrics"
    rubrics = inside if inside.is_dir() else given.rubrics
    beside = rubrics.parent if rubrics.is_dir() else rubrics.parent.parent
    data = given.data or beside / "reference_data"
    return read_course(rubrics, data, extensions=extensions)
