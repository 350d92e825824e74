"""Who moved between two runs, by which criteria, and what is known of why."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Final, Protocol, TypeVar

from pytest_tfgrade.commands.grades_file import (
    KnownCriterion,
    KnownGrades,
    KnownSubmission,
    KnownTask,
)
from pytest_tfgrade.commands.moving_reasons import (
    Reason,
    reasons_besides_tasks,
    reasons_of_task,
    reasons_of_whole,
    tells_nothing,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionMove:
    """A criterion whose points or verdict changed; None where there is none."""

    id: str
    before: KnownCriterion | None
    after: KnownCriterion | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskMove:
    """A task whose score changed; None where it was not graded."""

    id: str
    before: KnownTask | None
    after: KnownTask | None
    criteria: tuple[CriterionMove, ...]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A submission whose score changed; None where it was not there."""

    id: str
    before: KnownSubmission | None
    after: KnownSubmission | None
    tasks: tuple[TaskMove, ...]
    reasons: tuple[Reason, ...] = ()
    """Of what happened to the whole and not to a task."""

    @property
    def change(self) -> Decimal | None:
        """Points more than before; None if either is not known."""
        if self.before is None or self.after is None:
            return None
        return difference(self.before.points, self.after.points)

    @property
    def is_unexplained(self) -> bool:
        """Whether something moved though nothing known changed."""
        every = (self.reasons, *(task.reasons for task in self.tasks))
        return any(tells_nothing(reasons) for reasons in every)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many submissions moved in which way."""

    up: int
    down: int
    new: int
    gone: int
    passes: Mapping[tuple[bool | None, bool | None], int]
    """By what ``passed`` was before and is after, where that changed."""

    unexplained: int
    """Those that moved though nothing known changed."""


@dataclass(frozen=True)
class Comparison:
    """Two runs, and what lies between them."""

    before: KnownGrades
    after: KnownGrades
    moves: tuple[Move, ...]
    """In the order of the later run; who is gone comes last."""

    compared: int
    """Submissions that were looked at, in either run."""

    @cached_property
    def counts(self) -> Counts:
        """How many moved in which way."""
        changes = [move.change or 0 for move in self.moves]
        passes = Counter(
            (move.before.passed, move.after.passed)
            for move in self.moves
            if move.before is not None and move.after is not None
            if move.before.passed != move.after.passed
        )
        return Counts(
            up=sum(change > 0 for change in changes),
            down=sum(change < 0 for change in changes),
            new=sum(move.before is None for move in self.moves),
            gone=sum(move.after is None for move in self.moves),
            passes=dict(sorted(passes.items(), key=str)),
            unexplained=sum(move.is_unexplained for move in self.moves),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What of two runs is compared."""

    candidate: Callable[[str], bool] = lambda _: True
    task: Callable[[str], bool] = lambda _: True
    tolerance: Decimal = Decimal(0)
    """Points of a task or a criterion that count as no change."""

    whole: bool = True
    """Whether all tasks are compared, and so totals and who passed."""


EVERYTHING: Final = Choice()


def compared(
    before: KnownGrades, after: KnownGrades, choice: Choice = EVERYTHING
) -> Comparison:
    """Return who moved between two runs."""
    pairs = [
        pair
        for pair in _pairs(before.submissions, after.submissions)
        if choice.candidate(pair[0])
    ]
    found = (_move(pair, (before, after), choice) for pair in pairs)
    return Comparison(
        before=before,
        after=after,
        moves=tuple(move for move in found if move is not None),
        compared=len(pairs),
    )


def difference(before: Decimal | None, after: Decimal | None) -> Decimal | None:
    """Return how much more there is; None if either is open."""
    return None if before is None or after is None else after - before


class _Named(Protocol):
    @property
    def id(self) -> str: ...


Thing = TypeVar("Thing", bound=_Named)
Pair = tuple[str, Thing | None, Thing | None]
Runs = tuple[KnownGrades, KnownGrades]


def _pairs(before: Iterable[Thing], after: Iterable[Thing]) -> Iterator[Pair[Thing]]:
    """Join by id, in the later order."""
    old: Mapping[str, Thing] = {thing.id: thing for thing in before}
    new: Mapping[str, Thing] = {thing.id: thing for thing in after}
    for id_ in (*new, *(id_ for id_ in old if id_ not in new)):
        yield id_, old.get(id_), new.get(id_)


def _move(pair: Pair[KnownSubmission], runs: Runs, choice: Choice) -> Move | None:
    id_, before, after = pair
    if before is None or after is None:
        return Move(id=id_, before=before, after=after, tasks=())
    tasks = _task_moves((before, after), runs, choice)
    if not tasks:
        if not choice.whole or not _whole_moved(before, after, choice.tolerance):
            return None
        tasks = _task_moves(
            (before, after), runs, replace(choice, tolerance=Decimal(0))
        )
    reasons = reasons_besides_tasks if tasks else reasons_of_whole
    return Move(
        id=id_,
        before=before,
        after=after,
        tasks=tasks,
        reasons=reasons(before, after, runs),
    )


def _task_moves(
    sides: tuple[KnownSubmission, KnownSubmission], runs: Runs, choice: Choice
) -> tuple[TaskMove, ...]:
    before, after = sides
    found = (
        _task_move(tasks, runs, choice)
        for tasks in _pairs(before.tasks, after.tasks)
        if choice.task(tasks[0])
    )
    return tuple(task for task in found if task is not None)


def _whole_moved(
    before: KnownSubmission, after: KnownSubmission, tolerance: Decimal
) -> bool:
    weights = sum((task.weight for task in after.tasks), Decimal(0))
    return (
        before.passed != after.passed
        or before.max_points != after.max_points
        or _differ(before.points, after.points, tolerance * weights)
    )


def _task_move(pair: Pair[KnownTask], runs: Runs, choice: Choice) -> TaskMove | None:
    id_, before, after = pair
    if before is not None and after is not None and not _moved(before, after, choice):
        return None
    criteria = (
        CriterionMove(id=criterion, before=old, after=new)
        for criterion, old, new in _pairs(_criteria(before), _criteria(after))
        if old is None
        or new is None
        or (old.points, old.verdict) != (new.points, new.verdict)
    )
    return TaskMove(
        id=id_,
        before=before,
        after=after,
        criteria=tuple(criteria) if before is not None and after is not None else (),
        reasons=reasons_of_task(id_, before, after, runs),
    )


def _moved(before: KnownTask, after: KnownTask, choice: Choice) -> bool:
    if before.max_points != after.max_points or before.code != after.code:
        return True
    return _differ(before.points, after.points, choice.tolerance) or any(
        _differ(_points(old), _points(new), choice.tolerance)
        for _, old, new in _pairs(before.criteria, after.criteria)
    )


def _criteria(task: KnownTask | None) -> tuple[KnownCriterion, ...]:
    return () if task is None else task.criteria


def _points(criterion: KnownCriterion | None) -> Decimal | None:
    return Decimal(0) if criterion is None else criterion.points


def _differ(before: Decimal | None, after: Decimal | None, tolerance: Decimal) -> bool:
    if before is None or after is None:
        return before is not after
    return abs(after - before) > tolerance
