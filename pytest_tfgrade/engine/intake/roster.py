"""The roster: a CSV file with everybody who could have handed in."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

from pytest_tfgrade.core.errors import SubmissionsError
from pytest_tfgrade.core.submission import TEST_STUDENTS, Person
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.documents.csv_rows import (
    OVER_LINES,
    SPREADSHEETS,
    CsvRow,
    is_open,
    rows_of,
    too_many,
)

FLAG: Final = "--tfgrade-roster"

_MOST_BYTES: Final = 64 << 20

_HEADERS: Final[Mapping[str, tuple[str, ...]]] = {
    "id": (
        *("sis user id", "sis id", "id number", "idnumber", "student id"),
        *("student number", "matriculation number", "sid", "candidate", "id"),
        "identifier",
    ),
    "number": ("canvas id", "canvas user id", "user id", "participant"),
    "name": ("name", "full name", "student", "student name"),
    "first": ("first name", "firstname", "given name", "given names"),
    "last": ("last name", "lastname", "surname", "family name"),
    "email": ("email", "email address", "e mail", "e mail address", "mail"),
    "section": ("section", "sections", "section name", "group", "groups", "class"),
    "login": ("sis login id", "login id", "login", "username", "user name"),
    "github": ("github username", "github", "github user", "github login"),
}
"""What columns may be called, by what they hold; of several, the first counts."""

_TELLING: Final = ("id", "number", "name", "last", "email", "login", "github")
"""Without one of these a file is no roster."""

_UNIQUE: Final = ("id", "number", "login", "github", "email")

_PARTICIPANT: Final = re.compile(r"\D+(?P<number>\d+)")
"""Moodle's grading worksheet: Participant, in any language, and a number."""

_MOST_PROBLEMS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Somebody on a roster."""

    person: Person
    """Who."""

    line: int
    """Where, counted from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """Everybody who could have handed in."""

    path: Path
    """The file."""

    people: tuple[Listed, ...]
    """In its order."""

    notices: tuple[str, ...] = ()
    """What the grader should know of how it was read."""


def read_roster(path: Path) -> Roster:
    """Read a roster: one of your own, or an export of a platform's.

    Columns are known by their headers, whatever their order; case does not count:
    exports of Canvas' gradebook, Moodle's participants and grading worksheets,
    Gradescope's roster and GitHub Classroom's are read as they are. The sign between
    columns may be a comma, a semicolon or a tab; the text UTF-8, UTF-16 with a mark,
    or else Windows-1252, which a notice tells.

    Raises:
        SubmissionsError: With every line that is wrong.
    """
    text, notices = _text(path)
    rows = rows_of(text)
    header = next(rows, None)
    if header is None:
        raise SubmissionsError(f"{path}: is empty; write a header and a line for each")
    names = header.cells
    columns = _columns(names)
    if not set(columns) & {*_TELLING}:
        there = ", ".join(repr(printable(name, limit=40)) for name in names[:10])
        text = f"{path}:{header.line}: no column says who somebody is; name one of "
        text += f"them id, name, email, login or github_username; there are {there}"
        raise SubmissionsError(text)
    people, problems = _people(path, rows, columns, len(names))
    if problems:
        more = len(problems) - _MOST_PROBLEMS
        rest = [f"{path}: and {more} more lines"] if more > 0 else []
        raise SubmissionsError("\n".join([*problems[:_MOST_PROBLEMS], *rest]))
    if not people:
        raise SubmissionsError(f"{path}: there is nobody under the header; add lines")
    return Roster(path=path, people=tuple(people), notices=tuple(notices))


