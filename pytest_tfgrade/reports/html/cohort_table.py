"""The table of all submissions, as data that the script of the page sorts and filters.

A cell is a number, a text, or ``[number, text, code]``: it sorts by the number (null:
behind all numbers) and shows the text; the code says why there are no more points.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final, TypeAlias

from pytest_tfgrade.core.grade import Grade
from pytest_tfgrade.core.reckoning import gives_points
from pytest_tfgrade.core.score import number, points_text
from pytest_tfgrade.core.text import printable, with_visible_ends
from pytest_tfgrade.reports.cohort.findings import overrides
from pytest_tfgrade.reports.cohort.overview import Cohort, TaskOverview
from pytest_tfgrade.reports.cohort.standing import Standing, TaskStanding
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

    cell: Callable[[Standing], Cell]
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


def table_of(cohort: Cohort) -> Table:
    """Return the table of a cohort."""
    known = cohort.standings
    sections = {_cut(_section(one.grade)) for one in known}
    codes = {task.code for one in known for task in one.tasks}
    return Table(
        columns=tuple(_columns(cohort)),
        sections=tuple(sorted(sections - {""})),
        codes=tuple(sorted(code for code in codes if code)),
        tasks=cohort.tasks,
        ruled=bool(cohort.outcomes),
    )


def rendered(table: Table, standings: Sequence[Standing]) -> "Iterator[Markup]":
    """Yield the data as JSON, a row at a time, fit to stand in a script element."""
    head = {
        "size": ROWS_A_PAGE,
        "codes": [_cut(code) for code in table.codes],
        "columns": [
            {"key": one.key, "kind": one.kind, "most": number(one.most)}
            for one in table.columns
        ],
    }
    yield _json(head, before="[")
    for standing in standings:
        id_ = standing.grade.id
        name = safe_file_name(id_)
        row = [column.cell(standing) for column in table.columns]
        yield _json([*row, 0 if name == id_ else name], before=",\n")
    yield _markup("]\n")


def _json(value: object, *, before: str) -> "Markup":
    """Write JSON of which an HTML parser reads nothing as markup."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return _markup(before + text)


def _markup(text: str) -> "Markup":
    from markupsafe import Markup  # noqa: PLC0415 - an idle plugin loads nothing heavy

    return Markup(text)  # noqa: S704 - what has a meaning in HTML was escaped


def _columns(cohort: Cohort) -> Iterator[Column]:
    """Yield the columns of which at least one submission has something to show."""
    near = frozenset(one.submission for one in cohort.findings.near)
    late = frozenset(one.submission for one in cohort.findings.late)
    known = cohort.standings
    yield Column(key="id", label="Submission", kind="link", cell=_id)
    if any(one.grade.taken_in.people for one in known):
        yield Column(key="people", label="Name", kind="text", cell=_people)
    if any(_section(one.grade) for one in known):
        yield Column(
            key="section",
            label="Section",
            kind="text",
            cell=lambda one: _cut(_section(one.grade)),
        )
    possible = cohort.points.possible
    yield Column(
        key="points", label="Points", kind="number", cell=_points, most=possible
    )
    if cohort.outcomes:
        yield Column(key="passed", label="Passed", kind="text", cell=_passed)
    yield from _reckoning(known)
    for task in cohort.tasks:
        yield Column(
            key="task",
            label=task.id,
            kind="task",
            cell=_cell_of(task.id),
            most=task.points.possible,
        )
    yield Column(
        key="notes",
        label="Notes",
        kind="text",
        cell=lambda one: _notes(one, near, late),
    )


def _reckoning(known: Sequence[Standing]) -> Iterator[Column]:
    """Yield what stands between the machine's points and those that count."""
    if any(one.raw != one.points for one in known):
        yield Column(
            key="raw",
            label="Machine",
            kind="number",
            cell=lambda one: _number(one.raw),
        )
    if any(one.raw != one.in_time for one in known):
        yield Column(
            key="in_time",
            label="Before lateness",
            kind="number",
            cell=lambda one: _number(one.in_time),
        )
    if any(one.grade.penalty for one in known):
        yield Column(key="penalty", label="Late penalty", kind="number", cell=_penalty)
    if any(gives_points(one.grade.override) for one in known):
        yield Column(
            key="override", label="Set by a person", kind="number", cell=_override
        )


def _cut(text: str) -> str:
    return printable(text, limit=_LONGEST)


def _number(points: Decimal | None) -> Cell:
    shown = number(points)
    return OPEN if shown is None else shown


def _id(standing: Standing) -> Cell:
    return _cut(with_visible_ends(standing.grade.id))


def _people(standing: Standing) -> Cell:
    people = standing.grade.taken_in.people
    names = (person.name or person.email or person.id for person in people)
    return _cut(" + ".join(filter(None, names)))


def _section(grade: Grade) -> str:
    sections = (person.section for person in grade.taken_in.people)
    return " + ".join(dict.fromkeys(filter(None, sections)))


def _points(standing: Standing) -> Cell:
    points = standing.points
    if points is None or standing.complete:
        return _number(points)
    return [number(points), f"{points_text(points)}*", ""]


def _passed(standing: Standing) -> Cell:
    words: Mapping[bool | None, str] = {True: "yes", False: "no", None: OPEN}
    return words[standing.passed] if standing.grade.has_rule else ""


def _penalty(standing: Standing) -> Cell:
    grade = standing.grade
    return _number(grade.penalty_points) if grade.penalty else ""


def _override(standing: Standing) -> Cell:
    override = standing.grade.override
    return _number(override.points) if gives_points(override) else ""


def _cell_of(id_: str) -> Callable[[Standing], Cell]:
    def cell(standing: Standing) -> Cell:
        known = next((one for one in standing.tasks if one.task.id == id_), None)
        return "" if known is None or not known.task.criteria else _task(known)

    return cell


def _task(known: TaskStanding) -> Cell:
    points, code = known.points, _cut(known.code or "")
    mark = "" if known.task.complete else "*"
    if points is None:
        return [None, OPEN, code]
    if not code and not mark:
        return _number(points)
    earned = points_text(points) + mark if points or not code else ""
    return [number(points), " ".join(filter(None, (earned, code))), code]


def _notes(standing: Standing, near: Collection[str], late: Collection[str]) -> Cell:
    grade = standing.grade
    told = (
        grade.id in near,
        any(c.borderline for task in grade.tasks for c in task.criteria),
        grade.id in late,
        any(True for _ in overrides(grade)),
        not standing.complete,
    )
    return ", ".join(word for word, is_so in zip(NOTES, told, strict=True) if is_so)
