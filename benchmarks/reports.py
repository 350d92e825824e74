"""Each report format for a large class, beside ``grades.json`` of the same class.

    python benchmarks/reports.py --grades out/grades.json --submissions 10000

Takes the submissions of a run, with their pictures, as often as are asked for, and has
``tfgrade report`` write each format in a process of its own. README.md beside this file
says what each figure means.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import asdict, dataclass, replace
from itertools import cycle, islice
from pathlib import Path
from typing import Final

from commands import timed
from goals import write
from machine import describe

from pytest_tfgrade.reports import FORMATS, PLAIN
from pytest_tfgrade.reports.grades_json import JsonReport
from pytest_tfgrade.reports.reading import read_gradebook

LEFT_OUT: Final = {"gradescope", "github-classroom", "canvas", "moodle"}
"""Formats that are of one submission, or fill in a platform's file."""

MIB: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one format took."""

    name: str
    """The format."""

    seconds: float
    """Of the whole command, with reading ``grades.json``."""

    peak: int
    """Bytes of memory of the process, at most."""

    size: int
    """Bytes of the files."""


def main() -> None:
    """Make a class, write each format, print."""
    options = _options()
    print(describe(), flush=True)
    with tempfile.TemporaryDirectory(prefix="reports-") as name:
        folder = Path(name)
        grades = folder / "grades.json"
        _make(options.grades, grades, options.submissions)
        print(f"{options.submissions} submissions")
        print(f"{'format':20}{'seconds':>9}{'/ json':>8}{'peak MiB':>10}{'MiB':>9}")
        rows: list[Row] = []
        for format_ in FORMATS:
            if format_ not in LEFT_OUT:
                rows.append(_written(grades, format_, folder / format_))
                print(_line(rows[-1], rows[0].seconds), flush=True)
    given = {"submissions": options.submissions}
    figures = {"rows": [asdict(row) for row in rows]}
    write(options.json, "reports", options=given, figures=figures, goals=())


def _line(row: Row, base: float) -> str:
    ratio = f"{row.seconds / base:8.1f}"
    sizes = f"{row.peak / MIB:10.0f}{row.size / MIB:9.1f}"
    return f"{row.name:20}{row.seconds:9.1f}{ratio}{sizes}"


def _make(source: Path, target: Path, count: int) -> None:
    """Write grades of so many submissions, those of the source again and again."""
    book = read_gradebook(source)
    copies = islice(cycle(book.grades), count)
    grades = tuple(replace(g, id=f"{g.id}-{n:05}") for n, g in enumerate(copies))
    [file] = JsonReport().render(replace(book, grades=grades, planned=0), PLAIN)
    with target.open("w", encoding="utf-8") as opened:
        opened.writelines(file.text)


def _written(grades: Path, format_: str, to: Path) -> Row:
    command = [sys.executable, "-m", "pytest_tfgrade.cli", "report", str(grades)]
    ended = timed([*command, "--format", format_, "--to", str(to)], grades.parent)
    size = sum(path.stat().st_size for path in to.rglob("*") if path.is_file())
    return Row(name=format_, seconds=ended.seconds, peak=ended.peak, size=size)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--grades", type=Path, required=True, help="of any run")
    parser.add_argument("--submissions", type=int, default=500)
    parser.add_argument("--json", type=Path, help="write the figures into this file")
    return parser.parse_args()


if __name__ == "__main__":
    main()
