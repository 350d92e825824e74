"""Hostile and damaged zips: refused by their directory, without inflating."""

import stat
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.facts.keras_zip import read_keras_zip

KerasFile = Callable[..., Path]
EMPTY = {"class_name": "Sequential", "config": {"layers": []}}


def refusal(path: Path) -> tuple[Code, str]:
    with pytest.raises(Ungradable) as caught:
        read_keras_zip(path)
    return caught.value.code, caught.value.rationale


def add(path: Path, member: zipfile.ZipInfo, content: bytes = b"x") -> Path:
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(member, content)
    return path


def link() -> zipfile.ZipInfo:
    member = zipfile.ZipInfo("assets/words.txt")
    member.create_system = 3
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    return member


def test_both_json_parts_are_read(keras_file: KerasFile) -> None:
    saved = read_keras_zip(keras_file(EMPTY))

    assert (saved.config, saved.metadata) == (EMPTY, {"keras_version": "3.15.1"})


@pytest.mark.parametrize(
    ("member", "rationale"),
    [
        (
            zipfile.ZipInfo("../evil.py"),
            "the zip file holds '../evil.py', a path out of the folder",
        ),
        (
            zipfile.ZipInfo("/etc/passwd"),
            "the zip file holds '/etc/passwd', a path out of the folder",
        ),
        (
            zipfile.ZipInfo("assets\\evil"),
            "the zip file holds 'assets\\\\evil', a path out of the folder",
        ),
        (
            zipfile.ZipInfo("C:evil"),
            "the zip file holds 'C:evil', a path out of the folder",
        ),
        (
            link(),
            "the zip file holds 'assets/words.txt', a link or a special file",
        ),
    ],
)
def test_a_member_that_would_land_elsewhere_is_refused(
    member: zipfile.ZipInfo, rationale: str, keras_file: KerasFile
) -> None:
    assert refusal(add(keras_file(EMPTY), member)) == (Code.FORMAT, rationale)


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_a_second_configuration_is_refused(keras_file: KerasFile) -> None:
    path = add(keras_file(EMPTY), zipfile.ZipInfo("config.json"), b"{}")

    assert refusal(path) == (
        Code.FORMAT,
        "the zip file has the duplicate member 'config.json'",
    )


def test_an_encrypted_member_is_refused(keras_file: KerasFile) -> None:
    path = keras_file(EMPTY)
    content = bytearray(path.read_bytes())
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)

    assert refusal(path) == (
        Code.FORMAT,
        "the zip file holds 'model.weights.h5', an encrypted member",
    )


def test_a_bomb_is_refused_without_inflating_it(tmp_path: Path) -> None:
    path = tmp_path / "bomb.keras"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("metadata.json", "{}")
        archive.writestr("model.weights.h5", "")
        with archive.open("config.json", "w") as member:
            for _ in range(40):
                member.write(bytes(2**20))
    content = bytearray(path.read_bytes())
    size = struct.pack("<L", 3_900_000_000)  # what the directory claims is judged
    at = content.rindex(b"PK\x01\x02") + 24
    content[at : at + 4] = size
    path.write_bytes(content)
    start = time.perf_counter()

    code, rationale = refusal(path)

    assert (code, rationale) == (
        Code.FORMAT,
        "'config.json' would unpack to 3900 MB in the zip file",
    )
    assert time.perf_counter() - start < 0.2


def test_a_configuration_larger_than_its_claim_is_not_read_further(
    keras_file: KerasFile,
) -> None:
    path = keras_file('{"class_name": "' + "x" * 1000 + '", "config": {}}')
    content = bytearray(path.read_bytes())
    at = content.index(b"PK\x01\x02", content.index(b"PK\x01\x02") + 4) + 24
    content[at : at + 4] = struct.pack("<L", 20)
    path.write_bytes(content)

    code, rationale = refusal(path)

    assert code is Code.FORMAT
    assert rationale in {"the zip file is damaged", "config.json is not valid JSON"}


def test_many_members_are_refused(keras_file: KerasFile) -> None:
    path = keras_file(EMPTY, **{f"assets/{number}": "" for number in range(4094)})

    assert refusal(path) == (
        Code.FORMAT,
        "the zip file has more than 1000 members",
    )


def test_members_that_share_their_bytes_are_refused(keras_file: KerasFile) -> None:
    path = keras_file(EMPTY, other="x" * 200)
    content = bytearray(path.read_bytes())
    at = content.rindex(b"PK\x01\x02") + 42
    content[at : at + 4] = struct.pack("<L", 10)
    path.write_bytes(content)

    code, rationale = refusal(path)

    assert (code, rationale) == (
        Code.FORMAT,
        "the zip file has members that overlap",
    )


def test_a_directory_that_hides_its_length_is_refused(keras_file: KerasFile) -> None:
    path = keras_file(EMPTY)
    content = path.read_bytes()
    at = content.rindex(b"PK\x05\x06")
    locator = b"PK\x06\x07" + bytes(16)
    path.write_bytes(content[:at] + locator + content[at:])

    code, rationale = refusal(path)

    assert (code, rationale) == (
        Code.FORMAT,
        "the zip file has the form for more than 4 GB (ZIP64)",
    )


@pytest.mark.parametrize("left_out", ["metadata.json", "model.weights.h5"])
def test_a_missing_part_is_named(left_out: str, tmp_path: Path) -> None:
    path = tmp_path / "part.keras"
    with zipfile.ZipFile(path, "w") as archive:
        for name in {"config.json", "metadata.json", "model.weights.h5"} - {left_out}:
            archive.writestr(name, "{}")

    assert refusal(path) == (Code.FORMAT, f"the .keras file lacks {left_out}")


def test_no_damage_to_any_byte_gives_anything_but_a_finding(
    models: Path, tmp_path: Path
) -> None:
    whole = (models / "keras3" / "late_softmax.keras").read_bytes()
    directory = whole.index(b"PK\x01\x02")
    headers = [*range(120), *range(directory, len(whole))]
    path = tmp_path / "damaged.keras"

    for at in headers:
        for change in (0x01, 0x80, 0xFF):
            damaged = bytearray(whole)
            damaged[at] ^= change
            path.write_bytes(damaged)
            try:
                read_keras_zip(path)
            except Ungradable as error:
                assert error.code in {Code.FORMAT, Code.LOAD}


def test_the_directory_of_a_model_is_read_in_a_millisecond(models: Path) -> None:
    path = models / "keras3" / "plain.keras"
    best = 1.0
    for _ in range(20):
        start = time.perf_counter()
        read_keras_zip(path)
        best = min(best, time.perf_counter() - start)

    assert best < 0.005  # 0.3 ms measured; room for a slow machine
