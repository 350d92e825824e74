"""Rows of CSV text, whatever program for spreadsheets wrote it."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

SPREADSHEETS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How files of programs for spreadsheets begin that are not CSV."""

OVER_LINES: Final = "a cell goes on over several lines; close its quote"
"""What is wrong with a cell of which ``is_open`` says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvRow:
    """A row that is not empty."""

    line: int
    """Its first line, counted from 1."""

    cells: tuple[str, ...]
    """Without white space at their ends."""

    written: str
    """Its first line as it stands in the file."""

    delimiter: str
    """The sign between cells."""

    def columns(self) -> Iterator[int]:
        """Yield where the cells of the first line begin, counted from 1."""
        is_quoted = False
        yield _begins(self.written, 0)
        for index, sign in enumerate(self.written):
            if sign == '"':
                is_quoted = not is_quoted
            elif sign == self.delimiter and not is_quoted:
                yield _begins(self.written, index + 1)


def _begins(line: str, index: int) -> int:
    blank = len(line[index:]) - len(line[index:].lstrip(" "))
    return index + blank + 1


def rows_of(text: str) -> Iterator[CsvRow]:
    r"""Yield the rows; comma, semicolon and tab are told apart by the first.

    >>> [(row.line, row.cells) for row in rows_of("id;due\n\nada; x \n")]
    [(1, ('id', 'due')), (3, ('ada', 'x'))]
    """
    lines = re.split(r"\r\n?|\n", text)
    skipped = 0
    told = re.fullmatch(r"sep=(.)", lines[0])  # Excel's own
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
        cells = tuple(cell.strip() for cell in row)
        if any(cells):
            yield CsvRow(
                line=begins + skipped,
                cells=cells,
                written=lines[begins - 1],
                delimiter=delimiter,
            )
        begins = reader.line_num + 1


def is_open(cell: str) -> bool:
    """Return whether a cell goes on over several lines, or never ends."""
    return "\n" in cell or "\0" in cell


def too_many(cells: int, header: int) -> str:
    """Say what is wrong with a row that is longer than the header."""
    what = f"has {cells} cells under a header of {header}"
    return f"{what}; put in quotes what holds the sign between cells"
