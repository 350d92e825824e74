"""``tfgrade rubric check``: every mistake of rubrics, exam and descriptions of data."""

import argparse

from pytest_tfgrade.commands.course import add_place, course_of
from pytest_tfgrade.engine.extensions import Extensions
from pytest_tfgrade.reports.score import points_text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the place of rubrics and data."""
    add_place(parser)


def check(given: argparse.Namespace, extensions: Extensions) -> str:
    """Return one line for each task; TensorFlow is not needed.

    Raises:
        RubricError: With every problem of every rubric and of the exam.
        DatasetError: A description of data is not in order.
    """
    course = course_of(given, extensions)
    count = len(course.rubrics)
    lines = [f"{course.title}: {count} task{'s' * (count != 1)}, all in order"]
    lines += [
        f"  {rubric.task}: {points_text(rubric.points)} points, "
        f"{len(rubric.criteria)} criteria, data {', '.join(rubric.datasets) or 'none'}"
        for rubric in course.rubrics
    ]
    return "\n".join(lines) + "\n"
