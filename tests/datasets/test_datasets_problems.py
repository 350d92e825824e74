"""Every way in which evaluation data are refused, message by message."""

import hashlib
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.typing import NDArray

if TYPE_CHECKING:
    from conftest import DatasetFolder

INPUT = "  x: {{file: {0}, field: x, dtype: float32, shape: []}}"
TARGET = "  y: {{file: {0}, field: y, dtype: int64, shape: []}}"


def test_a_changed_file_is_refused_before_it_is_opened(good: "DatasetFolder") -> None:
    (good.path / "hidden.npz").write_bytes(b"not even an .npz file")

    found = hashlib.sha256(b"not even an .npz file").hexdigest()
    assert good.problems() == (
        "flowers/dataset.yaml:6:15: hidden.npz has changed: "
        f"expected sha256 {good.files['hidden.npz']}, found {found}; "
        "if you changed the file on purpose, write the new sha256 into dataset.yaml"
    )


def test_a_missing_dataset_names_one_like_it(good: "DatasetFolder") -> None:
    good.path = good.path.with_name("flower")

    assert good.problems() == (
        "flower/dataset.yaml:1:1: there is no evaluation dataset 'flower'; "
        "did you mean 'flowers'?"
    )


def test_all_problems_of_a_description_are_told_at_once(
    flowers: "DatasetFolder",
) -> None:
    flowers.files = {"hidden.npz": "ABC", "../other.npz": "f" * 64}
    flowers.describe(
        "  x: {file: hidden.npz, field: [], dtype: flaot32, shape: [0], range: [2, 1]}",
        "  y: {file: hidden.npz, feild: y, dtype: string, shape: [], "
        "classes: [a, b]}\n"
        "  z: {file: hidden.npz, field: z, dtype: string, shape: [], range: [0, 1]}",
        rows=0,
    )

    assert flowers.problems(only_description=True).splitlines() == [
        (
            "flowers/dataset.yaml:6:15: is not a sha256; write the 64 "
            "digits that sha256sum prints"
        ),
        (
            "flowers/dataset.yaml:7:3: '../other.npz' is not a file "
            "beside dataset.yaml; name one"
        ),
        "flowers/dataset.yaml:8:7: must be above 0, got 0",
        "flowers/dataset.yaml:10:32: must be a name or a list of names, got []",
        (
            "flowers/dataset.yaml:10:43: unknown value 'flaot32'; did you "
            "mean 'float32'?"
        ),
        "flowers/dataset.yaml:10:60: must be above 0, got 0",
        "flowers/dataset.yaml:10:71: the lower bound stands first; swap the two",
        "flowers/dataset.yaml:12:25: unknown key 'feild'; did you mean 'field'?",
        (
            "flowers/dataset.yaml:13:6: texts have no 'range' and no "
            "'classes'; remove them"
        ),
    ]


def test_a_description_must_fit_the_folder_around_it(
    flowers: "DatasetFolder",
) -> None:
    flowers.files = {"gone.npz": "f" * 64}
    flowers.write("empty.csv", "")
    flowers.write("hidden.xlsx", "x")
    flowers.write("unlisted.csv", "x", listed=False)
    flowers.write("photos/a/1.png", "x", listed=False)
    flowers.describe(
        "\n".join(
            f"  x{number}: {{file: {file}, field: x, dtype: float32, shape: []}}"
            for number, file in enumerate(["hidden.xlsx", "unlisted.csv", "photos"])
        ),
        TARGET.format("gone.npz"),
    )
    text = (flowers.path / "dataset.yaml").read_text()
    text = text.replace("dataset: flowers", "dataset: trees")
    text = text.replace("CC0-1.0", "CC0-1.0\nnotice: NOTICE.txt")
    (flowers.path / "dataset.yaml").write_text(text)

    assert flowers.problems(only_description=True).splitlines() == [
        (
            "flowers/dataset.yaml:1:10: is called 'trees' in the folder "
            "'flowers'; rename one"
        ),
        "flowers/dataset.yaml:5:9: there is no file 'NOTICE.txt'; add it",
        "flowers/dataset.yaml:7:3: there is no file 'gone.npz'; add it",
        "flowers/dataset.yaml:8:3: the file 'empty.csv' is empty; restore it",
        (
            "flowers/dataset.yaml:12:14: 'hidden.xlsx' is of no known "
            "format; use one of .npz, .npy, .csv, .json, .jsonl"
        ),
        (
            "flowers/dataset.yaml:13:14: there is no sha256 of "
            "'unlisted.csv'; add it under 'files'"
        ),
        (
            "flowers/dataset.yaml:14:14: there is no sha256 of "
            "'photos/SHA256SUMS'; add it under 'files'"
        ),
    ]


