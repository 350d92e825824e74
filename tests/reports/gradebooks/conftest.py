"""Grades that go to a platform, short enough to be read in a test."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from pytest_tfgrade.core.criterion import CriterionResult
from pytest_tfgrade.core.grade import Grade, Gradebook, TakenIn, TaskGrade
from pytest_tfgrade.core.submission import Person
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.reports import ReportFormat, Request

GradeOf = Callable[..., Grade]
GradebookOf = Callable[..., Gradebook]
FilesOf = Callable[..., dict[str, str]]


@pytest.fixture
def criterion_of() -> Callable[..., CriterionResult]:
    """Return what makes a criterion: two of two points, unless said otherwise."""

    def make(id_: str, **changes: Any) -> CriterionResult:
        made = CriterionResult(
            id=id_,
            check="predict.metric",
            verdict=Verdict.PASSED,
            points=Decimal(2),
            max_points=Decimal(2),
            rationale=f"{id_}: so it is",
        )
        return replace(made, **changes)

    return make


@pytest.fixture
def grade_of() -> GradeOf:
    """Return what makes the grade of a submission with one criterion of ten points."""

    def make(id_: str, points: str | None, *people: Person, **changes: Any) -> Grade:
        earned = None if points is None else Decimal(points)
        verdict = Verdict.ERROR if points is None else Verdict.PARTIAL
        criterion = CriterionResult(
            id="accuracy",
            check="predict.metric",
            verdict=verdict,
            points=earned,
            max_points=Decimal(10),
            rationale="accuracy 0.79 < 0.82",
            hint="Train for longer.",
            detail="only the grader sees this",
        )
        task = TaskGrade(id="digits", criteria=(criterion,), max_points=Decimal(10))
        made = Grade(
            id=id_, tasks=(task,), pass_mark=None, taken_in=TakenIn(people=people)
        )
        return replace(made, **changes)

    return make


@pytest.fixture
def gradebook_of() -> GradebookOf:
    """Return what makes a gradebook of grades."""

    def make(*grades: Grade, **changes: Any) -> Gradebook:
        made = Gradebook(exam="Exam", grades=grades, isolated=True, version="1")
        return replace(made, **changes)

    return make


@pytest.fixture
def files_of() -> FilesOf:
    """Return what writes a report, whole, by file name."""

    def write(
        report: ReportFormat, gradebook: Gradebook, request: Request
    ) -> dict[str, str]:
        files = report.render(gradebook, request)
        return {file.name: "".join(file.text) for file in files}

    return write
