"""Arrays from NumPy's ``.npz`` files, without pickle."""

import zipfile
import zlib
from pathlib import Path

import numpy as np

from pytest_tfgrade.datasets.fields import FieldDescription
from pytest_tfgrade.datasets.hidden import Array
from pytest_tfgrade.datasets.interface import Unfit
from pytest_tfgrade.documents import suggestion

_BROKEN = (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error)
"""What NumPy raises for files that are not what they should be."""


class NpzFile:
    """The arrays of one file, each unpacked when it is asked for."""

    def __init__(self, path: Path) -> None:
        """Read the table of contents.

        Raises:
            Unfit: It is not an ``.npz`` file.
        """
        self._path = path
        try:
            with np.load(path, allow_pickle=False) as file:
                self._names = tuple(file.files)
        except (*_BROKEN, AttributeError):
            reason = "is not an .npz file; write it with numpy.savez"
            raise Unfit(reason, key="file") from None

    def read(self, field: FieldDescription) -> Array:
        """Return the array of this name.

        Raises:
            Unfit: There is none, or it is not an array of plain values.
        """
        if not isinstance(field.field, str):
            raise Unfit("an .npz file is read one array at a time; name one")
        if field.field not in self._names:
            way_out = suggestion(field.field, self._names)
            raise Unfit(f"has no array {field.field!r}; {way_out}")
        try:
            with np.load(self._path, allow_pickle=False) as file:
                array: Array = file[field.field]
        except _BROKEN:
            reason = f"the array {field.field!r} does not hold plain values"
            raise Unfit(f"{reason}; write it without Python objects") from None
        return array
