"""The formats that evaluation data can be in, by the file's ending."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final

from pytest_tfgrade.datasets.csv_table import open_csv
from pytest_tfgrade.datasets.image_folder import ImageFolder
from pytest_tfgrade.datasets.interface import Loader
from pytest_tfgrade.datasets.json_records import open_json, open_json_lines
from pytest_tfgrade.datasets.npz_file import NpzFile

FOLDER: Final = "/"
"""What stands for an ending where the file is a folder."""

LOADERS: Final[Mapping[str, Loader]] = {
    ".npz": NpzFile,
    ".csv": open_csv,
    ".json": open_json,
    ".jsonl": open_json_lines,
    FOLDER: ImageFolder,
}
"""What opens a file, by its ending."""


def ending(file: str) -> str:
    """Return the key of a file's loader.

    >>> ending("hidden.npz"), ending("deep/Hidden.CSV")
    ('.npz', '.csv')
    """
    return PurePosixPath(file).suffix.lower()
