"""Which criterion tells submissions apart that are good elsewhere from others.

The figure is the item-total correlation of test theory, corrected: the correlation of a
criterion's points with the points of all the others. How it is read follows Ebel
and Frisbie, *Essentials of Educational Measurement* (1991): from 0.4 very good, below
0.2 poor. Its interval is Fisher's: 1.96 standard errors of 1 / sqrt(n - 3) on each side
of the inverse hyperbolic tangent.
"""

import math
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final

from pytest_tfgrade.core.criterion import CriterionResult
from pytest_tfgrade.core.grade import Grade, TaskGrade
from pytest_tfgrade.core.verdict import TaskResult, Verdict
from pytest_tfgrade.reports.cohort.distributions import Distribution, distribution
from pytest_tfgrade.reports.cohort.standing import Standing

FEWEST: Final = 10
"""Submissions below which a correlation says nothing."""

WELL: Final = 0.4
"""From here on a criterion separates well."""

ENOUGH: Final = 0.2
"""Below this it hardly separates."""


class Separation(StrEnum):
    """How well a criterion tells good submissions from others."""

    WELL = "separates well"
    ENOUGH = "separates"
    HARDLY = "hardly separates"
    BACKWARDS = "the wrong way round"
    TOO_FEW = "too few to say"
    SAME = "all have the same"
    ALONE = "nothing to compare with"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """How one criterion or group did over all submissions."""

    task: str
    """Its task."""

    criterion: str
    """Its id."""

    title: str
    """In words; may be empty."""

    group: str | None
    """The group it is a member of."""

    points: Distribution
    """Of submissions whose task was graded and of which it has a score."""

    passed: int
    """Those of them that passed."""

    compared: int
    """Those of them of which all the exam has a score: the n of the correlation."""

    correlation: float | None
    """-1 to 1: with the points of all other criteria; None where there is none."""

    interval: tuple[float, float] | None
    """The 95 % interval of the correlation."""

    separation: Separation
    """What the correlation means, or why there is none."""

    @property
    def differs(self) -> bool:
        """Whether submissions have different points of it."""
        return sum(bar.count > 0 for bar in self.points.bars) > 1

    @property
    def may_be_chance(self) -> bool:
        """Whether the interval holds 0."""
        return self.interval is not None and self.interval[0] <= 0 <= self.interval[1]


@dataclass(slots=True)
class _Column:
    """What is gathered of one criterion, a number for each submission."""

    task: str
    first: CriterionResult
    points: list[Decimal] = field(default_factory=list)
    passed: int = 0
    own: list[float] = field(default_factory=list)
    others: list[float] = field(default_factory=list)


def items(standings: Sequence[Standing]) -> tuple[Item, ...]:
    """Return how each criterion did, in the order of the exam.

    A submission counts for the criteria of a task if the task was graded: what could
    not be loaded says nothing of a criterion. Points are those that count, by tasks'
    weights, before lateness costs any. From the points of the others those of the
    criterion's whole group are taken out.
    """
    columns: dict[tuple[str, str], _Column] = {}
    for standing in standings:
        whole = _everything(standing.grade)
        for task, criterion in _scored(standing):
            column = columns.get((task.id, criterion.id))
            if column is None:
                column = _Column(task.id, criterion)
                columns[task.id, criterion.id] = column
            _add(column, task, criterion, whole)
    return tuple(_item(column) for column in columns.values())


def _scored(standing: Standing) -> Iterator[tuple[TaskGrade, CriterionResult]]:
    for known in standing.tasks:
        if known.result is not TaskResult.GRADED:
            continue
        for criterion in known.task.criteria:
            if criterion.points is not None and criterion.verdict is not Verdict.ERROR:
                yield known.task, criterion


def _everything(grade: Grade) -> Decimal | None:
    """Return the weighted points of all criteria; None while one is open."""
    whole = Decimal(0)
    for task in grade.tasks:
        for criterion in task.criteria:
            if criterion.group is not None:
                continue
            if criterion.points is None:
                return None
            whole += task.weight * criterion.points
    return whole


def _add(
    column: _Column,
    task: TaskGrade,
    criterion: CriterionResult,
    whole: Decimal | None,
) -> None:
    points = criterion.points or Decimal(0)
    column.points.append(points)
    column.passed += criterion.verdict is Verdict.PASSED
    if whole is None:
        return
    counting = points
    if criterion.group is not None:
        group = next((c for c in task.criteria if c.id == criterion.group), None)
        counting = group.points or Decimal(0) if group else Decimal(0)
    column.own.append(float(points))
    column.others.append(float(whole - task.weight * counting))


def _item(column: _Column) -> Item:
    correlation = _correlation(column.own, column.others)
    interval = None
    if not isinstance(correlation, Separation):
        interval = fisher_interval(correlation, len(column.own))
    return Item(
        task=column.task,
        criterion=column.first.id,
        title=column.first.title,
        group=column.first.group,
        points=distribution(column.points, column.first.max_points),
        passed=column.passed,
        compared=len(column.own),
        correlation=None if isinstance(correlation, Separation) else correlation,
        interval=interval,
        separation=_reading(correlation),
    )


def _correlation(own: list[float], others: list[float]) -> float | Separation:
    """Return Pearson's correlation, or why there is none."""
    if len(own) < FEWEST:
        return Separation.TOO_FEW
    if len(set(own)) == 1:
        return Separation.SAME
    if len(set(others)) == 1:
        return Separation.ALONE
    return max(-1.0, min(1.0, statistics.correlation(own, others)))


def _reading(correlation: float | Separation) -> Separation:
    if isinstance(correlation, Separation):
        return correlation
    if correlation >= WELL:
        return Separation.WELL
    if correlation >= ENOUGH:
        return Separation.ENOUGH
    return Separation.HARDLY if correlation >= 0 else Separation.BACKWARDS


def fisher_interval(correlation: float, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a correlation of ``n`` pairs, more than three.

    >>> low, high = fisher_interval(0.5, 28)
    >>> round(low, 3), round(high, 3)
    (0.156, 0.736)
    """
    if abs(correlation) == 1:
        return correlation, correlation
    middle, error = math.atanh(correlation), 1.96 / math.sqrt(n - 3)
    return math.tanh(middle - error), math.tanh(middle + error)
