"""Columns from CSV files with a header row, in UTF-8."""

import csv
from pathlib import Path

from pytest_tfgrade.datasets.columns import Columns
from pytest_tfgrade.datasets.interface import Unfit


def open_csv(path: Path) -> Columns:
    """Read a table as Python's ``csv`` module reads it: comma, double quotes.

    Raises:
        Unfit: It is not UTF-8 text, has no header or a name twice, or a row has
            another number of values than the header.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header, *rows = [row for row in csv.reader(file) if row]
    except UnicodeDecodeError:
        raise Unfit("is not UTF-8 text; save it as UTF-8", key="file") from None
    except csv.Error as error:
        raise Unfit(f"is not a CSV file: {error}; save it again", key="file") from None
    except ValueError:
        raise Unfit("is empty; write a header row", key="file") from None
    if len(set(header)) != len(header):
        raise Unfit("has two columns of one name; rename one", key="file")
    for number, row in enumerate(rows, start=1):
        if len(row) != len(header):
            counts = f"{len(row)}, not {len(header)}"
            reason = f"row {number} has another number of values than the header"
            raise Unfit(f"{reason}: {counts}; correct it", key="file")
    columns = zip(*rows, strict=True) if rows else ((),) * len(header)
    return Columns(columns=dict(zip(header, columns, strict=True)), parses_numbers=True)
