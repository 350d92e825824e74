"""A folder on disk that somebody handed in."""

import os
from collections.abc import Callable
from pathlib import Path

from pytest_tfgrade.core.submission import HandedIn
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.engine.copying import opened
from pytest_tfgrade.engine.intake.places import Entry, Kind, Place, Walk, changed
from pytest_tfgrade.engine.intake.zip_listing import OF_A_CANDIDATE
from pytest_tfgrade.engine.intake.zip_place import zip_on_disk


class DiskPlace:
    """A folder on disk."""

    may_open_zips = True

    def __init__(self, path: Path) -> None:
        """Take a folder by its absolute path."""
        self._path = path

    def entries(self) -> list[Entry]:
        """Return what lies in it, by name."""
        found = sorted(os.scandir(self._path), key=lambda entry: entry.name)
        return [Entry(entry.name, _kind(entry)) for entry in found]

    def walk(self, on_error: Callable[[OSError], object]) -> Walk:
        """Yield it and the folders below it."""
        top = os.fspath(self._path)
        for root, folders, files in os.walk(top, onerror=on_error):
            yield root[len(top) :].lstrip("/"), folders, files

    def handed_in(self, relative: str, name: str) -> HandedIn:
        """Return a file or a SavedModel in it."""
        path = self._path / relative
        return HandedIn(name=printable(name), path=path, stamp=changed(path))

    def leads_to_file(self, name: str) -> bool:
        """Return whether a link in it leads to a file."""
        # Path's own raises for a link to itself
        return os.path.isfile(self._path / name)  # noqa: PTH113

    def holds(self, relative: str) -> bool:
        """Return whether there is anything of that path."""
        return os.path.lexists(self._path / relative)

    def below(self, name: str) -> Place:
        """Return a folder in it."""
        return DiskPlace(self._path / name)

    def opened_zip(self, relative: str) -> Place:
        """Return what a zip in it holds."""
        return zip_on_disk(self._path / relative, relative, OF_A_CANDIDATE)

    def read(self, relative: str, most: int) -> bytes:
        """Return the content of a file."""
        with (
            opened(self._path / relative, printable(relative)) as descriptor,
            os.fdopen(os.dup(descriptor), "rb") as file,
        ):
            return file.read(most)


def _kind(entry: os.DirEntry[str]) -> Kind:
    if entry.is_symlink():
        return Kind.LINK
    return Kind.FOLDER if entry.is_dir(follow_symlinks=False) else Kind.FILE
