"""Zips that are bombs, traps or damaged, and files that are no models at all."""

import io
import json
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

from edits import saved, with_member
from rows import OK, Row, Targets

Make = Callable[[Path, Targets], None]

DIRECTORY: Final = "the zip's directory is judged before anything is inflated"

_BLOCK: Final = 16 << 20


def row(
    id: str,  # noqa: A002 - as the row calls it
    vector: str,
    make: Make,
    *expected: str,
    by: str = DIRECTORY,
    says: str = "",
) -> Row:
    """Return a row of the task ``digits``."""
    return Row(
        id=id,
        vector=vector,
        defence=by,
        expected=frozenset(expected),
        make=make,
        says=says,
    )


# Bombs


def _deflated(block: bytes, times: int) -> bytes:
    """Return a stream of a block again and again, without much work."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    once = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    return once * times + packer.flush()


def _bomb_in(folder: Path, name: str, stream: bytes, size: int) -> None:
    """Put a deflated member, of whatever size it states, into a sound file."""
    path = saved(folder)
    with zipfile.ZipFile(path) as archive:
        members = [
            (one, _raw(archive.read(one)), len(archive.read(one)))
            for one in archive.namelist()
            if one != name
        ]
    path.write_bytes(_zip_of([(name, stream, size), *members]))


def _raw(content: bytes) -> bytes:
    packer = zlib.compressobj(0, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


def _zip_of(members: list[tuple[str, bytes, int]]) -> bytes:
    """Return a zip of deflated members, without checksums."""
    local, directory = b"", b""
    for name, stream, size in members:
        raw = name.encode()
        shared = (20, 0, 8, 0, 0x21, 0, len(stream), size, len(raw))
        more = (0, 0, 0, 0, 0, len(local))
        local += struct.pack("<4s5H3L2H", b"PK\x03\x04", *shared, 0) + raw + stream
        directory += struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, *shared, *more) + raw
    count = len(members)
    head = (count, count, len(directory), len(local), 0)
    return local + directory + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, *head)


def _bomb(folder: Path, targets: Targets) -> None:
    stream = _deflated(bytes(_BLOCK), 245)
    _bomb_in(folder, "config.json", stream, 245 * _BLOCK)


def _lying_bomb(folder: Path, targets: Targets) -> None:
    """State a hundred bytes where there are gigabytes."""
    stream = _deflated(b" " * _BLOCK, 245)
    _bomb_in(folder, "config.json", stream, 100)


def _slow_bomb(folder: Path, targets: Targets) -> None:
    """Keep below the ratio that is refused: 1.9 GB of spaces in 19 MB."""
    packer = zlib.compressobj(0, zlib.DEFLATED, -15)
    part = packer.compress(b" " * 900) + packer.flush(zlib.Z_FULL_FLUSH)
    part += _deflated(b" " * 90_000, 1)[:-2]
    times = 19_000_000 // len(part)
    end = zlib.compressobj(9, zlib.DEFLATED, -15).flush()
    _bomb_in(folder, "config.json", part * times + end, 90_900 * times)


def _packed_bomb(folder: Path, targets: Targets) -> None:
    """Put the bomb where a SavedModel's graph should be."""
    stream = _deflated(bytes(_BLOCK), 64)
    whole = _zip_of([("digits/saved_model.pb", stream, 64 * _BLOCK)])
    (folder / "digits.zip").write_bytes(whole)


def _many(folder: Path, targets: Targets) -> None:
    with zipfile.ZipFile(saved(folder), "a") as archive:
        for number in range(4097):
            archive.writestr(f"assets/{number}.txt", b"")


def _overlapping(folder: Path, targets: Targets) -> None:
    """Let a hundred members share one place."""
    path = saved(folder)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("assets/0.txt", bytes(1 << 20), zipfile.ZIP_DEFLATED)
        first = archive.infolist()[-1]
        for number in range(1, 100):
            member = zipfile.ZipInfo(f"assets/{number}.txt")
            for name in ("header_offset", "CRC", "compress_size", "file_size"):
                setattr(member, name, getattr(first, name))
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.filelist.append(member)
            archive.NameToInfo[member.filename] = member


def _declared_many(folder: Path, targets: Targets) -> None:
    """State more members than there are."""
    path = saved(folder)
    whole = bytearray(path.read_bytes())
    end = whole.rfind(b"PK\x05\x06")
    whole[end + 8 : end + 12] = struct.pack("<2H", 60_000, 60_000)
    path.write_bytes(bytes(whole))


