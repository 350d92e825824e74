"""Taking one artifact out of a zip, whatever the zip says of it."""

import struct
import tempfile
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from zips import named, put, zipped

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.submission import HandedIn
from pytest_tfgrade.engine.copying import Copied, TooLarge
from pytest_tfgrade.engine.discovery import discover
from pytest_tfgrade.engine.intake.taking_out import private_copy

NAMES = {"digits": ("digits",)}
MOST = 10 << 20

GRAPH = {
    "digits/saved_model.pb": b"graph",
    "digits/variables/variables.index": b"index",
    "digits/notes.txt": b"not copied",
    "digits/assets/.hidden": b"not copied",
}


NOISE = np.random.default_rng(0).bytes(9_000_000)
"""More than is inflated in memory, and no more than may be copied."""


def found(place: Path) -> HandedIn:
    """Return the one artifact that is handed in."""
    (submission,) = discover(place, NAMES)
    assert submission.fault is None
    (file,) = submission.found["digits"]
    return file


def copied(place: Path) -> Copied:
    """Copy the one artifact to ``copy``, beside the submissions."""
    return private_copy(found(place), place.parent / "copy", MOST)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder for submissions; no zip in a zip may leave a file in TMPDIR."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    (tmp_path / "class").mkdir()
    return tmp_path / "class"


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize(
    "content", [b"", b"model", NOISE], ids=["empty", "small", "large"]
)
def test_a_file_has_the_same_bytes_and_sha256_in_a_zip_in_a_zip(
    folder: Path, method: int, content: bytes
) -> None:
    plain = put(folder.parent / "plain" / "alice" / "digits.keras", content)
    inner = zipped({"digits.keras": content}, method=method)
    archive = put(folder / "class.zip", zipped({"alice.zip": inner}))

    same = private_copy(found(plain.parent.parent), folder / "plain", MOST)
    done = copied(archive)

    assert done == same
    assert (folder / "copy").read_bytes() == content
    assert list((folder.parent / "scratch").iterdir()) == []


def test_a_saved_model_has_the_same_sha256_in_a_zip(folder: Path) -> None:
    for name, content in GRAPH.items():
        put(folder / "plain" / "alice" / name, content)
    put(folder / "zips" / "alice.zip", zipped(GRAPH))

    same = private_copy(found(folder / "plain"), folder / "one", MOST)
    done = private_copy(found(folder / "zips"), folder / "other", MOST)

    assert done == same
    assert sorted(
        path.relative_to(folder / "other").as_posix()
        for path in (folder / "other").rglob("*")
    ) == ["saved_model.pb", "variables", "variables/variables.index"]


def test_a_zip_with_all_submissions_is_read_where_a_file_lies(folder: Path) -> None:
    files = {f"{number}/digits.keras": bytes([number]) for number in range(200)}
    archive = put(folder / "class.zip", zipped(files))

    last = next(s for s in discover(archive, NAMES) if s.id == "199")
    private_copy(last.found["digits"][0], folder / "copy", MOST)

    assert (folder / "copy").read_bytes() == bytes([199])


def linked(content: bytes) -> bytes:
    """Make a zip's last member a link, as Unix notes it."""
    at = content.rindex(b"PK\x01\x02")
    fields = bytearray(content)
    fields[at + 5] = 3
    fields[at + 38 : at + 42] = struct.pack("<L", 0o120777 << 16)
    return bytes(fields)


def patched(offset: int, value: bytes) -> Callable[[bytes], bytes]:
    """Return what changes bytes of the last entry of a zip's directory."""

    def patch(content: bytes) -> bytes:
        at = content.rindex(b"PK\x01\x02") + offset
        return content[:at] + value + content[at + len(value) :]

    return patch


def cut(content: bytes) -> bytes:
    """Change a byte of the compressed model."""
    at = content.index(b"digits.keras") + len(b"digits.keras") + 20
    return content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]


MODEL = {"digits.keras": bytes(range(256)) * 10}


@pytest.mark.parametrize(
    ("change", "text"),
    [
        pytest.param(linked, "is a link, not a file", id="link"),
        pytest.param(patched(8, b"\x01"), "is encrypted in the zip", id="encrypted"),
        pytest.param(
            patched(10, b"\x0c"),
            "is compressed in an unusual way in the zip",
            id="bzip2",
        ),
        pytest.param(
            patched(24, struct.pack("<L", 2 << 30)), "would unpack to", id="ratio"
        ),
        pytest.param(
            patched(24, struct.pack("<L", 99)), "is damaged in the zip", id="longer"
        ),
        pytest.param(
            patched(24, struct.pack("<L", 9999)), "is damaged in the zip", id="shorter"
        ),
        pytest.param(patched(16, b"\0"), "is damaged in the zip", id="checksum"),
        pytest.param(
            patched(42, struct.pack("<L", 7)), "is damaged in the zip", id="offset"
        ),
        pytest.param(cut, "is damaged in the zip", id="content"),
    ],
)
def test_a_hostile_member_is_refused_when_it_is_asked_for(
    folder: Path, change: Callable[[bytes], bytes], text: str
) -> None:
    put(folder / "alice.zip", change(zipped(MODEL)))

    with pytest.raises(Ungradable) as caught:
        copied(folder)

    assert caught.value.code is Code.FORMAT
    assert text in caught.value.rationale


def test_what_is_too_large_is_not_written(folder: Path) -> None:
    put(folder / "alice.zip", zipped({"digits.keras": 2 * NOISE}))

    with pytest.raises(TooLarge) as caught:
        copied(folder)

    assert caught.value.size == 18_000_000
    assert not (folder.parent / "copy").exists()


def test_a_bomb_in_a_zip_of_all_is_not_inflated(folder: Path) -> None:
    bomb = zipped({"digits.keras": bytes(32 << 20)})
    archive = put(folder / "class.zip", zipped({"a.zip": bomb, "b/digits.h5": b""}))

    first, _ = discover(archive, NAMES)
    with pytest.raises(Ungradable) as caught:
        private_copy(first.found["digits"][0], folder / "copy", MOST)

    assert "would unpack to 33 MB from" in caught.value.rationale


def test_an_unpacked_keras_file_is_named_as_one(folder: Path) -> None:
    inner = named("digits.keras/config.json", "digits.keras/model.weights.h5")
    put(folder / "alice.zip", zipped(inner))

    with pytest.raises(Ungradable) as caught:
        copied(folder)

    assert caught.value.rationale == (
        "alice.zip/digits.keras is a folder: a .keras file that was unpacked"
    )


def test_a_zip_of_more_than_4_gb_is_read(folder: Path) -> None:
    content = BytesIO()
    with (
        zipfile.ZipFile(content, "w") as archive,
        archive.open("digits.keras", "w", force_zip64=True) as file,
    ):
        file.write(b"model")
    put(folder / "alice.zip", content.getvalue())

    copied(folder)

    assert (folder.parent / "copy").read_bytes() == b"model"
