"""Writes ``docs/hostile.md`` from the rows of the corpus; a program.

A test fails while it would change anything.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
PAGE: Final = HERE.parents[1] / "docs" / "hostile.md"

sys.path.insert(0, str(HERE))

from corpus import ROWS  # noqa: E402 - found by the line above
from rows import OK, Row  # noqa: E402

_HEAD: Final = """\
# Hostile and broken submissions

Written by `tests/hostile/table.py` from `tests/hostile/corpus/`, where each row is made
by code. `pytest tests/hostile` grades all in one run with 20 honest submissions, as
root and as an ordinary user, and checks of each row:

1. it has one of the results named, and a reason;
2. its code had no effect outside its process: no file, no connection;
3. honest submissions before, among and after have the same bytes in every report as in
   a run without it;
4. no target, hidden input, secret, path or text of a model is in what candidates see;
5. no process of a model lives longer than its limit and two seconds;
6. no process and no file is left;
7. pytest ends as it always does.

`OK`: graded by its predictions, for what was refused had no effect. More than one
result: the machine decides, or the version of a library.
"""

_CHAPTERS: Final = {
    "K": "Files that Keras saved",
    "Z": "Zips, and files that are no models",
    "S": "SavedModels",
    "T": "TFLite files",
    "F": "Links, folders and special files",
    "R": "Resources and processes",
    "N": "Network, files and secrets of the machine",
    "P": "The result channel, and what code can change",
    "O": "Predictions that are none",
    "C": "Cheating",
    "J": "Names and texts",
    "X": "Faults of the machine",
}
"""By the letter that ids begin with."""


def page() -> str:
    """Return the document."""
    rows = sorted(ROWS, key=_order)
    letters = dict.fromkeys(row.id[0] for row in rows)
    in_order = sorted(letters, key=[*_CHAPTERS].index)
    parts = ("\n".join(_chapter(letter, rows)) for letter in in_order)
    return "\n".join((_HEAD, *parts))


def _order(row: Row) -> tuple[str, int, str]:
    number = re.match(r"[A-Z](\d+)", row.id)
    return row.id[0], int(number[1]) if number else 0, row.id


def _chapter(letter: str, rows: list[Row]) -> Iterator[str]:
    yield f"## {_CHAPTERS[letter]}\n"
    yield "| row | vector | defence | result |"
    yield "|---|---|---|---|"
    for row in rows:
        if row.id.startswith(letter):
            codes = sorted(row.expected - {OK}) + sorted(row.expected & {OK})
            cells = (row.id, row.vector, row.defence, " ".join(f"`{c}`" for c in codes))
            yield f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"
    yield ""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
