"""Who moved between two runs, for spreadsheets."""

import csv
import io
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final, Protocol

from pytest_tfgrade.commands.comparison import (
    Comparison,
    CriterionMove,
    Move,
    TaskMove,
    difference,
)
from pytest_tfgrade.commands.grades_file import KnownCriterion, KnownTask
from pytest_tfgrade.commands.moving_reasons import Reason
from pytest_tfgrade.core.score import measured, points_text
from pytest_tfgrade.core.text import spreadsheet_cell

HEADER: Final = (
    "submission",
    "task",
    "criterion",
    "old_points",
    "new_points",
    "change",
    "old_max_points",
    "new_max_points",
    "old_verdict",
    "new_verdict",
    "old_value",
    "new_value",
    "reasons",
    "why",
)
"""A row has a submission, a task of one, or a criterion of that. The verdict of a
submission is passed, failed or empty, that of a task its code or its result.
``reasons`` are the short names of what changed; ``why`` says them in words, or is the
new rationale."""


def as_csv(found: Comparison) -> str:
    """Return comma-separated values with a header row, which stands alone for none."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    for move in found.moves:
        for row in _rows(move):
            writer.writerow([spreadsheet_cell(content) for content in row])
    return text.getvalue()


def _rows(move: Move) -> Iterator[tuple[str, ...]]:
    before, after = move.before, move.after
    yield (
        *(move.id, "", ""),
        *_points(before, after),
        "" if before is None else _passed(before.passed),
        "" if after is None else _passed(after.passed),
        *("", ""),
        *_reasons(move.reasons, "new" if before is None else "" if after else "gone"),
    )
    for task in move.tasks:
        yield from _task_rows(move.id, task)


def _task_rows(submission: str, move: TaskMove) -> Iterator[tuple[str, ...]]:
    before, after = move.before, move.after
    yield (
        *(submission, move.id, ""),
        *_points(before, after),
        *(_result(before), _result(after), "", ""),
        *_reasons(move.reasons),
    )
    for criterion in move.criteria:
        yield submission, move.id, *_criterion(criterion)


def _criterion(move: CriterionMove) -> tuple[str, ...]:
    before, after = move.before, move.after
    return (
        move.id,
        *_points(before, after),
        "" if before is None else before.verdict.value,
        "" if after is None else after.verdict.value,
        *(_value(before), _value(after), ""),
        "" if after is None else after.rationale,
    )


class _Scored(Protocol):
    """What both runs may have a score of."""

    @property
    def points(self) -> Decimal | None: ...

    @property
    def max_points(self) -> Decimal: ...


def _points(before: _Scored | None, after: _Scored | None) -> Iterator[str]:
    old, new = (None if side is None else side.points for side in (before, after))
    most = (None if side is None else side.max_points for side in (before, after))
    for points in (old, new, difference(old, new), *most):
        yield "" if points is None else points_text(points)


def _passed(passed: bool | None) -> str:
    return "" if passed is None else "passed" if passed else "failed"


def _result(task: KnownTask | None) -> str:
    if task is None:
        return ""
    return task.code or task.result.value


def _value(criterion: KnownCriterion | None) -> str:
    value = None if criterion is None else measured(criterion.value)
    return "" if value is None else str(value)


def _reasons(reasons: Iterable[Reason], also: str = "") -> tuple[str, str]:
    known = tuple(reasons)
    names = (also, *(reason.why.value for reason in known))
    texts = (also, *(reason.text for reason in known))
    return "; ".join(filter(None, names)), "; ".join(filter(None, texts))
