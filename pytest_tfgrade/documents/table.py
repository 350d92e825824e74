"""CSV files of graders, with the place of every cell."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_tfgrade.documents.problems import Invalid, Location, Problem

_MOST_BYTES: Final = 16 << 20

_SPREADSHEETS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How files of programs for spreadsheets begin."""

_OVER_LINES: Final = "a cell goes on over several lines; close its quote"


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands between two signs, and where."""

    text: str
    """Without white space at its ends."""

    location: Location
    """Of its first character."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A header, and the rows that are not empty."""

    path: Path
    """The file."""

    header: tuple[Cell, ...]
    """The first row."""

    rows: tuple[tuple[Cell, ...], ...]
    """As long as the header, or shorter."""


def read_table(path: Path) -> Table:
    """Read a CSV file; comma, semicolon and tab are told apart by the header.

    Raises:
        Invalid: It cannot be read, is no table, or rows do not fit under the header;
            with all problems.
    """
    rows = tuple(_rows(path, _text(path)))
    if not rows:
        text = "is empty; write a header, and a line for each"
        raise Invalid([Problem(Location(path), text)])
    header, *below = rows
    problems = [
        Problem(
            row[len(header)].location,
            f"has {len(row)} cells under a header of {len(header)}; put in quotes what "
            "holds the sign between cells",
        )
        for row in below
        if any(cell.text for cell in row[len(header) :])
    ]
    problems += [
        Problem(cell.location, _OVER_LINES)
        for row in rows
        for cell in row
        if "\n" in cell.text or "\0" in cell.text
    ]
    if problems:
        raise Invalid(problems)
    return Table(path=path, header=header, rows=tuple(below))


def _text(path: Path) -> str:
    where = Location(path)
    try:
        with path.open("rb") as file:
            raw = file.read(_MOST_BYTES + 1)
    except OSError as error:
        what = f"cannot be read: {error.strerror}; give a CSV file"
        raise Invalid([Problem(where, what)]) from None
    if raw.startswith(_SPREADSHEETS):
        raise Invalid([Problem(where, "is a spreadsheet; save it as CSV UTF-8")])
    if len(raw) > _MOST_BYTES:
        raise Invalid([Problem(where, "is too large for a table; give a CSV file")])
    is_wide = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return raw.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        what = "is not UTF-8 text; save the file as CSV UTF-8"
        raise Invalid([Problem(Location(path, line), what)]) from None


def _rows(path: Path, text: str) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows that are not empty."""
    lines = re.split(r"\r\n?|\n", text)
    skipped = 0
    told = re.fullmatch(r"sep=(.)", lines[0]) if lines else None  # Excel's own
    if told:
        lines, skipped = lines[1:], 1
    first = next((line for line in lines if line.strip()), "")
    delimiter = told[1] if told else max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter)
    begins = 1
    while True:
        try:
            row = next(reader, None)
        except csv.Error:  # a cell of more than 128 KiB: a quote that is not closed
            row = ["\0"]
        if row is None:
            return
        if any(cell.strip() for cell in row):
            line = lines[begins - 1]
            columns = [*_columns(line, delimiter)]
            columns += [len(line) + 1] * (len(row) - len(columns))
            yield tuple(
                Cell(cell.strip(), Location(path, begins + skipped, column))
                for cell, column in zip(row, columns, strict=False)
            )
        begins = reader.line_num + 1


def _columns(line: str, delimiter: str) -> Iterator[int]:
    """Yield where the cells of a line begin, counted from 1."""
    is_quoted = False
    yield _begins(line, 0)
    for index, sign in enumerate(line):
        if sign == '"':
            is_quoted = not is_quoted
        elif sign == delimiter and not is_quoted:
            yield _begins(line, index + 1)


def _begins(line: str, index: int) -> int:
    blank = len(line[index:]) - len(line[index:].lstrip(" "))
    return index + blank + 1
