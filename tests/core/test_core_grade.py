"""Points add up, open scores stay open, partial runs say so."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from pytest_tfgrade.core.criterion import CriterionResult
from pytest_tfgrade.core.grade import Grade, Gradebook, TakenIn, TaskGrade, total
from pytest_tfgrade.core.reckoning import LateRule
from pytest_tfgrade.core.submission import Clock, Stamp
from pytest_tfgrade.core.verdict import TaskResult, Verdict


def criterion(
    verdict: Verdict, points: str | None, code: str | None = None
) -> CriterionResult:
    """Return a result of which only this matters."""
    return CriterionResult(
        id="any",
        check="any",
        verdict=verdict,
        points=None if points is None else Decimal(points),
        max_points=Decimal(2),
        rationale="any",
        code=code,
    )


PASSED = criterion(Verdict.PASSED, "2")
PARTIAL = criterion(Verdict.PARTIAL, "0.1")
FAILED = criterion(Verdict.FAILED, "0")
SKIPPED = criterion(Verdict.SKIPPED, "0")
MISSING = criterion(Verdict.FAILED, "0", "E_MISSING")
ERROR = criterion(Verdict.ERROR, None, "E_INFRA")


def task(*criteria: CriterionResult, planned: int = 0) -> TaskGrade:
    """Return the grade of a task with two points for each criterion."""
    most = Decimal(2 * max(len(criteria), planned))
    return TaskGrade(id="any", criteria=criteria, max_points=most, planned=planned)


def grade(*tasks: TaskGrade, share: str | None = "0.5") -> Grade:
    """Return the grade of a submission."""
    pass_mark = None if share is None else Decimal(share)
    return Grade(id="any", tasks=tasks, pass_mark=pass_mark)


@pytest.mark.parametrize(
    ("criteria", "result", "code", "points"),
    [
        ([PASSED, PARTIAL], TaskResult.GRADED, None, "2.1"),
        ([FAILED, SKIPPED], TaskResult.GRADED, None, "0"),
        ([MISSING, SKIPPED], TaskResult.UNGRADABLE, "E_MISSING", "0"),
        ([PASSED, MISSING], TaskResult.UNGRADABLE, "E_MISSING", "2"),
        ([PASSED, ERROR], TaskResult.ERROR, "E_INFRA", None),
        ([MISSING, ERROR], TaskResult.ERROR, "E_MISSING", None),
        ([], TaskResult.GRADED, None, "0"),
    ],
)
def test_a_task_has_a_result_a_code_and_points(
    criteria: list[CriterionResult],
    result: TaskResult,
    code: str | None,
    points: str | None,
) -> None:
    graded = task(*criteria)

    assert (graded.result, graded.code, graded.points) == (
        result,
        code,
        None if points is None else Decimal(points),
    )


def test_points_add_up_without_float_noise() -> None:
    assert total([Decimal("0.1")] * 3) == Decimal("0.3")
    assert total([]) == Decimal(0)


@pytest.mark.parametrize(
    ("tasks", "share", "passed"),
    [
        pytest.param([task(PASSED, FAILED)], "0.5", True, id="the-mark-itself-passes"),
        pytest.param([task(FAILED), task(PARTIAL)], "0.5", False, id="below"),
        pytest.param([task(PASSED), task(ERROR)], "0.5", None, id="an-open-score"),
        pytest.param([task(PASSED)], None, None, id="no-rule"),
        pytest.param([task(PASSED, planned=2)], "0.1", None, id="a-run-cut-short"),
        pytest.param([task(FAILED)], "0", True, id="everybody-passes"),
    ],
)
def test_an_exam_is_passed_failed_or_open(
    tasks: list[TaskGrade], share: str | None, passed: bool | None
) -> None:
    assert grade(*tasks, share=share).passed is passed


def test_an_open_score_leaves_the_whole_open() -> None:
    open_grade = grade(task(PASSED), task(ERROR))

    assert open_grade.points is None
    assert open_grade.max_points == Decimal(4)


@pytest.mark.parametrize(
    ("grades", "planned", "complete"),
    [
        ([grade(task(PASSED, FAILED))], 2, True),
        ([grade(task(PASSED))], 2, False),
        ([grade(task(PASSED, planned=2))], 0, False),
        ([], 0, True),
    ],
)
def test_a_gradebook_knows_whether_it_is_complete(
    grades: list[Grade], planned: int, complete: bool
) -> None:
    book = Gradebook(
        exam="any", grades=tuple(grades), isolated=True, version="1", planned=planned
    )

    assert book.complete is complete


def test_a_gradebook_counts_what_was_graded() -> None:
    grades = (grade(task(PASSED, ERROR), task(MISSING)), grade(task(SKIPPED)))

    book = Gradebook(exam="any", grades=grades, isolated=True, version="1")

    assert book.graded == 4


# Groups, bonus, penalties


def in_group(result: CriterionResult) -> CriterionResult:
    """Return the same as a member of a group."""
    return replace(result, id="member", group="g")


PENALTY = criterion(Verdict.FAILED, "-3")


@pytest.mark.parametrize(
    ("criteria", "points"),
    [
        pytest.param([in_group(PASSED), PARTIAL], "0.1", id="members-count-elsewhere"),
        pytest.param([replace(PASSED, bonus=True), PASSED], "4", id="a-bonus-on-top"),
        pytest.param([PASSED, PASSED, PENALTY], "1", id="a-penalty-costs"),
        pytest.param([PASSED, PENALTY], "0", id="but-never-below-nothing"),
        pytest.param([PENALTY, ERROR], None, id="and-an-open-score-stays-open"),
    ],
)
def test_points_of_a_task_add_up(
    criteria: list[CriterionResult], points: str | None
) -> None:
    assert task(*criteria).points == (None if points is None else Decimal(points))


def test_a_member_without_a_verdict_opens_nothing_if_its_group_is_decided() -> None:
    graded = task(in_group(ERROR), in_group(PASSED), PASSED)

    assert (graded.result, graded.code, graded.points) == (TaskResult.GRADED, None, 2)


def test_a_member_without_a_verdict_opens_what_its_group_leaves_open() -> None:
    graded = task(in_group(ERROR), ERROR)

    assert (graded.result, graded.code, graded.points) == (
        TaskResult.ERROR,
        "E_INFRA",
        None,
    )


# Weights and minimums


def test_each_task_counts_by_its_weight() -> None:
    heavy = replace(task(PASSED, FAILED), weight=Decimal("2.5"))

    graded = grade(heavy, task(PASSED))

    assert (graded.points, graded.max_points) == (Decimal(7), Decimal(12))


def test_a_weight_counts_after_the_floor_of_its_task() -> None:
    heavy = replace(task(PENALTY), weight=Decimal(2))

    assert grade(heavy, task(PASSED)).points == Decimal(2)


@pytest.mark.parametrize(
    ("minimum", "share", "passed"),
    [
        pytest.param("2", "0.1", True, id="the-minimum-itself-passes"),
        pytest.param("2.01", "0.1", False, id="a-hundredth-below"),
        pytest.param("0", "0.6", False, id="the-mark-counts-as-well"),
        pytest.param("2", None, True, id="minimums-are-a-rule-by-themselves"),
        pytest.param("3", None, False, id="which-can-fail"),
        pytest.param("0", None, None, id="without-either-there-is-no-rule"),
    ],
)
def test_a_task_may_ask_for_points_of_its_own(
    minimum: str, share: str | None, passed: bool | None
) -> None:
    graded = replace(task(PASSED, FAILED), minimum=Decimal(minimum))

    assert grade(graded, task(FAILED), share=share).passed is passed


def test_a_minimum_is_of_the_tasks_own_points_whatever_its_weight() -> None:
    heavy = replace(task(PASSED), weight=Decimal(9), minimum=Decimal(3))

    assert grade(heavy).passed is False


def test_a_minimum_that_is_missed_fails_nobody_while_a_score_is_open() -> None:
    missed = replace(task(FAILED), minimum=Decimal(1))

    assert grade(missed, task(ERROR)).passed is None


def test_a_bonus_can_make_up_for_what_is_lost_elsewhere() -> None:
    bonus = replace(task(PASSED, replace(PASSED, bonus=True)), max_points=Decimal(2))

    assert grade(bonus, task(FAILED), share="1").passed is True


@pytest.mark.parametrize(
    ("who", "late"), [("ada", True), ("bob", False), ("carol", True)]
)
def test_an_extension_decides_who_is_late(who: str, late: bool) -> None:
    due = datetime(2026, 5, 1, tzinfo=UTC)
    rule = LateRule(
        due=due,
        steps=((timedelta(0), Decimal("0.1")),),
        extensions={
            "bob": due + timedelta(days=2),
            "carol": due + timedelta(hours=1),
        },
    )
    stamp = Stamp(due + timedelta(days=1), Clock.PLATFORM)
    grade = Grade(
        id=who,
        tasks=(),
        pass_mark=None,
        taken_in=TakenIn(handed_in=stamp, late=True),
    )
    book = Gradebook(
        exam="x", grades=(grade,), isolated=True, version="1", late_rule=rule
    )

    assert book.is_late(grade) is late
