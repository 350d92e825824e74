"""The function that reads HDF5 in a confined process: structure only."""

import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

ReadHdf5 = Callable[[str], dict[str, Any]]
Make = Callable[[], h5py.File]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "made.h5"


@pytest.fixture
def file(path: Path) -> Iterator[h5py.File]:
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = "{}"
        file["weights/kernel"] = np.zeros((2, 3), "float32")
        yield file


KERNEL = ["weights/kernel", "float32", [2, 3]]


def content(read_hdf5: ReadHdf5, file: h5py.File) -> dict[str, Any]:
    """Close the file and return what the worker says of it, by way of JSON."""
    name = file.filename
    file.close()
    result: dict[str, Any] = json.loads(json.dumps(read_hdf5(name)))
    del result["prints"]  # see test_weight_prints.py
    return result


def test_attributes_and_variables_are_plain_values(
    file: h5py.File, read_hdf5: ReadHdf5
) -> None:
    file.attrs["keras_version"] = b"2.3.1"
    file.attrs["backend"] = "tensorflow"
    file.create_dataset("weights/count", data=np.int64(3))
    file.create_dataset("weights/wide", data=np.zeros(2, ">f8"))

    assert content(read_hdf5, file) == {
        "attributes": {
            "model_config": "{}",
            "training_config": None,
            "keras_version": "2.3.1",
            "backend": "tensorflow",
        },
        "variables": [
            ["weights/count", "int64", []],
            KERNEL,
            ["weights/wide", "float64", [2]],
        ],
        "problems": [],
    }


def test_a_configuration_beyond_64_kilobytes_is_one_attribute(
    file: h5py.File, read_hdf5: ReadHdf5
) -> None:
    file.attrs["model_config"] = "x" * 200_000

    assert content(read_hdf5, file)["attributes"]["model_config"] == "x" * 200_000


def external_link(file: h5py.File, secret: Path) -> None:
    file["bad"] = h5py.ExternalLink(str(secret), "/data")


def soft_link(file: h5py.File, secret: Path) -> None:
    file["other"] = h5py.ExternalLink(str(secret), "/")
    file["bad"] = h5py.SoftLink("/other/data")
    del file["other"]


def external_storage(file: h5py.File, secret: Path) -> None:
    outside = [(str(secret), 0, 24)]
    file.create_dataset("bad", (3,), "float64", external=outside)


def virtual_dataset(file: h5py.File, secret: Path) -> None:
    layout = h5py.VirtualLayout((3,), "float64")
    layout[:] = h5py.VirtualSource(str(secret), "data", (3,))
    file.create_virtual_dataset("bad", layout)


@pytest.mark.parametrize(
    "refer", [external_link, soft_link, external_storage, virtual_dataset]
)
def test_data_of_other_files_are_reported_and_not_read(
    refer: Callable[[h5py.File, Path], None],
    file: h5py.File,
    tmp_path: Path,
    read_hdf5: ReadHdf5,
) -> None:
    secret = tmp_path / "secret.h5"
    with h5py.File(secret, "w") as other:
        other["data"] = [1.0, 2.0, 3.0]
    refer(file, secret)

    result = content(read_hdf5, file)

    assert result["problems"] == [["external", "bad"]]
    assert result["variables"] == [KERNEL]


def test_a_small_file_that_declares_gigabytes_is_reported(
    file: h5py.File, read_hdf5: ReadHdf5
) -> None:
    file.create_dataset("bomb", (10**9,), "float32", chunks=(10**6,), compression=9)

    assert content(read_hdf5, file)["problems"] == [
        ["bomb", "bomb declares 4000000000 bytes"]
    ]


def test_compressed_zeros_are_no_bomb(file: h5py.File, read_hdf5: ReadHdf5) -> None:
    zeros = np.zeros((5000, 5000), "float32")
    file.create_dataset("zeros", data=zeros, compression=9)

    assert content(read_hdf5, file)["problems"] == []


def test_a_group_that_holds_itself_is_looked_at_once(
    file: h5py.File, read_hdf5: ReadHdf5
) -> None:
    file["weights/again"] = file["weights"]
    file["weights/root"] = file["/"]

    assert content(read_hdf5, file)["variables"] == [KERNEL]


def test_too_many_objects_are_counted_and_not_opened(
    tmp_path: Path, read_hdf5: ReadHdf5
) -> None:
    file = h5py.File(tmp_path / "many.h5", "w", libver="latest")
    one = file.create_group("one")
    for number in range(100_001):
        file.id.links.create_hard(str(number).encode(), file.id, b"one")
    del one
    start = time.perf_counter()

    result = content(read_hdf5, file)

    assert result["problems"] == [["large", "more than 100000 objects"]]
    assert time.perf_counter() - start < 5


def test_a_very_long_path_is_refused(file: h5py.File, read_hdf5: ReadHdf5) -> None:
    file.create_group("/".join(["deep" * 10] * 40))

    assert content(read_hdf5, file)["problems"] == [
        ["unreadable", "ValueError: a name of more than 1000 characters"]
    ]


@pytest.mark.parametrize("value", [3.5, ["a", "b"], np.zeros(3)])
def test_a_configuration_that_is_no_text_is_refused(
    value: object, file: h5py.File, read_hdf5: ReadHdf5
) -> None:
    file.attrs["model_config"] = value

    assert content(read_hdf5, file)["problems"] == [
        ["unreadable", "ValueError: attribute model_config is not a text"]
    ]


@pytest.mark.parametrize("size", [9, 500, 2000])
def test_half_a_file_is_unreadable(
    size: int, models: Path, path: Path, read_hdf5: ReadHdf5
) -> None:
    path.write_bytes((models / "keras3" / "plain.h5").read_bytes()[:size])

    [[kind, what]] = read_hdf5(str(path))["problems"]

    assert (kind, what.partition(":")[0]) == ("unreadable", "OSError")


def test_weights_of_a_keras_file_are_read_even_if_it_was_zipped_again(
    models: Path, tmp_path: Path, read_hdf5: ReadHdf5
) -> None:
    original = models / "keras3" / "plain.keras"
    again = tmp_path / "again.keras"
    with (
        zipfile.ZipFile(original) as source,
        zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            target.writestr(name, source.read(name))

    result = read_hdf5(str(again))

    assert result == read_hdf5(str(original))
    assert sorted(shape for _, _, shape in result["variables"]) == [
        [3, 3, 1, 4],
        [4],
        [10],
        [36, 10],
    ]


def test_an_hdf5_file_with_a_zip_behind_it_is_read_as_hdf5(
    file: h5py.File, path: Path, read_hdf5: ReadHdf5
) -> None:
    file.close()
    behind = io.BytesIO()
    with zipfile.ZipFile(behind, "w") as archive:
        archive.writestr("model.weights.h5", "something else")
    path.write_bytes(path.read_bytes() + behind.getvalue())

    assert read_hdf5(str(path))["variables"] == [KERNEL]
