"""From the points of the machine to those that count.

The order: raw points, overrides of criteria, of tasks, the sum by weight, what lateness
costs, overrides of submissions.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from pytest_tfgrade.adjustments.lateness import lateness_notices, penalty_of
from pytest_tfgrade.adjustments.overrides import OPEN, Decision, Target
from pytest_tfgrade.adjustments.wording import named
from pytest_tfgrade.core.criterion import CriterionResult
from pytest_tfgrade.core.grade import Grade, Gradebook, TaskGrade
from pytest_tfgrade.core.reckoning import LateRule, Override
from pytest_tfgrade.core.score import points_text
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.core.verdict import Verdict

_LATE: Final = "late penalty: "
_OVERRIDE: Final = "override: "

_Decisions = Mapping[Target, Decision]


def adjusted(
    gradebook: Gradebook,
    late_rule: LateRule | None,
    extensions: Mapping[str, datetime],
    overrides: Sequence[Decision],
) -> Gradebook:
    """Return the same grades with the points that count.

    It begins with what the machine gave, whatever was done to the grades before, so
    the same is never done twice. An override that says what the machine had given is
    left out where the machine now gives something else; a notice tells.

    Args:
        gradebook: The grades.
        late_rule: What lateness costs; None if nothing.
        extensions: Other due dates, by submission.
        overrides: What people decided.
    """
    rule = late_rule and replace(late_rule, extensions=dict(extensions))
    of_each: dict[str, dict[Target, Decision]] = {}
    for decision in overrides:
        target = decision.target
        of_each.setdefault(target.submission, {})[target] = decision
    raw = [_raw(grade) for grade in gradebook.grades]
    notices = [
        *(n for n in gradebook.notices if not n.startswith((_LATE, _OVERRIDE))),
        *(f"{_LATE}{text}" for text in (lateness_notices(raw, rule) if rule else ())),
        *(f"{_OVERRIDE}{text}" for text in _unapplied(raw, overrides)),
    ]
    return replace(
        gradebook,
        grades=tuple(_adjusted(g, rule, of_each.get(g.id, {})) for g in raw),
        late_rule=rule,
        notices=tuple(printable(notice) for notice in notices),
    )


def decisions_in(gradebook: Gradebook) -> tuple[Decision, ...]:
    """Return the overrides that were applied to a gradebook."""
    return tuple(
        Decision(
            target=target,
            points=override.points,
            comment=override.comment,
            by=override.by,
            at=override.at,
            why=override.why,
        )
        for grade in gradebook.grades
        for target, result in _results(grade)
        if (override := result.override) is not None
    )


def _results(
    grade: Grade,
) -> Iterator[tuple[Target, Grade | TaskGrade | CriterionResult]]:
    """Yield all that can be overridden, under its name."""
    yield Target(grade.id), grade
    for task in grade.tasks:
        yield Target(grade.id, task.id), task
        for criterion in task.criteria:
            yield Target(grade.id, task.id, criterion.id), criterion


def _raw(grade: Grade) -> Grade:
    """Return a grade as the machine gave it."""
    return replace(
        grade,
        tasks=tuple(map(_raw_task, grade.tasks)),
        penalty=None,
        override=None,
    )


def _raw_task(task: TaskGrade) -> TaskGrade:
    if task.override is None and all(c.override is None for c in task.criteria):
        return task
    criteria = tuple(map(_raw_criterion, task.criteria))
    return replace(task, criteria=criteria, override=None)


def _raw_criterion(criterion: CriterionResult) -> CriterionResult:
    override = criterion.override
    if override is None:
        return criterion
    verdict = override.raw_verdict or criterion.verdict
    return replace(criterion, points=override.raw, verdict=verdict, override=None)


def _adjusted(grade: Grade, rule: LateRule | None, decisions: _Decisions) -> Grade:
    """Return a grade that was as the machine gave it with what counts."""
    penalty = None if rule is None else penalty_of(grade, rule)
    if not decisions:
        return grade if penalty is None else replace(grade, penalty=penalty)
    return replace(
        grade,
        tasks=tuple(_adjusted_task(grade.id, task, decisions) for task in grade.tasks),
        penalty=penalty,
        override=_override(decisions.get(Target(grade.id)), grade.raw),
    )


def _adjusted_task(
    submission: str, task: TaskGrade, decisions: _Decisions
) -> TaskGrade:
    criteria = tuple(
        _adjusted_criterion(c, decisions.get(Target(submission, task.id, c.id)))
        for c in task.criteria
    )
    override = _override(decisions.get(Target(submission, task.id)), task.raw)
    return replace(task, criteria=criteria, override=override)


def _adjusted_criterion(
    criterion: CriterionResult, decision: Decision | None
) -> CriterionResult:
    override = _override(decision, criterion.points, criterion.verdict)
    if override is None or override.points is None:
        return replace(criterion, override=override)
    verdict = _verdict(override.points, criterion.max_points)
    return replace(
        criterion, points=override.points, verdict=verdict, override=override
    )


def _override(
    decision: Decision | None, raw: Decimal | None, verdict: Verdict | None = None
) -> Override | None:
    """Return what a person said, if the machine gave what that person saw."""
    if decision is None or not decision.fits(raw):
        return None
    return decision.override(raw, verdict)


def _verdict(points: Decimal, most: Decimal) -> Verdict:
    if points >= most:
        return Verdict.PASSED
    return Verdict.PARTIAL if points > 0 else Verdict.FAILED


def _unapplied(grades: Iterable[Grade], decisions: Sequence[Decision]) -> Iterator[str]:
    """Yield which overrides are left out, and why; the grades are the machine's."""
    wanted = {decision.target.submission for decision in decisions}
    raw: dict[Target, Decimal | None] = {}
    for grade in grades:
        if grade.id in wanted:
            raw |= {target: result.raw for target, result in _results(grade)}
    for decision in decisions:
        if decision.target in raw and not decision.fits(raw[decision.target]):
            now, was = _text(raw[decision.target]), _text(decision.was)
            what = f"not applied to {decision.target}: the machine gives {now}"
            where = f" at {decision.place}" if decision.place else ""
            yield f"{what}, and gave {was} when it was written{where}; review it"
    absent = [d.target for d in decisions if d.target not in raw]
    if absent:
        yield f"not here, and left out: {named(absent)}"


def _text(points: Decimal | str | None) -> str:
    return points_text(points) if isinstance(points, Decimal) else OPEN
