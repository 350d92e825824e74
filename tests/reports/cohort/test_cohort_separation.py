"""Which criterion separates."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
import scipy.stats

from pytest_tfgrade.core.grade import Grade
from pytest_tfgrade.reports.cohort.separation import Item, Separation, items
from pytest_tfgrade.reports.cohort.standing import standing_of

MakeGrade = Callable[..., Grade]

NAMES = ("a", "b", "c", "d")


@pytest.fixture
def cohort(graded: MakeGrade) -> list[Grade]:
    """Return 40 submissions of two tasks; who is good in one is good in the other."""
    drawn = np.random.default_rng(0)
    skill = drawn.normal(size=(40, 1))
    values = 1.5 * skill + drawn.normal(size=(40, 4))
    points = np.digitize(values, (-0.5, 0.5)).tolist()
    return [
        graded(f"s{row}", digits={"a": a, "b": b}, fashion={"c": c, "d": 2 - d})
        for row, (a, b, c, d) in enumerate(points)
    ]


def items_of(grades: Sequence[Grade]) -> tuple[Item, ...]:
    return items([standing_of(grade) for grade in grades])


def columns(
    grades: Sequence[Grade],
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Return points by submission and criterion."""
    return np.array(
        [
            [float(c.points or 0) for task in grade.tasks for c in task.criteria]
            for grade in grades
        ]
    )


def weighted(grade: Grade, *weights: int) -> Grade:
    tasks = zip(grade.tasks, weights, strict=True)
    return replace(
        grade, tasks=tuple(replace(task, weight=Decimal(w)) for task, w in tasks)
    )


def test_the_correlation_is_that_with_all_other_points_of_the_exam(
    cohort: list[Grade],
) -> None:
    grades = [weighted(grade, 3, 1) for grade in cohort]

    found = items_of(grades)

    points = columns(grades) * (3, 3, 1, 1)
    others = points.sum(axis=1, keepdims=True) - points
    for place, item in enumerate(found):
        expected = scipy.stats.pearsonr(points[:, place], others[:, place])
        assert item.correlation == pytest.approx(expected.statistic)
        bounds = expected.confidence_interval(0.95)
        assert item.interval == pytest.approx((bounds.low, bounds.high), abs=1e-4)


def test_an_item_says_how_many_passed_and_what_it_means(cohort: list[Grade]) -> None:
    found = items_of(cohort)

    assert [(item.task, item.criterion, item.separation) for item in found] == [
        ("digits", "a", Separation.WELL),
        ("digits", "b", Separation.ENOUGH),
        ("fashion", "c", Separation.ENOUGH),
        ("fashion", "d", Separation.BACKWARDS),
    ]
    assert [item.passed for item in found] == (columns(cohort) == 2).sum(
        axis=0
    ).tolist()
    assert [item.points.mean for item in found] == pytest.approx(
        columns(cohort).mean(axis=0)
    )
    assert {item.compared for item in found} == {40}


def test_of_what_was_not_graded_nothing_counts(
    cohort: list[Grade], graded: MakeGrade
) -> None:
    absent = graded(
        "absent", code="E_MISSING", digits={"a": 0, "b": 0}, fashion={"c": 0, "d": 0}
    )
    open_ = graded("open", digits={"a": 2, "b": 2}, fashion={"c": None, "d": 2})

    found = items_of([*cohort, absent])
    found_with_open = items_of([*cohort, open_])

    assert found == items_of(cohort)
    assert [item.correlation for item in found_with_open] == [
        item.correlation for item in found
    ]
    assert [item.points.scored for item in found_with_open] == [41, 41, 40, 40]
    assert [item.compared for item in found_with_open] == [40, 40, 40, 40]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([(0, 0), (2, 2)] * 4, Separation.TOO_FEW, id="eight"),
        pytest.param([(2, 0), (2, 2)] * 5, Separation.SAME, id="everybody-passed"),
        pytest.param([(0, 1), (2, 1)] * 5, Separation.ALONE, id="nothing-else-varies"),
        pytest.param([(0, 0), (2, 2)] * 5, Separation.WELL, id="as-all-else"),
        pytest.param([(0, 2), (2, 0)] * 5, Separation.BACKWARDS, id="as-nothing-else"),
        pytest.param(
            [(0, 0), (2, 2)] * 5 + [(0, 2), (2, 0)] * 5, Separation.HARDLY, id="neither"
        ),
    ],
)
def test_what_a_correlation_means(
    rows: list[tuple[int, int]], expected: Separation, graded: MakeGrade
) -> None:
    grades = [
        graded(f"s{at}", digits={"a": a, "b": b}) for at, (a, b) in enumerate(rows)
    ]

    found = items_of(grades)

    assert found[0].separation is expected
    has_figure = expected not in {
        Separation.TOO_FEW,
        Separation.SAME,
        Separation.ALONE,
    }
    assert (found[0].correlation is not None) is has_figure
    assert (found[0].interval is not None) is has_figure


def test_the_only_criterion_has_nothing_to_be_compared_with(graded: MakeGrade) -> None:
    grades = [graded(f"s{at}", digits={"a": at % 3}) for at in range(20)]

    (found,) = items_of(grades)

    assert found.separation is Separation.ALONE


def test_a_member_is_compared_with_what_lies_outside_its_group(
    cohort: list[Grade],
) -> None:
    """Criterion b becomes a group with the points of a, its only member."""

    def with_group(grade: Grade) -> Grade:
        digits, fashion = grade.tasks
        member = replace(digits.criteria[0], group="b")
        group = replace(digits.criteria[1], points=member.points)
        return replace(
            grade, tasks=(replace(digits, criteria=(member, group)), fashion)
        )

    grades = [with_group(grade) for grade in cohort]

    member, group, *_ = items_of(grades)

    points = columns(grades)
    expected = np.corrcoef(points[:, 0], points[:, 2] + points[:, 3])[0, 1]
    assert (member.group, group.group) == ("b", None)
    assert member.correlation == pytest.approx(expected)
    assert group.correlation == pytest.approx(expected)


@pytest.mark.parametrize(
    ("interval", "expected"),
    [((-0.1, 0.4), True), ((0.0, 0.4), True), ((0.1, 0.4), False), (None, False)],
)
def test_what_may_be_chance_has_0_in_its_interval(
    interval: tuple[float, float] | None, expected: bool, cohort: list[Grade]
) -> None:
    item: Item = replace(items_of(cohort)[0], interval=interval)

    assert item.may_be_chance is expected
