"""What a grader looks for among all submissions, in one walk through the grades."""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from pytest_tfgrade.core.criterion import CriterionResult
from pytest_tfgrade.core.grade import Grade, Gradebook, TaskGrade
from pytest_tfgrade.core.reckoning import Override, Penalty, gives_points
from pytest_tfgrade.core.submission import Stamp
from pytest_tfgrade.core.verdict import TaskResult, Verdict
from pytest_tfgrade.reports.cohort.pass_mark import NearMark, near_mark
from pytest_tfgrade.reports.cohort.places import Place
from pytest_tfgrade.reports.cohort.standing import Standing

TOP: Final = 10
"""How many of the slowest and of the largest are told."""

_DIGITS: Final = 3
"""Of seconds, as ``grades.json`` has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """An error of the grader, and everywhere it struck."""

    rationale: str
    """What a candidate reads of it."""

    cause: str
    """The last line of the first traceback; may be empty."""

    places: tuple[Place, ...]
    """Whole tasks where every criterion met it, else criteria."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsure:
    """A criterion that would have earned other points a standard error away."""

    place: Place
    """Where."""

    result: CriterionResult
    """What became of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """A submission that came late."""

    submission: str
    """Its id."""

    handed_in: Stamp | None
    """When; None if that is not known."""

    penalty: Penalty | None
    """What it costs; None if nothing."""

    lost: Decimal | None
    """The points that is; None while a score is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """An override and where it was made."""

    place: Place
    """Where."""

    override: Override
    """What was decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What the model of one task took."""

    place: Place
    """A task."""

    seconds: Mapping[str, float]
    """By step; empty if it was not run."""

    bytes: int | None
    """Of the file; None if there is none."""

    parameters: int | None
    """Numbers in all weights; None if not known."""

    @property
    def whole(self) -> float:
        """All seconds."""
        return sum(self.seconds.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What a grader looks for; where nothing else is said, in the gradebook's order."""

    faults: tuple[Fault, ...]
    """Errors of the grader; what struck most places first."""

    ungradable: Mapping[str, tuple[Place, ...]]
    """Tasks by code, the commonest code first."""

    unsure: tuple[Unsure, ...]
    """Criteria within a standard error of other points."""

    near: tuple[NearMark, ...]
    """Submissions near the line between passed and not; those it hangs on first."""

    late: tuple[Late, ...]
    """Submissions that came late."""

    decided: tuple[Decided, ...]
    """Overrides."""

    slowest: tuple[Cost, ...]
    """Models that took the most seconds, the slowest first."""

    largest: tuple[Cost, ...]
    """Models of the most bytes, the largest first."""


def findings(gradebook: Gradebook, standings: Sequence[Standing]) -> Findings:
    """Return what there is to look at."""
    grades = gradebook.grades
    costs = [cost for grade in grades for cost in _costs(grade)]
    near = (near_mark(standing, gradebook.outlines) for standing in standings)
    return Findings(
        faults=_faults(grades),
        ungradable=_ungradable(standings),
        unsure=tuple(
            Unsure(place=Place(grade.id, task.id, criterion.id), result=criterion)
            for grade in grades
            for task in grade.tasks
            for criterion in task.criteria
            if criterion.borderline
        ),
        near=tuple(sorted(filter(None, near), key=_urgency)),
        late=tuple(
            _late(grade)
            for grade in grades
            if gradebook.is_late(grade) or grade.penalty
        ),
        decided=tuple(one for grade in grades for one in overrides(grade)),
        slowest=tuple(heapq.nlargest(TOP, filter(_ran, costs), key=lambda c: c.whole)),
        largest=tuple(
            heapq.nlargest(TOP, filter(_has_size, costs), key=lambda c: c.bytes or 0)
        ),
    )


def overrides(grade: Grade) -> Iterator[Decided]:
    """Yield what people said of a submission, of its tasks and criteria."""
    if grade.override is not None:
        yield Decided(place=Place(grade.id), override=grade.override)
    for task in grade.tasks:
        if task.override is not None:
            yield Decided(place=Place(grade.id, task.id), override=task.override)
        for criterion in task.criteria:
            if criterion.override is not None:
                place = Place(grade.id, task.id, criterion.id)
                yield Decided(place=place, override=criterion.override)


def _faults(grades: tuple[Grade, ...]) -> tuple[Fault, ...]:
    places: dict[tuple[str, str], dict[Place, None]] = {}
    for grade in grades:
        for task in grade.tasks:
            if gives_points(task.override):
                continue  # a person settled it
            errors = [c for c in task.criteria if c.verdict is Verdict.ERROR]
            whole = len(errors) == len(task.criteria)
            for error in errors:
                place = Place(grade.id, task.id, None if whole else error.id)
                key = error.rationale, _last_line(error.detail)
                places.setdefault(key, {})[place] = None
    found = (
        Fault(rationale=rationale, cause=cause, places=tuple(struck))
        for (rationale, cause), struck in places.items()
    )
    return tuple(sorted(found, key=lambda fault: -len(fault.places)))


def _last_line(detail: str | None) -> str:
    r"""Return what a traceback says at its end.

    >>> _last_line("Traceback ...\nOSError: no space\n"), _last_line(None)
    ('OSError: no space', '')
    """
    lines = (detail or "").strip().splitlines()
    return lines[-1].strip() if lines else ""


def _ungradable(standings: Sequence[Standing]) -> dict[str, tuple[Place, ...]]:
    places: dict[str, list[Place]] = {}
    for standing in standings:
        for known in standing.tasks:
            if known.result is TaskResult.UNGRADABLE:
                place = Place(standing.grade.id, known.task.id)
                places.setdefault(known.code or "", []).append(place)
    commonest = sorted(places.items(), key=lambda item: (-len(item[1]), item[0]))
    return {code: tuple(of_code) for code, of_code in commonest}


def _urgency(near: NearMark) -> tuple[bool, Decimal]:
    return not near.hangs_on, abs(near.away)


def _late(grade: Grade) -> Late:
    return Late(
        submission=grade.id,
        handed_in=grade.taken_in.handed_in,
        penalty=grade.penalty,
        lost=grade.penalty_points,
    )


def _costs(grade: Grade) -> Iterator[Cost]:
    for task in grade.tasks:
        if task.seconds or task.artifact is not None:
            yield _cost(grade, task)


def _cost(grade: Grade, task: TaskGrade) -> Cost:
    architecture = task.portrait.architecture
    return Cost(
        place=Place(grade.id, task.id),
        seconds={step: round(of, _DIGITS) for step, of in task.seconds.items()},
        bytes=None if task.artifact is None else task.artifact.bytes,
        parameters=None if architecture is None else architecture.parameters,
    )


def _ran(cost: Cost) -> bool:
    return cost.whole > 0


def _has_size(cost: Cost) -> bool:
    return cost.bytes is not None
