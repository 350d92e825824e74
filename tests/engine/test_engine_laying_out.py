"""Inputs are laid out once, as the contract says, for models and checks alike."""

import hashlib
import os
import tracemalloc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pytest_tfgrade.core.errors import DatasetError
from pytest_tfgrade.datasets import EvaluationDataset, load_dataset
from pytest_tfgrade.datasets.blocks import BYTES
from pytest_tfgrade.engine.shelf import Shelf
from pytest_tfgrade.rubric import Rubric, read_rubric

WIDE = BYTES // 8
ROWS = 32

RUBRIC = """\
task: {task}
dataset: made
contract: {{inputs: {{x: {input}}}, outputs: {{y: {{shape: [null, 1]}}}}}}
criteria: [{{id: error, check: predict.metric, metric: mae, threshold: 1, points: 1}}]
"""

DESCRIPTION = """\
dataset: made
title: Made
source: made up
license: CC0-1.0
files: {{made.npz: {sha256}}}
rows: {rows}
inputs:
  x: {{file: made.npz, field: x, dtype: uint8, shape: [{wide}]}}
  other: {{file: made.npz, field: x, dtype: uint8, shape: [{wide}]}}
targets:
  y: {{file: made.npz, field: y, dtype: float32, shape: [1]}}
"""

AS_FLOATS = f"{{shape: [null, {WIDE}], range: [0, 1]}}"
AS_BYTES = f"{{shape: [null, {WIDE}], dtype: uint8}}"

MakeRubric = Callable[..., Rubric]


@pytest.fixture
def rubric(tmp_path: Path) -> MakeRubric:
    def make(input_: str, task: str = "made") -> Rubric:
        file = tmp_path / f"{task}.yaml"
        file.write_text(RUBRIC.format(input=input_, task=task))
        return read_rubric(file)

    return make


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Make a dataset of bytes in a file, a row of two to a block."""
    folder = tmp_path / "data" / "made"
    folder.mkdir(parents=True)
    values = np.random.default_rng(0).integers(0, 256, (ROWS, WIDE), np.uint8)
    np.savez(folder / "made.npz", x=values, y=np.zeros((ROWS, 1), np.float32))
    sha256 = hashlib.sha256((folder / "made.npz").read_bytes()).hexdigest()
    (folder / "dataset.yaml").write_text(
        DESCRIPTION.format(sha256=sha256, rows=ROWS, wide=WIDE)
    )
    return folder.parent


@pytest.fixture
def shelf(data: Path) -> Shelf:
    return Shelf(data, lambda name, folder: None)


def test_models_and_checks_see_the_same_pages(shelf: Shelf, rubric: MakeRubric) -> None:
    made = rubric(AS_FLOATS)

    inputs, array = shelf.inputs(made, "made"), shelf.arrays(made, "made")["x"]

    assert os.pread(inputs.descriptors[0], array.nbytes, 0) == array.tobytes()
    assert _is_mapped_from(array, inputs.descriptors[0])
    shelf.close()


def _is_mapped_from(array: Any, descriptor: int) -> bool:
    """Return whether an array lies in pages of the file that is open."""
    inode, address = os.fstat(descriptor).st_ino, array.ctypes.data
    for line in Path("/proc/self/maps").read_text().splitlines():
        span, _, _, _, number, *_ = line.split()
        first, last = (int(end, 16) for end in span.split("-"))
        if first <= address < last:
            return int(number) == inode
    return False


def test_laying_out_takes_no_memory_besides(shelf: Shelf, rubric: MakeRubric) -> None:
    made = rubric(AS_FLOATS)

    tracemalloc.start()
    shelf.fetch([made])
    shelf.inputs(made, "made")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert shelf.arrays(made, "made")["x"].nbytes == ROWS * WIDE * 4
    assert peak < 12 * BYTES  # of 16 blocks, given as bytes thirty-two, as bytes four
    shelf.close()


def test_inputs_are_shared_by_tasks_that_want_them_alike(
    shelf: Shelf, rubric: MakeRubric
) -> None:
    first, second, third = (
        rubric(AS_FLOATS, "first"),
        rubric(AS_FLOATS, "second"),
        rubric(AS_BYTES, "third"),
    )

    shelf.fetch([first, second, third])

    assert shelf.inputs(first, "made") is shelf.inputs(second, "made")
    assert shelf.inputs(first, "made") is not shelf.inputs(third, "made")
    assert shelf.arrays(third, "made")["x"].dtype == np.uint8
    shelf.close()


def test_the_dataset_itself_still_has_all_its_inputs(
    shelf: Shelf, rubric: MakeRubric, data: Path
) -> None:
    shelf.fetch([rubric(AS_FLOATS)])

    found = shelf.dataset("made")

    expected = load_dataset(data / "made")
    assert (found.sha256, found.rows) == (expected.sha256, ROWS)
    assert list(found.inputs) == ["x", "other"]
    np.testing.assert_array_equal(found.inputs["x"], expected.inputs["x"])
    assert shelf.dataset("made") is found
    shelf.close()


@dataclass(frozen=True)
class Turned:
    """Turn one input around; leave the others."""

    name: str

    def apply(self, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        return {n: a[::-1] if n == self.name else a for n, a in inputs.items()}


def test_what_a_change_leaves_as_it_is_is_not_copied(
    tmp_path: Path, rubric: MakeRubric
) -> None:
    values = {name: np.arange(3, dtype=np.float32)[:, None] for name in "xz"}
    targets = {"y": np.zeros((3, 1), np.float32)}
    shelf = Shelf(tmp_path, lambda n, _: EvaluationDataset.of(n, values, targets))
    made = rubric("{shape: [null, 1]}, z: {shape: [null, 1]}")

    plain = shelf.inputs(made, "made")
    turned = shelf.inputs(made, "made", Turned("x"))

    files = [
        [os.fstat(one).st_ino for one in inputs.descriptors]
        for inputs in (plain, turned)
    ]
    assert files[0][1] == files[1][1]
    assert files[0][0] != files[1][0]
    assert os.pread(turned.descriptors[0], 12, 0) == values["x"][::-1].tobytes()
    assert plain.digest != turned.digest
    shelf.close()


def test_a_disk_without_room_is_told(
    shelf: Shelf, rubric: MakeRubric, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pytest_tfgrade.core.pages.available", lambda: 0)
    monkeypatch.setattr("tempfile.tempdir", "/dev/full")

    with pytest.raises(DatasetError) as caught:
        shelf.fetch([rubric(AS_BYTES)])

    assert str(caught.value) == (
        f"there is no room for 'x' of the dataset 'made', {ROWS * WIDE} bytes: "
        "Not a directory; point TMPDIR to a disk with room"
    )


def test_inputs_that_do_not_fit_into_memory_are_the_same(
    shelf: Shelf, rubric: MakeRubric, monkeypatch: pytest.MonkeyPatch, data: Path
) -> None:
    made = rubric(AS_FLOATS)
    monkeypatch.setattr("pytest_tfgrade.core.pages.available", lambda: 0)
    monkeypatch.setattr("tempfile.tempdir", str(data))
    on_disk = Shelf(data, lambda name, folder: None)
    on_disk.fetch([made])
    monkeypatch.undo()

    first, second = on_disk.inputs(made, "made"), shelf.inputs(made, "made")
    assert first.digest == second.digest
    devices = [os.fstat(inputs.descriptors[0]).st_dev for inputs in (first, second)]
    assert devices[0] == data.stat().st_dev != devices[1]
    on_disk.close()
    shelf.close()
