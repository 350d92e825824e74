"""What is loaded from each format."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pytest_tfgrade.datasets import load_dataset, read_description
from pytest_tfgrade.datasets.interface import Source
from pytest_tfgrade.datasets.loaders import LOADERS

if TYPE_CHECKING:
    from conftest import DatasetFolder


def assert_arrays(found: NDArray[Any], dtype: str, values: Any) -> None:
    """Compare dtype, shape and every value."""
    expected = np.array(values, dtype=dtype)
    assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
    np.testing.assert_array_equal(found, expected)


def test_arrays_come_from_npz_files(good: "DatasetFolder") -> None:
    dataset = load_dataset(good.path)

    assert (dataset.name, dataset.rows) == ("flowers", 3)
    assert (list(dataset.inputs), list(dataset.targets)) == (["size"], ["kind"])
    assert_arrays(dataset.inputs["size"], "float32", [[1, 2], [3, 4], [5, 6]])
    assert_arrays(dataset.targets["kind"], "int64", [0, 1, 1])


TABLE_FIELDS = (
    "  size: {{file: {0}, field: [w, h], dtype: float32, shape: [2]}}\n"
    "  name: {{file: {0}, field: name, dtype: string, shape: []}}",
    "  kind: {{file: {0}, field: kind, dtype: uint8, shape: [1]}}",
)
RECORDS = [
    {"w": 0.1, "h": 2, "name": 'ro"se', "kind": 0},
    {"w": 3, "h": 4.5, "name": "", "kind": 1},
    {"w": -1e-3, "h": 6, "name": "Tausendsch\u00f6n\n", "kind": 1},
]
COLUMNS = {name: [record[name] for record in RECORDS] for name in RECORDS[0]}
CSV = 'w,h,name,kind\n0.1,2,"ro""se",0\n3,4.5,,1\n-1e-3,6,"Tausendsch\u00f6n\n",1\n'


@pytest.mark.parametrize(
    ("file", "content"),
    [
        pytest.param("hidden.csv", CSV, id="csv"),
        pytest.param("hidden.csv", "\ufeff" + CSV + "\n", id="csv-from-a-spreadsheet"),
        pytest.param("hidden.json", json.dumps(RECORDS), id="records"),
        pytest.param("hidden.json", json.dumps(COLUMNS), id="columns"),
        pytest.param(
            "hidden.jsonl",
            "".join(f"{json.dumps(r, ensure_ascii=False)}\n" for r in RECORDS),
            id="json-lines",
        ),
    ],
)
def test_columns_come_from_tables(
    flowers: "DatasetFolder", file: str, content: str
) -> None:
    flowers.write(file, content)
    flowers.describe(*(text.format(file) for text in TABLE_FIELDS))

    dataset = load_dataset(flowers.path)

    size = [[0.1, 2], [3, 4.5], [-1e-3, 6]]
    assert_arrays(dataset.inputs["size"], "float32", size)
    assert_arrays(dataset.inputs["name"], "U13", ['ro"se', "", "Tausendsch\u00f6n\n"])
    assert_arrays(dataset.targets["kind"], "uint8", [[0], [1], [1]])


def test_columns_side_by_side_fill_the_shape_row_by_row(
    flowers: "DatasetFolder",
) -> None:
    flowers.write("hidden.csv", "a,b,c,d,y\n1,2,3,4,0\n5,6,7,8,nan\n")
    flowers.describe(
        "  image: {file: hidden.csv, field: [a, b, c, d], dtype: int8, shape: [2, 2]}\n"
        "  gap: {file: hidden.csv, field: y, dtype: float16, shape: []}",
        "  y: {file: hidden.csv, field: [a], dtype: float64, shape: [1]}",
        rows=2,
    )

    dataset = load_dataset(flowers.path)

    assert_arrays(dataset.inputs["image"], "int8", [[[1, 2], [3, 4]], [[5, 6], [7, 8]]])
    assert_arrays(dataset.inputs["gap"], "float16", [0, np.nan])


def test_nested_lists_come_from_json(flowers: "DatasetFolder") -> None:
    flowers.write(
        "hidden.json",
        '{"x": [[[1, 2.5]], [[3, 4]]], "word": [["a", "bc"], ["", "d"]],'
        ' "fine": [true, false]}',
    )
    flowers.describe(
        "  x: {file: hidden.json, field: x, dtype: float64, shape: [1, 2]}\n"
        "  word: {file: hidden.json, field: word, dtype: string, shape: [2]}",
        "  fine: {file: hidden.json, field: fine, dtype: bool, shape: []}",
        rows=2,
    )

    dataset = load_dataset(flowers.path)

    assert_arrays(dataset.inputs["x"], "float64", [[[1, 2.5]], [[3, 4]]])
    assert_arrays(dataset.inputs["word"], "U2", [["a", "bc"], ["", "d"]])
    assert_arrays(dataset.targets["fine"], "bool", [True, False])


@pytest.mark.parametrize(
    ("shape", "channels"),
    [
        pytest.param((2, 3), 1, id="grey"),
        pytest.param((2, 3, 3), 3, id="colour"),
    ],
)
def test_images_come_from_folders_of_classes_sorted_by_path(
    flowers: "DatasetFolder", shape: tuple[int, ...], channels: int
) -> None:
    rng = np.random.default_rng(1)
    pixels = [rng.integers(0, 256, shape, np.uint8) for _ in range(3)]
    flowers.write_images(
        {"tulip/1.png": pixels[2], "rose/b.png": pixels[1], "rose/a.png": pixels[0]}
    )
    flowers.describe(
        f"  image: {{file: images, field: image, dtype: float32, "
        f"shape: [2, 3, {channels}], range: [0, 255]}}",
        "  kind: {file: images, field: label, dtype: int32, shape: [], "
        "classes: [tulip, lily, rose]}",
    )

    dataset = load_dataset(flowers.path)

    expected = np.stack(pixels).reshape(3, 2, 3, channels)
    assert_arrays(dataset.inputs["image"], "float32", expected)
    assert_arrays(dataset.targets["kind"], "int32", [2, 2, 0])


def test_numbers_of_another_dtype_are_taken_if_none_changes(
    flowers: "DatasetFolder",
) -> None:
    flowers.write_npz(
        "hidden.npz",
        x=np.array([0.5, np.nan], ">f8"),
        y=np.array([0.0, 255.0]),
    )
    flowers.describe(
        "  x: {file: hidden.npz, field: x, dtype: float32, shape: []}",
        "  y: {file: hidden.npz, field: y, dtype: uint8, shape: []}",
        rows=2,
    )

    dataset = load_dataset(flowers.path)

    assert_arrays(dataset.inputs["x"], "float32", [0.5, np.nan])
    assert_arrays(dataset.targets["y"], "uint8", [0, 255])


def test_a_file_is_opened_once_for_all_its_fields(
    flowers: "DatasetFolder", monkeypatch: pytest.MonkeyPatch
) -> None:
    flowers.write("hidden.csv", "w,h,name,kind\n1,2,a,0\n")
    flowers.describe(*(text.format("hidden.csv") for text in TABLE_FIELDS), rows=1)
    opened: list[str] = []
    original = LOADERS[".csv"]

    def counted(path: Path) -> Source:
        opened.append(path.name)
        return original(path)

    monkeypatch.setitem(LOADERS, ".csv", counted)

    load_dataset(flowers.path)

    assert opened == ["hidden.csv"]


def test_the_description_says_shapes_and_dtypes_without_reading_data(
    good: "DatasetFolder",
) -> None:
    (good.path / "hidden.npz").write_bytes(b"not an .npz file")

    description = read_description(good.path)

    size, kind = description.inputs["size"], description.targets["kind"]
    assert (description.dataset, description.rows) == ("flowers", 3)
    assert (size.shape, size.dtype, kind.shape, kind.dtype) == (
        (2,),
        "float32",
        (),
        "int64",
    )
