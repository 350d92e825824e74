"""The offline grading worksheet of a Moodle assignment.

What is read is in Moodle's own sources (``mod/assign/gradingtable.php`` and
``feedback/offline/importgradeslib.php``). Headers are in the language of who downloaded
it, so columns are also known by what is in them and by their order: identifier, full
name, address and more, status, grade, maximum grade, ..., last change of the grade,
feedback. What is not filled keeps its bytes, above all the time of the last change.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pytest_tfgrade.core.errors import UsageError
from pytest_tfgrade.core.grade import Grade, Gradebook
from pytest_tfgrade.core.submission import Person
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.reports.filled import (
    Left,
    carried_over,
    other_scale,
    unmatched_lines,
    why_open,
    without_rows,
)
from pytest_tfgrade.reports.interface import PlatformFile, ReportFile
from pytest_tfgrade.reports.matching import Matching, match
from pytest_tfgrade.reports.sheet import Row, Sheet, decimal_mark, number_in, read_sheet

_PARTICIPANT: Final = re.compile(r"(?P<word>\D+)(?P<number>\d+)")
"""An identifier; the word before the number is in the language of the site."""

_GRADE: Final = "Grade"

_SCALE: Final = "Scale"

_STATUS: Final = "Status"

_NAMES: Final = ("Full name", "User full name")

_FEEDBACK: Final = "Feedback comments"

_OTHERS: Final = {"id": "ID number", "login": "Username"}
"""Headers of what else it may say of people, in English."""

_CHANGEABLE: Final = "Grade can be changed"

_FEWEST_NAMES: Final = 3
"""Rows from which on cells that differ in nearly all are surely names."""

_REMEDY: Final = "download the grading worksheet of the assignment, and name the file"


def fill_worksheet(
    file: PlatformFile,
    asked: str | None,
    gradebook: Gradebook,
    feedback_of: Callable[[Grade], str],
) -> Iterator[ReportFile]:
    """Yield the worksheet with points and feedback, and the list of what was left out.

    Args:
        file: The worksheet.
        asked: The header of the column that takes the points; None: found out.
        gradebook: The points.
        feedback_of: Returns what a submission's candidate is told.

    Raises:
        UsageError: It is no worksheet, or which column takes the points is not clear.
    """
    sheet = read_sheet(file)
    layout = _layout(sheet, asked)
    return _files(sheet, layout, gradebook, feedback_of)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """What stands where."""

    people: Mapping[int, Row]
    """Rows of participants, by their place."""

    identifier: int
    grade: int
    most: int | None
    """The maximum grade."""

    feedback: int | None
    changeable: int | None
    signs: Mapping[str, int]
    """Columns of what is known of people, by field."""


def _layout(sheet: Sheet, asked: str | None) -> _Layout:
    header = [cell.strip() for cell in sheet.header.cells]
    rows = {
        place: row
        for place, row in enumerate(sheet.rows)
        if any(map(str.strip, row.cells))
    }
    columns = [[row.cell(c) for row in rows.values()] for c in range(len(header))]
    identifier = next((c for c, cells in enumerate(columns) if _are_ids(cells)), None)
    if identifier is None:
        what = "is no grading worksheet of Moodle: no column has participants' numbers"
        raise UsageError(f"{sheet.name}:1: {what}; {_REMEDY}")
    grade = _grade(sheet.name, header, columns, asked)
    return _Layout(
        people=rows,
        identifier=identifier,
        grade=grade,
        most=grade + 1 if _is_maximum(columns, grade + 1) else None,
        feedback=_feedback(header, columns, grade),
        changeable=header.index(_CHANGEABLE) if _CHANGEABLE in header else None,
        signs=dict(_signs(header, columns, identifier, grade)),
    )


def _are_ids(cells: Sequence[str]) -> bool:
    found = [_PARTICIPANT.fullmatch(cell) for cell in cells]
    return all(found) and len({match["word"] for match in found if match}) == 1


def _grade(
    name: str,
    header: Sequence[str],
    columns: Sequence[Sequence[str]],
    asked: str | None,
) -> int:
    """Return the column that takes the points."""
    wanted = asked.strip() if asked is not None else _GRADE
    fitting = [column for column, title in enumerate(header) if title == wanted]
    if asked is None and not fitting:
        fitting = [c for c in range(len(header)) if _is_before_maximum(columns, c)]
    if len(fitting) != 1:
        what = "which column takes the points is not clear"
        if asked is not None:
            what = f"there are {len(fitting)} columns {printable(wanted)!r}"
        there = ", ".join(repr(printable(title)) for title in header)
        raise UsageError(
            f"{name}:1: {what}; name one as it stands there; there are {there}"
        )
    (grade,) = fitting
    if header[grade + 1 : grade + 2] == [_SCALE]:
        what = "the assignment is graded by a scale, not by points"
        raise UsageError(f"{name}:1: {what}; change its grade to points in Moodle")
    return grade


def _is_maximum(columns: Sequence[Sequence[str]], column: int) -> bool:
    """Return whether cells are the same number above 0 in each row."""
    if column >= len(columns) or not columns[column]:
        return False
    most = number_in(columns[column][0])
    return most is not None and most > 0 and len({*columns[column]}) == 1


def _is_before_maximum(columns: Sequence[Sequence[str]], column: int) -> bool:
    blank_or_number = (
        not cell or number_in(cell) is not None for cell in columns[column]
    )
    return _is_maximum(columns, column + 1) and all(blank_or_number)


def _feedback(
    header: Sequence[str], columns: Sequence[Sequence[str]], grade: int
) -> int | None:
    """Return the column of comments: the last one, unless it tells a time.

    There is a time, or a dash, in each row of the column before it; a comment may
    be empty.
    """
    if _FEEDBACK in header:
        return header.index(_FEEDBACK)
    last = len(header) - 1
    return last if last > grade + 1 and "" in columns[last] else None


def _signs(
    header: Sequence[str],
    columns: Sequence[Sequence[str]],
    identifier: int,
    grade: int,
) -> Iterator[tuple[str, int]]:
    for field, title in _OTHERS.items():
        if title in header:
            yield field, header.index(title)
    for column in range(identifier + 1, grade):
        cells = [cell for cell in columns[column] if cell]
        if cells and all("@" in cell for cell in cells):
            yield "email", column
            break
    name = next((header.index(title) for title in _NAMES if title in header), None)
    if name is None and identifier + 1 < grade and header[identifier + 1] != _STATUS:
        nexts = columns[identifier + 1]
        differ = len({*nexts}) > len(nexts) * 3 // 4
        name = identifier + 1 if differ and len(nexts) >= _FEWEST_NAMES else None
    if name is not None:
        yield "name", name


def _files(
    sheet: Sheet,
    layout: _Layout,
    gradebook: Gradebook,
    feedback_of: Callable[[Grade], str],
) -> Iterator[ReportFile]:
    people = {place: _person(row, layout) for place, row in layout.people.items()}
    found = match(gradebook.grades, people)
    mark = decimal_mark(
        row.cell(column)
        for row in layout.people.values()
        for column in (layout.grade, layout.most)
        if column is not None
    )

    def change(place: int) -> Mapping[int, str]:
        grade = found.rows.get(place)
        if grade is None or grade.points is None:
            return {}
        if _why_kept(layout.people[place], layout, grade) is not None:
            return {}
        cells = {layout.grade: carried_over(grade.points, mark)}
        if layout.feedback is not None:
            cells[layout.feedback] = feedback_of(grade)
        return cells

    left = _left(gradebook, layout, found)
    yield ReportFile(name="moodle/import.csv", text=sheet.filled(change))
    yield ReportFile(name="moodle/unmatched.csv", text=unmatched_lines(gradebook, left))


def _person(row: Row, layout: _Layout) -> Person:
    found = _PARTICIPANT.fullmatch(row.cell(layout.identifier))
    known = {field: row.cell(column) for field, column in layout.signs.items()}
    return Person(number=found["number"] if found else "", **known)


def _why_kept(row: Row, layout: _Layout, grade: Grade) -> str | None:
    if layout.changeable is not None and row.cell(layout.changeable) == "No":
        return "Moodle says that the grade cannot be changed"
    return why_open(grade)


def _why_told(row: Row, layout: _Layout, grade: Grade | None) -> str | None:
    if grade is None:
        return "no submission is of this participant"
    kept = _why_kept(row, layout, grade)
    if kept is not None:
        return kept
    most = None if layout.most is None else number_in(row.cell(layout.most))
    if most is not None and grade.points is not None and grade.points > most:
        return "filled in, but more than the maximum grade: Moodle passes over it"
    return None


def _left(gradebook: Gradebook, layout: _Layout, found: Matching) -> Iterator[Left]:
    yield from _of_columns(layout, gradebook)
    yield from without_rows(found.misses)
    for place, row in layout.people.items():
        grade = found.rows.get(place)
        why = _why_told(row, layout, grade)
        if why is not None:
            name = _person(row, layout).name or row.cell(layout.identifier)
            yield Left(what="row", line=row.line, grade=grade, name=name, why=why)


def _of_columns(layout: _Layout, gradebook: Gradebook) -> Iterator[Left]:
    if layout.most is not None:
        row = next(iter(layout.people.values()))
        most = number_in(row.cell(layout.most))
        yield from other_scale(gradebook.grades, most, platform="Moodle")
    if layout.feedback is None:
        why = "no column for feedback: turn on feedback comments in the assignment"
        yield Left(what="column", why=why)
