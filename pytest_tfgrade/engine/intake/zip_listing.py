"""What a zip says it holds, as a tree; nothing in it is inflated.

A file is taken out of a zip when it is asked for, to a place of our own
(:mod:`pytest_tfgrade.engine.intake.taking_out`). So a listing refuses what makes names
ambiguous or the directory long, and leaves links, passwords and sizes to that moment.
"""

import stat
import struct
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO, Final

from pytest_tfgrade.core.submission import Clock, Member, Stamp
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.facts.zip_directory import DAMAGED

Tree = dict[str, "Tree | Member"]
"""By name: folders and files."""

_END: Final = b"PK\x05\x06"
_END_BYTES: Final = 22
_MAX_COMMENT_BYTES: Final = 2**16
_LOCATOR: Final = b"PK\x06\x07"
_LOCATOR_BYTES: Final = 20
_END_64: Final = b"PK\x06\x06"
_IN_UTF_8: Final = 0x800
_ENCRYPTED: Final = 1
_UNIX_TIMES: Final = 0x5455
"""An extra field: the time of the last change, in seconds since 1970, UTC."""

_DEEPEST: Final = 64
"""Folders of a name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much a zip may list; what comes to more is refused before it is read."""

    members: int
    """Files and folders."""

    directory: int
    """Bytes."""


OF_A_CANDIDATE: Final = Bounds(members=20_000, directory=8 << 20)
OF_ALL: Final = Bounds(members=1_000_000, directory=512 << 20)
"""Of the zip with all submissions, which a platform made."""


class BadZip(Exception):  # noqa: N818 - a finding; who asked knows whose
    """A zip cannot be listed."""

    def __init__(self, what: str, remedy: str) -> None:
        """Say what is wrong with it, and what who made it can do."""
        self.what = what
        self.remedy = remedy
        super().__init__(what)


_UPLOAD: Final = "Upload the file again and compare its size with the original."
_ZIP_AGAIN: Final = "Zip the files again, with the program that the system brings."


def list_zip(file: BinaryIO, bounds: Bounds) -> Tree:
    """Return what a zip holds.

    Names in UTF-8 are read as such even where the zip does not say so, as macOS does
    it; backslashes, as old Windows programs write them, divide folders.

    Args:
        file: The zip; can be sought in.
        bounds: What is too much.

    Raises:
        BadZip: It is damaged, lists too much, or its names lead elsewhere or collide.
    """
    _require_bounded(file, bounds)
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except DAMAGED as error:
        raise _damaged(error) from None
    if len(members) > bounds.members:
        raise _too_many(bounds)
    tree: Tree = {}
    for member in members:
        _put(tree, member)
    return tree


def _require_bounded(file: BinaryIO, bounds: Bounds) -> None:
    """Refuse a long directory; Python would read it whole to count its entries."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _END_BYTES - _MAX_COMMENT_BYTES - _LOCATOR_BYTES))
    tail = file.read(_END_BYTES + _MAX_COMMENT_BYTES + _LOCATOR_BYTES)
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_BYTES:
        raise BadZip("is incomplete: the end of the zip is missing", _UPLOAD)
    members, directory = struct.unpack_from("<HL", tail, at + 10)
    locator = tail[max(0, at - _LOCATOR_BYTES) : at]
    if locator.startswith(_LOCATOR):
        (where,) = struct.unpack_from("<Q", locator, 8)
        try:
            file.seek(where)
            end = file.read(56)
            if not end.startswith(_END_64):
                raise _damaged()
            members, directory = struct.unpack_from("<QQ", end, 32)
        except (struct.error, OSError, ValueError, OverflowError):
            raise _damaged() from None
    if members > bounds.members or directory > bounds.directory:
        raise _too_many(bounds)
    file.seek(0)


def _put(tree: Tree, info: zipfile.ZipInfo) -> None:
    """Add a member to a tree."""
    name = _name(info)
    parts = [part for part in name.split("/") if part not in {"", "."}]
    is_elsewhere = name.startswith("/") or name[1:2] == ":" or ".." in parts
    if is_elsewhere or "\0" in name or not parts:
        raise _refused(name, "a path out of the folder")
    if len(parts) > _DEEPEST:
        raise _refused(name, f"which lies more than {_DEEPEST} folders deep")
    is_folder = name.endswith("/")
    for part in parts if is_folder else parts[:-1]:
        below = tree.setdefault(part, {})
        if isinstance(below, Member):
            raise _refused(name, "a file and a folder of one name")
        tree = below
    if is_folder:
        return
    if parts[-1] in tree:
        raise _refused(name, "and once more")
    tree[parts[-1]] = _member(name, info)


def _name(info: zipfile.ZipInfo) -> str:
    """Return the name of a member, as whoever zipped it saw it."""
    name = info.orig_filename
    if not info.flag_bits & _IN_UTF_8:
        with suppress(UnicodeError):  # else it is of the old code page
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/")


def _member(name: str, info: zipfile.ZipInfo) -> Member:
    return Member(
        name=name,
        offset=info.header_offset,
        packed_size=info.compress_size,
        size=info.file_size,
        method=info.compress_type,
        crc=info.CRC,
        encrypted=bool(info.flag_bits & _ENCRYPTED),
        mode=info.external_attr >> 16,
        stamp=_stamp(info),
    )


def is_plain(member: Member) -> bool:
    """Return whether it is a file, not a link or a device."""
    return stat.S_IFMT(member.mode) in {0, stat.S_IFREG}


def _stamp(info: zipfile.ZipInfo) -> Stamp | None:
    """Return when a member was last changed.

    Zips hold local time without a zone, and most hold seconds in UTC besides.
    """
    for kind, content in _extra_fields(info.extra):
        if kind == _UNIX_TIMES and len(content) >= 5 and content[0] & 1:  # noqa: PLR2004
            (seconds,) = struct.unpack_from("<L", content, 1)
            return Stamp(datetime.fromtimestamp(seconds, UTC), Clock.ZIP)
    try:
        local = datetime(*info.date_time).astimezone()
    except (ValueError, OverflowError):
        return None
    return Stamp(local, Clock.ZIP) if local.year > 1980 else None  # noqa: PLR2004


def _extra_fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    while len(extra) >= 4:  # noqa: PLR2004 - kind and length
        kind, length = struct.unpack_from("<HH", extra)
        yield kind, extra[4 : 4 + length]
        extra = extra[4 + length :]


def _damaged(error: Exception | None = None) -> BadZip:
    found = BadZip("is damaged or no zip", _UPLOAD)
    found.__cause__ = error
    return found


def _too_many(bounds: Bounds) -> BadZip:
    what = f"is a zip that lists more than {bounds.members} files"
    return BadZip(what, "Zip what is asked for, and nothing else.")


def _refused(name: str, what: str) -> BadZip:
    shown = printable(name, limit=80)
    return BadZip(f"is a zip that holds {shown!r}, {what}", _ZIP_AGAIN)
