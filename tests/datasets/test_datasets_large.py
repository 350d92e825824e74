"""Data are read some rows at a time; what is wrong is told of the whole."""

import ast
import io
import os
import tracemalloc
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pytest_tfgrade.core.errors import DatasetError
from pytest_tfgrade.datasets import LOADERS, Blocks, FieldDescription, load_dataset
from pytest_tfgrade.datasets.blocks import BYTES
from pytest_tfgrade.datasets.hidden import digest

if TYPE_CHECKING:
    from conftest import DatasetFolder

WIDE = BYTES // 8
"""Numbers of 32 bits in one row, so that two rows make a block."""


def wide(rows: int) -> NDArray[np.float32]:
    values = np.zeros((rows, WIDE), np.float32)
    values[:] = np.arange(rows)[:, None]
    return values


def packed(how: int, **arrays: NDArray[Any]) -> bytes:
    """Return the bytes of an ``.npz`` file."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", how) as file:
        for name, array in arrays.items():
            with file.open(f"{name}.npy", "w") as member:
                np.lib.format.write_array(member, array)
    return whole.getvalue()


def describe(flowers: "DatasetFolder", x: str, rows: int = 5) -> None:
    flowers.write_npz("targets.npz", y=np.arange(rows))
    flowers.describe(
        f"  x: {{{x}}}",
        "  y: {file: targets.npz, field: y, dtype: int64, shape: []}",
        rows=rows,
    )


@pytest.mark.parametrize("how", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("dtype", ["float32", ">f8", "uint8"])
def test_an_array_of_many_blocks_is_the_same_array(
    flowers: "DatasetFolder", how: int, dtype: str
) -> None:
    flowers.write("x.npz", packed(how, x=wide(5).astype(dtype)))
    describe(flowers, f"file: x.npz, field: x, dtype: float32, shape: [{WIDE}]")

    dataset = load_dataset(flowers.path)

    x = dataset.inputs["x"]
    assert (x.dtype.name, x.shape) == ("float32", (5, WIDE))
    np.testing.assert_array_equal(x, wide(5))
    assert dataset.sha256 == digest(dataset.inputs, dataset.targets)


def test_an_npy_file_holds_one_array(flowers: "DatasetFolder") -> None:
    file = io.BytesIO()
    np.save(file, np.asfortranarray(wide(5)))
    flowers.write("x.npy", file.getvalue())
    describe(flowers, f"file: x.npy, field: array, dtype: float32, shape: [{WIDE}]")

    x = load_dataset(flowers.path).inputs["x"]

    np.testing.assert_array_equal(x, wide(5))


@pytest.mark.parametrize(
    ("array", "field", "message"),
    [
        pytest.param(
            np.array([{}], object),
            "array",
            "the array 'array' does not hold plain values; "
            "write it without Python objects",
            id="objects",
        ),
        pytest.param(
            np.zeros(5, np.float32),
            "x",
            "an .npy file holds one array; call it 'array'",
            id="another-name",
        ),
    ],
)
def test_an_npy_file_holds_nothing_else(
    flowers: "DatasetFolder", array: NDArray[Any], field: str, message: str
) -> None:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    flowers.write("x.npy", file.getvalue())
    describe(flowers, f"file: x.npy, field: {field}, dtype: float32, shape: []")

    assert flowers.problems().endswith(f"x.npy: {message}")


def test_a_file_that_ends_too_soon_is_refused(flowers: "DatasetFolder") -> None:
    file = io.BytesIO()
    np.save(file, wide(5))
    flowers.write("x.npy", file.getvalue()[:-1])
    describe(flowers, f"file: x.npy, field: array, dtype: float32, shape: [{WIDE}]")

    assert flowers.problems() == (
        "flowers/dataset.yaml:10:27: x.npy: the array 'array' does not hold plain "
        "values; write it without Python objects"
    )


def test_bad_rows_are_counted_over_all_blocks(flowers: "DatasetFolder") -> None:
    values = wide(5)
    values[[3, 4], 1] = np.nan, 7.5
    flowers.write("x.npz", packed(zipfile.ZIP_STORED, x=values))
    describe(
        flowers,
        f"file: x.npz, field: x, dtype: float32, shape: [{WIDE}], range: [0, 2]",
    )

    assert flowers.problems() == (
        "flowers/dataset.yaml:10:70: x.npz, 'x': outside 0 to 2 in 2 rows, the first "
        "row 4; correct the data or this value"
    )


def test_a_conversion_that_changes_a_value_is_told_of_all_blocks(
    flowers: "DatasetFolder",
) -> None:
    values = wide(5)
    values[4, 0] = 0.5
    flowers.write("x.npz", packed(zipfile.ZIP_DEFLATED, x=values))
    describe(flowers, f"file: x.npz, field: x, dtype: int16, shape: [{WIDE}]")

    assert flowers.problems() == (
        "flowers/dataset.yaml:10:37: x.npz, 'x': int16 cannot hold the float32 of "
        "row 5; correct the data or this value"
    )


def test_the_first_bad_image_is_told_however_many_are_decoded_at_a_time(
    flowers: "DatasetFolder",
) -> None:
    images = {f"rose/{n:03}.png": np.full((2, 2), n, np.uint8) for n in range(64)}
    images["rose/040.png"] = np.zeros((3, 2), np.uint8)
    images["rose/050.png"] = np.zeros((2, 3), np.uint8)
    flowers.write_images(images)
    describe(
        flowers,
        "file: images, field: image, dtype: uint8, shape: [2, 2, 1]",
        rows=64,
    )

    said = {flowers.problems() for _ in range(5)}

    assert said == {
        "flowers/dataset.yaml:10:56: images: 'rose/040.png' has the shape (3, 2, 1), "
        "described as (2, 2, 1); correct one"
    }


class Counting:
    """Keeps nothing but how many rows there were."""

    def __init__(self) -> None:
        self.rows = 0

    def begin(self, dtype: Any, shape: Any, within: Any) -> None:
        del dtype, shape, within

    def take(self, block: NDArray[Any]) -> None:
        self.rows += len(block)


@pytest.mark.parametrize("how", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_what_somebody_else_keeps_takes_no_memory_here(
    flowers: "DatasetFolder", how: int
) -> None:
    flowers.write("x.npz", packed(how, x=wide(64).astype(np.float64)))
    describe(
        flowers,
        f"file: x.npz, field: x, dtype: float32, shape: [{WIDE}], range: [0, 99]",
        rows=64,
    )
    keeper = Counting()

    tracemalloc.start()
    dataset = load_dataset(flowers.path, keep={"x": keeper}.get)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert keeper.rows == 64
    assert peak < 10 * BYTES  # of 32 blocks, or 64 before the conversion
    assert repr(dataset.inputs) == "<HiddenArrays, not read yet>"


def test_inputs_that_somebody_else_keeps_are_read_again_when_asked_for(
    flowers: "DatasetFolder",
) -> None:
    flowers.write("x.npz", packed(zipfile.ZIP_STORED, x=wide(5)))
    describe(flowers, f"file: x.npz, field: x, dtype: float32, shape: [{WIDE}]")
    dataset = load_dataset(flowers.path, keep=lambda name: None)

    x = dataset.inputs["x"]

    np.testing.assert_array_equal(x, wide(5))
    assert x is dataset.inputs["x"]
    assert not x.flags.writeable


def test_images_are_decoded_into_one_array_whatever_the_machine(
    flowers: "DatasetFolder", monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    images = {
        f"rose/{n:03}.png": rng.integers(0, 256, (40, 50, 3), np.uint8)
        for n in range(2 * BYTES // 6000)
    }
    flowers.write_images(images)
    describe(
        flowers,
        "file: images, field: image, dtype: uint8, shape: [40, 50, 3]",
        rows=len(images),
    )

    found = []
    for cores in (1, 7):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _, n=cores: range(n))
        found.append(load_dataset(flowers.path))

    assert found[0].sha256 == found[1].sha256
    np.testing.assert_array_equal(found[1].inputs["x"], [*images.values()])


class InParts:
    """A plug-in's loader of an array in parts."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, field: FieldDescription) -> Blocks:
        del field
        parts = ast.literal_eval(self._path.read_text())
        blocks = (np.array(part, np.float32) for part in parts)
        return Blocks(dtype=np.dtype(np.float32), shape=(5,), parts=blocks)


