"""``github-annotations.txt``: what GitHub shows at the head of a run of a workflow."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from gettext import NullTranslations
from typing import Final

from pytest_tfgrade.core.criterion import CriterionResult
from pytest_tfgrade.core.grade import Grade, Gradebook, TaskGrade
from pytest_tfgrade.core.score import score_text
from pytest_tfgrade.core.text import with_visible_ends
from pytest_tfgrade.core.verdict import TaskResult, Verdict
from pytest_tfgrade.languages import translations
from pytest_tfgrade.reports.audience import NOT_SHOWN, for_candidates
from pytest_tfgrade.reports.interface import (
    Audience,
    Destination,
    ReportFile,
    Request,
)
from pytest_tfgrade.reports.notes import NOT_ISOLATED, partial_run
from pytest_tfgrade.reports.workflow_commands import Level, annotation

MOST: Final = {Level.ERROR: 10, Level.WARNING: 10, Level.NOTICE: 8}
"""GitHub keeps 10 of each for a step and drops the rest unsaid; the report for GitHub
Classroom takes two notices."""

_ABOVE_ALL: Final = Decimal("Infinity")
"""Weighs what has to be said before all else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Finding:
    """Something worth an annotation."""

    level: Level
    weight: Decimal  # points, as far as they are at stake
    title: str
    message: str

    def __str__(self) -> str:
        return annotation(self.level, self.title, self.message)


class GithubAnnotationsReport:
    """The gravest findings, as commands for GitHub's runner."""

    file_name = "github-annotations.txt"
    audience = Audience.CANDIDATE

    def render(self, gradebook: Gradebook, request: Request) -> Iterator[ReportFile]:
        """Yield lines for the log; no text can begin a command of its own in them."""
        yield ReportFile(
            name=self.file_name,
            text=_lines(for_candidates(gradebook), translations(request.language)),
            destination=Destination.LOG,
        )


def _lines(gradebook: Gradebook, words: NullTranslations) -> Iterator[str]:
    found = list(_findings(gradebook, words))
    for level in Level:
        of_level = [finding for finding in found if finding.level is level]
        of_level.sort(key=lambda finding: finding.weight, reverse=True)
        for finding in _most(of_level, MOST[level], words):
            yield f"{finding}\n"


def _most(
    findings: Sequence[_Finding], most: int, words: NullTranslations
) -> Iterator[_Finding]:
    """Yield as many as GitHub keeps; the last says how many more there are."""
    if len(findings) <= most:
        yield from findings
        return
    yield from findings[: most - 1]
    left_out = len(findings) - most + 1
    message = words.ngettext(
        "%(number)s more is not shown here; the other reports have it",
        "%(number)s more are not shown here; the other reports have them",
        left_out,
    )
    yield _Finding(
        level=findings[0].level,
        weight=Decimal(0),
        title="tfgrade",
        message=message % {"number": left_out},
    )


def _findings(gradebook: Gradebook, words: NullTranslations) -> Iterator[_Finding]:
    _ = words.gettext
    notes = [] if gradebook.isolated else [_(NOT_ISOLATED)]
    if not gradebook.complete:
        notes.append(partial_run(gradebook))
    for note in notes:
        yield _Finding(
            level=Level.WARNING, weight=_ABOVE_ALL, title="tfgrade", message=note
        )
    for grade in gradebook.grades:
        name = with_visible_ends(grade.id)
        yield _total(grade, name, words)
        for task in grade.tasks:
            yield from _of_task(task, f"{name}::{task.id}")


def _total(grade: Grade, name: str, words: NullTranslations) -> _Finding:
    """Return what a submission has; of many, those that lack the most come first."""
    _ = words.gettext
    score = score_text(grade.points, grade.max_points)
    message = _("%(score)s points") % {"score": score}
    if grade.passed is not None:
        message += f", {_('passed') if grade.passed else _('not passed')}"
    return _Finding(
        level=Level.NOTICE,
        weight=grade.max_points - (grade.points or 0),
        title=name,
        message=message,
    )


def _of_task(task: TaskGrade, place: str) -> Iterator[_Finding]:
    """Yield why points are open or lost; what was skipped is lost for another."""
    yield from _open(task, place)
    if task.result is TaskResult.UNGRADABLE:
        first = next(c for c in task.criteria if c.code == task.code)
        yield _Finding(
            level=Level.ERROR,
            weight=task.max_points - (task.points or 0),
            title=place,
            message=_reason(first),
        )
    for criterion in task.criteria:
        if _is_loss(task, criterion):
            score = score_text(criterion.points, criterion.max_points)
            yield _Finding(
                level=Level.WARNING,
                weight=criterion.max_points - (criterion.points or 0),
                title=f"{place}::{criterion.id}",
                message=f"{score} {_reason(criterion)}",
            )


def _open(task: TaskGrade, place: str) -> Iterator[_Finding]:
    """Yield what left scores open, each cause once."""
    errors = [c for c in task.criteria if c.verdict is Verdict.ERROR]
    causes = {criterion.rationale: criterion for criterion in reversed(errors)}
    for criterion in reversed(causes.values()):
        yield _Finding(
            level=Level.ERROR,
            weight=_ABOVE_ALL,
            title=f"{place}::{criterion.id}",
            message=_reason(criterion),
        )


def _is_loss(task: TaskGrade, criterion: CriterionResult) -> bool:
    """Return whether a criterion itself lost points, and there is more to say of it."""
    lost = criterion.verdict in {Verdict.FAILED, Verdict.PARTIAL}
    told_elsewhere = criterion.code is not None or criterion.group is not None
    says = criterion.rationale != NOT_SHOWN and not told_elsewhere
    return lost and says and not task.tolerates(criterion)


def _reason(criterion: CriterionResult) -> str:
    """Return reason, hint and what a person said of it."""
    comment = criterion.override.comment if criterion.override else ""
    parts = (criterion.rationale, criterion.hint, comment)
    told = " | ".join(part for part in parts if part)
    return told if criterion.code is None else f"{criterion.code} {told}"
