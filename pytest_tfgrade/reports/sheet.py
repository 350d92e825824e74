"""A platform's CSV file in which some cells are filled; all other bytes stay.

The ``csv`` module cannot do that: it forgets which cells were quoted.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from pytest_tfgrade.core.errors import UsageError
from pytest_tfgrade.reports.interface import PlatformFile

_MARK: Final = "\ufeff"
"""The byte order mark, by which Excel knows UTF-8."""

_DELIMITERS: Final = (",", ";", "\t")

_TRIED: Final = 3
"""Rows by which the delimiter is told, as Canvas does it."""

_NUMBER: Final = re.compile(r"-?\d+(?P<mark>[.,])?\d*")

_QUOTED: Final = re.compile(r'"((?:[^"]|"")*)"(.*)', re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row, as it stands in the file."""

    line: int
    """Its first line, counted from 1."""

    raw: tuple[str, ...]
    """The cells with their quotes."""

    end: str
    """What ends the row; empty at the end of the file."""

    @property
    def cells(self) -> tuple[str, ...]:
        """What the cells say."""
        return tuple(map(_value, self.raw))

    def cell(self, column: int) -> str:
        """Return what a cell says, without blanks around it; empty if there is none."""
        return _value(self.raw[column]).strip() if column < len(self.raw) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A CSV file."""

    name: str
    """For messages."""

    mark: str
    """The byte order mark, if it has one."""

    delimiter: str
    """What stands between two cells."""

    header: Row
    """The first row."""

    rows: tuple[Row, ...]
    """The others; blank lines, too."""

    def filled(self, change: Callable[[int], Mapping[int, str]]) -> Iterator[str]:
        """Yield the file, row by row.

        Args:
            change: Returns what cells of a row shall say, by column; the row is given
                by its place in ``rows``.
        """
        yield self.mark
        yield self.delimiter.join(self.header.raw) + self.header.end
        for place, row in enumerate(self.rows):
            cells = [*row.raw]
            for column, text in change(place).items():
                cells += [""] * (column + 1 - len(cells))
                cells[column] = self._written(text, like=cells[column])
            yield self.delimiter.join(cells) + row.end

    def _written(self, text: str, *, like: str) -> str:
        """Quote a cell where it was quoted, or has to be."""
        if like.startswith('"') or any(c in text for c in f'{self.delimiter}"\r\n'):
            return '"' + text.replace('"', '""') + '"'
        return text


def read_sheet(file: PlatformFile) -> Sheet:
    """Read a CSV file; the delimiter is the one by which the first rows are the widest.

    Raises:
        UsageError: It has no header, or a quote is not closed.
    """
    mark = _MARK if file.text.startswith(_MARK) else ""
    text = file.text.removeprefix(_MARK)
    rows = tuple(_rows(file.name, text, _delimiter(text)))
    if not rows or len(rows[0].raw) == 1:
        what = "is no table; give the CSV file that the platform exported"
        raise UsageError(f"{file.name}: {what}")
    return Sheet(
        name=file.name,
        mark=mark,
        delimiter=_delimiter(text),
        header=rows[0],
        rows=rows[1:],
    )


def decimal_mark(cells: Iterable[str]) -> str:
    """Return what stands before the decimals of the numbers in a file.

    >>> decimal_mark(["10,00", "", "EX"]), decimal_mark(["10.00"]), decimal_mark([])
    (',', '.', '.')
    """
    found = (_NUMBER.fullmatch(cell.strip()) for cell in cells)
    marks = {match["mark"] for match in found if match} - {None}
    return "," if marks == {","} else "."


def number_in(cell: str) -> Decimal | None:
    """Return the number that a cell holds; None if it holds none.

    >>> number_in("10,50"), number_in(" 8 "), number_in("EX")
    (Decimal('10.50'), Decimal('8'), None)
    """
    text = cell.strip()
    return Decimal(text.replace(",", ".")) if _NUMBER.fullmatch(text) else None


def _delimiter(text: str) -> str:
    """Return the sign that splits the first rows into as many cells each, and most."""

    def width(sign: str) -> tuple[bool, int]:
        cell = _cell(sign)
        widths: list[int] = []
        place = 0
        while place < len(text) and len(widths) < _TRIED:
            raw, place, _ = _row(cell, text, place)
            widths.append(len(raw))
        return len(set(widths)) == 1 and widths[0] > 1, max(widths, default=0)

    return max(_DELIMITERS, key=width)  # of equals, the first


def _cell(delimiter: str) -> re.Pattern[str]:
    """Return what matches a cell and what ends it."""
    plain = rf"[^\r\n{re.escape(delimiter)}]*"
    quoted = rf'"[^"]*(?:""[^"]*)*"{plain}'
    return re.compile(rf"({quoted}|{plain})({re.escape(delimiter)}|\r?\n|\r|\Z)")


def _row(
    cell: re.Pattern[str], text: str, place: int
) -> tuple[tuple[str, ...], int, str]:
    """Return the cells of the row at a place, the place after it, and its end."""
    raw = []
    while True:
        found = cell.match(text, place)
        assert found is not None  # noqa: S101 - a cell may be empty and the end is one
        raw.append(found[1])
        place = found.end()
        if found[2] in {"", "\n", "\r", "\r\n"}:
            return tuple(raw), place, found[2]


def _rows(name: str, text: str, delimiter: str) -> Iterator[Row]:
    cell = _cell(delimiter)
    place, line = 0, 1
    while place < len(text):
        begins = place
        raw, place, end = _row(cell, text, place)
        if any(_is_open(content) for content in raw):
            what = "a quote is not closed; export the file again"
            raise UsageError(f"{name}:{line}: {what}")
        yield Row(line=line, raw=raw, end=end)
        line += text.count("\n", begins, place)


def _is_open(raw: str) -> bool:
    return raw.startswith('"') and raw.count('"') % 2 == 1


def _value(raw: str) -> str:
    """Return what a cell says, as the csv module reads it."""
    found = _QUOTED.fullmatch(raw)
    return found[1].replace('""', '"') + found[2] if found else raw
