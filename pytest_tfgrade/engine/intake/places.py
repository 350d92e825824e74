"""A folder that somebody handed in: on disk, or in a zip that stays packed."""

import os
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import NamedTuple, Protocol

from pytest_tfgrade.core.submission import Clock, HandedIn, Stamp


class Kind(Enum):
    """What bears a name."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"  # or a device


class Entry(NamedTuple):
    """What lies in a folder."""

    name: str
    """As it is there."""

    kind: Kind
    """Links are not followed."""


Walk = Iterator[tuple[str, list[str], list[str]]]
"""Each folder: its path, empty for the first; its folders, which may be taken out of
the list so that the walk passes them over; all else in it."""


class Place(Protocol):
    """A folder; asking it opens no file but a zip, and follows no link."""

    def entries(self) -> list[Entry]:
        """Return what lies in it, by name."""
        ...

    def walk(self, on_error: Callable[[OSError], object]) -> Walk:
        """Yield it and the folders below it."""
        ...

    def handed_in(self, relative: str, name: str) -> HandedIn:
        """Return a file or a SavedModel in it, to be copied later.

        Args:
            relative: Its path; empty for the folder itself.
            name: What to call it in messages; what leads to the place goes before it.
        """
        ...

    def leads_to_file(self, name: str) -> bool:
        """Return whether a link in it leads to a file."""
        ...

    def holds(self, relative: str) -> bool:
        """Return whether there is anything of that path."""
        ...

    def below(self, name: str) -> "Place":
        """Return a folder in it."""
        ...

    def opened_zip(self, relative: str) -> "Place":
        """Return what a zip in it holds.

        Raises:
            BadZip: It cannot be listed.
            Ungradable: It is a link, encrypted, or what else cannot be read.
            RunnerError: We may not read it.
        """
        ...

    @property
    def may_open_zips(self) -> bool:
        """Whether zips in it are not too deep in others."""
        ...

    def read(self, relative: str, most: int) -> bytes:
        """Return the content of a file, cut to a number of bytes.

        Raises:
            Ungradable: It is no plain file.
            RunnerError: We may not read it.
        """
        ...


def changed(path: Path) -> Stamp | None:
    """Return when a file was last changed; of a SavedModel, its graph."""
    try:
        about = os.lstat(path)
        if stat.S_ISDIR(about.st_mode):
            about = os.lstat(path / "saved_model.pb")
        at = datetime.fromtimestamp(about.st_mtime, UTC)
    except (OSError, ValueError, OverflowError):
        return None
    return Stamp(at, Clock.FILE)
