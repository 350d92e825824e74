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


TAKEN_IN: Final = ("id", "name", "email", "section", "on_roster", "handed_in", "late")
"""The last columns, as far as a roster or the platform tells anything of them."""


class TotalsReport:
    """What each submission is worth: in all, and task by task."""

    file_name = "totals.csv"

    def render(self, gradebook: Gradebook) -> str:
        """Return the totals as comma-separated values with a header row."""
        tasks = dict.fromkeys(task.id for g in gradebook.grades for task in g.tasks)
        known = [_taken_in(grade) for grade in gradebook.grades]
        more = [name for name in TAKEN_IN if any(row[name] for row in known)]
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([spreadsheet_cell(name) for name in (*HEADER, *tasks, *more)])
        for grade, also in zip(gradebook.grades, known, strict=True):
            row = [*_row(grade, tasks, isolated=gradebook.isolated)]
            row += [also[name] for name in more]
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


def _taken_in(grade: Grade) -> dict[str, str]:
    """Return who handed in and when; of a group, everybody joined by ``+``."""
    known = grade.taken_in
    of_people = {
        name: " + ".join(filter(None, (getattr(p, name) for p in known.people)))
        for name in ("id", "name", "email", "section")
    }
    return {
        **of_people,
        "on_roster": "" if known.on_roster is None else yes_or_no(known.on_roster),
        "handed_in": "" if known.handed_in is None else str(known.handed_in),
        "late": "" if known.late is None else yes_or_no(known.late),
    }