@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [
        pytest.param(
            np.zeros((3, 2)),
            np.zeros(3, int),
            "flowers/dataset.yaml:9:58: hidden.npz, 'x': examples have the "
            "shape (2,), described as (); correct the data or this value",
            id="other-shape",
        ),
        pytest.param(
            np.zeros(4),
            np.zeros(3, int),
            "flowers/dataset.yaml:7:7: hidden.npz, 'x': holds 4 rows, not "
            "3; correct the data or this value",
            id="more-rows",
        ),
        pytest.param(
            np.zeros(3),
            np.array(0),
            "flowers/dataset.yaml:11:32: hidden.npz, 'y': holds a single "
            "value; write one for each example",
            id="single-value",
        ),
        pytest.param(
            np.array([0, 0.1, 0.1]),
            np.zeros(3, int),
            "flowers/dataset.yaml:9:42: hidden.npz, 'x': float32 cannot "
            "hold the float64 of 2 rows, the first row 2; correct the data "
            "or this value",
            id="digits-lost",
        ),
        pytest.param(
            np.array([0, 2**53 + 1, 0]),
            np.zeros(3, int),
            "flowers/dataset.yaml:9:42: hidden.npz, 'x': float32 cannot hold "
            "the int64 of row 2; correct the data or this value",
            id="digits-of-an-integer-lost",
        ),
        pytest.param(
            np.array([0, 1e300, 0]),
            np.zeros(3, int),
            "flowers/dataset.yaml:9:42: hidden.npz, 'x': float32 cannot "
            "hold the float64 of row 2; correct the data or this value",
            id="overflow",
        ),
        pytest.param(
            np.zeros(3),
            np.array([0, 0, 0.5]),
            "flowers/dataset.yaml:11:42: hidden.npz, 'y': int64 cannot "
            "hold the float64 of row 3; correct the data or this value",
            id="fraction-as-integer",
        ),
        pytest.param(
            np.zeros(3),
            np.array([0, np.nan, 0]),
            "flowers/dataset.yaml:11:42: hidden.npz, 'y': int64 cannot "
            "hold the float64 of row 2; correct the data or this value",
            id="nan-as-integer",
        ),
        pytest.param(
            np.zeros(3),
            np.array([0, 2**63, 2**64 - 1], "u8"),
            "flowers/dataset.yaml:11:42: hidden.npz, 'y': int64 cannot "
            "hold the uint64 of 2 rows, the first row 2; correct the data "
            "or this value",
            id="wraps-around",
        ),
        pytest.param(
            np.array(["1"] * 3),
            np.zeros(3, int),
            "flowers/dataset.yaml:9:42: hidden.npz, 'x': holds texts, not "
            "float32; correct the data or this value",
            id="texts",
        ),
        pytest.param(
            np.zeros(3, "c16"),
            np.zeros(3, int),
            "flowers/dataset.yaml:9:42: hidden.npz, 'x': holds complex128, "
            "not float32; correct the data or this value",
            id="complex",
        ),
        pytest.param(
            np.array([{}] * 3),
            np.zeros(3, int),
            "flowers/dataset.yaml:9:32: hidden.npz: the array 'x' does not "
            "hold plain values; write it without Python objects",
            id="objects",
        ),
    ],
)
def test_arrays_that_are_not_as_described_are_refused(
    flowers: "DatasetFolder", x: object, y: object, expected: str
) -> None:
    flowers.write_npz("hidden.npz", x=np.asarray(x), y=np.asarray(y))
    flowers.describe(INPUT.format("hidden.npz"), TARGET.format("hidden.npz"))

    assert flowers.problems() == expected


