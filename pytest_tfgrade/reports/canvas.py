"""Canvas: the gradebook that it exported, with points in one column.

What it reads is in its own sources (``gradebook_importer.rb``): a header that begins
with ``Student`` and ``ID`` and has ``Section`` before the assignments, whose titles end
with their number; a row of points possible, and one that says what is posted by hand.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pytest_tfgrade.core.errors import UsageError
from pytest_tfgrade.core.grade import Grade, Gradebook
from pytest_tfgrade.core.submission import TEST_STUDENTS, Person
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.reports.filled import (
    FILL_OPTION,
    Left,
    carried_over,
    other_scale,
    unmatched_lines,
    why_open,
    without_rows,
)
from pytest_tfgrade.reports.interface import Audience, ReportFile, Request
from pytest_tfgrade.reports.matching import Matching, match
from pytest_tfgrade.reports.sheet import Row, Sheet, decimal_mark, number_in, read_sheet

_SECTION: Final = "Section"

_ASSIGNMENT: Final = re.compile(r"(?P<title>.*\S)\s*\((?P<number>\d+)\)", re.DOTALL)
"""Its title, and the number by which Canvas knows it."""

_POINTS_POSSIBLE: Final = "Points Possible"

_READ_ONLY: Final = re.compile(r"\(read\s+only\)")

_NOT_READ: Final = re.compile(
    r"(Current|Final) (Score|Points|Grade)|Override (Score|Grade|Status)"
)
"""Columns that Canvas computes."""

_OF_ALL: Final = re.compile(r"\s*(Muted|Manual Posting.*)?\s*", re.IGNORECASE)
"""What the cells say of a row that is nobody's."""

_KEPT: Final = {
    "EX": "is excused on Canvas; empty the cell to have it filled",
    "N/A": "is not assigned to this student on Canvas",
}
"""What cells may say that no points should take the place of."""

_MOST_NAMED: Final = 10


class CanvasReport:
    """Canvas' own gradebook with points, and what has to be looked at."""

    file_name = "canvas"
    audience = Audience.GRADER

    def render(self, gradebook: Gradebook, request: Request) -> Iterator[ReportFile]:
        """Yield the file to be imported, and the list of what was left out.

        Points that are open leave a cell as it is, and so does a submission that was
        graded in part; nothing is scaled to the points possible there.

        Raises:
            UsageError: No export was given, it is none of Canvas', or it does not say
                which column takes the points.
        """
        if request.fill is None:
            what = "canvas fills in a gradebook, and there is none"
            remedy = "export it in Canvas (Grades, Export) and name the file"
            raise UsageError(f"{what}; {remedy} by {FILL_OPTION}")
        sheet = read_sheet(request.fill)
        layout = _layout(sheet)
        column = _column(sheet, layout, request.column, gradebook)
        return _files(gradebook, sheet, layout, column)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """What stands where."""

    columns: Mapping[str, int]
    """Of the header, by what is in them."""

    assignments: Mapping[int, str]
    """Titles of the columns that take points."""

    possible: Row | None
    """The points possible."""

    people: Mapping[int, Row]
    """Rows of students, by their place."""


def _layout(sheet: Sheet) -> _Layout:
    header = [cell.strip() for cell in sheet.header.cells]
    places = {title: place for place, title in reversed([*enumerate(header)])}
    named = header[:1] == ["Student"] or header[:2] == ["LastName", "FirstName"]
    if not named or "ID" not in places or _SECTION not in places:
        what = "is no gradebook of Canvas: its header lacks Student, ID or Section"
        raise UsageError(
            f"{sheet.name}:1: {what}; export it in Canvas (Grades, Export)"
        )
    possible = next((r for r in sheet.rows if _POINTS_POSSIBLE in r.cell(0)), None)
    return _Layout(
        columns=places,
        assignments={
            place: title
            for place, title in enumerate(header)
            if place > places[_SECTION] and _ASSIGNMENT.fullmatch(title)
            if not _NOT_READ.search(title) and not _is_read_only(possible, place)
        },
        possible=possible,
        people={
            place: row for place, row in enumerate(sheet.rows) if _is_of_a_student(row)
        },
    )


def _is_read_only(possible: Row | None, column: int) -> bool:
    return possible is not None and bool(_READ_ONLY.search(possible.cell(column)))


