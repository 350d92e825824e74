"""Moodle: the grading worksheet of an assignment, or the import of the gradebook.

What the import reads is in Moodle's own sources (``grade/import/csv``): one column says
who, others are mapped by hand to a grade and its feedback. It stops at the first row
whose person it does not know, and gives the points of a row without a person to the one
before; so no such row is written.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Final

from pytest_tfgrade.core.errors import UsageError
from pytest_tfgrade.core.grade import Grade, Gradebook
from pytest_tfgrade.core.score import points_text
from pytest_tfgrade.core.submission import Person
from pytest_tfgrade.core.text import spreadsheet_cell
from pytest_tfgrade.languages import translations
from pytest_tfgrade.reports.audience import for_candidates
from pytest_tfgrade.reports.csv_lines import csv_lines
from pytest_tfgrade.reports.feedback import feedback
from pytest_tfgrade.reports.filled import (
    FILL_OPTION,
    Left,
    carried_over,
    unmatched_lines,
    why_open,
)
from pytest_tfgrade.reports.in_language import in_language
from pytest_tfgrade.reports.interface import Audience, ReportFile, Request
from pytest_tfgrade.reports.moodle_worksheet import fill_worksheet

_IDENTITIES: Final = {"email": "Email address", "id": "ID number"}
"""What the import can find people by, and the header; the first is the usual one."""

_FEEDBACK: Final = "Feedback comments"

_MOST: Final = Decimal(100)
"""Points that a site takes unless it was set up for more."""


class MoodleReport:
    """Points and feedback for Moodle, and what has to be looked at."""

    file_name = "moodle"
    audience = Audience.GRADER

    def render(self, gradebook: Gradebook, request: Request) -> Iterator[ReportFile]:
        """Yield the file to be imported, and the list of what was left out.

        With a worksheet, grade and feedback are filled into it; what is open, or was
        graded in part, leaves its cells as they are. Without one, the file is for the
        import of the gradebook and has no rows for those, which would take a grade
        away. Feedback holds what candidates may see.

        Raises:
            UsageError: The file is no worksheet, does not say which column takes the
                points, or there is none and nobody's address or id number is known.
        """
        shown = in_language(for_candidates(gradebook), request.language)
        told = {grade.id: grade for grade in shown.grades}
        words = translations(request.language)

        def feedback_of(grade: Grade) -> str:
            return feedback(told[grade.id], words)

        if request.fill is None:
            return _import_files(gradebook, feedback_of)
        return fill_worksheet(request.fill, request.column, gradebook, feedback_of)


def _import_files(
    gradebook: Gradebook, feedback_of: Callable[[Grade], str]
) -> Iterator[ReportFile]:
    everybody = [
        (grade, person)
        for grade in gradebook.grades
        for person in grade.taken_in.people or (Person(),)
    ]
    identity = _identity([person for _, person in everybody])
    rows, left = _divided(everybody, identity)

    def lines() -> Iterator[tuple[str, ...]]:
        exam = spreadsheet_cell(_header(gradebook.exam))
        yield _IDENTITIES[identity], exam, _FEEDBACK
        for grade, person in rows:
            points = "" if grade.points is None else carried_over(grade.points)
            yield getattr(person, identity), points, feedback_of(grade)

    def files() -> Iterator[ReportFile]:
        # Cells are harmless as they are; feedback must not be cut.
        yield ReportFile(name="moodle/import.csv", text=csv_lines(lines(), cell=str))
        yield ReportFile(
            name="moodle/unmatched.csv", text=unmatched_lines(gradebook, left)
        )

    return files()


def _identity(people: Sequence[Person]) -> str:
    """Return what most people are known by; it has to be one for all."""
    known = {sign: sum(bool(getattr(p, sign)) for p in people) for sign in _IDENTITIES}
    if people and not any(known.values()):
        what = "moodle: nobody's e-mail address or ID number is known"
        remedy = f"name a grading worksheet by {FILL_OPTION}"
        raise UsageError(f"{what}; {remedy}, or grade with --tfgrade-roster")
    return max(known, key=known.__getitem__)


def _divided(
    everybody: Sequence[tuple[Grade, Person]], identity: str
) -> tuple[list[tuple[Grade, Person]], list[Left]]:
    """Return whose points are carried over, and why others' are not."""
    times = Counter(getattr(person, identity).casefold() for _, person in everybody)
    rows, left = [], []
    for grade, person in everybody:
        said = getattr(person, identity)
        why = why_open(grade) or _why_unfit(said, identity, times)
        if why is None:
            rows.append((grade, person))
            why = _why_too_much(grade)
        if why is not None:
            left.append(Left(what="submission", grade=grade, name=person.name, why=why))
    return rows, left


def _why_unfit(said: str, identity: str, times: Counter[str]) -> str | None:
    name = _IDENTITIES[identity]
    if not said.strip():
        return f"{name} is not known"
    if times[said.casefold()] > 1:
        return f"another submission has the same {name}"
    if spreadsheet_cell(said) != said or any(sign in said for sign in '"\\'):
        return f"{name} cannot be written to a file that spreadsheets may open"
    return None


def _why_too_much(grade: Grade) -> str | None:
    if grade.points is None or grade.points <= _MOST:
        return None
    points = points_text(grade.points)
    return (
        f"written, but Moodle stops at {points} unless it was set up for more than 100"
    )


def _header(exam: str) -> str:
    r"""Return the exam's title as PHP reads it; a backslash there spares a quote.

    >>> _header('Exam "2"\\')
    "Exam '2'/"
    """
    return exam.replace('"', "'").replace("\\", "/") or "Grade"
