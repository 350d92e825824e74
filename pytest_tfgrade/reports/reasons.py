"""Why points were lost, and where the grader failed, in the terminal summary."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from pytest_tfgrade.core.criterion import FINAL_PART, CriterionResult
from pytest_tfgrade.core.grade import Grade, TaskGrade, total
from pytest_tfgrade.core.score import points_text, score_text
from pytest_tfgrade.core.text import printable, with_visible_ends
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.reports.line import Line, Tone, shortened, wrapped

_Item = TypeVar("_Item")
_Key = TypeVar("_Key", bound=Hashable)

_LOSING = frozenset({Verdict.PARTIAL, Verdict.FAILED, Verdict.SKIPPED})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loss:
    """Criteria of one submission that lost points for the same reason."""

    place: str
    whole: bool  # the place is a task, of which nothing else is to be said
    points: Decimal | None
    max_points: Decimal
    code: str | None
    rationale: str
    hint: str | None


def render_faults(grades: Sequence[Grade], width: int) -> tuple[Line, ...]:
    """Say where the grader itself failed; places with the same cause together."""
    places = _grouped(
        (
            (place, criterion)
            for grade in grades
            for task in grade.tasks
            for place, criterion in _faults(grade, task)
        ),
        lambda fault: (fault[1].rationale, _last_line(fault[1].detail)),
    )
    if not places:
        return ()
    lines = [Line("grader's errors; these scores stay open", Tone.ERROR)]
    for (rationale, detail), faults in places.items():
        lines += wrapped(rationale, width, indent="  ", tone=Tone.ERROR)
        if detail:
            lines += wrapped(detail, width, indent="    ", tone=Tone.ERROR)
        at = list(dict.fromkeys(place for place, _ in faults))
        count = f"{len(at)} places: " if len(at) > 1 else ""
        lines += wrapped(f"at {count}{', '.join(at)}", width, indent="    ")
    return tuple(lines)


def render_losses(grades: Sequence[Grade], width: int) -> tuple[Line, ...]:
    """Say why points were lost, each hint once, under a number, at the end."""
    hints: dict[str, int] = {}
    lines: list[Line] = []
    for grade in grades:
        losses, below = _losses(grade), list(_below_minimum(grade))
        if losses or below:
            name = printable(with_visible_ends(grade.id))
            lines.append(Line(shortened(name, width)))
        for loss in losses:
            end = ""
            if loss.hint:
                end = f" [{hints.setdefault(loss.hint, len(hints) + 1)}]"
            tone = Tone.PARTIAL if loss.points else Tone.BAD
            lines += wrapped(_text(loss), width, indent="  ", end=end, tone=tone)
        for text in below:
            lines += wrapped(text, width, indent="  ", tone=Tone.BAD)
    if hints:
        lines.append(Line("hints"))
    for hint, mark in hints.items():
        lines += wrapped(f"[{mark}] {hint}", width, indent="  ")
    return (Line("lost points"), *lines) if lines else ()


def _below_minimum(grade: Grade) -> Iterator[str]:
    """Say of which tasks a submission has fewer points than the exam demands."""
    for task in grade.tasks:
        if task.points is not None and task.points < task.minimum:
            score = score_text(task.points, task.max_points)
            least = points_text(task.minimum)
            yield f"{task.id}: {score}, and the exam is not passed below {least}"


def _faults(grade: Grade, task: TaskGrade) -> Iterator[tuple[str, CriterionResult]]:
    """Yield what went wrong and where: a task if all of it did, else a criterion."""
    errors = [c for c in task.criteria if c.verdict is Verdict.ERROR]
    whole = len(errors) == len(task.criteria)
    for error in errors:
        place = f"{with_visible_ends(grade.id)}::{task.id}"
        yield place if whole else f"{place}::{error.id}", error


def _last_line(detail: str | None) -> str:
    r"""Return what a traceback says at its end.

    >>> _last_line("Traceback ...\nOSError: no space\n"), _last_line(None)
    ('OSError: no space', '')
    """
    return (detail or "").strip().rpartition("\n")[2].strip()


def _losses(grade: Grade) -> list[_Loss]:
    """Return the losses of a submission; tasks lost for one reason are one loss."""
    of_tasks = [loss for task in grade.tasks for loss in _losses_of_task(task)]
    merged = _grouped(
        of_tasks,
        lambda loss: (
            None if loss.whole else loss.place,
            loss.code,
            loss.rationale,
            loss.hint,
        ),
    )
    return [
        _Loss(
            place=", ".join(loss.place for loss in losses),
            whole=losses[0].whole,
            points=total(loss.points for loss in losses),
            max_points=sum((loss.max_points for loss in losses), Decimal(0)),
            code=losses[0].code,
            rationale=losses[0].rationale,
            hint=losses[0].hint,
        )
        for losses in merged.values()
    ]


def _losses_of_task(task: TaskGrade) -> Iterator[_Loss]:
    losing = [c for c in task.criteria if _tells(c)]
    first = next((c for c in losing if c.code is not None), None)
    if first is not None:  # what was skipped after it, was for it
        lost = [c for c in losing if c.code or c.verdict is Verdict.SKIPPED]
        losing = [c for c in losing if c not in lost]
        yield _Loss(
            place=task.id,
            whole=True,
            points=total(c.points for c in lost if _counts(c)),
            max_points=sum((c.max_points for c in lost if _counts(c)), Decimal(0)),
            code=first.code,
            rationale=first.rationale,
            hint=first.hint,
        )
    alike = _grouped(losing, lambda c: (c.code, _reason(c), c.hint))
    for (code, rationale, hint), criteria in alike.items():
        whole = len(criteria) == len(task.criteria)
        names = ", ".join(criterion.id for criterion in criteria)
        yield _Loss(
            place=task.id if whole else f"{task.id}: {names}",
            whole=whole,
            points=total(criterion.points for criterion in criteria),
            max_points=sum((c.max_points for c in criteria), Decimal(0)),
            code=code,
            rationale=rationale,
            hint=hint,
        )


def _reason(criterion: CriterionResult) -> str:
    """Return why; of what a final part decides, also that, to those who may know."""
    lines = (criterion.detail or "").splitlines()
    final = [line for line in lines if line.startswith(FINAL_PART)]
    return "; ".join((criterion.rationale, *final))


def _tells(criterion: CriterionResult) -> bool:
    """Return whether a criterion says why points were lost, or how to earn more.

    A group says it for its members.
    """
    told = criterion.code is not None or not criterion.bonus
    lost = criterion.verdict in _LOSING and told
    says = lost or (criterion.verdict is Verdict.PASSED and criterion.hint is not None)
    return says and (criterion.group is None or criterion.code is not None)


def _counts(criterion: CriterionResult) -> bool:
    """Return whether the points of a criterion are among those that are possible."""
    return criterion.group is None and not criterion.bonus


def _text(loss: _Loss) -> str:
    worth = loss.max_points or loss.points
    score = score_text(loss.points, loss.max_points) if worth else ""
    reason = loss.rationale if loss.code is None else f"{loss.code} {loss.rationale}"
    return "  ".join(filter(None, (loss.place, score, reason)))


def _grouped(
    items: Iterable[_Item], key: Callable[[_Item], _Key]
) -> dict[_Key, list[_Item]]:
    """Gather items with the same key, in order of their first appearance."""
    groups: dict[_Key, list[_Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups
