"""The table of all submissions, as data that the script of the page sorts and filters.

A cell is a number, a text, or ``[number, text, code]``: it sorts by the number (null:
behind all numbers) and shows the text; the code says why there are no more points.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final, TypeAlias

from pytest_tfgrade.core.grade import Grade, Gradebook, TaskGrade
from pytest_tfgrade.core.score import number, points_text
from pytest_tfgrade.core.text import printable, with_visible_ends
from pytest_tfgrade.core.verdict import TaskResult
from pytest_tfgrade.reports.cohort.findings import is_late, overrides
from pytest_tfgrade.reports.cohort.overview import Cohort, TaskOverview
from pytest_tfgrade.reports.html.file_names import safe_file_name

if TYPE_CHECKING:
    from markupsafe import Markup

ROWS_A_PAGE: Final = 100
"""Rows that are shown at once."""

OPEN: Final = "open"
"""Stands where a score is open."""

Cell: TypeAlias = int | float | str | list[int | float | str | None]

NOTES: Final = ("near the mark", "borderline", "late", "override", "incomplete")
"""What may be noted of a submission."""

_LONGEST: Final = 300
"""Characters of a text in a cell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What a column of the table shows, and of which submissions it does."""

    key: str
    """By which the script knows it."""

    label: str
    """The header."""

    kind: str
    """``link``, ``text``, ``number`` or ``task``."""

    cell: Callable[[Grade], Cell]
    """What it shows of a submission."""

    most: Decimal | None = None
    """Points that are possible."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The columns that have something to show, and what to filter by."""

    columns: tuple[Column, ...]
    """From left to right."""

    sections: tuple[str, ...]
    """Of the course; empty if nothing tells."""

    codes: tuple[str, ...]
    """Why tasks have no score."""

    tasks: tuple[TaskOverview, ...]
    """In the exam's order."""

    ruled: bool
    """Whether the exam says who passes."""


def table_of(gradebook: Gradebook, cohort: Cohort) -> Table:
    """Return the table of a cohort."""
    grades = gradebook.grades
    sections = {printable(_section(grade), limit=_LONGEST) for grade in grades}
    codes = {task.code for grade in grades for task in grade.tasks}
    near = frozenset(near.submission for near in cohort.findings.near)
    return Table(
        columns=tuple(_columns(grades, cohort, near)),
        sections=tuple(sorted(sections - {""})),
        codes=tuple(sorted(code for code in codes if code)),
        tasks=cohort.tasks,
        ruled=bool(cohort.outcomes),
    )


def rendered(table: Table, grades: Sequence[Grade]) -> "Iterator[Markup]":
    """Yield the data as JSON, a row at a time, fit to stand in a script element."""
    head = {
        "size": ROWS_A_PAGE,
        "codes": [_cut(code) for code in table.codes],
        "columns": [
            {
                "key": column.key,
                "label": _cut(column.label),
                "kind": column.kind,
                "most": number(column.most),
            }
            for column in table.columns
        ],
    }
    yield _json(head, before="[")
    for grade in grades:
        name, shown = safe_file_name(grade.id), with_visible_ends(grade.id)
        row = [column.cell(grade) for column in table.columns]
        yield _json([*row, 0 if name == shown else name], before=",\n")
    yield _json_text("]\n")