def _text(path: Path) -> tuple[str, list[str]]:
    """Return the text of a file; with a notice if its encoding was guessed."""
    try:
        with path.open("rb") as file:
            raw = file.read(_MOST_BYTES + 1)
    except OSError as error:
        remedy = f"give a CSV file after {FLAG}"
        raise SubmissionsError(
            f"{path}: cannot be read: {error.strerror}; {remedy}"
        ) from None
    if raw.startswith(SPREADSHEETS):
        raise SubmissionsError(f"{path}: is a spreadsheet; save it as CSV UTF-8")
    if len(raw) > _MOST_BYTES:
        raise SubmissionsError(f"{path}: is too large for a roster; give a CSV file")
    encodings = ["utf-16"] if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else []
    for encoding in (*encodings, "utf-8-sig"):
        try:
            return raw.decode(encoding), []
        except UnicodeError:
            continue
    try:
        text = raw.decode("cp1252")
    except UnicodeError as error:
        line = raw.count(b"\n", 0, getattr(error, "start", 0)) + 1
        what = "is neither UTF-8 nor Windows-1252; save the file as CSV UTF-8"
        raise SubmissionsError(f"{path}:{line}: {what}") from None
    what = "is not UTF-8 and was read as Windows-1252, as Excel saves it"
    return text, [f"{path}: {what}; if names look wrong, save it as CSV UTF-8"]


def _columns(names: Sequence[str]) -> dict[str, int]:
    """Return where each field stands."""
    places: dict[str, int] = {}
    for index, name in enumerate(names):
        places.setdefault(_plain(name), index)
    columns = {}
    for field, headers in _HEADERS.items():
        found = next((places[header] for header in headers if header in places), None)
        if found is not None:
            columns[field] = found
    if {"student", "id", "section"} <= places.keys():  # Canvas: its own number
        columns["number"] = places["id"]
        if columns["id"] == places["id"]:
            del columns["id"]
    return columns


def _plain(header: str) -> str:
    """Return how a header is compared.

    >>> _plain(" E-Mail_Address "), _plain("Section(s)")
    ('e mail address', 'sections')
    """
    words = re.sub(r"[\s_.-]+", " ", header.replace("(s)", "s"))
    return words.strip().casefold()


def _people(
    path: Path,
    rows: Iterator[CsvRow],
    columns: Mapping[str, int],
    width: int,
) -> tuple[list[Listed], list[str]]:
    """Return everybody, and what is wrong with lines."""
    people: list[Listed] = []
    problems: list[str] = []
    seen: dict[tuple[str, str], int] = {}
    for row in rows:
        line, cells = row.line, row.cells
        if any(map(is_open, cells)):
            problems.append(f"{path}:{line}: {OVER_LINES}")
            continue
        if any(cells[width:]):
            problems.append(f"{path}:{line}: {too_many(len(cells), width)}")
            continue
        person = _person(cells, columns)
        if _is_no_person(cells, columns, person):
            continue
        if not any(getattr(person, field) for field in (*_UNIQUE, "name")):
            problems.append(f"{path}:{line}: names nobody; fill in or remove the line")
            continue
        twice = _twice(person, line, seen)
        problems += [f"{path}:{line}: {text}" for text in twice]
        people.append(Listed(person=person, line=line))
    return people, problems


def _person(row: Sequence[str], columns: Mapping[str, int]) -> Person:
    cells = {f: row[at] if at < len(row) else "" for f, at in columns.items()}
    parts = (cells.pop("first", ""), cells.pop("last", ""))
    name = cells.pop("name", "") or " ".join(filter(None, parts))
    found = _PARTICIPANT.fullmatch(cells.get("id", ""))
    if found and "github" not in columns and "number" not in columns and name:
        cells |= {"id": "", "number": found["number"]}
    return Person(name=name, **{f: cells[f] for f in cells if f in _FIELDS})


_FIELDS: Final = frozenset(field.name for field in fields(Person))


def _is_no_person(
    row: Sequence[str], columns: Mapping[str, int], person: Person
) -> bool:
    """Return whether a line is what Canvas adds: points possible, a test student."""
    if "number" not in columns:
        return False
    is_note = not person.number and (
        row[0].startswith("Points Possible") or not person.name
    )
    return is_note or person.name.casefold() in TEST_STUDENTS


def _twice(
    person: Person, line: int, seen: dict[tuple[str, str], int]
) -> Iterator[str]:
    """Yield what somebody has in common with a line above."""
    for field in _UNIQUE:
        value = getattr(person, field)
        if not value:
            continue
        first = seen.setdefault((field, value.casefold()), line)
        if first != line:
            shown = printable(value, limit=80)
            what = f"the {field} {shown!r} stands in line {first}, too"
            yield f"{what}; remove one"
