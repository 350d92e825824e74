"""Grades: of a task, of a submission, of all submissions of a run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from pytest_tfgrade.core.criterion import (
    ArtifactRecord,
    CriterionResult,
    RunRecord,
)
from pytest_tfgrade.core.localized import DEFAULT, Localized
from pytest_tfgrade.core.outline import TaskOutline
from pytest_tfgrade.core.portrait import NO_PORTRAIT, Portrait
from pytest_tfgrade.core.reckoning import LateRule, Override, Penalty, gives_points
from pytest_tfgrade.core.submission import Person, Stamp
from pytest_tfgrade.core.verdict import TaskResult, Verdict
from pytest_tfgrade.core.visibility import Visibility


def total(points: Iterable[Decimal | None]) -> Decimal | None:
    """Add points up; one open score leaves the whole open.

    >>> total([Decimal("1.5"), Decimal(2)]), total([Decimal(1), None])
    (Decimal('3.5'), None)
    """
    summed = Decimal(0)
    for earned in points:
        if earned is None:
            return None
        summed += earned
    return summed


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskGrade:
    """What became of one task of one submission."""

    id: str
    """The task."""

    criteria: tuple[CriterionResult, ...]
    """In the rubric's order; shorter than the rubric if the run was cut short."""

    max_points: Decimal
    """Possible, by the whole rubric; a bonus may come on top."""

    title: str = ""
    """The task in words."""

    weight: Decimal = Decimal(1)
    """How often its points count in the exam."""

    minimum: Decimal = Decimal(0)
    """Points of this task without which the exam is not passed."""

    planned: int = 0
    """How many criteria the rubric has, if more than were graded."""

    artifact: ArtifactRecord | None = None
    """The artifact; None if there is none or it could not be read."""

    seconds: Mapping[str, float] = field(default_factory=dict)
    """Seconds of ``load`` and ``predict``, as far as they were reached."""

    run: RunRecord | None = None
    """How the model was run; None if it was not."""

    portrait: Portrait = NO_PORTRAIT
    """What a report can show of the model."""

    override: Override | None = None
    """What a person said of the whole task."""

    @property
    def complete(self) -> bool:
        """Whether every criterion of the rubric was graded."""
        return len(self.criteria) >= self.planned

    @property
    def code(self) -> str | None:
        """The code of the first criterion that met an ungradable artifact.

        One without a verdict tells only if it leaves the score open; none does where a
        person settled it.
        """
        telling = (
            c
            for c in self.criteria
            if c.verdict is not Verdict.ERROR or (c.group is None and c.points is None)
            if not self.tolerates(c) and not self._is_settled(c)
        )
        return next((c.code for c in telling if c.code is not None), None)

    @property
    def result(self) -> TaskResult:
        """Whether there is a score, and whose fault it is if not."""
        if self.points is None:
            return TaskResult.ERROR
        if gives_points(self.override):
            return TaskResult.GRADED  # by a person, whatever the machine met
        return TaskResult.GRADED if self.code is None else TaskResult.UNGRADABLE

    def tolerates(self, criterion: CriterionResult) -> bool:
        """Return whether a criterion that did not pass took nothing from the task.

        So it is with a bonus, and with a member of a group that has all its points;
        but not where points were lost unasked, which may have been for it.
        """
        if criterion.verdict not in {Verdict.FAILED, Verdict.PARTIAL}:
            return False
        if any(_is_lost_unasked(other) for other in self.criteria):
            return False
        group = next((c for c in self.criteria if c.id == criterion.group), None)
        return criterion.bonus or (
            group is not None and (group.bonus or group.verdict is Verdict.PASSED)
        )

    def _is_settled(self, criterion: CriterionResult) -> bool:
        """Return whether a person gave points in place of what a criterion met.

        While others are skipped for it, an artifact at fault is not settled; what the
        machine failed to find out is.
        """
        if gives_points(self.override):
            return True
        group = next((c for c in self.criteria if c.id == criterion.group), None)
        own = criterion.override
        if not (gives_points(own) or (group and gives_points(group.override))):
            return False
        by_machine = own is not None and own.raw_verdict is Verdict.ERROR
        return by_machine or not any(map(_is_lost_unasked, self.criteria))

    @property
    def raw(self) -> Decimal | None:
        """What the machine gave, never below 0; None while a score is open.

        Members of a group count through their group.
        """
        return _floored(c.raw for c in self.criteria if c.group is None)

    @property
    def points(self) -> Decimal | None:
        """What counts, never below 0; None while a criterion's score is open."""
        if gives_points(self.override):
            return self.override.points
        return _floored(c.points for c in self.criteria if c.group is None)


def _floored(points: Iterable[Decimal | None]) -> Decimal | None:
    earned = total(points)
    return None if earned is None else max(earned, Decimal(0))


