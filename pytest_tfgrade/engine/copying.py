"""Copying what a candidate handed in: plain files only, and no link is followed."""

import errno
import hashlib
import os
import shutil
import stat
from collections.abc import Iterable, Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import RunnerError, Ungradable
from pytest_tfgrade.core.submission import ENDINGS, GRAPH, HandedIn
from pytest_tfgrade.core.text import printable

PARTS: Final = frozenset(
    {GRAPH, "keras_metadata.pb", "fingerprint.pb"}
    | {"variables", "assets", "assets.extra"}
)
"""What a SavedModel is made of; whatever else lies in its folder is not copied."""

DEEPEST: Final = 8
MOST_FILES: Final = 2000
"""Of a SavedModel; one has three files, and one for each vocabulary."""

_CHUNK: Final = 1 << 20
UNPACKED: Final = frozenset({"config.json", "model.weights.h5"})
"""What lies in the folder of a ``.keras`` file that was unpacked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """What was copied."""

    sha256: str
    """In hexadecimal."""

    size: int
    """In bytes."""


def copied_folder(files: Iterable[tuple[str, Copied]]) -> Copied:
    """Add up the files of a folder, given by their paths in it."""
    lines, size = [], 0
    for path, done in files:
        key = os.fsencode(path)
        lines.append((key, b"%s\0%s\0%d\n" % (key, done.sha256.encode(), done.size)))
        size += done.size
    whole = b"".join(line for _, line in sorted(lines))
    return Copied(sha256=hashlib.sha256(whole).hexdigest(), size=size)


class TooLarge(Exception):  # noqa: N818 - a finding; who asked knows whose
    """There are more bytes than may be copied."""

    def __init__(self, size: int) -> None:
        """Give the bytes counted so far."""
        self.size = size
        super().__init__(size)


def copied(file: HandedIn, target: Path, most: int) -> Copied:
    """Copy a file, or the folder of a SavedModel.

    The sha256 of a folder is that of lines ``path NUL sha256 NUL size LF``, one for
    each file, sorted by the bytes of the path, which is relative and has ``/``.

    Args:
        file: What was handed in.
        target: What the copy will be; its parent exists.
        most: Bytes.

    Raises:
        Ungradable: ``E_FORMAT`` for a link, a pipe, a folder that is no SavedModel.
        TooLarge: There are more bytes; a part may have been copied.
        RunnerError: We may not read it.
    """
    with opened(file.path, file.name) as source:
        if not _is_folder(source):
            return _copy_file(source, target, most)
        with os.scandir(source) as entries:
            require_saved_model({entry.name for entry in entries}, file.name)
        copy = _FolderCopy(file.name, most)
        copy.take(source, "", target)
        return copy.done


def hashed(file: HandedIn, most: int) -> Copied | None:
    """Return what ``copied`` would, and copy nothing; None if only a copy can tell.

    Args:
        file: What was handed in.
        most: Bytes; of a larger file, None.
    """
    if file.zipped is not None:
        return None
    try:
        with opened(file.path, file.name) as source:
            if _is_folder(source) or os.fstat(source).st_size > most:
                return None
            with os.fdopen(os.dup(source), "rb") as content:
                digest = hashlib.file_digest(content, "sha256")
                return Copied(sha256=digest.hexdigest(), size=content.tell())
    except (Ungradable, RunnerError, OSError):
        return None  # said where it is copied


@contextmanager
def opened(path: "Path | str", name: str, inside: int | None = None) -> Iterator[int]:
    """Open a file or a folder for reading, without waiting on a pipe.

    Args:
        path: Where it is.
        name: What to call it in messages; printable.
        inside: The open folder that a path is relative to.

    Raises:
        Ungradable: ``E_FORMAT`` for a link or a device.
        RunnerError: We may not read it.
    """
    try:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(path, flags, dir_fd=inside)
    except OSError as error:
        if error.errno == errno.ELOOP:
            text = f"{name} is a link, not a file"
            raise Ungradable(Code.FORMAT, text, hint="Hand in the file.") from None
        if error.errno == errno.ENXIO:
            raise _no_file(name) from None
        raise RunnerError(f"{path}: cannot be read: {error.strerror}") from None
    try:
        mode = os.fstat(descriptor).st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise _no_file(name)
        yield descriptor
    finally:
        os.close(descriptor)


def _no_file(name: str) -> Ungradable:
    return Ungradable(Code.FORMAT, f"{name} is not a file")


def _is_folder(descriptor: int) -> bool:
    return stat.S_ISDIR(os.fstat(descriptor).st_mode)


def _copy_file(source: int, target: Path, most: int) -> Copied:
    """Copy a file that is open; ``TooLarge`` if it has more bytes than ``most``."""
    declared = os.fstat(source).st_size
    if declared > most:
        raise TooLarge(declared)
    if declared > shutil.disk_usage(target.parent).free:  # others need what is left
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target))
    digest, size = hashlib.sha256(), 0
    with target.open("xb") as copy:
        while chunk := os.read(source, _CHUNK):
            size += len(chunk)
            if size > most:  # it may grow while it is read
                raise TooLarge(size)
            digest.update(chunk)
            copy.write(chunk)
    return Copied(sha256=digest.hexdigest(), size=size)


def require_saved_model(names: Set[str], name: str) -> None:
    """Raise ``E_FORMAT`` for a folder that holds no graph.

    Args:
        names: What lies in it.
        name: Of the folder; printable.
    """
    if GRAPH in names:
        return
    if names >= UNPACKED:
        raise Ungradable(
            Code.FORMAT,
            f"{name} is a folder: a .keras file that was unpacked",
            hint="Hand in the .keras file as model.save(...) wrote it; "
            "do not unpack it.",
        )
    if PurePosixPath(name).suffix.lower() in ENDINGS:
        raise Ungradable(
            Code.FORMAT,
            f"{name} is a folder, not a file",
            hint="Hand in the file that model.save(...) wrote.",
        )
    raise Ungradable(
        Code.FORMAT,
        f"the folder {name} has no {GRAPH}",
        hint="Hand in the folder as model.export(...) wrote it, or the file that "
        "model.save(...) wrote.",
    )


class _FolderCopy:
    """A SavedModel on its way; adds up what is copied."""

    def __init__(self, name: str, most: int) -> None:
        self._name = name
        self._most = most
        self._seen = self._size = 0
        self._files: list[tuple[str, Copied]] = []

    @property
    def done(self) -> Copied:
        """The whole of it."""
        return copied_folder(self._files)

    def take(self, folder: int, path: str, target: Path, depth: int = 0) -> None:
        """Copy a folder that is open, the deepest at ``DEEPEST``."""
        if depth > DEEPEST:
            raise self._refused(f"has folders that lie more than {DEEPEST} deep")
        target.mkdir(mode=0o700)
        for name in self._names(folder, is_top=not path):
            inner = f"{path}/{name}" if path else name
            # A candidate's own folder goes by the name of its graph.
            whole = inner if self._name == GRAPH else f"{self._name}/{inner}"
            shown = printable(whole, limit=200)
            with opened(name, shown, inside=folder) as source:
                if _is_folder(source):
                    self.take(source, inner, target / name, depth + 1)
                    continue
                done = self._copy(source, target / name)
            self._size += done.size
            self._files.append((inner, done))

    def _copy(self, source: int, target: Path) -> Copied:
        """Copy a file; ``TooLarge`` tells the size of the whole folder so far."""
        try:
            return _copy_file(source, target, self._most - self._size)
        except TooLarge as finding:
            raise TooLarge(self._size + finding.size) from None

    def _names(self, folder: int, *, is_top: bool) -> list[str]:
        """Return what of a folder is copied, sorted, and count it."""
        names: list[str] = []
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith(".") or (is_top and entry.name not in PARTS):
                    continue
                names.append(entry.name)
                self._seen += 1
                if self._seen > MOST_FILES:
                    raise self._refused(f"holds more than {MOST_FILES} files")
        return sorted(names)

    def _refused(self, what: str) -> Ungradable:
        hint = "Hand in the folder as model.export(...) or model.save(...) wrote it."
        return Ungradable(Code.FORMAT, f"{self._name} {what}", hint=hint)
