"""``totals.csv``: a row for each submission, to be carried into a list of marks."""

import csv
import io
from collections.abc import Iterator
from typing import Final

from pytest_tfgrade.core.grade import Grade, Gradebook
from pytest_tfgrade.core.score import points_text
from pytest_tfgrade.core.text import spreadsheet_cell
from pytest_tfgrade.reports.grades_csv import yes_or_no

HEADER: Final = (
    "submission",
    "points",
    "max_points",
    "passed",
    "complete",
    "isolated",
)
"""The first columns; then come the points of each task, before its weight. While a
score is open ``points`` is empty; ``passed`` also if the exam has no rule."""


class TotalsReport:
    """What each submission is worth: in all, and task by task."""

    file_name = "totals.csv"

    def render(self, gradebook: Gradebook) -> str:
        """Return the totals as comma-separated values with a header row."""
        tasks = dict.fromkeys(task.id for g in gradebook.grades for task in g.tasks)
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([spreadsheet_cell(name) for name in (*HEADER, *tasks)])
        for grade in gradebook.grades:
            row = _row(grade, tasks, isolated=gradebook.isolated)
            writer.writerow([spreadsheet_cell(content) for content in row])
        return text.getvalue()


def _row(grade: Grade, tasks: dict[str, None], *, isolated: bool) -> Iterator[str]:
    yield grade.id
    yield "" if grade.points is None else points_text(grade.points)
    yield points_text(grade.max_points)
    yield "" if grade.passed is None else yes_or_no(grade.passed)
    yield yes_or_no(grade.complete)
    yield yes_or_no(isolated)
    points = {task.id: task.points for task in grade.tasks}
    for task in tasks:
        earned = points.get(task)
        yield "" if earned is None else points_text(earned)
