"""The formats that evaluation data can be in, by the file's ending."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final

from pytest_tfgrade.datasets.csv_table import open_csv
from pytest_tfgrade.datasets.image_folder import ImageFolder
from pytest_tfgrade.datasets.interface import Loader
from pytest_tfgrade.datasets.json_records import open_json, open_json_lines
from pytest_tfgrade.datasets.npz_file import NpyFile, NpzFile

FOLDER: Final = "/"
"""What stands for an ending where the file is a folder."""

LOADERS: Final[Mapping[str, Loader]] = {
    ".npz": NpzFile,
    ".npy": NpyFile,
    ".csv": open_csv,
    ".json": open_json,
    ".jsonl": open_json_lines,
    FOLDER: ImageFolder,
}
"""What opens a file, by its ending in lower case."""


def ending(file: str, loaders: Mapping[str, Loader] = LOADERS) -> str | None:
    """Return the longest ending of a file that there is a loader for.

    >>> ending("hidden.npz"), ending("deep/Hidden.CSV"), ending("hidden.xlsx")
    ('.npz', '.csv', None)
    """
    endings = PurePosixPath(file.lower()).suffixes
    whole = ("".join(endings[start:]) for start in range(len(endings)))
    return next((text for text in whole if text in loaders), None)
