"""From the points of the machine to those that count, whatever was done before."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from grades_of_ada import (
    BANDS,
    DAY,
    DUE,
    TWO_TASKS,
    book,
    criterion,
    decision,
    of,
    override,
    task,
)

from pytest_tfgrade.adjustments import adjusted
from pytest_tfgrade.core.reckoning import LateRule, Penalty, Taken
from pytest_tfgrade.core.submission import Clock, Stamp
from pytest_tfgrade.core.verdict import TaskResult, Verdict


def test_raw_penalty_override_and_final_stay_apart() -> None:
    grade = of(
        TWO_TASKS,
        decision("ada", "digits", "tiny", points="1"),
        decision("ada", "text", points="3"),
        decision("ada", points="9.5"),
        rule=BANDS,
    )

    digits, text = grade.tasks
    assert digits.criteria[1] == replace(
        criterion("tiny", "1", "1"), override=override("1", "0", Verdict.FAILED)
    )
    assert text.override == override("3", "2")
    assert grade.override == override("9.5", "8")
    assert grade.penalty == Penalty(late=DAY, share=Decimal("0.1"))
    assert (digits.raw, digits.points, text.raw, text.points) == (3, 4, 2, 3)
    assert (grade.raw, grade.in_time, grade.penalty_points) == (8, 11, Decimal("1.1"))
    assert grade.points == Decimal("9.5")


def test_without_an_override_of_the_whole_the_penalty_counts() -> None:
    grade = of(TWO_TASKS, rule=BANDS)

    assert (grade.raw, grade.points) == (8, Decimal("7.2"))


def test_a_comment_changes_no_points() -> None:
    grade = of(TWO_TASKS, decision("ada", "digits", "accuracy", comment="well done"))

    (accuracy, _) = grade.tasks[0].criteria
    assert accuracy.override is not None
    assert accuracy.override.comment == "well done"
    assert (accuracy.points, accuracy.verdict) == (3, Verdict.PARTIAL)
    assert grade.points == grade.raw == 8


@pytest.mark.parametrize(
    ("points", "verdict"),
    [("0", Verdict.FAILED), ("0.5", Verdict.PARTIAL), ("4", Verdict.PASSED)],
)
def test_the_verdict_is_that_of_the_points(points: str, verdict: Verdict) -> None:
    gradebook = book(task("digits", criterion("accuracy", "3")))

    grade = of(gradebook, decision("ada", "digits", "accuracy", points=points))

    assert grade.tasks[0].criteria[0].verdict is verdict


def test_a_penalty_that_is_lifted_is_no_failure() -> None:
    gradebook = book(
        task("digits", criterion("all", "4"), criterion("size", "-2", "0"))
    )

    grade = of(gradebook, decision("ada", "digits", "size", points="0"))

    assert grade.tasks[0].criteria[1].verdict is Verdict.PASSED
    assert (grade.raw, grade.points) == (2, 4)


@pytest.mark.parametrize(
    "target", [("ada",), ("ada", "digits"), ("ada", "digits", "accuracy")]
)
def test_an_open_score_is_closed_by_points(target: tuple[str, ...]) -> None:
    gradebook = book(task("digits", criterion("accuracy", None)))

    grade = of(gradebook, decision(*target, points="3"))

    assert grade.raw is None
    assert grade.points == 3


@pytest.mark.parametrize("target", [("digits",), ("digits", "accuracy")])
@pytest.mark.parametrize("code", [None, "E_LOAD"])
def test_what_a_person_settled_is_graded(target: tuple[str, ...], code: str) -> None:
    met = criterion("accuracy", "0" if code else None, code=code)
    gradebook = book(task("digits", met))

    before = gradebook.grades[0].tasks[0]
    (after,) = of(gradebook, decision("ada", *target, points="3")).tasks

    assert before.result is (TaskResult.UNGRADABLE if code else TaskResult.ERROR)
    assert (after.result, after.code) == (TaskResult.GRADED, None)


def test_a_code_still_tells_why_others_were_skipped() -> None:
    skipped = replace(criterion("tiny", "0", "1"), verdict=Verdict.SKIPPED)
    gradebook = book(task("digits", criterion("file", "0", code="E_LOAD"), skipped))

    (after,) = of(gradebook, decision("ada", "digits", "file", points="4")).tasks

    assert (after.result, after.code) == (TaskResult.UNGRADABLE, "E_LOAD")


def test_a_group_that_is_overridden_leaves_its_members() -> None:
    member = replace(criterion("conv", None, "1"), group="form")
    gradebook = book(task("digits", member, criterion("form", None, "1")))

    (after,) = of(gradebook, decision("ada", "digits", "form", points="1")).tasks

    assert after.criteria[0] == member
    assert (after.points, after.result) == (1, TaskResult.GRADED)


def test_an_override_of_the_whole_does_not_reach_a_minimum_that_is_open() -> None:
    least = replace(task("digits", criterion("accuracy", None)), minimum=Decimal(2))
    gradebook = book(least)

    grade = of(gradebook, decision("ada", points="4"))

    assert (grade.points, grade.passed) == (4, None)


STALE = (
    "override: not applied to ada::digits::accuracy: the machine gives {now}, and "
    "gave {was} when it was written at overrides.yaml:3:3; review it"
)


@pytest.mark.parametrize(
    ("was", "now", "applies"),
    [
        ("3", "3.00", True),
        ("3.33", "3.3333333333", True),
        ("3", "3.5", False),
        ("open", None, True),
        ("open", "3", False),
        ("3", None, False),
    ],
)
def test_an_override_of_other_points_than_there_are_is_told_and_left_out(
    was: str, now: str | None, applies: bool
) -> None:
    gradebook = book(task("digits", criterion("accuracy", now)))
    said = replace(
        decision("ada", "digits", "accuracy", points="1"),
        was=was if was == "open" else Decimal(was),
    )

    result = adjusted(gradebook, None, {}, [said])

    told = () if applies else (STALE.format(now=now or "open", was=was),)
    assert result.notices == (*gradebook.notices, *told)
    (grade,) = result.grades
    assert grade.points == (1 if applies else grade.raw)


def test_overrides_of_those_who_are_not_here_are_told() -> None:
    absent = (decision("bob", points="1"), decision("ada", "sound", points="1"))

    result = adjusted(TWO_TASKS, None, {}, absent)

    told = "override: not here, and left out: bob, ada::sound"
    assert result == replace(TWO_TASKS, notices=(*TWO_TASKS.notices, told))


def test_an_extension_moves_the_due_date_of_one() -> None:
    for extended, share in ((DUE + DAY, None), (DUE + DAY / 2, Decimal("0.1"))):
        result = adjusted(TWO_TASKS, BANDS, {"ada": extended, "bob": DUE}, ())

        (grade,) = result.grades
        assert (grade.penalty and grade.penalty.share) == share
        assert result.late_rule == replace(
            BANDS, extensions={"ada": extended, "bob": DUE}
        )
        assert result.notices == TWO_TASKS.notices


UNTRUSTED = (
    "late penalty: none for ada, late by times of files alone, which may be those of a "
    "download or copy; 'clock' under 'late' in the exam file says what may count"
)
UNSAID = (
    "late penalty: none for ada, late by the platform, which says not by how much; "
    "override their points, if need be"
)
UNKNOWN = "late penalty: none for ada, for nothing tells when they handed in"
CONTRADICTED = (
    "late penalty: none for ada, late by the platform and in time by 'due'; correct "
    "'due', if need be"
)


@pytest.mark.parametrize(
    ("stamp", "late", "trusted", "told"),
    [
        (Stamp(DUE + DAY, Clock.PLATFORM), True, Clock.PLATFORM, None),
        (Stamp(DUE + DAY, Clock.ZIP), True, Clock.PLATFORM, UNTRUSTED),
        (Stamp(DUE + DAY, Clock.FILE), True, Clock.ZIP, UNTRUSTED),
        (Stamp(DUE + DAY, Clock.ZIP), True, Clock.ZIP, None),
        (Stamp(DUE + DAY, Clock.FILE), True, Clock.FILE, None),
        (Stamp(DUE, Clock.FILE), False, Clock.PLATFORM, None),
        (Stamp(DUE, Clock.ZIP), True, Clock.PLATFORM, UNTRUSTED),
        (Stamp(DUE, Clock.ZIP), True, Clock.ZIP, CONTRADICTED),
        (Stamp(DUE, Clock.PLATFORM), False, Clock.PLATFORM, None),
        (None, True, Clock.PLATFORM, UNSAID),
        (None, None, Clock.FILE, UNKNOWN),
        (None, False, Clock.FILE, None),
    ],
)
def test_points_hang_on_clocks_that_the_rule_trusts(
    stamp: Stamp | None, late: bool | None, trusted: Clock, told: str | None
) -> None:
    gradebook = book(*TWO_TASKS.grades[0].tasks, stamp=stamp, late=late)

    result = adjusted(gradebook, replace(BANDS, clock=trusted), {}, ())

    assert result.notices[len(gradebook.notices) :] == ((told,) if told else ())
    is_late = stamp is not None and stamp.at > DUE and told is None
    assert (result.grades[0].penalty is not None) is is_late


def test_who_handed_in_nothing_is_not_asked_when() -> None:
    nothing = replace(task("digits", criterion("file", "0")), artifact=None)

    result = adjusted(book(nothing, stamp=None, late=None), BANDS, {}, ())

    assert result.notices == ("names are those of moodle",)


@pytest.mark.parametrize(
    ("late", "share"),
    [
        (timedelta(0), "0"),
        (timedelta(minutes=15), "0"),
        (timedelta(minutes=15, seconds=1), "0.1"),
        (DAY, "0.1"),
        (DAY + timedelta.resolution, "0.5"),
        (100 * DAY, "0.5"),
    ],
)
def test_the_grace_and_each_step_end_a_moment_after_they_are_over(
    late: timedelta, share: str
) -> None:
    rule = replace(BANDS, grace=timedelta(minutes=15))

    assert rule.share(late) == Decimal(share)


@pytest.mark.parametrize(
    ("late", "share"),
    [(-DAY, "0"), (DAY, "0"), (2 * DAY, "0.333333"), (4 * DAY, "1"), (9 * DAY, "1")],
)
def test_a_curve_begins_at_its_first_node_and_ends_at_its_last(
    late: timedelta, share: str
) -> None:
    steps = ((DAY, Decimal(0)), (4 * DAY, Decimal(1)))
    rule = LateRule(due=DUE, steps=steps, is_linear=True)

    assert rule.share(late) == Decimal(share)


@pytest.mark.parametrize(
    ("taken", "lost"), [(Taken.EARNED, "1.66"), (Taken.POSSIBLE, "3.33")]
)
def test_points_that_are_lost_are_rounded_down(taken: Taken, lost: str) -> None:
    penalty = Penalty(late=DAY, share=Decimal("0.333333"), taken=taken)

    assert penalty.points(Decimal(5), Decimal(10)) == Decimal(lost)


def test_what_is_of_the_possible_points_never_takes_more_than_there_are() -> None:
    penalty = Penalty(late=DAY, share=Decimal("0.5"), taken=Taken.POSSIBLE)

    assert penalty.points(Decimal(3), Decimal(10)) == 3
