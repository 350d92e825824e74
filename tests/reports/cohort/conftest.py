"""Grades as statistics need them: made in a line, by points alone."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TypeAlias

import pytest

from pytest_tfgrade.core.criterion import CriterionResult
from pytest_tfgrade.core.grade import Grade, TaskGrade
from pytest_tfgrade.core.verdict import Verdict

Points: TypeAlias = Mapping[str, "str | int | None"]

MakeGrade: TypeAlias = Callable[..., Grade]


@pytest.fixture
def graded() -> MakeGrade:
    """Return what makes a grade from points by task and criterion.

    ``graded("a", digits={"loss": 1, "shape": None})``; every criterion is worth 2
    points, None is an error of the grader.
    """

    def make(
        id_: str,
        /,
        *,
        code: str | None = None,
        mark: str | None = "0.5",
        **tasks: Points,
    ) -> Grade:
        made = tuple(_task(name, points, code) for name, points in tasks.items())
        return Grade(
            id=id_, tasks=made, pass_mark=None if mark is None else Decimal(mark)
        )

    return make


def _task(id_: str, points: Points, code: str | None) -> TaskGrade:
    return TaskGrade(
        id=id_,
        criteria=tuple(_criterion(name, of, code) for name, of in points.items()),
        max_points=Decimal(2 * len(points)),
    )


def _criterion(id_: str, points: str | int | None, code: str | None) -> CriterionResult:
    earned = None if points is None else Decimal(points)
    return CriterionResult(
        id=id_,
        check="predict.metric",
        verdict=_verdict(earned),
        points=earned,
        max_points=Decimal(2),
        rationale="a reason",
        code=code,
    )


def _verdict(earned: Decimal | None) -> Verdict:
    if earned is None:
        return Verdict.ERROR
    if earned >= 2:
        return Verdict.PASSED
    return Verdict.PARTIAL if earned else Verdict.FAILED
