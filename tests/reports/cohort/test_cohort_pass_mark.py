"""Who is near the line between passed and not."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from pytest_tfgrade.core.grade import Grade
from pytest_tfgrade.core.localized import Localized
from pytest_tfgrade.core.outline import CriterionOutline, ScaleOutline, TaskOutline
from pytest_tfgrade.core.reckoning import Override, Penalty
from pytest_tfgrade.core.threshold import Direction
from pytest_tfgrade.core.uncertainty import Uncertainty
from pytest_tfgrade.reports.cohort.pass_mark import NearMark, near_mark
from pytest_tfgrade.reports.cohort.places import Place
from pytest_tfgrade.reports.cohort.standing import standing_of

MakeGrade = Callable[..., Grade]

ACCURACY = Place("anna", "digits", "accuracy")


def outlines(kind: str, *steps: tuple[str, str]) -> Mapping[str, TaskOutline]:
    """Return the outline of a task of which ``accuracy`` has a scale."""
    scale = ScaleOutline(
        kind=kind,  # type: ignore[arg-type] # checked where it is made
        direction=Direction.HIGHER_IS_BETTER,
        steps=tuple((Decimal(points), Decimal(bound)) for points, bound in steps),
    )
    accuracy = CriterionOutline(title=Localized.of("Accuracy"), scale=scale)
    digits = TaskOutline(title=Localized.of("Digits"), criteria={"accuracy": accuracy})
    return {"digits": digits}


THRESHOLD = outlines("threshold", ("2", "0.8"))


def near(grade: Grade, outlines: Mapping[str, TaskOutline]) -> NearMark | None:
    return near_mark(standing_of(grade), outlines)


def measured(grade: Grade, value: float, error: float) -> Grade:
    """Give ``accuracy`` a value, as one that is borderline."""
    digits = grade.tasks[0]
    spread = Uncertainty(
        n=100, standard_error=error, interval=(value - 2 * error, value + 2 * error)
    )
    criteria = tuple(
        replace(c, value=value, uncertainty=spread, borderline=True)
        if c.id == "accuracy"
        else c
        for c in digits.criteria
    )
    return replace(grade, tasks=(replace(digits, criteria=criteria), *grade.tasks[1:]))


@pytest.mark.parametrize(
    ("points", "passed", "away"),
    [
        (11, True, "1"),
        (10, True, "0"),
        (9, False, "-1"),
    ],
)
def test_near_is_who_has_five_percent_more_or_less_than_the_mark(
    points: int, passed: bool, away: str, graded: MakeGrade
) -> None:
    criteria = {f"c{at}": 2 if at < points // 2 else 0 for at in range(10)}
    grade = graded("anna", digits=criteria | {"c9": points % 2})

    found = near(grade, {})

    assert found == NearMark(
        submission="anna",
        passed=passed,
        away=Decimal(away),
        task=None,
        hangs_on=(),
    )


@pytest.mark.parametrize(
    "tasks",
    [
        pytest.param({"digits": {"a": 2, "b": 1}}, id="far-above"),
        pytest.param({"digits": {"a": 1, "b": 0}}, id="far-below"),
        pytest.param({"digits": {"a": 2, "b": None}}, id="open"),
    ],
)
def test_who_is_far_or_open_is_not_near(
    tasks: Mapping[str, Mapping[str, int | None]], graded: MakeGrade
) -> None:
    assert near(graded("anna", **tasks), {}) is None


def test_an_exam_without_a_rule_has_no_line(graded: MakeGrade) -> None:
    grade = graded("anna", mark=None, digits={"a": 1, "b": 1})

    assert near(grade, {}) is None


def test_the_minimum_of_a_task_is_a_line_too(graded: MakeGrade) -> None:
    grade = graded("anna", digits={"a": 2, "b": 2}, fashion={"c": 2, "d": "1.9"})
    digits, fashion = grade.tasks
    strict = replace(grade, tasks=(digits, replace(fashion, minimum=Decimal(4))))

    found = near(strict, {})

    assert found == NearMark(
        submission="anna",
        passed=False,
        away=Decimal("-0.1"),
        task="fashion",
        hangs_on=(),
    )


def test_who_misses_one_line_by_far_is_not_near_another(graded: MakeGrade) -> None:
    grade = graded("anna", digits={"a": 2, "b": 0}, fashion={"c": 2, "d": 0})
    digits, fashion = grade.tasks
    strict = replace(grade, tasks=(digits, replace(fashion, minimum=Decimal(4))))

    assert near(strict, {}) is None


@pytest.mark.parametrize(
    ("value", "error", "points", "scale", "expected"),
    [
        pytest.param(0.81, 0.02, 2, THRESHOLD, (ACCURACY,), id="may-fall"),
        pytest.param(0.79, 0.02, 0, THRESHOLD, (ACCURACY,), id="may-rise"),
        pytest.param(0.81, 0.002, 2, THRESHOLD, None, id="too-far"),
        pytest.param(
            0.81, 0.02, 2, outlines("bands", ("1.5", "0.5"), ("2", "0.8")), None,
            id="one-band-less-passes",
        ),
        pytest.param(
            0.81, 0.02, 2, outlines("bands", ("0.5", "0.5"), ("2", "0.8")), (ACCURACY,),
            id="one-band-less-fails",
        ),
        pytest.param(
            0.8, 0.02, 2, outlines("curve", ("0", "0.5"), ("2", "0.8")), None,
            id="a-curve-changes-little",
        ),
        pytest.param(
            0.8, 0.2, 2, outlines("curve", ("0", "0.5"), ("2", "0.8")), (ACCURACY,),
            id="a-curve-and-a-large-error",
        ),
    ],
)  # fmt: skip
def test_it_hangs_on_a_value_if_one_standard_error_decides_the_other_way(  # noqa: PLR0913, PLR0917
    value: float,
    error: float,
    points: int,
    scale: Mapping[str, TaskOutline],
    expected: tuple[Place, ...] | None,
    graded: MakeGrade,
) -> None:
    grade = graded("anna", digits={"accuracy": points, "b": 1, "c": "0.9"})

    found = near(
        measured(replace(grade, pass_mark=Decimal("0.55")), value, error), scale
    )

    assert (found.hangs_on if found else None) == expected


def test_what_a_person_decided_hangs_on_nothing(graded: MakeGrade) -> None:
    grade = measured(graded("anna", digits={"accuracy": 2, "b": 1}), 0.81, 0.02)
    digits = grade.tasks[0]
    said = Override(points=Decimal(2), by="k", at="2026-11-22", why="appeal")
    accuracy = replace(digits.criteria[0], override=said)
    of_criterion = replace(digits, criteria=(accuracy, digits.criteria[1]))
    of_task = replace(digits, override=replace(said, points=Decimal(3)))

    found = [
        near(replace(grade, tasks=(task,)), THRESHOLD)
        for task in (of_criterion, of_task)
    ]

    assert found == [None, None]


def test_lateness_is_taken_off_before_the_mark(graded: MakeGrade) -> None:
    grade = measured(graded("anna", digits={"accuracy": 0, "b": 2}), 0.79, 0.02)
    late = replace(grade, penalty=Penalty(late=timedelta(days=9), share=Decimal("0.6")))

    found = near(late, THRESHOLD)

    assert found is None


def test_a_member_moves_its_group(graded: MakeGrade) -> None:
    grade = measured(
        graded("anna", digits={"accuracy": 2, "both": 2, "c": 0}), 0.81, 0.02
    )
    digits = grade.tasks[0]
    member = replace(digits.criteria[0], group="both")
    grouped = replace(
        digits, criteria=(member, *digits.criteria[1:]), max_points=Decimal(4)
    )

    found = near(replace(grade, tasks=(grouped,)), THRESHOLD)

    assert found is not None
    assert found.hangs_on == (ACCURACY,)