def _is_lost_unasked(criterion: CriterionResult) -> bool:
    counts = criterion.group is None and not criterion.bonus
    skipped = criterion.verdict is Verdict.SKIPPED
    return counts and skipped and criterion.max_points > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenIn:
    """Who handed a submission in, and when, as far as that is known."""

    people: tuple[Person, ...] = ()
    """Who is behind it; several of a group."""

    on_roster: bool | None = None
    """Whether the roster has them; None without a roster."""

    handed_in: Stamp | None = None
    """When the last of it was handed in."""

    late: bool | None = None
    """Whether that was after it was due; None where nothing tells."""

    set_aside: tuple[str, ...] = ()
    """Files that were not graded, for the candidate handed in others for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """All results of one submission."""

    id: str
    """The submission."""

    tasks: tuple[TaskGrade, ...]
    """In the exam's order."""

    pass_mark: Decimal | None
    """Share of the points that passes the exam; None if the exam has no rule."""

    whole: bool = True
    """Whether every task of the exam is among them."""

    taken_in: TakenIn = TakenIn()
    """Who handed it in, and when."""

    penalty: Penalty | None = None
    """What lateness costs; None if nothing."""

    override: Override | None = None
    """What a person said of the whole submission."""

    @property
    def raw(self) -> Decimal | None:
        """What the machine gave, each task by its weight; None while one is open."""
        return total(
            None if task.raw is None else task.weight * task.raw for task in self.tasks
        )

    @property
    def in_time(self) -> Decimal | None:
        """What counts before lateness costs anything; None while a task is open."""
        return total(
            None if task.points is None else task.weight * task.points
            for task in self.tasks
        )

    @property
    def penalty_points(self) -> Decimal | None:
        """What lateness costs; None while a task is open."""
        earned = self.in_time
        if earned is None or self.penalty is None:
            return None if earned is None else Decimal(0)
        return self.penalty.points(earned, self.max_points)

    @property
    def points(self) -> Decimal | None:
        """What counts in the end; None while a task's score is open."""
        if gives_points(self.override):
            return self.override.points
        earned, lost = self.in_time, self.penalty_points
        return None if earned is None or lost is None else earned - lost

    @property
    def max_points(self) -> Decimal:
        """Possible, each task by its weight."""
        weighted = (task.weight * task.max_points for task in self.tasks)
        return sum(weighted, Decimal(0))

    @property
    def complete(self) -> bool:
        """Whether every criterion of every task of the exam was graded."""
        return self.whole and all(task.complete for task in self.tasks)

    @property
    def passed(self) -> bool | None:
        """Whether the pass mark and each task's minimum were reached.

        None while that is open, or if the exam has no rule.
        """
        if self.points is None or not self.complete or not self.has_rule:
            return None
        minimums = [(task.points, task.minimum) for task in self.tasks if task.minimum]
        if any(points is not None and points < least for points, least in minimums):
            return False
        if any(points is None for points, _ in minimums):
            return None  # where a person gave points to the whole submission
        return self.points >= (self.pass_mark or 0) * self.max_points

    @property
    def has_rule(self) -> bool:
        """Whether anything says when the exam is passed."""
        return self.pass_mark is not None or any(t.minimum for t in self.tasks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What the grades of one task are made from."""

    rubric: str
    """The sha256 of what the rubric says, in hexadecimal."""

    data: Mapping[str, str]
    """The sha256 of each evaluation dataset, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gradebook:
    """All grades of one run, and how they were made."""

    exam: str
    """Title of the exam."""

    grades: tuple[Grade, ...]
    """Sorted by submission."""

    isolated: bool
    """Whether models ran in a sandbox that a course can trust."""

    version: str
    """Version of pytest-tfgrade."""

    sandbox: str | None = None
    """Its profile, or what was asked for instead of one; None if nothing ran."""

    planned: int = 0
    """How many criteria the whole run has, if more than were graded."""

    runtimes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Versions of the libraries that ran models, by runtime."""

    course: Mapping[str, Origin] = field(default_factory=dict)
    """What decides grades, by task."""

    notices: tuple[str, ...] = ()
    """What was decided as submissions were taken in, and could be otherwise."""

    pass_mark: Decimal | None = None
    """Share of the points that passes the exam; None if the exam has no rule."""

    unmatched: tuple[str, ...] = ()
    """Files that no task asked for, relative to the submissions, printable."""

    titles: Localized | None = None
    """The exam's title by language; None if there is but ``exam``."""

    outlines: Mapping[str, TaskOutline] = field(default_factory=dict)
    """What the rubrics say that is the same for everybody, by task."""

    late_rule: LateRule | None = None
    """What lateness costs; None if nothing."""

    revealed: frozenset[Visibility] = frozenset()
    """What candidates may see by now beside what is always visible."""

    language: str = DEFAULT
    """Of texts that candidates read."""

    def is_late(self, grade: Grade) -> bool | None:
        """Return whether one came after its due date; None where nothing tells.

        An extension decides for whoever has one; who handed in knows no extensions.
        """
        stamp, rule = grade.taken_in.handed_in, self.late_rule
        if rule is None or stamp is None or grade.id not in rule.extensions:
            return grade.taken_in.late
        return stamp.at > rule.due_for(grade.id)

    @property
    def complete(self) -> bool:
        """Whether every criterion of the run was graded."""
        tasks = (task for grade in self.grades for task in grade.tasks)
        return self.graded >= self.planned and all(task.complete for task in tasks)

    @property
    def graded(self) -> int:
        """How many criteria were graded."""
        tasks = (task for grade in self.grades for task in grade.tasks)
        return sum(len(task.criteria) for task in tasks)
