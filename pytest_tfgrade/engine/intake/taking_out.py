"""Taking one file, or one SavedModel, out of the zip that somebody handed in.

A zip with all submissions is never unpacked: each job takes out its own artifact when
it is staged, into the folder of the run. A zip in a zip is inflated into a file without
a name, which the system removes with the process.
"""

import errno
import hashlib
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath
from tempfile import SpooledTemporaryFile
from typing import IO, BinaryIO, Final

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import RunnerError, Ungradable
from pytest_tfgrade.core.submission import HandedIn, Member, Zipped
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.engine.copying import (
    DEEPEST,
    MOST_FILES,
    Copied,
    TooLarge,
    copied,
    copied_folder,
    opened,
    require_saved_model,
)
from pytest_tfgrade.facts.zip_directory import MAX_RATIO

LARGEST_ZIP: Final = 4 << 30
"""Bytes of a zip in a zip."""

_IN_MEMORY: Final = 8 << 20
"""Bytes of it that need no disk."""

_CHUNK: Final = 1 << 20
_RATIO_FLOOR: Final = 1 << 20
_LOCAL_HEADER: Final = struct.Struct("<4s22xHH")
_AGAIN: Final = "Upload the file again and compare its size with the original."


def private_copy(file: HandedIn, target: Path, most: int) -> Copied:
    """Copy what was handed in, out of a zip or from where it lies.

    The same model has the same sha256 in both cases.

    Args:
        file: What was handed in.
        target: What the copy will be; its parent exists.
        most: Bytes.

    Raises:
        Ungradable: ``E_FORMAT`` for a link, a member that is damaged or encrypted or
            compressed beyond belief, a folder that is no SavedModel.
        TooLarge: There are more bytes; a part may have been copied.
        RunnerError: We may not read it, or have no room.
    """
    if file.zipped is None:
        return copied(file, target, most)
    with _zip_around(file) as archive:
        if not file.zipped.is_folder:
            ((_, member),) = file.zipped.members
            return _copy(archive, member, file.name, target, most)
        return _copy_folder(archive, file.zipped, file.name, target, most)


@contextmanager
def inflated(file: HandedIn) -> Iterator[BinaryIO]:
    """Take a zip, or another file that we want to read, out of a zip.

    Raises:
        Ungradable: As for ``private_copy``.
        RunnerError: As well.
    """
    if file.zipped is None:
        raise ValueError(f"{file.name} is in no zip")
    ((_, member),) = file.zipped.members
    with _zip_around(file) as archive, _spool() as content:
        _inflate(archive, member, file.name, content)
        yield content


@contextmanager
def _zip_around(file: HandedIn) -> Iterator[IO[bytes]]:
    """Open the zip that a file lies in, however deep."""
    zips = file.zipped.zips if file.zipped else ()
    with ExitStack() as stack:
        descriptor = stack.enter_context(opened(file.path, printable(file.path.name)))
        archive: IO[bytes] = stack.enter_context(os.fdopen(os.dup(descriptor), "rb"))
        for zip_ in zips:
            content = stack.enter_context(_spool())
            _inflate(archive, zip_, printable(zip_.name), content)
            archive = content
        yield archive


@contextmanager
def _spool() -> Iterator[BinaryIO]:
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as content:
        yield content  # type: ignore[misc]  # it has all that is used of one


def _inflate(archive: IO[bytes], member: Member, name: str, content: BinaryIO) -> None:
    if member.size > LARGEST_ZIP:
        text = f"{name} has {member.size // 10**6} MB, which is too much for a zip"
        raise Ungradable(Code.SIZE, text, hint="Hand in the models alone.")
    try:
        for chunk in _chunks(archive, member, name):
            content.write(chunk)
    except OSError as error:
        raise _no_room(error) from None
    content.seek(0)


def _no_room(error: OSError) -> RunnerError:
    text = f"a zip in a zip cannot be inflated: {error.strerror}"
    return RunnerError(f"{text}; point TMPDIR to a folder with room")


def _copy(
    archive: IO[bytes], member: Member, name: str, target: Path, most: int
) -> Copied:
    if member.size > most:
        _require_plain(member, name)
        raise TooLarge(member.size)
    digest = hashlib.sha256()
    with target.open("xb") as copy:
        for chunk in _chunks(archive, member, name):
            digest.update(chunk)
            copy.write(chunk)
    return Copied(sha256=digest.hexdigest(), size=member.size)


