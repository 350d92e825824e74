"""A folder in a zip, which stays packed."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

from pytest_tfgrade.core.submission import HandedIn, Member, Stamp, Zipped
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.engine.copying import MOST_FILES, PARTS, UNPACKED, opened
from pytest_tfgrade.engine.intake.places import Entry, Kind, Place, Walk, changed
from pytest_tfgrade.engine.intake.taking_out import inflated
from pytest_tfgrade.engine.intake.zip_listing import (
    OF_A_CANDIDATE,
    Bounds,
    Tree,
    is_plain,
    list_zip,
)

_MOST_ZIPS_DEEP: Final = 2
"""The zip with all submissions, and a candidate's in it."""


def zip_on_disk(
    path: Path, name: str, bounds: Bounds, *, of_all: bool = False
) -> Place:
    """Return what a zip on disk holds.

    Args:
        path: Absolute.
        name: What to call it in messages.
        bounds: How much it may list.
        of_all: Whether it holds all submissions: then the times in it are those of the
            download, and zips in it are opened.

    Raises:
        BadZip: It cannot be listed.
        Ungradable: It is a link or no file.
        RunnerError: We may not read it.
    """
    with (
        opened(path, printable(name)) as descriptor,
        os.fdopen(os.dup(descriptor), "rb") as file,
    ):
        tree = list_zip(file, bounds)
    stamp = None if of_all else changed(path)
    label = "" if of_all else f"{name}/"
    return ZipPlace(_Zip(path, (), label, stamp, 1 if of_all else 2), tree)


class _Zip(NamedTuple):
    """A zip that is open to be looked into."""

    path: Path
    """The one on disk."""

    zips: tuple[Member, ...]
    """Zips in it that lead here."""

    label: str
    """Goes before names in messages."""

    stamp: Stamp | None
    """When the zip was handed in; None if each file in it has its own time."""

    depth: int
    """Counted from 1, the zip with all submissions."""


class ZipPlace:
    """A folder in a zip, or all of it."""

    def __init__(self, zip_: _Zip, tree: Tree) -> None:
        """Take a zip, and what of its listing is in the folder."""
        self._zip = zip_
        self._tree = tree

    @property
    def may_open_zips(self) -> bool:
        """Whether zips in it are not too deep in others."""
        return self._zip.depth < _MOST_ZIPS_DEEP

    def entries(self) -> list[Entry]:
        """Return what lies in it, by name."""
        return [
            Entry(name, _kind_of(node)) for name, node in sorted(self._tree.items())
        ]

    def walk(self, on_error: Callable[[OSError], object]) -> Walk:
        """Yield it and the folders below it; there are no errors."""
        waiting = [("", self._tree)]
        while waiting:
            root, tree = waiting.pop()
            folders = [name for name, node in tree.items() if isinstance(node, dict)]
            files = [name for name, node in tree.items() if isinstance(node, Member)]
            yield root, folders, files
            for name in folders:
                below = tree[name]
                assert isinstance(below, dict)  # noqa: S101 - tells mypy
                waiting.append((f"{root}/{name}" if root else name, below))

    def handed_in(self, relative: str, name: str) -> HandedIn:
        """Return a file or a SavedModel in it."""
        node = self._node(relative)
        if isinstance(node, Member):
            members: tuple[tuple[str, Member], ...] = (("", node),)
        else:
            members = tuple(_parts(node or {}))
        stamps = (member.stamp for _, member in members)
        return HandedIn(
            name=printable(f"{self._zip.label}{name}"),
            path=self._zip.path,
            zipped=Zipped(zips=self._zip.zips, members=members),
            stamp=self._zip.stamp or max(filter(None, stamps), default=None),
        )

    def leads_to_file(self, name: str) -> bool:
        """Return False: a link in a zip leads nowhere."""
        return False

    def holds(self, relative: str) -> bool:
        """Return whether there is anything of that path."""
        return self._node(relative) is not None

    def below(self, name: str) -> Place:
        """Return a folder in it."""
        node = self._tree[name]
        return ZipPlace(self._zip, node if isinstance(node, dict) else {})

    def opened_zip(self, relative: str) -> Place:
        """Return what a zip in it holds."""
        file = self.handed_in(relative, relative)
        assert file.zipped is not None  # noqa: S101 - tells mypy
        ((_, member),) = file.zipped.members
        with inflated(file) as content:
            tree = list_zip(content, OF_A_CANDIDATE)
        zip_ = self._zip
        inner = _Zip(
            path=zip_.path,
            zips=(*zip_.zips, member),
            label=f"{zip_.label}{relative}/",
            stamp=file.stamp,
            depth=zip_.depth + 1,
        )
        return ZipPlace(inner, tree)

    def read(self, relative: str, most: int) -> bytes:
        """Return the content of a file."""
        with inflated(self.handed_in(relative, relative)) as content:
            return content.read(most)

    def _node(self, relative: str) -> Tree | Member | None:
        node: Tree | Member | None = self._tree
        for part in PurePosixPath(relative).parts:
            node = node.get(part) if isinstance(node, dict) else None
        return node


def _kind_of(node: Tree | Member) -> Kind:
    if isinstance(node, dict):
        return Kind.FOLDER
    return Kind.FILE if is_plain(node) else Kind.LINK


def _parts(tree: Tree) -> Iterator[tuple[str, Member]]:
    """Yield what of a folder is copied if it is an artifact; a few more than may be."""
    waiting: list[tuple[str, Tree]] = [("", tree)]
    count = 0
    while waiting and count <= MOST_FILES:
        path, here = waiting.pop()
        for name, node in here.items():
            if name.startswith(".") or (not path and name not in PARTS | UNPACKED):
                continue
            count += 1
            if isinstance(node, Member):
                yield path + name, node
            else:
                waiting.append((f"{path}{name}/", node))
