"""``totals.csv``: a row for each submission, to be carried into a list of marks."""

from collections.abc import Iterator, Mapping
from typing import Final

from pytest_tfgrade.core.grade import Grade, Gradebook
from pytest_tfgrade.core.score import measured, points_text
from pytest_tfgrade.reports.csv_lines import csv_lines, yes_or_no
from pytest_tfgrade.reports.grades_csv import points_cell
from pytest_tfgrade.reports.interface import Audience, ReportFile, Request

HEADER: Final = (
    "submission",
    "points",
    "max_points",
    "passed",
    "complete",
    "isolated",
)
"""The first columns; then come the points of each task, before its weight. ``points``
are the final ones, empty while a score is open; ``passed`` also if the exam has no
rule."""

TAKEN_IN: Final = ("id", "name", "email", "section", "on_roster", "handed_in", "late")
"""The next columns, as far as a roster or the platform tells anything of them."""

RECKONING: Final = (
    "raw",
    "before_penalty",
    "late_hours",
    "penalty",
    "override",
    "comment",
)
"""The last columns, always there: the machine's points, these with what people said of
criteria and tasks, hours after the due date that cost something, the points lost for
them, and what a person said of the whole. ``points`` are ``override`` if there is one,
else ``before_penalty`` less ``penalty``."""

_SECONDS_IN_AN_HOUR: Final = 3600


class TotalsReport:
    """What each submission is worth: in all, and task by task; with names."""

    file_name = "totals.csv"
    audience = Audience.GRADER

    def render(self, gradebook: Gradebook, request: Request) -> Iterator[ReportFile]:
        """Yield the totals as comma-separated values with a header row."""
        del request
        yield ReportFile(name=self.file_name, text=csv_lines(_rows(gradebook)))


def _rows(gradebook: Gradebook) -> Iterator[tuple[str, ...]]:
    tasks = dict.fromkeys(task.id for g in gradebook.grades for task in g.tasks)
    told = {
        name
        for grade in gradebook.grades
        for name, text in _taken_in(gradebook, grade).items()
        if text
    }
    more = [name for name in TAKEN_IN if name in told]
    yield (*HEADER, *tasks, *more, *RECKONING)
    for grade in gradebook.grades:
        also = _taken_in(gradebook, grade)
        yield (
            *_row(grade, tasks, isolated=gradebook.isolated),
            *(also[name] for name in more),
            *_reckoning(grade),
        )


def _row(grade: Grade, tasks: Mapping[str, None], *, isolated: bool) -> Iterator[str]:
    yield grade.id
    yield points_cell(grade.points)
    yield points_text(grade.max_points)
    yield "" if grade.passed is None else yes_or_no(grade.passed)
    yield yes_or_no(grade.complete)
    yield yes_or_no(isolated)
    points = {task.id: task.points for task in grade.tasks}
    for task in tasks:
        yield points_cell(points.get(task))


def _taken_in(gradebook: Gradebook, grade: Grade) -> dict[str, str]:
    """Return who handed in and when; of a group, everybody joined by ``+``."""
    known, late = grade.taken_in, gradebook.is_late(grade)
    of_people = {
        name: " + ".join(filter(None, (getattr(p, name) for p in known.people)))
        for name in ("id", "name", "email", "section")
    }
    return {
        **of_people,
        "on_roster": "" if known.on_roster is None else yes_or_no(known.on_roster),
        "handed_in": "" if known.handed_in is None else str(known.handed_in),
        "late": "" if late is None else yes_or_no(late),
    }


def _reckoning(grade: Grade) -> tuple[str, ...]:
    late, said = grade.penalty, grade.override
    hours = None if late is None else late.late.total_seconds() / _SECONDS_IN_AN_HOUR
    return (
        points_cell(grade.raw),
        points_cell(grade.in_time),
        "" if hours is None else str(measured(hours)),
        points_cell(grade.penalty_points),
        points_cell(said.points if said else None),
        "" if said is None else said.comment,
    )
