"""What became of the machine's points: late penalties and overrides, in words."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from gettext import NullTranslations

from pytest_tfgrade.core.grade import Grade
from pytest_tfgrade.core.reckoning import Override
from pytest_tfgrade.core.score import points_text
from pytest_tfgrade.core.text import printable, with_visible_ends
from pytest_tfgrade.core.times import duration_text
from pytest_tfgrade.reports.line import Line, wrapped


def render_changes(grades: Sequence[Grade], width: int) -> tuple[Line, ...]:
    """Say whose points are not those that the machine gave, and why."""
    told = [(grade, list(changes(grade))) for grade in grades]
    lines: list[Line] = []
    for grade, texts in told:
        name = printable(with_visible_ends(grade.id))
        for text in texts:
            lines += wrapped(f"{name}: {text}", width, indent="  ")
    return (Line("changed after grading"), *lines) if lines else ()


def changes(grade: Grade) -> Iterator[str]:
    """Yield a sentence for each change of a submission's points, in their order."""
    for task in grade.tasks:
        for criterion in task.criteria:
            if criterion.override is not None:
                yield f"{task.id}::{criterion.id} {_overridden(criterion.override)}"
        if task.override is not None:
            yield f"{task.id} {_overridden(task.override)}"
    if grade.penalty is not None:
        lost, earned = grade.penalty_points, grade.in_time
        late = f"late by {duration_text(grade.penalty.late)}"
        share = f"{points_text(grade.penalty.share * 100)} %"
        of = f"{share} of points {grade.penalty.taken} are lost"
        yield f"{_points(earned)} - {_points(lost)}: {late}, {of}"
    if grade.override is not None:
        yield f"all of it {_overridden(grade.override)}"


def _overridden(override: Override) -> str:
    """Return what a person said; candidates do not see who and why."""
    texts = []
    if override.points is not None:
        texts.append(f"{_points(override.raw)} became {points_text(override.points)}")
    if override.by:
        texts.append(f"by {override.by}, {override.at}: {override.why}")
    if override.comment:
        texts.append(f'"{override.comment}"')
    return printable(", ".join(texts))


def _points(points: Decimal | None) -> str:
    return "open" if points is None else points_text(points)


def late_text(late: timedelta, words: NullTranslations) -> str:
    """Write for a candidate how late something came; minutes that began count.

    >>> late_text(timedelta(days=2, minutes=1), NullTranslations())
    '2 days 1 minute'
    """
    minutes = max(1, -(-late // timedelta(minutes=1)))
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    ngettext = words.ngettext
    parts = (
        (days, ngettext("%(number)s day", "%(number)s days", days)),
        (hours, ngettext("%(number)s hour", "%(number)s hours", hours)),
        (minutes, ngettext("%(number)s minute", "%(number)s minutes", minutes)),
    )
    return " ".join(text % {"number": number} for number, text in parts if number)
