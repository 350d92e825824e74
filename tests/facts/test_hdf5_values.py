"""Going through the values of an HDF5 file in a confined process."""

import hashlib
import json
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

ReadHdf5 = Callable[..., dict[str, Any]]


@pytest.fixture
def file(tmp_path: Path) -> Iterator[h5py.File]:
    with h5py.File(tmp_path / "made.h5", "w") as file:
        yield file


def values(read_hdf5: ReadHdf5, file: h5py.File) -> dict[str, list[Any]]:
    """Close the file and return what is said of each variable beyond its shape."""
    name = file.filename
    file.close()
    result = json.loads(json.dumps(read_hdf5(name, values=True)))
    assert result["problems"] == []
    return {path: summary for path, _, _, *summary in result["variables"]}


def sha256(array: Any) -> str:
    return hashlib.sha256(np.asarray(array).tobytes()).hexdigest()


@pytest.mark.parametrize(
    ("array", "numbers"),
    [
        (np.array([1.5, 0, -2], "float32"), [1.5, 0.0, -2.0]),
        (np.array([[1.5], [0]], "float16"), [1.5, 0.0]),
        (np.int64(0), [0]),
        (np.array([True, False]), [True, False]),
        (np.zeros((0, 3), "float32"), []),
        (np.arange(17), None),
        (np.array([0, 1j], "complex64"), None),
    ],
    ids=str,
)
def test_a_digest_stands_for_the_values_and_few_are_told(
    array: Any, numbers: list[float] | None, file: h5py.File, read_hdf5: ReadHdf5
) -> None:
    file["x"] = array
    zeros = int(np.sum(np.asarray(array) == 0))

    assert values(read_hdf5, file) == {"x": [sha256(array), 0, zeros, numbers]}


def test_the_digest_is_that_of_little_endian_bytes(
    file: h5py.File, read_hdf5: ReadHdf5
) -> None:
    file.create_dataset("x", data=np.arange(20, dtype=">f8"))

    assert values(read_hdf5, file)["x"][0] == sha256(np.arange(20, dtype="<f8"))


def test_values_that_are_no_finite_numbers_are_counted(
    file: h5py.File, read_hdf5: ReadHdf5
) -> None:
    file["x"] = np.array([np.nan, np.inf, -np.inf, 0, *[1] * 20], "float32")
    quarters = np.array([0x7FC0, 0x3E80, 0x0000], "uint16")  # bfloat16: NaN, 0.25, 0
    file["brain"] = quarters.view("V2")

    found = values(read_hdf5, file)

    assert found["x"][1:] == [3, 1, None]
    assert found["brain"][:3] == [sha256(quarters), 1, 1]
    assert found["brain"][3][1:] == [0.25, 0.0]


@pytest.mark.parametrize("shape", [(3, 1_500_000), (1_500_000, 3), (2, 3, 5, 200_003)])
@pytest.mark.parametrize("compression", [None, "gzip"])
def test_a_large_array_is_read_in_blocks_and_in_order(
    shape: tuple[int, ...],
    compression: str | None,
    file: h5py.File,
    read_hdf5: ReadHdf5,
) -> None:
    array = np.arange(np.prod(shape), dtype="float32").reshape(shape)
    file.create_dataset("x", data=array, compression=compression)
    tracemalloc.start()

    found = values(read_hdf5, file)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == {"x": [sha256(array), 0, 1, None]}
    assert peak < array.nbytes


def test_what_holds_no_numbers_has_no_digest(
    file: h5py.File, read_hdf5: ReadHdf5
) -> None:
    file["text"] = "words"
    file["texts"] = np.array([b"a", b"b"])
    file["table"] = np.zeros(2, [("a", "f4"), ("b", "i4")])
    file["reference"] = np.array([file.ref], h5py.ref_dtype)
    file["empty"] = h5py.Empty("float32")
    nothing = [None, 0, 0, None]

    assert values(read_hdf5, file) == dict.fromkeys(
        ("text", "texts", "table", "reference", "empty"), nothing
    )


def test_no_value_of_a_file_with_a_problem_is_read(
    file: h5py.File, read_hdf5: ReadHdf5
) -> None:
    file.create_dataset("a", (10**9,), "float32", chunks=(10**6,), compression=9)
    file["b"] = np.zeros(3)
    name = file.filename
    file.close()

    result = read_hdf5(name, values=True)

    assert result["problems"] == [["bomb", "a declares 4000000000 bytes"]]
    assert [variable[3:] for variable in result["variables"]] == [[], []]