def test_values_are_refused_by_row_and_never_shown(flowers: "DatasetFolder") -> None:
    flowers.write_npz(
        "hidden.npz",
        x=np.array([[0, 16], [7, 8], [0, 77], [-77, np.nan]], np.float32),
        y=np.array([0, 77, np.nan, -np.inf], np.float32),
        kind=np.array([0, 1, 2, 77]),
        hot=np.array([[0, 1], [1, 0], [0.5, 0.5], [77, 0]]),
    )
    flowers.describe(
        "  x: {file: hidden.npz, field: x, dtype: float32, shape: [2], range: [0, 16]}",
        "  y: {file: hidden.npz, field: y, dtype: float32, shape: []}\n"
        "  k: {file: hidden.npz, field: kind, dtype: int8, shape: [], "
        "classes: [a, b, c]}\n"
        "  h: {file: hidden.npz, field: hot, dtype: float32, shape: [2], "
        "classes: [a, b]}",
        rows=5,
    )

    message = flowers.problems()

    assert "77" not in message
    assert message.splitlines() == [
        (
            "flowers/dataset.yaml:7:7: hidden.npz, 'hot': holds 4 rows, "
            "not 5; correct the data or this value"
        ),
        (
            "flowers/dataset.yaml:7:7: hidden.npz, 'kind': holds 4 rows, "
            "not 5; correct the data or this value"
        ),
        (
            "flowers/dataset.yaml:7:7: hidden.npz, 'x': holds 4 rows, not "
            "5; correct the data or this value"
        ),
        (
            "flowers/dataset.yaml:7:7: hidden.npz, 'y': holds 4 rows, not "
            "5; correct the data or this value"
        ),
        (
            "flowers/dataset.yaml:9:70: hidden.npz, 'x': outside 0 to 16 "
            "in 2 rows, the first row 3; correct the data or this value"
        ),
        (
            "flowers/dataset.yaml:11:32: hidden.npz, 'y': NaN or infinite "
            "in 2 rows, the first row 3; leave those rows out"
        ),
        (
            "flowers/dataset.yaml:12:71: hidden.npz, 'kind': not a label "
            "in 0..2 in row 4; correct the data or this value"
        ),
        (
            "flowers/dataset.yaml:13:74: hidden.npz, 'hot': not 0 or 1 in "
            "2 rows, the first row 3; correct the data or this value"
        ),
    ]


def test_the_bounds_of_a_range_belong_to_it(
    flowers: "DatasetFolder",
) -> None:
    flowers.write_npz("hidden.npz", x=np.array([0.1, 1.9, 2.0]), y=np.zeros(3, int))
    flowers.describe(
        "  x: {file: hidden.npz, field: x, dtype: float64, shape: [], "
        "range: [0.1, 1.9]}",
        TARGET.format("hidden.npz"),
    )

    assert flowers.problems() == (
        "flowers/dataset.yaml:9:69: hidden.npz, 'x': outside 0.1 to "
        "1.9 in row 3; correct the data or this value"
    )


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (
            "sizes",
            "flowers/dataset.yaml:9:35: hidden.npz: has no array 'sizes'; "
            "did you mean 'size'?",
        ),
        (
            "[size, kind]",
            "flowers/dataset.yaml:9:35: hidden.npz: an .npz file is read "
            "one array at a time; name one",
        ),
        (
            "zzz",
            "flowers/dataset.yaml:9:35: hidden.npz: has no array 'zzz'; "
            "use 'kind' or 'size'",
        ),
    ],
)
def test_an_array_that_a_file_does_not_have_is_refused(
    good: "DatasetFolder", field: str, expected: str
) -> None:
    path = good.path / "dataset.yaml"
    path.write_text(path.read_text().replace("field: size", f"field: {field}"))

    assert good.problems() == expected


