"""A loader of evaluation data: tables divided by tabs, with a header, in UTF-8."""

import csv
from pathlib import Path

from pytest_tfgrade.api import Columns, Unfit


def open_tsv(path: Path) -> Columns:
    """Read a table; quotes are characters like others.

    Raises:
        Unfit: It is not such a table. The message quotes no value: they are hidden.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    except UnicodeDecodeError:
        raise Unfit("is not UTF-8 text; save it as UTF-8", key="file") from None
    header, *values = rows or [[]]
    if not values or any(len(row) != len(header) for row in values):
        raise Unfit("has no rows, or some unlike its header; correct it", key="file")
    if len(set(header)) != len(header):
        raise Unfit("has two columns of one name; rename one", key="file")
    columns = dict(zip(header, zip(*values, strict=True), strict=True))
    return Columns(columns=columns, parses_numbers=True)
