"""``tfgrade rubric check``: every mistake of rubrics, exam and descriptions of data.

Hidden data themselves are read by ``tfgrade rubric selftest`` and when grading.
"""

import argparse

from pytest_tfgrade.commands.course import add_place, course_of, not_graded
from pytest_tfgrade.core.score import counted
from pytest_tfgrade.engine.extensions import Extensions
from pytest_tfgrade.rubric import Rubric
from pytest_tfgrade.rubric.exam import FILE_NAME


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
    lines += map(_line, course.rubrics)
    left_out = not_graded(given, course)
    if left_out:
        names = ", ".join(left_out)
        lines.append(f"  not graded: {names}; {FILE_NAME} does not name the task")
    return "\n".join(lines) + "\n"


def _line(rubric: Rubric) -> str:
    count = len(rubric.checked)
    criteria = f"{count} criteri{'on' if count == 1 else 'a'}"
    data = ", ".join(rubric.datasets) or "none"
    return f"  {rubric.task}: {counted(rubric.points)}, {criteria}, data {data}"
