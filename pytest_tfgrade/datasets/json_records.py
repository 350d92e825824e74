"""Columns from JSON: a list of records, a mapping of columns, or a record a line."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pytest_tfgrade.datasets.columns import Columns
from pytest_tfgrade.datasets.interface import Unfit


def open_json(path: Path) -> Columns:
    """Read a list of records or a mapping of columns.

    Raises:
        Unfit: It is not JSON, or neither of the two.
    """
    content = _parsed(_text(path), first_line=1)
    if isinstance(content, list):
        return _from_records(content)
    if isinstance(content, dict) and all(isinstance(c, list) for c in content.values()):
        return Columns(columns=content, parses_numbers=False)
    reason = "is neither a list of records nor a mapping of columns; write one of them"
    raise Unfit(reason, key="file")


def open_json_lines(path: Path) -> Columns:
    """Read one record from each line; blank lines do not count.

    Raises:
        Unfit: A line is not JSON, or not a record.
    """
    lines = _text(path).split("\n")
    return _from_records(
        [
            _parsed(line, first_line=number)
            for number, line in enumerate(lines, start=1)
            if line.strip()
        ]
    )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise Unfit("is not UTF-8 text; save it as UTF-8", key="file") from None


def _parsed(text: str, *, first_line: int) -> Any:  # noqa: ANN401 - any JSON
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        line = first_line + error.lineno - 1
        reason = (
            f"is not JSON at line {line}, column {error.colno}: {error.msg}; correct it"
        )
        raise Unfit(reason, key="file") from None


def _from_records(records: Sequence[Any]) -> Columns:
    """Turn records into columns; every record must have the keys of the first."""
    for row, record in enumerate(records, start=1):
        if not isinstance(record, dict):
            reason = f"row {row} is not a record; write keys and values"
            raise Unfit(reason, key="file")
        if record.keys() != records[0].keys():
            reason = f"row {row} has other keys than row 1; give each row the same"
            raise Unfit(reason, key="file")
    names = records[0] if records else ()
    columns = {name: [record[name] for record in records] for name in names}
    return Columns(columns=columns, parses_numbers=False)
