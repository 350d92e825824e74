"""Makes submissions; a program, for only it may have TensorFlow.

    python make.py ORDER

The order is a JSON file: ``folder`` of the submissions; ``honest``, how many there
are; ``rows``, what each aims at by its id; ``failed``, the file that gets, as JSON, the
traceback of each row that could not be made.
"""

import json
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import honest
from corpus import ROWS
from rows import Row, Targets


def make(order: Mapping[str, Any]) -> dict[str, str]:
    """Make all that is asked for; return the tracebacks of rows."""
    submissions = Path(order["folder"])
    honest.make(submissions)
    failed = {}
    for row in ROWS:
        if row.id in order["rows"]:
            try:
                _make(row, submissions, order["rows"][row.id])
            except Exception:
                failed[row.id] = traceback.format_exc()
    return failed


def _make(row: Row, submissions: Path, aims: Mapping[str, Any]) -> None:
    folder = submissions / (row.candidate or row.id)
    if row.task != "digits":
        folder /= row.task
    folder.mkdir(parents=True)
    paths = {key: Path(aims[key]) for key in ("marker", "secret", "labels", "socket")}
    row.make(folder, Targets(**paths, port=aims["port"]))


if __name__ == "__main__":
    order = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    failed = json.dumps(make(order))
    Path(order["failed"]).write_text(failed, encoding="utf-8")
