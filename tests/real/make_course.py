"""Makes a course whose tasks are to return what a model's own library returns.

    python make_course.py FOLDER

``FOLDER/submissions/CANDIDATE/`` holds models that ``models.yaml`` lists; rubrics, data
and a grader's own tests are written beside. Each target is what the library returns for
made-up inputs; nothing is drawn anew from run to run.
"""

import hashlib
import json
import sys
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray
from predict_natively import LIBRARIES

HERE = Path(__file__).parent
Model = Mapping[str, Any]
Array = NDArray[Any]

ROWS = 3
SOURCES = (  # as many as rows
    "def area(r):\n    return 3.14 * r ** 2\n",
    '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n',
    "",
)


def main(folder: Path) -> None:
    """Write the course."""
    models = yaml.safe_load((HERE / "models.yaml").read_text(encoding="utf-8"))
    (candidate,) = (folder / "submissions").iterdir()
    tasks = []
    for task, model in models.items():
        path = candidate / model["handed_in"]
        if not path.exists():
            continue
        tasks.append(task)
        (name,) = model["contract"]["inputs"]
        rows = made_up(model)
        targets = native(model, path, rows, folder)
        write_data(folder / "reference_data" / task, {name: rows}, targets)
        write_json(folder / "rubrics" / f"{task}.yaml", rubric(task, model))
    exam = {"exam": "Models of others", "tasks": tasks}
    write_json(folder / "rubrics" / "exam.yaml", exam)
    own = (HERE / "own_tests.py").read_text(encoding="utf-8")
    (folder / "test_own.py").write_text(own, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (folder / "seen").mkdir()


def made_up(model: Model) -> Array:
    """Return a model's inputs: ``(rows, ...)``, the same each time."""
    (spec,) = model["contract"]["inputs"].values()
    if spec.get("dtype") == "string":
        return np.array(SOURCES).reshape(ROWS, *spec["shape"][1:])
    free = model.get("free", {})
    shape = (ROWS, *(free.get(k, n) for k, n in enumerate(spec["shape"]) if k))
    low, high = model["fill"]
    values: Array = np.random.default_rng(0).random(shape, dtype=np.float32)
    values = values * np.float32(high - low) + np.float32(low)
    if "masked" in model:
        values[0, shape[1] // 2 :] = model["masked"]
    return values


def native(model: Model, path: Path, rows: Array, folder: Path) -> dict[str, Array]:
    """Return what the model's own library returns, by the task's names."""
    if path.suffix == ".zip":
        path = only_keras_file(path, folder / "only.keras")
    signature = model.get("signature", "serving_default")
    found = LIBRARIES[model["native"]](str(path), rows, signature)
    names = model.get("native_outputs", {})
    outputs = {name: names.get(name, name) for name in model["contract"]["outputs"]}
    return {
        name: found[key] if key in found else found[""] for name, key in outputs.items()
    }


def only_keras_file(path: Path, target: Path) -> Path:
    """Write the one ``.keras`` file of a zip, and return where."""
    with zipfile.ZipFile(path) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".keras"))
        target.write_bytes(archive.read(name))
    return target


def write_data(
    folder: Path, inputs: Mapping[str, Array], targets: Mapping[str, Array]
) -> None:
    """Write an evaluation dataset as a course has it."""
    folder.mkdir(parents=True)
    file = folder / "hidden.npz"
    np.savez(file, **inputs, **targets)  # type: ignore[arg-type]
    description = {
        "dataset": folder.name,
        "title": "What a model of others returns",
        "source": "Made up, and predicted by the library that reads the model.",
        "license": "CC0-1.0",
        "files": {file.name: hashlib.sha256(file.read_bytes()).hexdigest()},
        "rows": ROWS,
        "inputs": {name: field(name, array) for name, array in inputs.items()},
        "targets": {name: field(name, array) for name, array in targets.items()},
    }
    write_json(folder / "dataset.yaml", description)


def field(name: str, array: Array) -> dict[str, Any]:
    """Return the description of one array."""
    dtype = "string" if array.dtype.kind == "U" else array.dtype.name
    place = {"file": "hidden.npz", "field": name}
    return {**place, "dtype": dtype, "shape": list(array.shape[1:])}


def rubric(task: str, model: Model) -> dict[str, Any]:
    """Return a rubric that only a faithful copy earns all points of."""
    copies = [
        {
            "id": f"copies-{output.replace('_', '-').lower()}",
            "check": "predict.metric",
            "metric": "max_error",
            "output": output,
            "threshold": 1e-3,  # of numbers up to 150; the tests look closer
            "points": 1,
        }
        for output in model["contract"]["outputs"]
    ]
    signature = {"signature": model["signature"]} if "signature" in model else {}
    return {
        "task": task,
        "dataset": task,
        "artifact": signature,
        "contract": model["contract"],
        "limits": {"seconds": 60, "memory": "3 GiB"},
        "criteria": [
            {"id": "file", "check": "file", "points": 1},
            {"id": "shapes", "check": "model.io", "points": 1},
            {"id": "contract", "check": "predict.contract", "points": 1},
            *copies,
        ],
    }


def write_json(path: Path, value: object) -> None:
    """Write a value as JSON, which is YAML."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(value, indent=1), encoding="utf-8")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(Path(sys.argv[1]))
