"""Naming what a file is, above all when it is no model."""

import zipfile
from pathlib import Path

import pytest

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.submission import ArtifactFormat
from pytest_tfgrade.facts import recognise
from pytest_tfgrade.facts.packed import packed_model

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"


@pytest.mark.parametrize("name", ["plain.keras", "plain.h5"])
def test_a_model_is_known_by_its_content_whatever_its_name(
    name: str, models: Path, tmp_path: Path
) -> None:
    renamed = tmp_path / "mymodel.dat"
    renamed.write_bytes((models / "keras3" / name).read_bytes())

    assert recognise(renamed) is ArtifactFormat(name.rpartition(".")[2])


@pytest.mark.parametrize(
    ("content", "rationale"),
    [
        (b"", "the file is empty"),
        (POINTER, "the file is a Git LFS pointer, not the model itself"),
        (b"\n<!DOCTYPE html><html>", "the file is a web page, not a model"),
        (b"\x1f\x8b\x08\0", "the file is a compressed archive"),
        (bytes(257) + b"ustar\x0000", "the file is a compressed archive"),
        (b"\x80\x04\x95\0", "the file is a Python pickle or a PyTorch file"),
        (b"\x93NUMPY\x01\0", "the file is a NumPy array"),
        (b'\x40\0\0\0\0\0\0\0{"a"', "the file is a safetensors file"),
        (
            b"\x08\x01\x12\xff",
            "the file is the graph of a SavedModel, without its folder",
        ),
        (b"\x08\x07\x12\x07pytorch", "the file is an ONNX model"),
        (
            bytes(40) + bytes.fromhex("57fb808b247547db"),
            "the file is the index of a TensorFlow checkpoint",
        ),
        (b'{"cells": [], "nbformat": 4}', "the file is a Jupyter notebook"),
        (
            b'{"class_name": "Sequential", "config": {}}',
            "the file is the architecture of a model as JSON, without weights",
        ),
        (
            b"\0\x05\x16\x07\0",
            "the file is what macOS keeps beside a file, not the file itself",
        ),
        (b"\r\n", "the file is plain text"),
        ("médaille ".encode() * 900, "the file is plain text"),
        (
            b"\xde\xad\xbe\xef",
            "the file is none of .keras, HDF5, SavedModel and TFLite",
        ),
        (b"PK\x03\x04 half", "the zip file is incomplete: its end is missing"),
    ],
)
def test_a_file_that_is_no_model_is_named(
    content: bytes, rationale: str, tmp_path: Path
) -> None:
    file = tmp_path / "mymodel.h5"
    file.write_bytes(content)

    with pytest.raises(Ungradable) as caught:
        recognise(file)

    assert (caught.value.code, caught.value.rationale) == (Code.FORMAT, rationale)
    assert caught.value.hint.endswith(".")


@pytest.mark.parametrize(
    ("members", "rationale", "hint"),
    [
        (
            ["__MACOSX/._a.keras", "work/a.keras"],
            "the file is a zip that holds 'work/a.keras'",
            "Unpack it and hand in 'work/a.keras' itself.",
        ),
        (
            ["model/config.json", "model/metadata.json", "model/model.weights.h5"],
            "the file is a zipped folder: config.json lies in 'model'",
            "Hand in the .keras file as model.save(...) wrote it; do not unpack it.",
        ),
        (
            ["a.keras", "work/b.h5"],
            "the zip file holds 2 models: 'a.keras', 'work/b.h5'",
            "Zip one of them, or hand in one that is not zipped.",
        ),
        (
            ["saved/saved_model.pb", "saved/variables/variables.index", "b.tflite"],
            "the zip file holds 2 models: 'saved', 'b.tflite'",
            "Zip one of them, or hand in one that is not zipped.",
        ),
        (
            ["work/digits.zip", "readme.txt"],
            "the file is a zip in a zip: it holds 'work/digits.zip'",
            "Unpack the outer one and hand in what it holds.",
        ),
        (
            ["arr_0.npy", "arr_1.npy"],
            "the file is a NumPy archive (.npz)",
            "It holds numbers, not the model they belong to. "
            "Save the model with model.save('name.keras') and hand in that file.",
        ),
        (
            ["net/data.pkl", "net/data/0"],
            "the file is a PyTorch model",
            "Save the model with model.save('name.keras') and hand in that file.",
        ),
        (
            ["__MACOSX/._notes", ".DS_Store"],
            "the zip file holds only what macOS keeps beside files",
            "Zip the model and upload again.",
        ),
        (
            [],
            "the zip file holds nothing",
            "Zip the model and upload again.",
        ),
        (
            ["readme.txt"],
            "the zip file holds no saved model",
            "Save the model with model.save('name.keras') and hand in that file.",
        ),
    ],
)
def test_a_zip_that_is_no_model_is_named(
    members: list[str], rationale: str, hint: str, tmp_path: Path
) -> None:
    file = tmp_path / "mymodel.keras"
    with zipfile.ZipFile(file, "w") as archive:
        for member in members:
            archive.writestr(member, "x")

    with pytest.raises(Ungradable) as caught:
        recognise(file)

    error = caught.value
    assert (error.code, error.rationale, error.hint) == (Code.FORMAT, rationale, hint)


def test_a_tflite_file_is_known_by_its_identifier(tmp_path: Path) -> None:
    file = tmp_path / "mymodel.keras"
    file.write_bytes(b"\x1c\0\0\0TFL3" + bytes(90))

    assert recognise(file) is ArtifactFormat.TFLITE


def test_a_folder_is_a_saved_model_by_its_graph(tmp_path: Path) -> None:
    (tmp_path / "saved_model.pb").touch()

    assert recognise(tmp_path) is ArtifactFormat.SAVED_MODEL


@pytest.mark.parametrize(
    ("members", "packed"),
    [
        (["saved_model.pb", "variables/variables.index"], (".", True)),
        (["a/b/digits/saved_model.pb", "a/b/digits/assets/x.h5"], ("a/b/digits", True)),
        (["./digits/saved_model.pb", "__MACOSX/x/saved_model.pb"], ("digits", True)),
        (["info.yml", "a.keras", "._a.keras"], ("a.keras", False)),
        (["work/Digits.H5", "digits.ipynb"], ("work/Digits.H5", False)),
        (["config.json", "metadata.json", "model.weights.h5"], None),
        (["metadata.json", "model.weights.h5"], None),
    ],
)
def test_the_one_model_in_a_zip_is_found(
    members: list[str], packed: tuple[str, bool] | None, tmp_path: Path
) -> None:
    file = tmp_path / "mymodel.zip"
    with zipfile.ZipFile(file, "w") as archive:
        for member in members:
            archive.writestr(member, "x")

    found = packed_model(file)

    assert (found and (found.name, found.is_folder)) == packed


def test_half_an_upload_of_a_model_is_called_incomplete(
    models: Path, tmp_path: Path
) -> None:
    whole = (models / "keras3" / "plain.keras").read_bytes()
    half = tmp_path / "half.keras"
    half.write_bytes(whole[: len(whole) // 2])

    with pytest.raises(Ungradable, match="the zip file is incomplete"):
        recognise(half)
