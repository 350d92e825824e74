"""The points of a group, rule by rule."""

from decimal import Decimal

import pytest

from pytest_tfgrade.core.criterion import CriterionResult
from pytest_tfgrade.core.localized import Localized
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.engine.grouping import group_score
from pytest_tfgrade.engine.scoring import Score
from pytest_tfgrade.rubric import BoundGroup, GroupRule


def member(verdict: Verdict, points: str | None, most: str = "2") -> CriterionResult:
    """Return what became of a member; its id is the verdict."""
    return CriterionResult(
        id=verdict.value,
        check="any",
        verdict=verdict,
        points=None if points is None else Decimal(points),
        max_points=Decimal(most),
        rationale="so it is",
        hint=None if verdict is Verdict.PASSED else f"Mend what {verdict}.",
        group="g",
    )


def group(rule: GroupRule, points: str) -> BoundGroup:
    """Return a group of which only this matters."""
    title = Localized.of("g")
    return BoundGroup(
        id="g", title=title, points=Decimal(points), rule=rule, members=()
    )


PASSED, PARTIAL = member(Verdict.PASSED, "2"), member(Verdict.PARTIAL, "0.5")
FAILED, SKIPPED = member(Verdict.FAILED, "0"), member(Verdict.SKIPPED, "0")
ERROR = member(Verdict.ERROR, None)

DONE, LOST = member(Verdict.PASSED, "0", "0"), member(Verdict.FAILED, "0", "0")
LEFT, OPEN = member(Verdict.SKIPPED, "0", "0"), member(Verdict.ERROR, None, "0")
"""Members of a group any or all have no points of their own."""

SUM, MIN, MAX, ANY, ALL = GroupRule


@pytest.mark.parametrize(
    ("rule", "points", "members", "earned"),
    [
        pytest.param(SUM, "4", [PASSED, PASSED], (True, "4"), id="sum"),
        pytest.param(SUM, "4", [PASSED, PARTIAL], (False, "2.5"), id="sum-in-part"),
        pytest.param(SUM, "2", [PASSED, FAILED], (True, "2"), id="sum-up-to-the-cap"),
        pytest.param(SUM, "2", [PASSED, PASSED], (True, "2"), id="sum-never-above-it"),
        pytest.param(SUM, "4", [FAILED, SKIPPED], (False, "0"), id="sum-of-nothing"),
        pytest.param(SUM, "4", [PASSED, ERROR], None, id="sum-open"),
        pytest.param(MIN, "2", [PASSED, PASSED], (True, "2"), id="min"),
        pytest.param(MIN, "2", [PASSED, PARTIAL], (False, "0.5"), id="min-in-part"),
        pytest.param(MIN, "2", [PASSED, SKIPPED], (False, "0"), id="min-skipped"),
        pytest.param(MIN, "2", [PASSED, ERROR], None, id="min-open"),
        pytest.param(MAX, "2", [FAILED, PASSED], (True, "2"), id="max"),
        pytest.param(MAX, "2", [FAILED, PARTIAL], (False, "0.5"), id="max-in-part"),
        pytest.param(MAX, "2", [FAILED, SKIPPED], (False, "0"), id="max-of-nothing"),
        pytest.param(MAX, "2", [PARTIAL, ERROR], None, id="max-open"),
        pytest.param(ANY, "3", [LOST, DONE], (True, "3"), id="any"),
        pytest.param(ANY, "3", [LOST, LEFT], (False, "0"), id="any-of-none"),
        pytest.param(ANY, "3", [LOST, OPEN], None, id="any-open"),
        pytest.param(
            ANY, "3", [OPEN, DONE], (True, "3"), id="any-decided-all-the-same"
        ),
        pytest.param(ALL, "3", [DONE, DONE], (True, "3"), id="all"),
        pytest.param(ALL, "3", [DONE, LOST], (False, "0"), id="all-or-nothing"),
        pytest.param(ALL, "3", [DONE, LEFT], (False, "0"), id="all-skipped"),
        pytest.param(ALL, "3", [DONE, OPEN], None, id="all-open"),
        pytest.param(ALL, "3", [LOST, OPEN], (False, "0"), id="all-lost-all-the-same"),
        pytest.param(ANY, "0", [LOST, DONE], (True, "0"), id="a-gate-any-passed"),
        pytest.param(ANY, "0", [LOST, LEFT], (False, "0"), id="a-gate-any-failed"),
        pytest.param(ALL, "0", [DONE, DONE], (True, "0"), id="a-gate-all-passed"),
        pytest.param(ALL, "0", [LOST, DONE], (False, "0"), id="a-gate-all-failed"),
        pytest.param(SUM, "0", [LOST, DONE], (False, "0"), id="a-gate-sum-failed"),
        pytest.param(MAX, "0", [LOST, DONE], (True, "0"), id="a-gate-max-passed"),
    ],
)
def test_a_group_earns_what_its_rule_says(
    rule: GroupRule,
    points: str,
    members: list[CriterionResult],
    earned: tuple[bool, str] | None,
) -> None:
    score = group_score(group(rule, points), members)

    expected = earned and (earned[0], Decimal(earned[1]))
    assert (score and (score.met, score.points)) == expected


def test_a_group_says_what_became_of_each_member_and_hints_at_the_first_loss() -> None:
    score = group_score(group(SUM, "4"), [PASSED, PARTIAL, FAILED])

    assert score == Score(
        met=False,
        points=Decimal("2.5"),
        rationale="sum: passed 2/2, partial 0.5/2, failed 0/2",
        hint="Mend what partial.",
    )


@pytest.mark.parametrize(
    ("rule", "rationale"),
    [
        (ANY, "any: failed failed, passed passed"),
        (ALL, "all or nothing: failed failed, passed passed"),
        (MIN, "the lowest: failed failed, passed passed"),
        (MAX, "the highest: failed failed, passed passed"),
    ],
)
def test_members_without_points_are_told_by_their_verdicts(
    rule: GroupRule, rationale: str
) -> None:
    score = group_score(group(rule, "0"), [LOST, DONE])

    assert score is not None
    assert score.rationale == rationale
