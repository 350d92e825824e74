"""The points of a group of criteria."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from pytest_tfgrade.core.score import counted
from pytest_tfgrade.documents.document import KeyPath
from pytest_tfgrade.rubric.model import BoundCriterion, BoundGroup
from pytest_tfgrade.rubric.schema import GroupPart, GroupRule

_ALL_OR_NOTHING: Final = frozenset({GroupRule.ANY, GroupRule.ALL})


def group_points(
    part: GroupPart, members: Sequence[BoundCriterion | BoundGroup]
) -> Decimal:
    """Return the most points of a group in which nothing is wrong."""
    points = [member.points for member in members]
    match part.group:
        case GroupRule.SUM:
            whole = sum(points, Decimal(0))
            return whole if part.points is None else part.points
        case GroupRule.MIN | GroupRule.MAX:
            return max(points, default=Decimal(0))
        case GroupRule.ANY | GroupRule.ALL:
            return part.points or Decimal(0)


def group_problems(
    part: GroupPart,
    members: Sequence[BoundCriterion | BoundGroup],
    are_groups: Sequence[bool],
) -> Iterator[tuple[KeyPath, str]]:
    """Yield keys of a group and what is wrong with them.

    Args:
        part: The group.
        members: Those of its criteria that are in order.
        are_groups: Of all its criteria, whether they are groups themselves.
    """
    for index, is_group in enumerate(are_groups):
        if is_group:
            text = "a group has criteria, not groups; write it beside this one"
            yield ("criteria", index), text
    for member in members:
        beside = "write it beside the group"
        if member.bonus:
            text = f"{member.id!r} has a bonus, which only a whole group can have"
            yield ("criteria",), f"{text}; move bonus to the group, or {beside}"
        if isinstance(member, BoundCriterion) and member.penalty:
            text = f"{member.id!r} costs points, which no member of a group can"
            yield ("criteria",), f"{text}; {beside}"
    if len(members) == len(are_groups):
        if part.bonus and group_points(part, members) == 0:
            yield ("bonus",), "a bonus without points is none; add points"
        yield from _point_problems(part, [member.points for member in members])


def _point_problems(
    part: GroupPart, points: Sequence[Decimal]
) -> Iterator[tuple[KeyPath, str]]:
    whole, best = sum(points, Decimal(0)), max(points, default=Decimal(0))
    rule, own = part.group, part.points
    if rule in _ALL_OR_NOTHING:
        if any(points):
            text = f"points of the members of a group {rule} do not count; remove them"
            yield ("criteria",), text
    elif rule is GroupRule.SUM and own is not None and own > whole:
        text = f"the members add up to {counted(whole)}, less than {own}; correct one"
        yield ("points",), text
    elif rule is not GroupRule.SUM and own is not None and own != best:
        text = f"the members have {counted(best)}, not {own}; leave points out"
        yield ("points",), text
    if rule is GroupRule.MIN and len(set(points)) > 1:
        text = "members of a group min must have the same points; make them equal"
        yield ("criteria",), text
