"""Formats that come from elsewhere, by their endings."""

import gzip
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from numpy.typing import NDArray

from pytest_tfgrade.core.errors import DatasetError
from pytest_tfgrade.datasets import (
    LOADERS,
    FieldDescription,
    Source,
    Unfit,
    load_dataset,
    read_description,
)

if TYPE_CHECKING:
    from conftest import DatasetFolder


class Lines:
    """A text of one number a line, as a plug-in may read it."""

    def __init__(self, path: Path) -> None:
        data = path.read_bytes()
        if path.suffix == ".gz":
            data = gzip.decompress(data)
        self._lines = data.decode().split()

    def read(self, field: FieldDescription) -> Any:
        if field.field != "line":
            raise Unfit("a file of lines has 'line' only; name it")
        return [float(line) for line in self._lines]


def open_lines(path: Path) -> Source:
    return Lines(path)


WITH_LINES = {**LOADERS, ".txt": open_lines, ".txt.gz": open_lines}


def describe(flowers: "DatasetFolder", file: str, *, field: str = "line") -> None:
    """Describe an input in line 9 and a target in line 11."""
    flowers.describe(
        f"  x: {{file: {file}, field: {field}, dtype: float32, shape: []}}",
        f"  y: {{file: {file}, field: line, dtype: int64, shape: []}}",
    )


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("hidden.txt", b"1\n2\n3\n"),
        ("Hidden.TXT", b"1\n2\n3\n"),
        ("hidden.v2.txt.gz", gzip.compress(b"1\n2\n3\n", mtime=0)),
    ],
)
def test_a_loader_given_opens_files_of_its_ending(
    flowers: "DatasetFolder", file: str, content: bytes
) -> None:
    flowers.write(file, content)
    describe(flowers, file)

    dataset = load_dataset(flowers.path, loaders=WITH_LINES)

    assert dataset.inputs["x"].tolist() == [1.0, 2.0, 3.0]
    assert read_description(flowers.path, loaders=WITH_LINES).rows == 3


def test_a_loader_given_may_stand_in_for_one_of_ours(flowers: "DatasetFolder") -> None:
    flowers.write("hidden.csv", "1\n2\n3\n")
    describe(flowers, "hidden.csv")

    dataset = load_dataset(flowers.path, loaders={".csv": open_lines})

    assert dataset.targets["y"].tolist() == [1, 2, 3]


def test_an_ending_that_no_loader_takes_is_refused(flowers: "DatasetFolder") -> None:
    flowers.write("hidden.wav", "1")
    describe(flowers, "hidden.wav")

    with pytest.raises(DatasetError) as caught:
        read_description(flowers.path, loaders=WITH_LINES)

    unknown = "'hidden.wav' is of no known format; use one of"
    assert str(caught.value).splitlines() == [
        f"flowers/dataset.yaml:{place}: {unknown} .npz, .npy, .csv, .json, .jsonl, "
        ".txt, .txt.gz"
        for place in ("9:13", "11:13")
    ]


def test_what_a_loader_finds_unfit_is_told_with_its_place(
    flowers: "DatasetFolder",
) -> None:
    flowers.write("hidden.txt", "1\n2\n3\n")
    describe(flowers, "hidden.txt", field="row")

    with pytest.raises(DatasetError) as caught:
        load_dataset(flowers.path, loaders=WITH_LINES)

    assert str(caught.value) == (
        "flowers/dataset.yaml:9:32: hidden.txt: a file of lines has 'line' only; "
        "name it"
    )


def failing(path: Path) -> Source:
    raise KeyError(path.name)


class FailsToRead:
    """A source with a mistake in it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, field: FieldDescription) -> NDArray[Any]:
        raise KeyError(self._path.name)


@pytest.mark.parametrize(
    ("loader", "places"),
    [(failing, ["6:15"]), (FailsToRead, ["9:32", "11:32"])],
)
def test_a_loader_that_raises_is_shown_with_its_last_lines(
    flowers: "DatasetFolder", loader: Any, places: list[str]
) -> None:
    flowers.write("hidden.txt", "1")
    describe(flowers, "hidden.txt")

    with pytest.raises(DatasetError) as caught:
        load_dataset(flowers.path, loaders={".txt": loader})

    lines = str(caught.value).splitlines()
    failed = "hidden.txt: its loader failed; correct the file or the loader:"
    assert [line for line in lines if line.startswith("flowers/")] == [
        f"flowers/dataset.yaml:{place}: {failed}" for place in places
    ]
    assert lines[-1] == "KeyError: 'hidden.txt'"


def test_a_file_that_cannot_be_opened_is_no_fault_of_its_loader(
    flowers: "DatasetFolder",
) -> None:
    flowers.write("hidden.txt", "1")
    describe(flowers, "hidden.txt")

    def denied(path: Path) -> Source:
        raise PermissionError(13, "Permission denied", str(path))

    with pytest.raises(PermissionError, match="Permission denied"):
        load_dataset(flowers.path, loaders={".txt": denied})