BOMBS = (
    row(
        *("Z01", "4 GB of zeros in a zip of 4 MB", _bomb, "E_FORMAT"),
        says="would unpack to 4110 MB",
    ),
    row(
        *("Z01-lying", "the same, stated as a hundred bytes", _lying_bomb, "E_FORMAT"),
        by="no more is inflated than the directory states",
    ),
    row(
        *("Z01-slow", "2 GB of spaces in 19 MB, within the ratio", _slow_bomb),
        *("E_FORMAT", "E_LOAD", "E_SIZE"),
        by="a configuration has a largest size of its own",
    ),
    row(
        *("Z01-packed", "1 GB as the graph of a SavedModel", _packed_bomb, "E_FORMAT"),
        says="would unpack to 1073 MB",
    ),
    row(
        *("Z02-many", "4,100 members", _many, "E_FORMAT"),
        says="more than 1000 members",
    ),
    row(
        *("Z02-overlap", "a hundred members that share their data"),
        _overlapping,
        *("E_FORMAT",),
        says="overlap",
    ),
    row(
        *("Z02-declared", "states 60,000 members", _declared_many, "E_FORMAT"),
        says="members",
    ),
)


# Paths


def _with_extra(name: str, *, mode: int = 0) -> Make:
    def make(folder: Path, targets: Targets) -> None:
        member = zipfile.ZipInfo(name)
        member.external_attr = mode << 16
        with zipfile.ZipFile(saved(folder), "a") as archive:
            archive.writestr(member, str(targets.labels))

    return make


def _packed(name: str, *, mode: int = 0) -> Make:
    """Return what zips a SavedModel with a member more."""

    def make(folder: Path, targets: Targets) -> None:
        with zipfile.ZipFile(folder / "digits.zip", "w") as archive:
            archive.writestr("digits/saved_model.pb", b"\x08\x01")
            member = zipfile.ZipInfo(name)
            member.external_attr = mode << 16
            archive.writestr(member, str(targets.labels))

    return make


UP: Final = "digits/../../x"
INDEX: Final = "digits/variables/variables.index"

_LINK: Final = stat.S_IFLNK | 0o777
_PIPE: Final = stat.S_IFIFO | 0o666

PATHS = (
    *(
        row(f"Z03-{id_}", f"a member {what}", make, "E_FORMAT", says=says)
        for id_, what, make, says in (
            ("up", "`../../x`", _with_extra("../../../../x"), "a path out of"),
            (
                "absolute",
                "with an absolute path",
                _with_extra("/srv/x"),
                "a path out",
            ),
            ("backslash", "`..\\x`", _with_extra("..\\..\\x"), "a path out of"),
            ("drive", "`C:x`", _with_extra("C:x"), "a path out of"),
            ("link", "that is a link", _with_extra("assets/x", mode=_LINK), "a link"),
            (
                "pipe",
                "that is a pipe",
                _with_extra("assets/x", mode=_PIPE),
                "a special",
            ),
            (
                "packed-up",
                "`../x` of a packed SavedModel",
                _packed(UP),
                "a path out of",
            ),
            (
                "packed-link",
                "like it that is a link",
                _packed(INDEX, mode=_LINK),
                "link",
            ),
        )
    ),
)


# Contradictions


def _twice(name: str) -> Make:
    def make(folder: Path, targets: Targets) -> None:
        import warnings

        path = saved(folder)
        with zipfile.ZipFile(path, "a") as archive, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            archive.writestr(name, b'{"module": "os", "class_name": "system"}')

    return make


def _two_names(folder: Path, targets: Targets) -> None:
    """Call a member otherwise in the directory than in its own head."""
    path = saved(folder)
    whole = path.read_bytes()
    at = whole.find(b"config.json")
    path.write_bytes(whole[:at] + b"hidden.json" + whole[at + 11 :])


def _json(change: Callable[[bytes], bytes]) -> Make:
    return lambda folder, _: with_member(saved(folder), "config.json", change)


def _in_front(folder: Path, targets: Targets) -> None:
    """Put another zip in front, which readers from the front would find."""
    path = saved(folder)
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("config.json", b"{}")
    path.write_bytes(other.getvalue() + path.read_bytes())


def _nan_units(old: bytes) -> bytes:
    return old.replace(b'"units": 10', b'"units": NaN')


def _large_number(old: bytes) -> bytes:
    return old.replace(b'"units": 10', b'"units": 1' + b"0" * 100_000)


def _double_key(old: bytes) -> bytes:
    return b'{"class_name": "Lambda",' + old[1:]


