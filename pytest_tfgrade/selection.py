"""Grading a part of a class or of an exam, by names or globs."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from pytest_tfgrade.core.errors import SubmissionsError
from pytest_tfgrade.core.globs import is_chosen
from pytest_tfgrade.documents import suggestion
from pytest_tfgrade.engine import Course

_MOST_LISTED: Final = 20
"""Names in a message; nobody reads a class of thousands there."""


def selected(course: Course, wanted: tuple[str, ...]) -> Course:
    """Return a course with the tasks that names or globs choose.

    Raises:
        SubmissionsError: One chooses nothing.
    """
    tasks = [rubric.task for rubric in course.rubrics]
    require_known("--tfgrade-task", wanted, tasks, "task")
    chosen = tuple(r for r in course.rubrics if is_chosen(r.task, wanted))
    return replace(course, rubrics=chosen)


def require_known(
    flag: str, wanted: Iterable[str], known: Iterable[str], what: str
) -> None:
    """Do nothing if every name or glob chooses something.

    Args:
        flag: The option that they were given with.
        wanted: Names or globs.
        known: What there is to choose from.
        what: What these are, for the message.

    Raises:
        SubmissionsError: One chooses nothing.
    """
    known = tuple(known)
    for pattern in wanted:
        if not any(is_chosen(name, (pattern,)) for name in known):
            remedy = _suggestion(pattern, known)
            raise SubmissionsError(f"{flag} {pattern}: no such {what}; {remedy}")


def _suggestion(name: str, known: Sequence[str]) -> str:
    """Say what was probably meant, or what there is."""
    remedy = suggestion(name, known)
    if len(known) <= _MOST_LISTED or len(remedy) < len(", ".join(known)):
        return remedy
    listed = ", ".join(sorted(known)[:_MOST_LISTED])
    return f"use one of {len(known)}, as {listed}"
