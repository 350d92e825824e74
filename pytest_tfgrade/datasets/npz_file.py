"""Arrays from NumPy's ``.npz`` and ``.npy`` files, without pickle."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import IO, Final

import numpy as np

from pytest_tfgrade.datasets.blocks import Blocks
from pytest_tfgrade.datasets.fields import FieldDescription
from pytest_tfgrade.datasets.hidden import Array
from pytest_tfgrade.datasets.interface import Unfit
from pytest_tfgrade.datasets.npy_stream import Open, blocks_from
from pytest_tfgrade.documents import suggestion

_BROKEN = (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error)
"""What NumPy raises for files that are not what they should be."""

_ONE: Final = "array"
"""What the one array of an ``.npy`` file is called."""


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

    def read(self, field: FieldDescription) -> Blocks:
        """Return the array of this name.

        Raises:
            Unfit: There is none, or it is not an array of plain values.
        """
        if not isinstance(field.field, str):
            raise Unfit("an .npz file is read one array at a time; name one")
        if field.field not in self._names:
            way_out = suggestion(field.field, self._names)
            raise Unfit(f"has no array {field.field!r}; {way_out}")
        with zipfile.ZipFile(self._path) as file:
            held = f"{field.field}.npy"
            member = held if held in file.namelist() else field.field
        return _plain(partial(_member, self._path, member), field.field)


class NpyFile:
    """One array."""

    def __init__(self, path: Path) -> None:
        """Read nothing yet."""
        self._path = path

    def read(self, field: FieldDescription) -> Blocks:
        """Return the array, which is called ``array``.

        Raises:
            Unfit: It is asked for by another name, or does not hold plain values.
        """
        if field.field != _ONE:
            raise Unfit(f"an .npy file holds one array; call it {_ONE!r}")
        return _plain(partial(_file, self._path), _ONE)


@contextmanager
def _member(path: Path, name: str) -> Iterator[IO[bytes]]:
    """Open one file in a zip file."""
    with zipfile.ZipFile(path) as file, file.open(name) as stream:
        yield stream


@contextmanager
def _file(path: Path) -> Iterator[IO[bytes]]:
    with path.open("rb") as stream:
        yield stream


def _plain(open_: Open, name: str) -> Blocks:
    """Return the blocks of an array; reading them raises ``Unfit``, too."""
    unfit = Unfit(
        f"the array {name!r} does not hold plain values; "
        "write it without Python objects"
    )
    try:
        blocks = blocks_from(open_)
    except _BROKEN:
        raise unfit from None

    def parts() -> Iterator[Array]:
        try:
            yield from blocks.parts
        except _BROKEN:
            raise unfit from None

    return replace(blocks, parts=parts())
