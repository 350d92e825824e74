"""The directory of a zip file, judged before anything is inflated."""

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO, Final

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.text import printable

DAMAGED: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,  # a name that is not UTF-8, an offset below zero
    NotImplementedError,  # a version or flag that zipfile does not know
)
"""What Python raises for a zip that is not in order."""

MAX_MEMBERS: Final = 1000
"""Keras writes three, and a few for each layer with a vocabulary."""

MAX_DIRECTORY_BYTES: Final = 2**20
"""Of the zip's directory, which Python reads whole."""

MAX_TOTAL_BYTES: Final = 4 * 2**30
"""Of all members, inflated."""

MAX_RATIO: Final = 100
"""Inflated to stored, of members above a megabyte; Keras does not compress."""

_RATIO_FLOOR: Final = 2**20
_END: Final = b"PK\x05\x06"
_ZIP64_LOCATOR: Final = b"PK\x06\x07"
_END_BYTES: Final = 22
_LOCAL_HEADER_BYTES: Final = 30
_MAX_COMMENT_BYTES: Final = 2**16

_TOO_MANY: Final = f"the zip file has more than {MAX_MEMBERS} members"
_INCOMPLETE: Final = "Upload the file again and compare its size with the original."
SAVE_AGAIN: Final = "Hand in the .keras file exactly as model.save(...) wrote it."


def opened_zip(path: Path) -> zipfile.ZipFile:
    """Open a zip file whose directory keeps to the limits.

    Raises:
        Ungradable: ``E_FORMAT`` if the zip is damaged or hostile.
    """
    with path.open("rb") as file:
        require_small_directory(file)
    try:
        archive = zipfile.ZipFile(path)
    except DAMAGED as error:
        raise damaged(error) from None
    try:
        require_harmless(archive.infolist(), archive.start_dir)
    except BaseException:
        archive.close()
        raise
    return archive


def require_small_directory(file: BinaryIO) -> None:
    """Refuse a long directory; Python would read it whole to count its entries.

    Raises:
        Ungradable: ``E_FORMAT``; also if the zip has no end, as half an upload.
    """
    size = file.seek(0, 2)
    file.seek(max(0, size - _END_BYTES - _MAX_COMMENT_BYTES))
    tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_BYTES:
        rationale = "the zip file is incomplete: its end is missing"
        raise Ungradable(Code.FORMAT, rationale, hint=_INCOMPLETE)
    if tail[max(0, at - 20) : at].startswith(_ZIP64_LOCATOR):
        raise _refused("the zip file has the form for more than 4 GB (ZIP64)")
    members, directory = struct.unpack_from("<HL", tail, at + 10)
    if members > MAX_MEMBERS or directory > MAX_DIRECTORY_BYTES:
        raise _refused(_TOO_MANY)


def require_harmless(members: Sequence[zipfile.ZipInfo], start_dir: int) -> None:
    """Raise if a zip's directory holds what a saved model never does.

    Args:
        members: The directory.
        start_dir: Where the directory starts in the file, in bytes.

    Raises:
        Ungradable: ``E_FORMAT``, with the member and the reason.
    """
    if len(members) > MAX_MEMBERS:
        raise _refused(_TOO_MANY)
    for member in members:
        fault = _fault(member)
        if fault is not None:
            name = printable(member.orig_filename, limit=80)
            raise _refused(f"the zip file holds {name!r}, {fault}")
    _require_unique(members)
    _require_sizes(members)
    _require_apart(members, start_dir)


def _fault(member: zipfile.ZipInfo) -> str | None:
    name = member.orig_filename
    mode = member.external_attr >> 16
    if _is_path_elsewhere(name):
        return "a path out of the folder"
    if stat.S_IFMT(mode) not in {0, stat.S_IFREG, stat.S_IFDIR}:
        return "a link or a special file"
    if member.flag_bits & 1:
        return "an encrypted member"
    if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        return "a member in an unusual compression"
    return None


def _is_path_elsewhere(name: str) -> bool:
    is_absolute = not name or name.startswith("/") or name[1:2] == ":"
    return is_absolute or ".." in name.split("/") or "\\" in name or "\0" in name


def _require_unique(members: Iterable[zipfile.ZipInfo]) -> None:
    seen: set[str] = set()
    for member in members:
        if member.filename in seen:
            name = printable(member.filename, limit=80)
            raise _refused(f"the zip file has the duplicate member {name!r}")
        seen.add(member.filename)


def _require_sizes(members: Iterable[zipfile.ZipInfo]) -> None:
    total = 0
    for member in members:
        total += member.file_size
        bomb = member.file_size > max(_RATIO_FLOOR, MAX_RATIO * member.compress_size)
        if total > MAX_TOTAL_BYTES or bomb:
            name = printable(member.filename, limit=80)
            megabytes = member.file_size // 10**6
            raise _refused(f"{name!r} would unpack to {megabytes} MB in the zip file")


def _require_apart(members: Iterable[zipfile.ZipInfo], start_dir: int) -> None:
    end = 0
    for member in sorted(members, key=lambda member: member.header_offset):
        if member.header_offset < end:
            raise _refused("the zip file has members that overlap")
        header = _LOCAL_HEADER_BYTES + len(member.orig_filename)
        end = member.header_offset + header + member.compress_size
    if end > start_dir:
        raise _refused("the zip file has members that overlap")


def damaged(error: Exception) -> Ungradable:
    """Return what to raise for a zip that Python cannot read."""
    return Ungradable(
        Code.FORMAT,
        "the zip file is damaged",
        hint=_INCOMPLETE,
        detail=printable(repr(error)),
    )


def _refused(rationale: str) -> Ungradable:
    return Ungradable(Code.FORMAT, rationale, hint=SAVE_AGAIN)