def test_a_loader_of_a_plug_in_may_give_an_array_in_parts(
    flowers: "DatasetFolder",
) -> None:
    flowers.write("x.parts", "[[1, 2], [3], [4, 5]]")
    describe(flowers, "file: x.parts, field: x, dtype: int32, shape: []")

    dataset = load_dataset(flowers.path, loaders={**LOADERS, ".parts": InParts})

    assert dataset.inputs["x"].tolist() == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ("[[1, 2], [3]]", "ValueError: 3 rows, not 5"),
        ("[[1, 2, 3], [4, 5, 6]]", "ValueError: 6 rows, not 5"),
        ("[[[1, 2]]]", "ValueError: float32 (2,), not float32 ()"),
        ("[[1, 2], 'x']", "ValueError: could not convert string to float: 'x'"),
    ],
)
def test_parts_that_are_not_what_was_announced_are_the_loaders_mistake(
    flowers: "DatasetFolder", parts: str, reason: str
) -> None:
    flowers.write("x.parts", parts)
    describe(flowers, "file: x.parts, field: x, dtype: int32, shape: []")

    with pytest.raises(DatasetError) as caught:
        load_dataset(flowers.path, loaders={**LOADERS, ".parts": InParts})

    first, *_, last = str(caught.value).splitlines()
    failed = "its loader failed; correct the file or the loader:"
    assert (first, last) == (
        f"flowers/dataset.yaml:10:29: x.parts: {failed}",
        reason,
    )
