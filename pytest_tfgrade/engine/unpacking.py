"""Taking the one model out of a zip; its directory has been judged before."""

import errno
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.engine.copying import DEEPEST, PARTS, TooLarge
from pytest_tfgrade.facts.packed import Packed
from pytest_tfgrade.facts.zip_directory import DAMAGED, damaged, opened_zip

_CHUNK: Final = 1 << 20
_COLLIDING: Final = {
    *(errno.EEXIST, errno.ENOTDIR, errno.EISDIR),
    *(errno.ENAMETOOLONG, errno.EILSEQ, errno.EINVAL),
}
"""What the system says of names that no folder holds, or not together."""


def unpack(path: Path, packed: Packed, target: Path, most: int) -> int:
    """Write the model in a zip to a new file or folder; return its size in bytes.

    Args:
        path: The zip, a copy of our own.
        packed: What to take out.
        target: What it will be; its parent exists.
        most: Bytes.

    Raises:
        Ungradable: ``E_FORMAT`` if the zip is damaged, or its names collide.
        TooLarge: The model has more bytes; nothing was written.
    """
    with opened_zip(path) as archive:
        members = list(_members(archive, packed))
        size = sum(member.file_size for member, _ in members)
        if size > most:
            raise TooLarge(size)
        if packed.is_folder:
            target.mkdir(mode=0o700)
        for member, place in members:
            _write(archive, member, target / place)
    return size


def _members(
    archive: zipfile.ZipFile, packed: Packed
) -> Iterator[tuple[zipfile.ZipInfo, PurePosixPath]]:
    """Yield what belongs to the model, and where in the target it goes."""
    if not packed.is_folder:
        yield archive.getinfo(packed.name), PurePosixPath()
        return
    for member in archive.infolist():
        path = PurePosixPath(member.filename)
        if member.is_dir() or not path.is_relative_to(packed.name):
            continue
        place = path.relative_to(packed.name)
        if not place.parts:  # the folder's own name, on a file
            raise _refused(member, "a file of the name of a folder")
        if place.parts[0] not in PARTS or any(p.startswith(".") for p in place.parts):
            continue
        if len(place.parts) > DEEPEST + 1:
            raise _refused(member, f"a path of more than {DEEPEST} folders")
        yield member, place


def _write(archive: zipfile.ZipFile, member: zipfile.ZipInfo, place: Path) -> None:
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(place, flags, 0o600)
    except OSError as error:
        if error.errno in _COLLIDING:
            raise _refused(member, "a name that cannot be unpacked") from None
        raise
    with os.fdopen(descriptor, "wb") as file:
        for chunk in _chunks(archive, member):
            file.write(chunk)


def _chunks(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield the content of a member: never more than its directory said."""
    try:
        with archive.open(member) as source:
            while chunk := source.read(_CHUNK):
                yield chunk
    except DAMAGED as error:
        raise damaged(error) from None


def _refused(member: zipfile.ZipInfo, what: str) -> Ungradable:
    name = printable(member.filename, limit=80)
    hint = "Zip the folder as it was saved."
    return Ungradable(Code.FORMAT, f"the zip file holds {name!r}, {what}", hint=hint)
