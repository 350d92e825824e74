"""``grades.csv``: a row for each criterion, for spreadsheets."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from pytest_tfgrade.core.criterion import CriterionResult
from pytest_tfgrade.core.grade import Gradebook
from pytest_tfgrade.core.score import measured, points_text
from pytest_tfgrade.reports.audience import for_candidates
from pytest_tfgrade.reports.csv_lines import csv_lines, yes_or_no
from pytest_tfgrade.reports.interface import Audience, ReportFile, Request

HEADER: Final = (
    "submission",
    "task",
    "criterion",
    "check",
    "verdict",
    "points",
    "max_points",
    "value",
    "code",
    "rationale",
    "hint",
    "isolated",
    "complete",
    "title",
    "group",
    "bonus",
    "n",
    "standard_error",
    "borderline",
    "raw",
    "override",
    "comment",
)
"""The columns; ``complete`` is of the task. ``points`` count and are empty while open,
those of a member of a group in the row of the group alone. They are ``raw``, the
machine's, unless a person gave others, which ``override`` says. New columns are added
at the end."""


class CsvReport:
    """What candidates may see of the grades, a row for each criterion."""

    file_name = "grades.csv"
    audience = Audience.CANDIDATE

    def render(self, gradebook: Gradebook, request: Request) -> Iterator[ReportFile]:
        """Yield the grades as comma-separated values with a header row."""
        del request
        rows = _rows(for_candidates(gradebook))
        yield ReportFile(name=self.file_name, text=csv_lines(rows))


def _rows(gradebook: Gradebook) -> Iterator[tuple[str, ...]]:
    yield HEADER
    for grade in gradebook.grades:
        for task in grade.tasks:
            for criterion in task.criteria:
                yield (
                    grade.id,
                    task.id,
                    *_criterion(criterion),
                    yes_or_no(gradebook.isolated),
                    yes_or_no(task.complete),
                    *_more(criterion),
                    *_reckoning(criterion),
                )


def _criterion(criterion: CriterionResult) -> tuple[str, ...]:
    value = measured(criterion.value)
    return (
        criterion.id,
        criterion.check,
        criterion.verdict.value,
        points_cell(criterion.points),
        points_text(criterion.max_points),
        "" if value is None else str(value),
        criterion.code or "",
        criterion.rationale,
        criterion.hint or "",
    )


def _more(criterion: CriterionResult) -> tuple[str, ...]:
    known = criterion.uncertainty
    return (
        criterion.title,
        criterion.group or "",
        yes_or_no(criterion.bonus),
        "" if known is None else str(known.n),
        "" if known is None else str(measured(known.standard_error)),
        "" if known is None else yes_or_no(criterion.borderline),
    )


def _reckoning(criterion: CriterionResult) -> tuple[str, str, str]:
    """Return the machine's points, a person's, and what the person says."""
    said = criterion.override
    return (
        points_cell(criterion.raw),
        points_cell(said.points if said else None),
        "" if said is None else said.comment,
    )


def points_cell(points: Decimal | None) -> str:
    """Write points; nothing where there are none, which is not 0."""
    return "" if points is None else points_text(points)