def _copy_folder(
    archive: IO[bytes], zipped: Zipped, name: str, target: Path, most: int
) -> Copied:
    require_saved_model({path.partition("/")[0] for path, _ in zipped.members}, name)
    if len(zipped.members) > MOST_FILES:
        raise _refused(name, f"holds more than {MOST_FILES} files")
    size = sum(member.size for _, member in zipped.members)
    if size > most:
        raise TooLarge(size)
    target.mkdir(mode=0o700)
    done = []
    for path, member in zipped.members:
        if path.count("/") > DEEPEST:
            raise _refused(name, f"has folders that lie more than {DEEPEST} deep")
        inner, place = printable(f"{name}/{path}", limit=200), target / path
        try:
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            done.append((path, _copy(archive, member, inner, place, member.size)))
        except OSError as error:
            if error.errno in {errno.ENAMETOOLONG, errno.EILSEQ, errno.EINVAL}:
                raise _refused(name, f"holds {inner!r}, no name for a file") from None
            raise
    return copied_folder(done)


def _refused(name: str, what: str) -> Ungradable:
    hint = "Zip the folder as model.export(...) or model.save(...) wrote it."
    return Ungradable(Code.FORMAT, f"{name} {what}", hint=hint)


def _require_plain(member: Member, name: str) -> None:
    """Raise ``E_FORMAT`` for what cannot or should not be inflated."""
    kind = stat.S_IFMT(member.mode)
    if kind == stat.S_IFLNK:
        text, hint = f"{name} is a link, not a file", "Hand in the file."
    elif kind not in {0, stat.S_IFREG}:
        text, hint = f"{name} is not a file", "Hand in the file."
    elif member.encrypted:
        text, hint = f"{name} is encrypted in the zip", "Zip it without a password."
    elif member.method not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        text = f"{name} is compressed in an unusual way in the zip"
        hint = "Zip it with the program that the system brings."
    elif member.size > max(_RATIO_FLOOR, MAX_RATIO * member.packed_size):
        text = f"{name} would unpack to {member.size // 10**6} MB from "
        text += f"{member.packed_size} bytes of the zip"
        hint = "Hand in the file as it was saved."
    else:
        return
    raise Ungradable(Code.FORMAT, text, hint=hint)


def _chunks(archive: IO[bytes], member: Member, name: str) -> Iterator[bytes]:
    """Yield what a member unpacks to: as many bytes as the directory said, unchanged.

    Raises:
        Ungradable: ``E_FORMAT`` if that cannot be.
    """
    _require_plain(member, name)
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    stored = member.method == zipfile.ZIP_STORED
    size = crc = 0
    for packed in _packed(archive, member, name):
        pending = packed
        while pending:
            try:
                chunk = pending if stored else inflate.decompress(pending, _CHUNK)
            except zlib.error:
                raise _damaged(name) from None
            pending = b"" if stored else inflate.unconsumed_tail
            size += len(chunk)
            if size > member.size:
                raise _damaged(name)
            crc = zlib.crc32(chunk, crc)
            yield chunk
        if inflate.eof:
            break
    if not stored:
        rest = inflate.flush()
        size, crc = size + len(rest), zlib.crc32(rest, crc)
        yield rest
    if (size, crc) != (member.size, member.crc):
        raise _damaged(name)


def _packed(archive: IO[bytes], member: Member, name: str) -> Iterator[bytes]:
    """Yield the bytes of a member as they lie in the zip."""
    try:
        archive.seek(member.offset)
        header = archive.read(_LOCAL_HEADER.size)
        magic, name_bytes, extra_bytes = _LOCAL_HEADER.unpack(header)
        archive.seek(name_bytes + extra_bytes, os.SEEK_CUR)
    except (struct.error, OSError, ValueError, OverflowError):
        raise _damaged(name) from None
    if magic != b"PK\x03\x04":
        raise _damaged(name)
    left = member.packed_size
    while left:
        chunk = archive.read(min(left, _CHUNK))
        if not chunk:
            raise _damaged(name)
        left -= len(chunk)
        yield chunk


def _damaged(name: str) -> Ungradable:
    text = f"{PurePosixPath(name).name} is damaged in the zip"
    return Ungradable(Code.FORMAT, text, hint=_AGAIN)
