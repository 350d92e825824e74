"""Grades and decisions for tests of what is done to points."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from pytest_tfgrade.adjustments import Decision, Target, adjusted
from pytest_tfgrade.core.criterion import ArtifactRecord, CriterionResult
from pytest_tfgrade.core.grade import Grade, Gradebook, TakenIn, TaskGrade
from pytest_tfgrade.core.reckoning import LateRule, Override
from pytest_tfgrade.core.submission import Clock, Stamp
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.documents import Location

DUE = datetime(2025, 1, 31, 22, 59, tzinfo=UTC)
DAY = timedelta(days=1)
BANDS = LateRule(due=DUE, steps=((0 * DAY, Decimal("0.1")), (DAY, Decimal("0.5"))))
IN_TIME = Stamp(DUE, Clock.PLATFORM)
_PLACE = Path("overrides.yaml")
FILE = ArtifactRecord(path="digits.keras", format="keras", sha256="ab", bytes=1)


def criterion(
    id_: str, points: str | None, most: str = "4", code: str | None = None
) -> CriterionResult:
    """Return what the machine gives for so many points."""
    verdict = Verdict.PARTIAL
    if points is None:
        verdict, code = Verdict.ERROR, "E_INFRA"
    elif Decimal(points) == Decimal(most):
        verdict = Verdict.PASSED
    elif Decimal(points) <= 0:
        verdict = Verdict.FAILED
    return CriterionResult(
        id=id_,
        check="any",
        verdict=verdict,
        points=None if points is None else Decimal(points),
        max_points=Decimal(most),
        rationale="any",
        code=code,
    )


def task(id_: str, *criteria: CriterionResult, weight: int = 1) -> TaskGrade:
    most = sum((c.max_points for c in criteria if c.group is None), Decimal(0))
    return TaskGrade(
        id=id_,
        criteria=criteria,
        max_points=most,
        weight=Decimal(weight),
        artifact=FILE,
    )


def book(
    *tasks: TaskGrade,
    stamp: Stamp | None = IN_TIME,
    late: bool | None = False,
) -> Gradebook:
    """Return the grades of ada, who handed in when the stamp says."""
    grade = Grade(
        id="ada",
        tasks=tasks,
        pass_mark=None,
        taken_in=TakenIn(handed_in=stamp, late=late),
    )
    return Gradebook(
        exam="Exam",
        grades=(grade,),
        isolated=True,
        version="0",
        notices=("names are those of moodle",),
    )


def decision(
    submission: str,
    *target: str,
    points: str | None = None,
    was: Decimal | None = None,
    comment: str = "",
) -> Decision:
    return Decision(
        target=Target(submission, *target),
        points=None if points is None else Decimal(points),
        was=was,
        comment=comment,
        by="M. Curie",
        at="2025-02-03",
        why="seen by hand",
        place=Location(_PLACE, 3, 3),
    )


def override(
    points: str | None, raw: str | None, verdict: Verdict | None = None
) -> Override:
    return Override(
        points=None if points is None else Decimal(points),
        raw=None if raw is None else Decimal(raw),
        raw_verdict=verdict,
        by="M. Curie",
        at="2025-02-03",
        why="seen by hand",
    )


def of(
    gradebook: Gradebook, *decisions: Decision, rule: LateRule | None = None
) -> Grade:
    """Return ada's grade with what people decided."""
    (grade,) = adjusted(gradebook, rule, {}, decisions).grades
    return grade


TWO_TASKS = book(
    task("digits", criterion("accuracy", "3"), criterion("tiny", "0", "1"), weight=2),
    task("text", criterion("loss", "2")),
    stamp=Stamp(DUE + DAY, Clock.PLATFORM),
)
