"""``grades.csv``: a row for each criterion, for spreadsheets."""

import csv
import io
from collections.abc import Iterator
from typing import Final

from pytest_tfgrade.core.criterion import CriterionResult
from pytest_tfgrade.core.grade import Gradebook
from pytest_tfgrade.core.score import measured, points_text
from pytest_tfgrade.core.text import spreadsheet_cell
from pytest_tfgrade.reports.audience import for_candidates

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
)
"""The columns; ``complete`` is of the task, ``points`` is empty while open. Points of
members of a group count in the row of the group alone."""


class CsvReport:
    """What candidates may see of the grades, a row for each criterion."""

    file_name = "grades.csv"

    def render(self, gradebook: Gradebook) -> str:
        """Return the grades as comma-separated values with a header row."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(HEADER)
        for row in _rows(for_candidates(gradebook)):
            writer.writerow([spreadsheet_cell(content) for content in row])
        return text.getvalue()


def _rows(gradebook: Gradebook) -> Iterator[tuple[str, ...]]:
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
                )


def _criterion(criterion: CriterionResult) -> tuple[str, ...]:
    value = measured(criterion.value)
    return (
        criterion.id,
        criterion.check,
        criterion.verdict.value,
        "" if criterion.points is None else points_text(criterion.points),
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


def yes_or_no(answer: bool) -> str:
    """Return what a spreadsheet shows of a truth."""
    return "yes" if answer else "no"
