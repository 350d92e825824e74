"""Who is near the line between passed and not passed, and who crosses it by chance."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from pytest_tfgrade.core.criterion import CriterionResult
from pytest_tfgrade.core.grade import Grade, TaskGrade
from pytest_tfgrade.core.outline import ScaleOutline, TaskOutline
from pytest_tfgrade.core.reckoning import gives_points
from pytest_tfgrade.core.scale import BandTable, Curve, PassMark, Scale
from pytest_tfgrade.core.score import measured
from pytest_tfgrade.core.threshold import Bands, Threshold
from pytest_tfgrade.reports.cohort.places import Place
from pytest_tfgrade.reports.cohort.standing import Standing

NEAR: Final = Decimal("0.05")
"""Share of the points that are possible within which a submission is near the mark."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMark:
    """A submission that hardly passed, or nearly."""

    submission: str
    """Its id."""

    passed: bool
    """What was decided."""

    away: Decimal
    """Points above the mark that it is nearest to; below it if negative."""

    task: str | None
    """The task whose minimum that is; None of the mark of the exam."""

    hangs_on: tuple[Place, ...]
    """Criteria of which one standard error more or less decides the other way."""


def near_mark(
    standing: Standing, outlines: Mapping[str, TaskOutline]
) -> NearMark | None:
    """Return how near a submission is to the line; None if it is not, or if none is.

    Near is who has 5 % of the possible points more or less than the exam or a task
    demands, and who would be on the other side if one value had been a standard error
    better or worse.
    """
    grade, passed = standing.grade, standing.passed
    if passed is None:
        return None
    share, away, task = min(_margins(standing), key=lambda margin: margin[0])
    hangs_on = tuple(_hangs_on(grade, outlines, passed=passed))
    if abs(share) > NEAR and not hangs_on:
        return None
    return NearMark(
        submission=grade.id,
        passed=passed,
        away=away,
        task=task,
        hangs_on=hangs_on,
    )


def _margins(standing: Standing) -> Iterator[tuple[Decimal, Decimal, str | None]]:
    """Yield what is above each mark: as a share of what is possible, in points, where.

    The least decides: whoever passed is nearest to that line, whoever did not has to
    cross it.
    """
    grade, points = standing.grade, standing.points
    if grade.pass_mark is not None and points is not None:
        possible = grade.max_points
        away = points - grade.pass_mark * possible
        yield away / (possible or 1), away, None
    for known in standing.tasks:
        task = known.task
        if task.minimum and known.points is not None:
            away = known.points - task.minimum
            yield away / (task.max_points or 1), away, task.id


def _hangs_on(
    grade: Grade, outlines: Mapping[str, TaskOutline], *, passed: bool
) -> Iterator[Place]:
    for task in grade.tasks:
        outline = outlines.get(task.id)
        if outline is None or gives_points(task.override):
            continue
        for criterion in task.criteria:
            known = outline.criteria.get(criterion.id)
            scale = known.scale if known else None
            others = _other_points(criterion, scale) if scale else set()
            if any(
                _with_points(grade, task, criterion, points).passed is not passed
                for points in others
            ):
                yield Place(grade.id, task.id, criterion.id)


def _other_points(criterion: CriterionResult, outline: ScaleOutline) -> set[Decimal]:
    """Return what a standard error more or less of the value would have earned."""
    decided = gives_points(criterion.override)
    value, known = measured(criterion.value), criterion.uncertainty
    error = measured(known.standard_error) if known else None
    if decided or not criterion.borderline or value is None or error is None:
        return set()
    scale = _scale(outline)
    values = (value + side * error for side in (-1, 1))
    return {scale.points(value) for value in values} - {criterion.raw}


def _scale(outline: ScaleOutline) -> Scale:
    direction, steps = outline.direction, dict(outline.steps)
    match outline.kind:
        case "threshold":
            points, bound = outline.steps[-1]
            return PassMark(Threshold(bound, direction), points)
        case "bands":
            return BandTable(Bands(steps, direction))
        case "curve":
            return Curve(steps, direction)


def _with_points(
    grade: Grade, task: TaskGrade, criterion: CriterionResult, points: Decimal
) -> Grade:
    """Return the grade if a criterion had earned that.

    The points of a group are taken to change by as much, as far as they can.
    """
    more = points - (criterion.points or Decimal(0))
    changed = criterion.group or criterion.id
    criteria = tuple(
        replace(c, points=_within(c, c.points + more))
        if c.id == changed and c.points is not None
        else c
        for c in task.criteria
    )
    other = replace(task, criteria=criteria)
    tasks = tuple(other if t is task else t for t in grade.tasks)
    return replace(grade, tasks=tasks)


def _within(criterion: CriterionResult, points: Decimal) -> Decimal:
    return min(max(points, Decimal(0)), criterion.max_points)
