"""Who moved between two runs, for people."""

from collections.abc import Iterator, Sequence
from typing import Final

from pytest_tfgrade.commands.comparison import (
    Comparison,
    CriterionMove,
    Move,
    TaskMove,
)
from pytest_tfgrade.commands.grades_file import (
    KnownCriterion,
    KnownGrades,
    KnownSubmission,
    KnownTask,
)
from pytest_tfgrade.commands.moving_reasons import (
    Reason,
    isolation_differs,
    isolation_text,
    versions_text,
)
from pytest_tfgrade.core.score import measured, points_text, score_text
from pytest_tfgrade.core.text import printable, with_visible_ends
from pytest_tfgrade.reports.columns import Column, render_columns

MOST_SHOWN: Final = 200
"""Submissions of a table; CSV and JSON hold all."""

_LONGEST_CELL: Final = 300
"""Characters; the table is cut to the terminal anyway."""

Row = tuple[str, str, str, str, str, str]

_HEADERS: Final = ("submission", "task", "criterion", "before", "after", "why")
_LEAST: Final = (12, 8, 8, 6, 6, 30)


def as_text(found: Comparison, width: int) -> str:
    """Return what changed at all, a table of who moved, and a line that counts them."""
    blocks = (
        tuple(_run_lines(found)),
        _table(found, width),
        tuple(_left_out(found)),
        tuple(_verdict(found)),
    )
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _run_lines(found: Comparison) -> Iterator[str]:
    """Say how the runs differ as a whole."""
    runs = found.before, found.after
    for title, run in zip(("old", "new"), runs, strict=True):
        count = len(run.submissions)
        handed_in = f"{count} submission{'' if count == 1 else 's'}"
        end = "" if run.complete else ", not everything graded"
        yield f"{title}  {_shown(run.exam)}, {handed_in}{end}"
    old, new = runs
    if old.tool.version != new.tool.version:
        versions = f"{old.tool.version} -> {new.tool.version}"
        yield f"pytest-tfgrade {_shown(versions)}"
    for runtime in dict.fromkeys((*old.tool.runtimes, *new.tool.runtimes)):
        first, second = (run.tool.runtimes.get(runtime, {}) for run in runs)
        if first and second and first != second:
            yield _shown(f"runtime {runtime}: {versions_text(first, second)}")
    if isolation_differs(runs):
        yield _shown(isolation_text(runs))
    yield from _course_lines(old, new)


def _course_lines(old: KnownGrades, new: KnownGrades) -> Iterator[str]:
    for title, run in (("old", old), ("new", new)):
        if run.course is None:
            yield (
                f"the {title} file does not tell which rubrics and data it was graded "
                "by: an earlier version wrote it"
            )
    if old.course is None or new.course is None:
        return
    tasks = [task for task in new.course if task in old.course]
    first, second = old.course, new.course
    rubrics = [task for task in tasks if first[task].rubric != second[task].rubric]
    data = [task for task in tasks if first[task].data != second[task].data]
    for what, changed in (("rubric", rubrics), ("data", data)):
        if changed:
            yield _shown(f"{what} changed: {', '.join(changed)}")


def _table(found: Comparison, width: int) -> tuple[str, ...]:
    rows = [row for move in _shown_moves(found) for row in _rows(move)]
    if not rows:
        return ()
    columns = [
        Column(header=header, cells=cells, least=least, right=False)
        for header, least, cells in zip(
            _HEADERS, _LEAST, zip(*rows, strict=True), strict=True
        )
    ]
    return render_columns(columns, width)


def _shown_moves(found: Comparison) -> Sequence[Move]:
    """Return those of the table: what nothing explains comes first."""
    in_order = sorted(found.moves, key=lambda move: not move.is_unexplained)
    return in_order[:MOST_SHOWN]


def _left_out(found: Comparison) -> Iterator[str]:
    more = len(found.moves) - MOST_SHOWN
    if more > 0:
        yield f"and {more} more, all of them with --format csv"


def _rows(move: Move) -> Iterator[Row]:
    """Yield a row for the submission, its tasks and their criteria."""
    name = _shown(with_visible_ends(move.id))
    before, after = _whole(move.before), _whole(move.after)
    yield name, "", "", before, after, "; ".join(_whole_reasons(move))
    for task in move.tasks:
        yield from _task_rows(task)


def _whole_reasons(move: Move) -> Iterator[str]:
    if move.before is None:
        yield "new"
    elif move.after is None:
        yield "gone"
    elif move.before.passed != move.after.passed:
        yield f"{_passed(move.before.passed)} -> {_passed(move.after.passed)}"
    yield from _texts(move.reasons)


def _task_rows(task: TaskMove) -> Iterator[Row]:
    before, after = _task(task.before), _task(task.after)
    yield "", _shown(task.id), "", before, after, "; ".join(_texts(task.reasons))
    for criterion in task.criteria:
        yield _criterion_row(criterion)


def _criterion_row(move: CriterionMove) -> Row:
    why = _value_change(move)
    if move.after is None:
        why = "not asked any more"
    elif move.after.rationale:
        why = f"{move.after.rationale}{why}"
    before, after = _criterion(move.before), _criterion(move.after)
    return "", "", _shown(move.id), before, after, _shown(why)


def _value_change(move: CriterionMove) -> str:
    """Tell the value of before where it was another one."""
    if move.before is None or move.after is None:
        return ""
    old, new = measured(move.before.value), measured(move.after.value)
    return "" if old is None or old == new else f" (was {old})"


def _whole(submission: KnownSubmission | None) -> str:
    if submission is None:
        return "-"
    return score_text(submission.points, submission.max_points)


def _task(task: KnownTask | None) -> str:
    if task is None:
        return "-"
    score = score_text(task.points, task.max_points)
    return score if task.code is None else f"{score} {_shown(task.code)}"


def _criterion(criterion: KnownCriterion | None) -> str:
    if criterion is None:
        return "-"
    points = "open" if criterion.points is None else points_text(criterion.points)
    return f"{points} {criterion.verdict}"


def _passed(passed: bool | None) -> str:
    match passed:
        case True:
            return "passed"
        case False:
            return "failed"
        case None:
            return "open"


def _texts(reasons: Sequence[Reason]) -> Iterator[str]:
    return (_shown(reason.text) for reason in reasons)


def _shown(text: str) -> str:
    return printable(text, limit=_LONGEST_CELL)


def _verdict(found: Comparison) -> Iterator[str]:
    if found.counts.unexplained:
        yield (
            f"moved though NOTHING KNOWN CHANGED: {found.counts.unexplained}; the same "
            "file, rubric, data and runtime earned another score: a fault of the "
            "grader's tools, or a check of time"
        )
    yield summary_line(found)


def summary_line(found: Comparison) -> str:
    """Count who moved, and how."""
    if not found.moves:
        return f"none of {found.compared} moved"
    counts = found.counts
    passes = (
        (count, f"{_passed(old)} -> {_passed(new)}")
        for (old, new), count in counts.passes.items()
    )
    kinds = (
        *((counts.up, "up"), (counts.down, "down"), *passes),
        *((counts.new, "new"), (counts.gone, "gone")),
    )
    how = ", ".join(f"{count} {kind}" for count, kind in kinds if count)
    moved = f"{len(found.moves)} of {found.compared} moved"
    return f"{moved}: {how}" if how else moved
