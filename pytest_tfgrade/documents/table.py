"""CSV files of graders, with the place of every cell."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_tfgrade.documents.csv_rows import (
    OVER_LINES,
    SPREADSHEETS,
    CsvRow,
    is_open,
    rows_of,
    too_many,
)
from pytest_tfgrade.documents.problems import Invalid, Location, Problem

_MOST_BYTES: Final = 16 << 20


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
    rows = tuple(tuple(_cells(path, row)) for row in rows_of(_text(path)))
    if not rows:
        text = "is empty; write a header, and a line for each"
        raise Invalid([Problem(Location(path), text)])
    header, *below = rows
    problems = [
        Problem(row[len(header)].location, too_many(len(row), len(header)))
        for row in below
        if any(cell.text for cell in row[len(header) :])
    ]
    problems += [
        Problem(cell.location, OVER_LINES)
        for row in rows
        for cell in row
        if is_open(cell.text)
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
    if raw.startswith(SPREADSHEETS):
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


def _cells(path: Path, row: CsvRow) -> Iterator[Cell]:
    columns = [*row.columns()]
    columns += [len(row.written) + 1] * (len(row.cells) - len(columns))
    for text, column in zip(row.cells, columns, strict=False):
        yield Cell(text, Location(path, row.line, column))
