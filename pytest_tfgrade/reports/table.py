"""The table of the terminal summary: a row for each submission."""

from collections.abc import Sequence
from typing import Final

from pytest_tfgrade.core.grade import Grade, TaskGrade
from pytest_tfgrade.core.score import score_text
from pytest_tfgrade.core.text import printable, with_visible_ends
from pytest_tfgrade.core.verdict import TaskResult
from pytest_tfgrade.reports.columns import Column, least_width, render_columns
from pytest_tfgrade.reports.line import Line, Tone, display_width

_LEAST_NAME: Final = 8
_LEAST_CODE: Final = 7  # E_MEMO… and E_MISS… are still told apart


def render_table(grades: Sequence[Grade], width: int) -> tuple[Line, ...]:
    """Return the points of every task, where needed cut to ``width`` columns.

    A ``*`` marks scores of which not every criterion was graded. Scores are never
    cut: where tasks do not fit even so, the last ones make place for a ``…``.
    """
    names = tuple(printable(with_visible_ends(grade.id)) for grade in grades)
    least = min(_LEAST_NAME, max(map(display_width, names)))
    submission = Column(header="submission", cells=names, least=least, right=False)
    tasks = [_task_column(task, grades) for task in _task_ids(grades)]
    columns = _fitting([submission], tasks, _totals(grades), width)
    header, *rows = render_columns(columns, width)
    tones = [_tone(grade) for grade in grades]
    return (Line(header), *map(Line, rows, tones))


def _fitting(
    before: list[Column], tasks: list[Column], after: list[Column], width: int
) -> list[Column]:
    columns = before + tasks + after
    rows = len(before[0].cells)
    left_out = Column(header="…", cells=("…",) * rows, least=1)
    for kept in range(len(tasks) - 1, -1, -1):
        if least_width(columns) <= width:
            break
        columns = [*before, *tasks[:kept], left_out, *after]
    return columns


def _task_ids(grades: Sequence[Grade]) -> list[str]:
    return list(dict.fromkeys(task.id for grade in grades for task in grade.tasks))


def _task_column(id_: str, grades: Sequence[Grade]) -> Column:
    cells = [
        next((_task_cell(task) for task in grade.tasks if task.id == id_), ("-", 1))
        for grade in grades
    ]
    return Column(
        header=printable(id_),
        cells=tuple(text for text, _ in cells),
        least=max(least for _, least in cells),
    )


def _task_cell(task: TaskGrade) -> tuple[str, int]:
    """Return what a cell says and to how many columns it may be cut."""
    if not task.criteria:
        return "-", 1
    if task.result is TaskResult.ERROR:
        return "error", len("error")
    score = score_text(task.points, task.max_points) + _mark(task)
    if task.code is None:
        return score, len(score)
    code = printable(task.code)
    least = min(display_width(code), _LEAST_CODE)
    if not task.points:
        return code, least
    return f"{score} {code}", len(score) + 1 + least


def _mark(graded: TaskGrade | Grade) -> str:
    return "" if graded.complete else "*"


def _totals(grades: Sequence[Grade]) -> list[Column]:
    totals = tuple(
        score_text(grade.points, grade.max_points) + _mark(grade) for grade in grades
    )
    columns = [Column(header="total", cells=totals, least=_widest(totals, "total"))]
    if any(grade.has_rule for grade in grades):
        passed = tuple(_passed(grade) for grade in grades)
        least = _widest(passed, "passed")
        columns.append(Column(header="passed", cells=passed, least=least))
    return columns


def _widest(cells: Sequence[str], header: str) -> int:
    return max(map(len, (header, *cells)))


def _passed(grade: Grade) -> str:
    if not grade.has_rule:
        return "-"
    match grade.passed:
        case True:
            return "yes"
        case False:
            return "no"
        case None:
            return "open"


def _tone(grade: Grade) -> Tone:
    if any(task.result is TaskResult.ERROR for task in grade.tasks):
        return Tone.ERROR
    if grade.passed or grade.points == grade.max_points:
        return Tone.GOOD
    return Tone.BAD if grade.passed is False or not grade.points else Tone.PARTIAL
