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
            table = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            header, *rows = list(table)
    except UnicodeDecodeError:
        raise Unfit("is not UTF-8 text; save it as UTF-8", key="file") from None
    except ValueError:
        raise Unfit("is empty; write a header row", key="file") from None
    if not rows or any(len(row) != len(header) for row in rows):
        raise Unfit("has no rows, or some unlike its header; correct it", key="file")
    if len(set(header)) != len(header):
        raise Unfit("has two columns of one name; rename one", key="file")
    columns = dict(zip(header, zip(*rows, strict=True), strict=True))
    return Columns(columns=columns, parses_numbers=True)
