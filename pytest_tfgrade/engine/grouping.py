"""The points of a group, from those of its members."""

from collections.abc import Sequence
from decimal import Decimal

from pytest_tfgrade.core.criterion import CriterionResult
from pytest_tfgrade.core.score import score_text
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.engine.scoring import Score
from pytest_tfgrade.rubric import BoundGroup, GroupRule


def group_score(group: BoundGroup, members: Sequence[CriterionResult]) -> Score | None:
    """Return what a group earns; None while a member leaves it open.

    A member without a verdict leaves a group open unless the others decide: for any,
    one that passed; for all, one that did not; for min, one without points; for max and
    for a sum, those that reach all points already.
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


def _points(  # noqa: PLR0911 - a return for each rule
    group: BoundGroup, members: Sequence[CriterionResult]
) -> Decimal | None:
    known = [
        member.points
        for member in members
        if member.points is not None and member.verdict is not Verdict.ERROR
    ]
    verdicts = {member.verdict for member in members}
    open_ = len(known) < len(members)
    match group.rule:
        case GroupRule.SUM:
            whole = min(sum(known, Decimal(0)), group.points)
            return None if open_ and whole < group.points else whole
        case GroupRule.MIN:
            lowest = min(known, default=Decimal(0))
            return None if open_ and (lowest or not known) else lowest
        case GroupRule.MAX:
            highest = max(known, default=Decimal(0))
            return None if open_ and highest < group.points else highest
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
