"""A small course, and one way to run a command."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from pytest_tfgrade.cli import main


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command did."""

    status: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Run:
    """Run a command of ``tfgrade`` in the temporary folder."""
    monkeypatch.chdir(tmp_path)

    def ran(*words: str) -> Ran:
        capsys.readouterr()
        try:
            status = main(words)
        except SystemExit as ended:
            status = int(ended.code or 0)
        said = capsys.readouterr()
        return Ran(status, said.out, said.err)

    return ran


DATASET = """\
dataset: fruit
title: "Fruit: by weight"
source: made here
license: CC0-1.0
generator: {function: generate.py:fruit, seed: 1}
rows: 200
inputs:
  weight: {dtype: float64, shape: [], unit: grams, range: [0, 500]}
targets:
  kind: {dtype: int64, shape: [], classes: [cherry, apple, melon]}
"""

GENERATE = """\
import numpy as np


def fruit(*, seed):
    kind = np.random.default_rng(seed).integers(0, 3, 200)
    return {"inputs": {"weight": kind * 100.0 + 10}, "targets": {"kind": kind}}
"""


@pytest.fixture
def fruit(tmp_path: Path) -> Path:
    """Write a described dataset of three classes; return its folder."""
    folder = tmp_path / "reference_data" / "fruit"
    folder.mkdir(parents=True)
    (folder / "dataset.yaml").write_text(DATASET)
    (folder / "generate.py").write_text(GENERATE)
    return folder


MakeDataset = Callable[..., None]


@pytest.fixture
def dataset(tmp_path: Path) -> MakeDataset:
    """Write a dataset of arrays under ``reference_data``."""

    def write(name: str, inputs: np.ndarray, targets: np.ndarray, **more: str) -> None:
        folder = tmp_path / "reference_data" / name
        folder.mkdir(parents=True)
        np.savez(folder / "data.npz", x=inputs, y=targets)
        code = (
            "from pathlib import Path\nimport numpy as np\n\n\n"
            "def read(*, seed):\n"
            "    data = np.load(Path(__file__).with_name('data.npz'))\n"
            "    return {'inputs': {'x': data['x']}, 'targets': {'y': data['y']}}\n"
        )
        (folder / "generate.py").write_text(code)
        extra = "".join(f", {key}: {value}" for key, value in more.items())
        (folder / "dataset.yaml").write_text(
            f"dataset: {name}\ntitle: any\nsource: any\nlicense: CC0-1.0\n"
            "generator: {function: generate.py:read, seed: 1}\n"
            f"rows: {len(inputs)}\n"
            f"inputs: {{x: {_described(inputs)}}}}}\n"
            f"targets: {{y: {_described(targets)}{extra}}}}}\n"
        )

    return write


def _described(array: np.ndarray) -> str:
    return f"{{dtype: {array.dtype}, shape: {list(array.shape[1:])}"
