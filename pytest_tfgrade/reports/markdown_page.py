"""Grades in Markdown: a table of all submissions, and the page of one."""

from collections.abc import Iterator
from decimal import Decimal
from gettext import NullTranslations

from pytest_tfgrade.core.criterion import CriterionResult
from pytest_tfgrade.core.grade import Grade, Gradebook, TaskGrade
from pytest_tfgrade.core.reckoning import Override
from pytest_tfgrade.core.score import points_text, score_text
from pytest_tfgrade.core.text import with_visible_ends
from pytest_tfgrade.core.verdict import TaskResult, Verdict
from pytest_tfgrade.reports.markdown_text import code, escaped, row, rule
from pytest_tfgrade.reports.notes import NOT_ISOLATED, partial_run
from pytest_tfgrade.reports.reckoned import late_text


def render_heading(gradebook: Gradebook, words: NullTranslations) -> Iterator[str]:
    """Yield the exam's title, and what has to be said of the whole run, in lines."""
    _ = words.gettext
    yield f"# {escaped(gradebook.exam)}"
    yield ""
    if not gradebook.isolated:
        yield f"**{escaped(_(NOT_ISOLATED))}**"
        yield ""
    if not gradebook.complete:
        yield escaped(partial_run(gradebook))
        yield ""


def render_overview(gradebook: Gradebook, words: NullTranslations) -> Iterator[str]:
    """Yield the lines of a table: a row for each submission, a column for each task."""
    _ = words.gettext
    tasks = dict.fromkeys(task.id for grade in gradebook.grades for task in grade.tasks)
    has_rule = any(grade.has_rule for grade in gradebook.grades)
    passed = [_("Passed")] if has_rule else []
    yield row([_("Submission"), *map(escaped, tasks), _("Total"), *passed])
    yield rule("l" + "r" * (len(tasks) + 1) + "l" * len(passed))
    for grade in gradebook.grades:
        cells = {task.id: _task_cell(task, words) for task in grade.tasks}
        total = _score(grade, words) + ("" if grade.complete else r" \*")
        answer = [_passed(grade, words)] if has_rule else []
        scores = (cells.get(task, "-") for task in tasks)
        yield row([_name(grade), *scores, total, *answer])


def render_page(grade: Grade, words: NullTranslations) -> Iterator[str]:
    """Yield the lines of what one candidate reads: points, and why."""
    _ = words.gettext
    yield f"## {_name(grade)}"
    yield ""
    total = _("%(score)s points") % {"score": _score(grade, words)}
    yield f"**{total}**" + (f", {_outcome(grade, words)}" if grade.has_rule else "")
    yield ""
    steps = list(_reckoning(grade, words))
    if steps:
        yield from (f"* {step}" for step in steps)
        yield ""
    for task in grade.tasks:
        yield from _task(task, words)


def _task(task: TaskGrade, words: NullTranslations) -> Iterator[str]:
    _ = words.gettext
    score = _("%(score)s points") % {"score": _score(task, words)}
    yield f"### {escaped(task.title or task.id)}: {score}"
    yield ""
    if task.weight != 1:
        weight = points_text(task.weight)
        yield _("In the total they count %(weight)s times.") % {"weight": weight}
        yield ""
    if task.result is TaskResult.UNGRADABLE and task.code:
        yield f"{_('could not be graded')}: {code(task.code)}"
        yield ""
    if task.override is not None:
        yield _by_hand(task.override, task.raw, words)
        yield ""
    if task.points is not None and task.points < task.minimum:
        least = score_text(task.minimum, task.max_points)
        yield _("To pass the exam, this task needs %(score)s.") % {"score": least}
        yield ""
    if not task.criteria:
        return
    yield row([_("Criterion"), _("Result"), _("Points"), _("Reason"), _("Hint")])
    yield rule("llrll")
    for criterion in task.criteria:
        yield row(_criterion(criterion, words))
    yield ""


def _criterion(criterion: CriterionResult, words: NullTranslations) -> Iterator[str]:
    _ = words.gettext
    title = escaped(criterion.title or criterion.id)
    if criterion.group is not None:
        group = escaped(criterion.group)
        title += f" ({_('part of %(group)s') % {'group': group}})"
    if criterion.bonus:
        title += f" ({_('bonus')})"
    yield title
    yield _verdict(criterion.verdict, words)
    is_worth_points = criterion.points != 0 or criterion.max_points
    points = _points(criterion.points, criterion.max_points, words)
    yield points if is_worth_points else ""
    reason = escaped(criterion.rationale)
    if criterion.override is not None:
        reason += f"; {_by_hand(criterion.override, criterion.raw, words)}"
    yield reason
    yield escaped(criterion.hint or "")


def _verdict(verdict: Verdict, words: NullTranslations) -> str:
    _ = words.gettext
    match verdict:
        case Verdict.PASSED:
            return _("passed")
        case Verdict.PARTIAL:
            return _("partly passed")
        case Verdict.FAILED:
            return _("failed")
        case Verdict.SKIPPED:
            return _("skipped")
        case Verdict.ERROR:
            return _("open: the grader failed")


def _reckoning(grade: Grade, words: NullTranslations) -> Iterator[str]:
    """Yield what was done to the points, if anything was, in its order."""
    _ = words.gettext
    if grade.raw is not None and grade.raw != grade.points:
        raw = points_text(grade.raw)
        yield _("before anything was changed: %(points)s") % {"points": raw}
    if grade.in_time is not None and grade.in_time != grade.raw:
        changed = points_text(grade.in_time)
        yield _("after changes by hand: %(points)s") % {"points": changed}
    if grade.penalty is not None and grade.penalty_points:
        lost = {
            "time": late_text(grade.penalty.late, words),
            "points": points_text(grade.penalty_points),
        }
        yield _("late by %(time)s: -%(points)s") % lost
    if grade.override is not None:
        yield _by_hand(grade.override, None, words)


def _by_hand(override: Override, raw: Decimal | None, words: NullTranslations) -> str:
    """Say that a person gave other points, or what a person said."""
    _ = words.gettext
    comment = escaped(override.comment)
    if override.points is None:
        return f"{_('comment')}: {comment}"
    given = {"points": points_text(override.points)}
    if raw is None:
        said = _("points set to %(points)s by hand") % given
    else:
        given["raw"] = points_text(raw)
        said = _("points set to %(points)s by hand, before %(raw)s") % given
    return f"{said}: {comment}" if comment else said


def _outcome(grade: Grade, words: NullTranslations) -> str:
    _ = words.gettext
    match grade.passed:
        case True:
            return _("passed")
        case False:
            return _("not passed")
        case None:
            return _("passed or not is open")


def _passed(grade: Grade, words: NullTranslations) -> str:
    _ = words.gettext
    match grade.passed:
        case True:
            return _("yes")
        case False:
            return _("no")
        case None:
            return _("open")


def _name(grade: Grade) -> str:
    return escaped(with_visible_ends(grade.id))


def _task_cell(task: TaskGrade, words: NullTranslations) -> str:
    if not task.criteria:
        return "-"
    score = _score(task, words) + ("" if task.complete else r" \*")
    return score if task.code is None else f"{score} {code(task.code)}"


def _score(graded: Grade | TaskGrade, words: NullTranslations) -> str:
    return _points(graded.points, graded.max_points, words)


def _points(earned: Decimal | None, most: Decimal, words: NullTranslations) -> str:
    if earned is None:
        return f"{words.gettext('open')}/{points_text(most)}"
    return score_text(earned, most)
