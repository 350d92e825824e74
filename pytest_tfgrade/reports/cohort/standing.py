"""What a grade comes to, reckoned once: its properties add up anew whenever asked."""

from dataclasses import dataclass
from decimal import Decimal

from pytest_tfgrade.core.grade import Grade, TaskGrade
from pytest_tfgrade.core.verdict import TaskResult


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStanding:
    """What the grade of one task comes to."""

    task: TaskGrade
    """The grade."""

    points: Decimal | None
    """What counts of it, before its weight."""

    code: str | None
    """Why the artifact is ungradable."""

    result: TaskResult
    """Whether there is a score, and whose fault it is if not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the grade of one submission comes to."""

    grade: Grade
    """The grade."""

    tasks: tuple[TaskStanding, ...]
    """In the exam's order."""

    raw: Decimal | None
    """What the machine gave."""

    in_time: Decimal | None
    """What counts before lateness costs anything."""

    points: Decimal | None
    """What counts in the end."""

    passed: bool | None
    """Whether the exam is passed; None while that is open, or without a rule."""

    complete: bool
    """Whether all of it was graded."""


def standing_of(grade: Grade) -> Standing:
    """Return what a grade comes to."""
    return Standing(
        grade=grade,
        tasks=tuple(
            TaskStanding(
                task=task, points=task.points, code=task.code, result=task.result
            )
            for task in grade.tasks
        ),
        raw=grade.raw,
        in_time=grade.in_time,
        points=grade.points,
        passed=grade.passed,
        complete=grade.complete,
    )
