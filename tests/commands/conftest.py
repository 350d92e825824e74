"""A small course, and one way to run a command."""

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
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


class Saver:
    """Saves models as Keras 3 does, without TensorFlow."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def layer(self, class_name: str, name: str, **config: Any) -> dict[str, Any]:
        """Return a layer as it is saved."""
        return {
            "module": "keras.layers",
            "class_name": class_name,
            "config": {"name": name, "dtype": "float32", **config},
            "registered_name": None,
        }

    def start(self, *shape: int | None) -> dict[str, Any]:
        """Return the input layer of a model, batch axis left out."""
        return self.layer("InputLayer", "in", batch_shape=[None, *shape])

    def model(self, *layers: dict[str, Any], name: str = "made") -> dict[str, Any]:
        """Return a Sequential model as it is saved."""
        return {
            "module": "keras",
            "class_name": "Sequential",
            "config": {"name": name, "layers": list(layers)},
            "registered_name": None,
        }

    def keras(
        self,
        name: str,
        *layers: dict[str, Any],
        weights: Mapping[str, Any] | None = None,
        compile_config: object = None,
    ) -> Path:
        """Write a ``.keras`` file; weights by path, as ``layers/dense/vars/0``."""
        config = {**self.model(*layers), "compile_config": compile_config}
        held = io.BytesIO()
        with h5py.File(held, "w") as file:
            file.create_group("layers")
            _fill(file, weights or {})
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(path, "w") as members:
            members.writestr("metadata.json", json.dumps({"keras_version": "3.15.1"}))
            members.writestr("config.json", json.dumps(config))
            members.writestr("model.weights.h5", held.getvalue())
        return path

    def h5(
        self,
        name: str,
        *layers: dict[str, Any],
        weights: Mapping[str, Any],
        training_config: object,
    ) -> Path:
        """Write an ``.h5`` file; weights by path, below ``model_weights``."""
        path = self.folder / name
        with h5py.File(path, "w") as file:
            file.attrs["keras_version"] = "2.15.0"
            file.attrs["model_config"] = json.dumps(self.model(*layers))
            file.attrs["training_config"] = json.dumps(training_config)
            _fill(file, weights)
        return path


def _fill(file: h5py.File, weights: Mapping[str, Any]) -> None:
    for path, array in weights.items():
        file[path] = np.asarray(array, np.float32)


@pytest.fixture
def saver(tmp_path: Path) -> Saver:
    """Save models in the temporary folder, where commands run."""
    return Saver(tmp_path)
