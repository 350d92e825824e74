"""What a student reads above all tests on Gradescope."""

import gettext
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from pytest_tfgrade.core.grade import Grade
from pytest_tfgrade.core.reckoning import gives_points
from pytest_tfgrade.core.score import points_text
from pytest_tfgrade.core.visibility import Visibility
from pytest_tfgrade.reports.notes import NOT_ISOLATED

if TYPE_CHECKING:
    from pytest_tfgrade.reports.gradescope_metadata import Metadata


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What everybody may know of a submission by now."""

    is_open: bool
    """Whether there is no score yet, through no fault of the student's."""

    all_visible: bool
    """Whether each criterion is shown already."""

    later: frozenset[Visibility]
    """When others will be shown; empty if never."""

    earned: Decimal | None
    """Points of the criteria that are shown; None if one is open or a person gave
    other points for more than a criterion."""

    possible: Decimal
    """Points that these are worth."""


def summary(
    isolated: bool,
    grade: Grade,
    standing: Standing,
    metadata: "Metadata | None",
    words: gettext.NullTranslations,
) -> list[str]:
    """Return lines of text; none tells what is to be shown later."""
    lines = [] if isolated else [NOT_ISOLATED]
    if standing.is_open:
        lines += _open(words)
    elif standing.all_visible:
        lines += _whole(grade, words)
    lines += [] if standing.all_visible else so_far(standing, words)
    if grade.override is not None:
        lines.append(grade.override.comment)
    lines += [
        f"{task.title or task.id}: {task.override.comment}"
        for task in grade.tasks
        if task.override is not None and task.override.comment
    ]
    if metadata is not None:
        lines += _attempts(metadata, standing, words)
        lines += _lateness(metadata, words)
    return lines


def _open(words: gettext.NullTranslations) -> Iterator[str]:
    _ = words.gettext
    yield _("There is no score yet: the grader could not finish.")
    yield _("This is not your fault, and costs nothing.")
    yield _("The course staff has to run the autograder again.")


def _whole(grade: Grade, words: gettext.NullTranslations) -> Iterator[str]:
    _ = words.gettext
    if grade.points is None:
        return
    scored = {
        "earned": points_text(grade.points),
        "possible": points_text(grade.max_points),
    }
    yield _("Total: %(earned)s of %(possible)s points") % scored
    if grade.penalty_points and not gives_points(grade.override):
        lost = _("Lost for lateness: %(points)s points")
        yield lost % {"points": points_text(grade.penalty_points)}
    if grade.passed is not None:
        yield _("Passed.") if grade.passed else _("Not passed.")


def so_far(standing: Standing, words: gettext.NullTranslations) -> Iterator[str]:
    """Yield what the criteria that are shown are worth, and when more will be."""
    _ = words.gettext
    if standing.earned is not None:
        scored = {
            "earned": points_text(standing.earned),
            "possible": points_text(standing.possible),
        }
        yield _("What is shown so far: %(earned)s of %(possible)s points") % scored
    if Visibility.AFTER_DUE_DATE in standing.later:
        yield _("More is shown after the due date.")
    if Visibility.AFTER_PUBLISHED in standing.later:
        yield _("More is shown when grades are published.")


def _attempts(
    metadata: "Metadata", standing: Standing, words: gettext.NullTranslations
) -> Iterator[str]:
    _ = words.gettext
    yield _("This is attempt %(number)s.") % {"number": metadata.attempt}
    best = metadata.best_before
    if best is not None and standing.all_visible:
        told = _("The best score of earlier attempts: %(points)s points")
        yield told % {"points": points_text(best)}


def _lateness(metadata: "Metadata", words: gettext.NullTranslations) -> Iterator[str]:
    """Say what Gradescope knows of it; whether it costs points is the exam's rule."""
    _ = words.gettext
    due, handed_in = metadata.assignment.due_date, metadata.created_at
    if due is None or handed_in is None:
        return
    if (due.tzinfo is None) != (handed_in.tzinfo is None):
        return  # times of which only one has a zone tell nothing
    text = _("Handed in %(at)s, due %(due)s on Gradescope: %(late)s.")
    late = _("late") if handed_in > due else _("in time")
    yield text % {"at": _time(handed_in), "due": _time(due), "late": late}


def _time(at: datetime) -> str:
    return at.isoformat(sep=" ", timespec="minutes")
