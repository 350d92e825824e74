"""A whole cohort: its points, task by task and criterion by criterion."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pytest_tfgrade.core.grade import Grade, Gradebook, TaskGrade
from pytest_tfgrade.core.verdict import TaskResult
from pytest_tfgrade.reports.cohort.distributions import Distribution, distribution
from pytest_tfgrade.reports.cohort.findings import Findings, findings
from pytest_tfgrade.reports.cohort.separation import Item, items


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskOverview:
    """How one task did over all submissions."""

    id: str
    """The task."""

    title: str
    """In words; may be empty."""

    results: Mapping[TaskResult, int]
    """How many submissions have each."""

    points: Distribution
    """What counts of it, before its weight."""

    items: tuple[Item, ...]
    """Its criteria and groups."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """What can be said of all submissions together."""

    outcomes: Mapping[bool | None, int]
    """How many passed, did not, and of how many that is open; empty without a rule."""

    points: Distribution
    """What counts in the end."""

    tasks: tuple[TaskOverview, ...]
    """In the exam's order."""

    findings: Findings
    """What a grader looks for."""


def cohort_of(gradebook: Gradebook) -> Cohort:
    """Return what can be said of all submissions together."""
    grades = gradebook.grades
    possible = max((grade.max_points for grade in grades), default=Decimal(0))
    found = items(grades)
    ruled = Counter(grade.passed for grade in grades if grade.has_rule)
    return Cohort(
        outcomes={out: ruled[out] for out in (True, False, None)} if ruled else {},
        points=distribution((grade.points for grade in grades), possible),
        tasks=tuple(
            _task(of_task, tuple(item for item in found if item.task == id_))
            for id_, of_task in _by_task(grades).items()
        ),
        findings=findings(gradebook),
    )


def _by_task(grades: Sequence[Grade]) -> dict[str, list[TaskGrade]]:
    by_task: dict[str, list[TaskGrade]] = {}
    for grade in grades:
        for task in grade.tasks:
            by_task.setdefault(task.id, []).append(task)
    return by_task


def _task(tasks: Sequence[TaskGrade], found: tuple[Item, ...]) -> TaskOverview:
    results = Counter(task.result for task in tasks)
    return TaskOverview(
        id=tasks[0].id,
        title=tasks[0].title,
        results={result: results[result] for result in TaskResult},
        points=distribution(
            (task.points for task in tasks), max(task.max_points for task in tasks)
        ),
        items=found,
    )
