"""Whom and what extensions and overrides can name."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from pytest_tfgrade.core.grade import Gradebook
from pytest_tfgrade.core.submission import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionWorth:
    """What a criterion or group can earn."""

    points: Decimal
    """The most."""

    group: str | None = None
    """The group that its points count in; None if they count by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskWorth:
    """What a task can earn."""

    criteria: Mapping[str, CriterionWorth]
    """By id, groups among them."""

    weight: Decimal = Decimal(1)
    """How often its points count in the exam."""

    @property
    def most(self) -> Decimal:
        """All points there are, bonus included, before the weight."""
        counting = (c.points for c in self.criteria.values() if c.group is None)
        return sum(counting, Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """All candidates and tasks that there are."""

    candidates: Mapping[str, tuple[Person, ...]]
    """By submission, who is behind it, as far as that is known."""

    tasks: Mapping[str, TaskWorth]
    """By name."""

    whole: bool = True
    """Whether nobody and nothing was left out; then a name that is not known is a
    mistake, else it may be of what was left out."""

    @property
    def most(self) -> Decimal:
        """All points that a submission can have."""
        weighted = (task.weight * task.most for task in self.tasks.values())
        return sum(weighted, Decimal(0))


def known_by(gradebook: Gradebook) -> Known:
    """Return whom and what a gradebook holds."""
    criteria: dict[str, dict[str, CriterionWorth]] = {}
    weights: dict[str, Decimal] = {}
    for grade in gradebook.grades:
        for task in grade.tasks:
            weights[task.id] = task.weight
            known = criteria.setdefault(task.id, {})
            for criterion in task.criteria:
                known[criterion.id] = CriterionWorth(
                    points=criterion.max_points, group=criterion.group
                )
    return Known(
        candidates={grade.id: grade.taken_in.people for grade in gradebook.grades},
        tasks={
            task: TaskWorth(criteria=known, weight=weights[task])
            for task, known in criteria.items()
        },
        whole=gradebook.complete and all(grade.whole for grade in gradebook.grades),
    )
