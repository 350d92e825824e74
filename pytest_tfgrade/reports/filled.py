"""What the formats that fill a platform's file have in common: the list of the rest."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from typing import Final

from pytest_tfgrade.core.grade import Grade, Gradebook
from pytest_tfgrade.core.score import points_text
from pytest_tfgrade.reports.csv_lines import csv_lines
from pytest_tfgrade.reports.grades_csv import points_cell
from pytest_tfgrade.reports.matching import Miss
from pytest_tfgrade.reports.notes import NOT_ISOLATED

_PLACES: Final = 5
"""Decimal places of points that a platform is given."""

FILL_OPTION: Final = "--tfgrade-fill (tfgrade report: --fill)"
"""How the platform's file is named."""

HEADER: Final = ("what", "line", "submission", "name", "points", "why")
"""The columns of the list; ``line`` is of the platform's file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """Something that was left as it is, or that a person should look at."""

    what: str
    """``submission`` or ``row`` that has no counterpart or was not filled in,
    ``column``, or ``run`` for what has to be known of all points."""

    why: str
    """The reason."""

    line: int | None = None
    """Of the platform's file; None if it is not there."""

    grade: Grade | None = None
    """The submission, if it is one."""

    name: str = ""
    """Of the person, as far as known."""


def without_rows(misses: Iterable[Miss]) -> Iterator[Left]:
    """Tell whose points went nowhere."""
    for miss in misses:
        yield Left(what="submission", grade=miss.grade, name=miss.name, why=miss.why)


def unmatched_lines(gradebook: Gradebook, left: Iterable[Left]) -> Iterator[str]:
    """Yield the list as lines of a CSV file, which has a header at least."""
    return csv_lines(_rows(chain(_of_the_run(gradebook), left)))


def _of_the_run(gradebook: Gradebook) -> Iterator[Left]:
    if not gradebook.isolated:
        yield Left(what="run", why=NOT_ISOLATED)
    if not gradebook.complete:
        why = "only a part of the run was graded; what is not complete is left out"
        yield Left(what="run", why=why)


def _rows(left: Iterable[Left]) -> Iterator[tuple[str, ...]]:
    yield HEADER
    for one in left:
        yield (
            one.what,
            "" if one.line is None else str(one.line),
            "" if one.grade is None else one.grade.id,
            one.name,
            "" if one.grade is None else points_cell(one.grade.points),
            one.why,
        )


def why_open(grade: Grade) -> str | None:
    """Say why a submission has no points to be carried over; None if it has."""
    if grade.points is None:
        return "the score is open; grade it again"
    return None if grade.complete else "only a part of it was graded"


def other_scale(
    grades: Iterable[Grade], there: Decimal | None, *, platform: str
) -> Iterator[Left]:
    """Tell if other points are possible there: points are carried over unscaled."""
    here = sorted({grade.max_points for grade in grades})
    if there is not None and here and here != [there]:
        shown = " or ".join(map(points_text, here))
        possible = f"{points_text(there)} points are possible on {platform}"
        why = f"{possible}, {shown} in the exam; not scaled"
        yield Left(what="column", why=why)


def carried_over(points: Decimal, mark: str = ".") -> str:
    """Write points as platforms take them, to five decimal places.

    >>> carried_over(Decimal("7.50")), carried_over(Decimal(20) / 3, ",")
    ('7.5', '6,66667')
    """
    return points_text(round(points, _PLACES)).replace(".", mark)