def _json(value: object, *, before: str) -> "Markup":
    """Write JSON of which an HTML parser reads nothing as markup."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return _json_text(before + text)


def _json_text(text: str) -> "Markup":
    from markupsafe import Markup  # noqa: PLC0415 - an idle plugin loads nothing heavy

    return Markup(text)  # noqa: S704 - what has a meaning in HTML was escaped


def _columns(
    grades: Sequence[Grade], cohort: Cohort, near: Collection[str]
) -> Iterator[Column]:
    """Yield the columns of which at least one submission has something to show."""
    yield Column(key="id", label="Submission", kind="link", cell=_id)
    if any(_people(grade) for grade in grades):
        yield Column(key="people", label="Name", kind="text", cell=_people_cell)
    if any(_section(grade) for grade in grades):
        yield Column(key="section", label="Section", kind="text", cell=_section_cell)
    possible = cohort.points.possible
    yield Column(
        key="points", label="Points", kind="number", cell=_points, most=possible
    )
    if cohort.outcomes:
        yield Column(key="passed", label="Passed", kind="text", cell=_passed)
    yield from _reckoning(grades)
    for task in cohort.tasks:
        yield Column(
            key="task",
            label=task.id,
            kind="task",
            cell=_cell_of(task.id),
            most=task.points.possible,
        )
    yield Column(
        key="notes", label="Notes", kind="text", cell=lambda grade: _notes(grade, near)
    )


def _reckoning(grades: Sequence[Grade]) -> Iterator[Column]:
    """Yield what stands between the machine's points and those that count."""
    if any(grade.raw != grade.points for grade in grades):
        yield Column(
            key="raw", label="Machine", kind="number", cell=lambda g: _number(g.raw)
        )
    if any(grade.raw != grade.in_time for grade in grades):
        yield Column(
            key="in_time",
            label="Before lateness",
            kind="number",
            cell=lambda g: _number(g.in_time),
        )
    if any(grade.penalty for grade in grades):
        yield Column(
            key="penalty",
            label="Late penalty",
            kind="number",
            cell=lambda g: _number(g.penalty_points) if g.penalty else "",
        )
    if any(_set_points(grade) is not None for grade in grades):
        yield Column(
            key="override",
            label="Set by a person",
            kind="number",
            cell=lambda g: "" if _set_points(g) is None else _number(_set_points(g)),
        )


def _set_points(grade: Grade) -> Decimal | None:
    return None if grade.override is None else grade.override.points


def _cut(text: str) -> str:
    return printable(text, limit=_LONGEST)


def _number(points: Decimal | None) -> Cell:
    shown = number(points)
    return OPEN if shown is None else shown


def _id(grade: Grade) -> Cell:
    return _cut(with_visible_ends(grade.id))


def _people(grade: Grade) -> str:
    known = (
        person.name or person.email or person.id for person in grade.taken_in.people
    )
    return " + ".join(filter(None, known))


def _people_cell(grade: Grade) -> Cell:
    return _cut(_people(grade))


def _section(grade: Grade) -> str:
    sections = (person.section for person in grade.taken_in.people)
    return " + ".join(dict.fromkeys(filter(None, sections)))


def _section_cell(grade: Grade) -> Cell:
    return _cut(_section(grade))


def _points(grade: Grade) -> Cell:
    points = number(grade.points)
    if points is None:
        return OPEN
    return points if grade.complete else [points, f"{points}*", ""]


def _passed(grade: Grade) -> Cell:
    words: Mapping[bool | None, str] = {True: "yes", False: "no", None: OPEN}
    return words[grade.passed] if grade.has_rule else ""


def _cell_of(id_: str) -> Callable[[Grade], Cell]:
    def cell(grade: Grade) -> Cell:
        task = next((task for task in grade.tasks if task.id == id_), None)
        return "" if task is None or not task.criteria else _task(task)

    return cell


def _task(task: TaskGrade) -> Cell:
    points, code = task.points, task.code
    mark = "" if task.complete else "*"
    if points is None or task.result is TaskResult.ERROR:
        return [None, OPEN, _cut(code or "")]
    if code is None and not mark:
        return _number(points)
    earned = points_text(points) + mark if points or not code else ""
    text = " ".join(filter(None, (earned, _cut(code or ""))))
    return [number(points), text, _cut(code or "")]


def _notes(grade: Grade, near: Collection[str]) -> Cell:
    borderline = any(c.borderline for task in grade.tasks for c in task.criteria)
    told = (
        grade.id in near,
        borderline,
        is_late(grade),
        any(True for _ in overrides(grade)),
        not grade.complete,
    )
    return ", ".join(word for word, is_so in zip(NOTES, told, strict=True) if is_so)
