"""The points of a group, from those of its members."""

from collections.abc import Sequence
from decimal import Decimal

from pytest_tfgrade.core.criterion import CriterionResult
from pytest_tfgrade.core.grade import total
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.engine.scoring import Score
from pytest_tfgrade.reports.score import score_text
from pytest_tfgrade.rubric import BoundGroup, GroupRule


def group_score(group: BoundGroup, members: Sequence[CriterionResult]) -> Score | None:
    """Return what a group earns; None while a member leaves it open.

    A member without a verdict leaves a group open unless the others decide: one that
    passed decides for any, one that did not for all.
    """
    points = _points(group, members)
    if points is None:
        return None
    losing = [member for member in members if member.verdict is not Verdict.PASSED]
    return Score(
        met=_is_met(group, members, points),
        points=points,
        rationale=_rationale(group, members),
        hint=next((member.hint for member in losing if member.hint), None),
    )


def _points(group: BoundGroup, members: Sequence[CriterionResult]) -> Decimal | None:
    earned = [member.points for member in members]
    known = [points for points in earned if points is not None]
    verdicts = {member.verdict for member in members}
    open_ = len(known) < len(members)
    match group.rule:
        case GroupRule.SUM:
            whole = total(earned)
            return None if whole is None else min(whole, group.points)
        case GroupRule.MIN | GroupRule.MAX:
            choose = min if group.rule is GroupRule.MIN else max
            return None if open_ else choose(known)
        case GroupRule.ANY:
            if Verdict.PASSED in verdicts:
                return group.points
            return None if open_ else Decimal(0)
        case GroupRule.ALL:
            if verdicts - {Verdict.PASSED, Verdict.ERROR}:
                return Decimal(0)
            return None if open_ else group.points


def _is_met(
    group: BoundGroup, members: Sequence[CriterionResult], points: Decimal
) -> bool:
    """Return whether nothing more could be earned; without points, what passed."""
    if group.points:
        return points >= group.points
    passed = [member.verdict is Verdict.PASSED for member in members]
    match group.rule:
        case GroupRule.ANY | GroupRule.MAX:
            return any(passed)
        case GroupRule.SUM | GroupRule.MIN | GroupRule.ALL:
            return all(passed)


def _rationale(group: BoundGroup, members: Sequence[CriterionResult]) -> str:
    said = ", ".join(f"{member.id} {_outcome(member)}" for member in members)
    return f"{_NAMES[group.rule]}: {said}"


_NAMES = {
    GroupRule.SUM: "sum",
    GroupRule.MIN: "the lowest",
    GroupRule.MAX: "the highest",
    GroupRule.ANY: "any",
    GroupRule.ALL: "all or nothing",
}


def _outcome(member: CriterionResult) -> str:
    if member.points is None or not member.max_points:
        return member.verdict.value
    return score_text(member.points, member.max_points)