@pytest.mark.parametrize(
    ("file", "content", "expected"),
    [
        pytest.param(
            "hidden.npz",
            b"PK nothing",
            "flowers/dataset.yaml:6:15: hidden.npz: is not an .npz file; "
            "write it with numpy.savez",
            id="npz-broken",
        ),
        pytest.param(
            "hidden.csv",
            b"x,x\n1,2\n",
            "flowers/dataset.yaml:6:15: hidden.csv: has two columns of one "
            "name; rename one",
            id="csv-twin-columns",
        ),
        pytest.param(
            "hidden.csv",
            b"\xff\xfe",
            "flowers/dataset.yaml:6:15: hidden.csv: is not UTF-8 text; "
            "save it as UTF-8",
            id="csv-utf-16",
        ),
        pytest.param(
            "hidden.csv",
            b"\n",
            "flowers/dataset.yaml:6:15: hidden.csv: is empty; write a header row",
            id="csv-blank",
        ),
        pytest.param(
            "hidden.csv",
            b"x,y\n1,2\n3\n",
            "flowers/dataset.yaml:6:15: hidden.csv: row 2 has another "
            "number of values than the header: 1, not 2; correct it",
            id="csv-short-row",
        ),
        pytest.param(
            "hidden.csv",
            b'x,y\n1,"' + b"9" * 140_000 + b'"\n',
            "flowers/dataset.yaml:6:15: hidden.csv: is not a CSV file: "
            "field larger than field limit (131072); save it again",
            id="csv-huge",
        ),
        pytest.param(
            "hidden.json",
            b'[{"x": 1},\n {x: 2}]',
            "flowers/dataset.yaml:6:16: hidden.json: is not JSON at line "
            "2, column 3: Expecting property name enclosed in double "
            "quotes; correct it",
            id="json-syntax",
        ),
        pytest.param(
            "hidden.json",
            b"\xe9",
            "flowers/dataset.yaml:6:16: hidden.json: is not UTF-8 text; "
            "save it as UTF-8",
            id="json-latin-1",
        ),
        pytest.param(
            "hidden.json",
            b'{"x": 77, "y": [1]}',
            "flowers/dataset.yaml:6:16: hidden.json: is neither a list of "
            "records nor a mapping of columns; write one of them",
            id="json-scalars",
        ),
        pytest.param(
            "hidden.json",
            b"[77, 78]",
            "flowers/dataset.yaml:6:16: hidden.json: row 1 is not a "
            "record; write keys and values",
            id="json-no-records",
        ),
        pytest.param(
            "hidden.json",
            b'[{"x": 1, "y": 2}, {"x": 77}]',
            "flowers/dataset.yaml:6:16: hidden.json: row 2 has other keys "
            "than row 1; give each row the same",
            id="json-other-keys",
        ),
        pytest.param(
            "hidden.jsonl",
            b'{"x": 1, "y": 2}\n\n{"x": 77\n',
            "flowers/dataset.yaml:6:17: hidden.jsonl: is not JSON at line "
            "3, column 9: Expecting ',' delimiter; correct it",
            id="jsonl-syntax",
        ),
    ],
)
def test_a_file_of_another_format_is_refused(
    flowers: "DatasetFolder", file: str, content: bytes, expected: str
) -> None:
    flowers.write(file, content)
    flowers.describe(INPUT.format(file), TARGET.format(file))

    assert flowers.problems() == expected