def _depth(opened: bytes, closed: bytes) -> Callable[[bytes], bytes]:
    return lambda _: opened * 200_000 + b"1" + closed * 200_000


STRICT: Final = "JSON is read strictly, to a bounded depth"

CONTRADICTIONS = (
    *(
        row(
            *(f"Z04-{name.partition('.')[0]}", f"two members `{name}`"),
            _twice(name),
            *("E_FORMAT",),
            says="duplicate member",
        )
        for name in ("config.json", "metadata.json", "model.weights.h5")
    ),
    row(
        *("Z04-names", "a member with another name in its own head"),
        _two_names,
        *("E_FORMAT",),
    ),
    row("Z04-front", "another zip in front", _in_front, "E_FORMAT", OK),
    row(
        *("Z05-lists", "JSON of 200,000 lists in lists", _json(_depth(b"[", b"]"))),
        *("E_FORMAT", "E_LOAD"),
        by=STRICT,
    ),
    row(
        *("Z05-objects", "JSON of 200,000 objects in objects"),
        _json(_depth(b'{"a":', b"}")),
        *("E_FORMAT", "E_LOAD"),
        by=STRICT,
    ),
    row(
        *("Z05-many", "two million objects in JSON of 6 MB"),
        _json(lambda _: b'{"layers": [' + b"{}," * 2_000_000 + b"1]}"),
        *("E_FORMAT", "E_LOAD"),
        by="a configuration has a largest size, and is freed when it is read",
    ),
    row(
        *("Z05-keys", "a key twice, one of them hostile", _json(_double_key)),
        *("E_FORMAT", "E_LOAD"),
        by=STRICT,
    ),
    row(
        *("Z05-nan", "NaN for a number of units", _json(_nan_units)),
        *("E_FORMAT", "E_LOAD"),
        by=STRICT,
    ),
    row(
        *("Z05-digits", "a number of 100,000 digits", _json(_large_number)),
        *("E_FORMAT", "E_LOAD"),
        by=STRICT,
    ),
    row(
        *("Z05-text", "a configuration that is a text"),
        _json(lambda old: json.dumps(old.decode()).encode()),
        *("E_FORMAT", "E_LOAD"),
        by=STRICT,
    ),
    row(
        *("Z05-bytes", "a configuration that is no UTF-8"),
        _json(lambda old: b"\xff\xfe" + old),
        *("E_FORMAT", "E_LOAD"),
        by=STRICT,
    ),
)


# No zips


def _bytes(content: bytes, name: str = "digits.keras") -> Make:
    def make(folder: Path, targets: Targets) -> None:
        (folder / name).write_bytes(content)

    return make


def _half(ending: str) -> Make:
    def make(folder: Path, targets: Targets) -> None:
        path = saved(folder, ending)
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2])

    return make


def _mac(folder: Path, targets: Targets) -> None:
    with zipfile.ZipFile(folder / "digits.zip", "w") as archive:
        archive.writestr("__MACOSX/._digits.keras", b"\0\5\x16\7" + bytes(28))


HDF5: Final = b"\x89HDF\r\n\x1a\n" + bytes(5000)
_PICKLE: Final = b"\x80\x04\x95\x05\0\0\0\0\0\0\0\x8c\x01a."
_PAGE: Final = b"<!DOCTYPE html><html></html>"
_POINTER: Final = (
    b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 9\n"
)

NO_ZIPS = (
    *(
        row(f"Z06-{id_}", what, make, "E_FORMAT", by="each is named", says=says)
        for id_, what, make, says in (
            ("empty", "an empty file", _bytes(b""), "is empty"),
            ("page", "a page of HTML", _bytes(_PAGE), "HTML|web"),
            ("pointer", "a pointer of Git LFS", _bytes(_POINTER), "LFS"),
            ("mac", "what macOS keeps beside", _mac, ""),
            ("half-keras", "half a `.keras` file", _half("keras"), "incomplete"),
            ("half-h5", "half a `.h5` file", _half("h5"), ""),
            ("pickle", "a pickle", _bytes(_PICKLE), ""),
            ("python", "a program", _bytes(b"#!/bin/sh\ntouch x\n"), ""),
            ("zeros", "a million zeros", _bytes(bytes(1_000_000)), ""),
            ("zeros-h5", "the head of HDF5 and zeros", _bytes(HDF5, "digits.h5"), ""),
        )
    ),
)

ROWS = (*BOMBS, *PATHS, *CONTRADICTIONS, *NO_ZIPS)
