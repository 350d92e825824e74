"""Models of every format and architecture, graded against what their libraries say.

For each library one process saves them, and one run of the plugin grades all: a task
for each architecture and format, whose targets are the native predictions.
"""

import hashlib
import json
import os
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


def _graded(library: str, folder: Path) -> Graded:
    legacy = {"TF_USE_LEGACY_KERAS": "1"} if library == "tf_keras" else {}
    maker = Path(__file__).parent / "make_models.py"
    subprocess.run(
        [sys.executable, str(maker), library, str(folder / "models")],
        env={**os.environ, **legacy},
        capture_output=True,
        check=True,
    )
    for architecture in sorted((folder / "models").iterdir()):
        for form, artifact in ARTIFACTS.items():
            if (architecture / f"{form}.npz").exists():
                _write_task(folder, architecture, form, artifact)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    options = ["--tfgrade=submissions", "--tfgrade-report=out"]
    subprocess.run([*command, *options], cwd=folder, check=False, capture_output=True)
    document = json.loads((folder / "out" / "grades.json").read_text())
    return {task["id"]: task for task in document["submissions"][0]["tasks"]}


def _write_task(folder: Path, models: Path, form: str, artifact: str) -> None:
    """Write a rubric and data, and hand the artifact in."""
    task = f"{models.name}-{form}"
    with np.load(models / "inputs.npz") as stored:
        inputs = dict(stored)
    with np.load(models / f"{form}.npz") as stored:
        targets = dict(stored)
    _write(
        folder / "rubrics" / f"{task}.yaml", _rubric(task, artifact, inputs, targets)
    )
    data = folder / "reference_data" / task
    data.mkdir(parents=True)
    np.savez(data / "data.npz", **inputs, **targets)
    _write(data / "dataset.yaml", _description(task, data, inputs, targets))
    handed_in = folder / "submissions" / "ada" / task
    handed_in.mkdir(parents=True)
    (models / artifact).rename(handed_in / artifact)
    (handed_in / "model.py").write_text((models / "model.py").read_text())


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
    def described(arrays: dict[str, Any]) -> dict[str, Any]:
        return {
            name: {
                "file": "data.npz",
                "field": name,
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
        "targets": described(targets),
    }


def _dtype(array: Any) -> str:
    return "string" if array.dtype.kind == "U" else str(array.dtype.name)


def _write(path: Path, tree: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(tree), encoding="utf-8")