@pytest.mark.parametrize(
    ("file", "content", "expected"),
    [
        pytest.param(
            "hidden.csv",
            "x,Y\n1,77\n",
            "flowers/dataset.yaml:11:32: hidden.csv: has no column 'y'; "
            "name one that it has",
            id="csv-close-name",
        ),
        pytest.param(
            "hidden.csv",
            "0.77,rose\n1,77\n",
            "flowers/dataset.yaml:9:32: hidden.csv: has no column 'x'; "
            "name one that it has\n"
            "flowers/dataset.yaml:11:32: hidden.csv: has no column 'y'; "
            "name one that it has",
            id="csv-no-header",
        ),
        pytest.param(
            "hidden.csv",
            "x,y\n1,0\nseventy,1.5\n",
            "flowers/dataset.yaml:9:32: hidden.csv: column 'x', row 2: is "
            "not a number; write a number, or nan for none\n"
            "flowers/dataset.yaml:11:42: hidden.csv, 'y': int64 cannot "
            "hold the float64 of row 2; correct the data or this value",
            id="csv-no-number",
        ),
        pytest.param(
            "hidden.csv",
            "x,y\n1e39,\n",
            "flowers/dataset.yaml:9:42: hidden.csv, 'x': float32 cannot "
            "hold the float64 of row 1; correct the data or this value\n"
            "flowers/dataset.yaml:11:32: hidden.csv: column 'y', row 1: is "
            "empty; write a number, or nan for none",
            id="csv-empty-cell",
        ),
        pytest.param(
            "hidden.json",
            '{"x": ["1"], "y": [true]}',
            "flowers/dataset.yaml:9:43: hidden.json: column 'x', row 1: is "
            "not of dtype float32; correct one of them\n"
            "flowers/dataset.yaml:11:43: hidden.json: column 'y', row 1: "
            "is not of dtype int64; correct one of them",
            id="json-text",
        ),
        pytest.param(
            "hidden.json",
            '{"x": [null], "y": [{}]}',
            "flowers/dataset.yaml:9:43: hidden.json: column 'x', row 1: is "
            "not of dtype float32; correct one of them\n"
            "flowers/dataset.yaml:11:43: hidden.json: column 'y', row 1: "
            "is not of dtype int64; correct one of them",
            id="json-null",
        ),
        pytest.param(
            "hidden.json",
            '{"x": [[1], [2, 3]], "y": [1e99]}',
            "flowers/dataset.yaml:9:59: hidden.json: column 'x': rows "
            "differ in shape; give each row the same\n"
            "flowers/dataset.yaml:11:43: hidden.json, 'y': int64 cannot "
            "hold the float64 of row 1; correct the data or this value",
            id="json-ragged",
        ),
        pytest.param(
            "hidden.json",
            '{"x": [1, 2], "y": [77]}',
            "flowers/dataset.yaml:7:7: hidden.json, 'x': holds 2 rows, not "
            "1; correct the data or this value",
            id="json-lengths",
        ),
        pytest.param(
            "hidden.json",
            '{"x": [1], "y": [' + "7" * 30 + "]}",
            "flowers/dataset.yaml:11:33: hidden.json: column 'y': holds a "
            "whole number of more than 64 bits; correct it",
            id="json-huge",
        ),
    ],
)
def test_columns_that_are_not_as_described_are_refused(
    flowers: "DatasetFolder", file: str, content: str, expected: str
) -> None:
    flowers.write(file, content)
    flowers.describe(INPUT.format(file), TARGET.format(file), rows=1)

    assert flowers.problems() == expected