def _is_of_a_student(row: Row) -> bool:
    cells = row.cells
    is_note = _POINTS_POSSIBLE in cells[0] or all(map(_OF_ALL.fullmatch, cells))
    return not is_note and cells[0].strip().casefold() not in TEST_STUDENTS


def _column(
    sheet: Sheet, layout: _Layout, asked: str | None, gradebook: Gradebook
) -> int:
    """Return the column that takes the points: the one asked for, or the only one.

    It may be asked for by all of its title, by what stands before the number, or by the
    number alone.
    """
    titles = {
        gradebook.exam,
        *(gradebook.titles.texts.values() if gradebook.titles else ()),
    }
    wanted = {asked} if asked is not None else titles
    fitting = [
        p for p, title in layout.assignments.items() if _is_called(title, wanted)
    ]
    if asked is None and not fitting:
        fitting = [*layout.assignments]
    if len(fitting) == 1:
        return fitting[0]
    named = [repr(printable(title)) for title in layout.assignments.values()]
    shown = ", ".join(named[:_MOST_NAMED]) + (
        ", ..." if len(named) > _MOST_NAMED else ""
    )
    there = f"there are {shown}" if named else "there is no assignment in it"
    if asked is None:
        what = "which column takes the points is not clear"
    elif fitting:
        what = f"there are {len(fitting)} columns {printable(asked)!r}"
    else:
        what = f"there is no column {printable(asked)!r} that takes points"
    remedy = 'name one as it stands there, as "Exam (12345)"'
    raise UsageError(f"{sheet.name}:1: {what}; {remedy}; {there}")


def _is_called(title: str, wanted: set[str]) -> bool:
    found = _ASSIGNMENT.fullmatch(title)
    names = {title, *(found.groups() if found else ())}
    return bool({_plain(name) for name in names} & {_plain(name) for name in wanted})


def _plain(title: str) -> str:
    return " ".join(title.split()).casefold()


def _files(
    gradebook: Gradebook, sheet: Sheet, layout: _Layout, column: int
) -> Iterator[ReportFile]:
    rows = layout.people
    people = {place: _person(row, layout.columns) for place, row in rows.items()}
    found = match(gradebook.grades, people)
    kept = {place: _why_kept(rows[place], column, g) for place, g in found.rows.items()}
    noted = [layout.possible] if layout.possible is not None else []
    mark = decimal_mark(row.cell(column) for row in (*noted, *rows.values()))
    cells = {
        place: {column: carried_over(grade.points, mark)}
        for place, grade in found.rows.items()
        if grade.points is not None and kept[place] is None
    }
    left = _left(gradebook, layout, column, found, kept)
    yield ReportFile(
        name="canvas/import.csv", text=sheet.filled(lambda place: cells.get(place, {}))
    )
    yield ReportFile(name="canvas/unmatched.csv", text=unmatched_lines(gradebook, left))


def _person(row: Row, columns: Mapping[str, int]) -> Person:
    def cell(*titles: str) -> str:
        return " ".join(row.cell(columns[t]) for t in titles if t in columns)

    login = cell("SIS Login ID")
    return Person(
        number=cell("ID"),
        id=cell("SIS User ID"),
        login=login,
        email=login if "@" in login else "",
        name=cell("FirstName", "LastName")
        if "LastName" in columns
        else cell("Student"),
        section=cell(_SECTION),
    )


def _why_kept(row: Row, column: int, grade: Grade) -> str | None:
    return _KEPT.get(row.cell(column).upper()) or why_open(grade)


def _left(
    gradebook: Gradebook,
    layout: _Layout,
    column: int,
    found: Matching,
    kept: Mapping[int, str | None],
) -> Iterator[Left]:
    if layout.possible is not None:
        there = number_in(layout.possible.cell(column))
        yield from other_scale(gradebook.grades, there, platform="Canvas")
    yield from without_rows(found.misses)
    for place, row in layout.people.items():
        name = _person(row, layout.columns).name
        grade = found.rows.get(place)
        if grade is None:
            why = "no submission is of this student"
            yield Left(what="row", line=row.line, name=name, why=why)
        elif (why_kept := kept[place]) is not None:
            yield Left(what="row", line=row.line, name=name, grade=grade, why=why_kept)
