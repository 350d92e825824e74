"""A whole cohort: its points, task by task and criterion by criterion."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pytest_tfgrade.core.grade import Gradebook
from pytest_tfgrade.core.verdict import TaskResult
from pytest_tfgrade.reports.cohort.distributions import Distribution, distribution
from pytest_tfgrade.reports.cohort.findings import Findings, findings
from pytest_tfgrade.reports.cohort.separation import Item, items
from pytest_tfgrade.reports.cohort.standing import (
    Standing,
    TaskStanding,
    standing_of,
)


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

    standings: tuple[Standing, ...]
    """What each grade comes to, in the gradebook's order."""

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
    standings = tuple(map(standing_of, grades))
    found = items(standings)
    ruled = Counter(known.passed for known in standings if known.grade.has_rule)
    return Cohort(
        outcomes={out: ruled[out] for out in (True, False, None)} if ruled else {},
        standings=standings,
        points=distribution((known.points for known in standings), possible),
        tasks=tuple(
            _task(of_task, tuple(item for item in found if item.task == id_))
            for id_, of_task in _by_task(standings).items()
        ),
        findings=findings(gradebook, standings),
    )


def _by_task(standings: Sequence[Standing]) -> dict[str, list[TaskStanding]]:
    by_task: dict[str, list[TaskStanding]] = {}
    for standing in standings:
        for known in standing.tasks:
            by_task.setdefault(known.task.id, []).append(known)
    return by_task


def _task(standings: Sequence[TaskStanding], found: tuple[Item, ...]) -> TaskOverview:
    results = Counter(known.result for known in standings)
    task = standings[0].task
    possible = max(known.task.max_points for known in standings)
    return TaskOverview(
        id=task.id,
        title=task.title,
        results={result: results[result] for result in TaskResult},
        points=distribution((known.points for known in standings), possible),
        items=found,
    )