@pytest.mark.parametrize(
    ("content", "field", "expected"),
    [
        pytest.param(
            '{"x": ["a", 77], "y": [0, 0]}',
            "x",
            "flowers/dataset.yaml:9:43: hidden.json: column 'x', row 2: is "
            "not a text; correct one of them",
            id="number",
        ),
        pytest.param(
            '{"x": ["a", "b\\u0000"], "y": [0, 0]}',
            "x",
            "flowers/dataset.yaml:9:33: hidden.json: column 'x', row 2: "
            "ends with a NUL character; remove it",
            id="nul",
        ),
        pytest.param(
            '{"x": ["a", ["b"]], "y": [0, 0]}',
            "x",
            "flowers/dataset.yaml:9:58: hidden.json: column 'x': rows "
            "differ in shape; give each row the same",
            id="ragged",
        ),
        pytest.param(
            '{"x": [["a"], ["b"]], "y": [0, 0], "z": ["c", "d"]}',
            "[x, z]",
            "flowers/dataset.yaml:9:33: hidden.json: columns side by side "
            "must hold one value a row",
            id="lists-side-by-side",
        ),
    ],
)
def test_texts_that_are_not_as_described_are_refused(
    flowers: "DatasetFolder", content: str, field: str, expected: str
) -> None:
    flowers.write("hidden.json", content)
    flowers.describe(
        f"  x: {{file: hidden.json, field: {field}, dtype: string, shape: []}}",
        TARGET.format("hidden.json"),
        rows=2,
    )

    assert flowers.problems() == expected


IMAGES = {f"{c}/{n}.png": np.full((2, 2), n, np.uint8) for c in "ab" for n in (1, 2)}


@pytest.fixture
def photos(flowers: "DatasetFolder") -> "DatasetFolder":
    """Return a dataset of four grey images in two classes; nothing is wrong with it."""
    flowers.write_images(IMAGES)
    flowers.describe(
        "  x: {file: images, field: image, dtype: uint8, shape: [2, 2, 1]}",
        "  y: {file: images, field: label, dtype: int64, shape: [], classes: [a, b]}",
        rows=4,
    )
    return flowers


def test_images_that_are_missing_extra_or_changed_are_refused(
    photos: "DatasetFolder",
) -> None:
    images = photos.path / "images"
    expected = hashlib.sha256((images / "b/1.png").read_bytes()).hexdigest()
    found = hashlib.sha256(b"other").hexdigest()
    (images / "a/2.png").unlink()
    shutil.copy(images / "b/1.png", images / "b/3.png")
    (images / "b/1.png").write_bytes(b"other")

    assert photos.problems().splitlines() == [
        "flowers/images/SHA256SUMS:1:1: b/3.png is not in the list; remove or add it",
        "flowers/images/SHA256SUMS:2:1: a/2.png is missing; restore it",
        "flowers/images/SHA256SUMS:3:1: b/1.png has changed: "
        f"expected sha256 {expected}, found {found}; if you changed the file on "
        "purpose, write the list and its own sha256 in dataset.yaml again",
    ]


def test_many_changed_images_are_counted(photos: "DatasetFolder") -> None:
    for number in range(30):
        (photos.path / f"images/{number:02d}.png").write_bytes(b"extra")

    assert photos.problems().splitlines() == [
        *(
            f"flowers/images/SHA256SUMS:1:1: 0{number}.png is not in the list; "
            "remove or add it"
            for number in range(10)
        ),
        "flowers/images/SHA256SUMS:1:1: and 20 more like these",
    ]


def test_a_changed_list_is_refused_without_a_look_at_the_images(
    photos: "DatasetFolder",
) -> None:
    (photos.path / "images/SHA256SUMS").write_text("changed")

    found = hashlib.sha256(b"changed").hexdigest()
    assert photos.problems() == (
        "flowers/dataset.yaml:6:22: images/SHA256SUMS has changed: "
        f"expected sha256 {photos.files['images/SHA256SUMS']}, found {found}; "
        "if you changed the file on purpose, write the new sha256 into dataset.yaml"
    )


