"""Models of every format and architecture, graded against what their libraries say.

For each library one process saves them (those of Keras 2.15 are committed), and one run
of the plugin grades all: a task for each architecture and format, whose targets are the
native predictions.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

ARTIFACTS = {
    "keras": "keras.keras",
    "h5": "h5.h5",
    "weights": "weights.weights.h5",
    "old_weights": "old_weights.h5",
    "savedmodel": "savedmodel",
    "tflite": "tflite.tflite",
}

KERAS2 = Path(__file__).parents[1] / "keras2" / "files"
"""Models that other versions saved, with what they predict."""

Graded = dict[str, Any]


@pytest.fixture(scope="session")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Graded]:
    """Return the tasks of ``grades.json`` by name, for the models of a library."""
    known: dict[str, Graded] = {}

    def grade(library: str) -> Graded:
        if library not in known:
            known[library] = _graded(library, tmp_path_factory.mktemp(library))
        return known[library]

    return grade


@pytest.fixture(scope="session")
def describe() -> Callable[..., None]:
    """Return what writes a rubric and data for given arrays."""
    return describe_task


def _graded(library: str, folder: Path) -> Graded:
    if library == "keras2":
        for path in sorted(KERAS2.iterdir()):
            # A model that takes time before rows cannot be asked row by row.
            if path.suffix != ".npz" and path.name != "time_major.h5":
                _hand_in_committed(folder, path)
    else:
        _save_and_hand_in(library, folder)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    options = ["--tfgrade=submissions", "--tfgrade-report=out"]
    subprocess.run([*command, *options], cwd=folder, check=False, capture_output=True)
    document = json.loads((folder / "out" / "grades.json").read_text())
    return {task["id"]: task for task in document["submissions"][0]["tasks"]}


def _save_and_hand_in(library: str, folder: Path) -> None:
    legacy = {"TF_USE_LEGACY_KERAS": "1"} if library == "tf_keras" else {}
    maker = Path(__file__).parent / "make_models.py"
    subprocess.run(
        [sys.executable, str(maker), library, str(folder / "models")],
        env={**os.environ, **legacy},
        capture_output=True,
        check=True,
    )
    for models in sorted((folder / "models").iterdir()):
        source = (models / "model.py").read_text()
        inputs = _arrays(models / "inputs.npz")
        for form, artifact in ARTIFACTS.items():
            if (models / f"{form}.npz").exists():
                targets = _arrays(models / f"{form}.npz")
                task = f"{models.name}-{form}"
                _hand_in(folder, task, models / artifact, source)
                describe_task(folder, task, artifact, inputs, targets)


def _hand_in_committed(folder: Path, path: Path) -> None:
    """Hand in a file of another era; see ``tests/keras2/README.md``."""
    arrays = _arrays(path.with_name(path.name.partition(".")[0] + ".npz"))
    inputs, targets = (
        {key.partition(":")[2]: value for key, value in arrays.items() if kind in key}
        for kind in ("input:", "output:")
    )
    inputs = {name: _of_texts(array) for name, array in inputs.items()}
    source = (KERAS2.parent / "custom_layer.py").read_text()
    task = path.name.replace(".", "-")  # a folder of another ending is no artifact
    _hand_in(folder, task, path, source, as_=f"model{path.suffix}")
    describe_task(folder, task, "model", inputs, targets)


def _hand_in(
    folder: Path, task: str, artifact: Path, source: str, as_: str | None = None
) -> None:
    place = folder / "submissions" / "ada" / task
    place.mkdir(parents=True)
    copy = shutil.copytree if artifact.is_dir() else shutil.copy
    copy(artifact, place / (as_ or artifact.name))
    (place / "model.py").write_text(source)


def _arrays(path: Path) -> dict[str, Any]:
    with np.load(path) as stored:
        return dict(stored)


def _of_texts(array: Any) -> Any:
    return array.astype("U") if array.dtype.kind == "S" else array


def describe_task(
    folder: Path,
    task: str,
    artifact: str,
    inputs: dict[str, Any],
    targets: dict[str, Any],
) -> None:
    """Write a rubric and data."""
    write(folder / "rubrics" / f"{task}.yaml", _rubric(task, artifact, inputs, targets))
    data = folder / "reference_data" / task
    data.mkdir(parents=True)
    np.savez(data / "data.npz", **inputs, **{f"to:{k}": v for k, v in targets.items()})
    write(data / "dataset.yaml", _description(task, data, inputs, targets))


def _rubric(
    task: str, artifact: str, inputs: dict[str, Any], targets: dict[str, Any]
) -> dict[str, Any]:
    name = artifact.partition(".")[0]
    return {
        "task": task,
        "dataset": task,
        "artifact": {
            "names": [f"{task}/{name}"],
            "source": {"names": [f"{task}/model"]},
        },
        "contract": {
            "inputs": {
                name: {"shape": [None, *array.shape[1:]], "dtype": _dtype(array)}
                for name, array in inputs.items()
            },
            "outputs": {
                name: {"shape": [None, *array.shape[1:]]}
                for name, array in targets.items()
            },
        },
        "criteria": [
            {
                "id": name,
                "check": "predict.metric",
                "metric": "max_error",
                "output": name,
                "threshold": 1e-6,
                "points": 1,
            }
            for name in targets
        ],
    }


def _description(
    task: str, data: Path, inputs: dict[str, Any], targets: dict[str, Any]
) -> dict[str, Any]:
    def described(arrays: dict[str, Any], prefix: str = "") -> dict[str, Any]:
        return {
            name: {
                "file": "data.npz",
                "field": prefix + name,
                "dtype": _dtype(array),
                "shape": list(array.shape[1:]),
            }
            for name, array in arrays.items()
        }

    digest = hashlib.sha256((data / "data.npz").read_bytes()).hexdigest()
    return {
        "dataset": task,
        "title": task,
        "source": "made by make_models.py",
        "license": "CC0-1.0",
        "files": {"data.npz": digest},
        "rows": len(next(iter(inputs.values()))),
        "inputs": described(inputs),
        "targets": described(targets, "to:"),
    }


def _dtype(array: Any) -> str:
    return "string" if array.dtype.kind == "U" else str(array.dtype.name)


def write(path: Path, tree: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(tree), encoding="utf-8")