def test_a_list_that_sha256sum_did_not_write_is_refused(
    photos: "DatasetFolder",
) -> None:
    sha256 = "f" * 64
    photos.write(
        "images/SHA256SUMS",
        f"{sha256}  a/1.png\n{sha256} a/1.png\n{sha256} *a/1.png\n{sha256}  ../x.png\n",
    )
    photos.describe(
        "  x: {file: images, field: image, dtype: uint8, shape: [2, 2, 1]}",
        TARGET.format("images"),
    )

    assert photos.problems().splitlines() == [
        (
            "flowers/images/SHA256SUMS:2:1: is not as sha256sum writes it: "
            "64 digits, two spaces, a path; write the list again"
        ),
        "flowers/images/SHA256SUMS:3:1: lists 'a/1.png' a second time; remove one",
        (
            "flowers/images/SHA256SUMS:4:1: is not as sha256sum writes it: "
            "64 digits, two spaces, a path; write the list again"
        ),
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(
            "shape: [2, 2, 1]",
            "shape: [2, 3, 1]",
            "flowers/dataset.yaml:9:56: images: 'a/1.png' has the shape "
            "(2, 2, 1), described as (2, 3, 1); correct one",
            id="other-size",
        ),
        pytest.param(
            "shape: [2, 2, 1]",
            "shape: [2, 2, 3]",
            "flowers/dataset.yaml:9:56: images: 'a/1.png' has the shape "
            "(2, 2, 1), described as (2, 2, 3); correct one",
            id="not-colour",
        ),
        pytest.param(
            "shape: [2, 2, 1]",
            "shape: [2, 2]",
            "flowers/dataset.yaml:9:56: images: 'a/1.png' has the shape "
            "(2, 2, 1), described as (2, 2); correct one",
            id="no-channel",
        ),
        pytest.param(
            "field: image",
            "field: pixels",
            "flowers/dataset.yaml:9:28: images: a folder of images has "
            "'image' and 'label'; name one",
            id="other-field",
        ),
        pytest.param(
            ", classes: [a, b]",
            "",
            "flowers/dataset.yaml:11:28: images: has no 'classes'; add the "
            "names of the folders, in order",
            id="no-classes",
        ),
        pytest.param(
            "classes: [a, b]",
            "classes: [a, c]",
            "flowers/dataset.yaml:11:69: images: 'b' is not among the "
            "classes; add or rename it",
            id="other-classes",
        ),
    ],
)
def test_images_that_are_not_as_described_are_refused(
    photos: "DatasetFolder", old: str, new: str, expected: str
) -> None:
    path = photos.path / "dataset.yaml"
    path.write_text(path.read_text().replace(old, new))

    assert photos.problems() == expected


def test_an_image_outside_a_class_is_refused(flowers: "DatasetFolder") -> None:
    flowers.write_images({"a/1.png": IMAGES["a/1.png"], "1.png": IMAGES["a/1.png"]})
    flowers.describe(
        "  x: {file: images, field: image, dtype: uint8, shape: [2, 2, 1]}",
        "  y: {file: images, field: label, dtype: int64, shape: [], classes: [a, b]}",
    )

    assert flowers.problems() == (
        "flowers/dataset.yaml:6:22: images: '1.png' does not lie in "
        "the folder of a class; move it"
    )


@pytest.mark.parametrize(
    ("pixels", "expected"),
    [
        pytest.param(
            np.zeros((2, 2, 4), np.uint8),
            "flowers/dataset.yaml:7:7: images, 'label': holds 1 rows, not "
            "3; correct the data or this value\n"
            "flowers/dataset.yaml:9:56: images: 'a/1.png' has pixels of "
            "mode RGBA; save it as grey (L) or RGB",
            id="transparent",
        ),
        pytest.param(
            np.zeros((2, 2), np.uint16),
            "flowers/dataset.yaml:7:7: images, 'label': holds 1 rows, not "
            "3; correct the data or this value\n"
            "flowers/dataset.yaml:9:56: images: 'a/1.png' has pixels of "
            "mode I;16; save it as grey (L) or RGB",
            id="sixteen-bits",
        ),
    ],
)
def test_images_of_other_pixels_are_refused(
    flowers: "DatasetFolder",
    pixels: NDArray[Any],
    expected: str,
) -> None:
    flowers.write_images({"a/1.png": pixels})
    flowers.describe(
        "  x: {file: images, field: image, dtype: uint8, shape: [2, 2, 1]}",
        "  y: {file: images, field: label, dtype: int64, shape: [], classes: [a, b]}",
    )

    assert flowers.problems() == expected
