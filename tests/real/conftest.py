"""Models of others: fetched, called by their own library, and graded in one run."""

import hashlib
import io
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from email.parser import BytesHeaderParser
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from numpy.typing import NDArray

HERE = Path(__file__).parent
Model = Mapping[str, Any]
Array = NDArray[Any]
MODELS: Mapping[str, Model] = yaml.safe_load((HERE / "models.yaml").read_text("utf-8"))

ROWS = 3
SOURCES = (  # as many as rows
    "def area(r):\n    return 3.14 * r ** 2\n",
    '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n',
    "",
)
FETCH_SECONDS = 120
GRADE_SECONDS = 300
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
KERNELS = {  # as in the worker: with others, basic_pitch differs by 1e-4
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
}

Fetch = Callable[[str], Path]


class UnreachableError(Exception):
    """A wheel cannot be had; says which and why."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that takes a task once for each model."""
    if "task" in metafunc.fixturenames:
        metafunc.parametrize("task", MODELS)


@pytest.fixture
def model(task: str) -> Model:
    """What ``models.yaml`` says of a task's model."""
    return MODELS[task]


@pytest.fixture(scope="session")
def fetch(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Fetch:
    """Return the path of a package's wheel, or skip; asks once for each package."""
    cached = getattr(request.config, "cache", None)  # none with -p no:cacheprovider
    name = "tfgrade-wheels"
    folder = cached.mkdir(name) if cached else tmp_path_factory.mktemp(name)

    @cache
    def asked(package: str) -> Path | UnreachableError:
        try:
            return wheel(package, folder)
        except UnreachableError as reason:
            return reason

    def found_or_skipped(package: str) -> Path:
        found = asked(package)
        if isinstance(found, UnreachableError):
            pytest.skip(str(found))
        return found

    return found_or_skipped


@pytest.fixture(scope="session")
def licence() -> Callable[[Path], str]:
    """Say what a wheel's licence is."""
    return stated_licence


@pytest.fixture
def reason_to_skip() -> Callable[..., str]:
    """Say why a wheel cannot be had."""

    def reason(*arguments: Any) -> str:
        with pytest.raises(UnreachableError) as caught:
            wheel(*arguments)
        return str(caught.value)

    return reason


def wheel(
    package: str, folder: Path, environment: Mapping[str, str] | None = None
) -> Path:
    """Return the path of ``NAME==VERSION``'s wheel in a folder, fetched if need be.

    Wheels for one platform are asked for, so that their bytes are the same everywhere.

    Args:
        package: What to fetch.
        folder: Where it is kept.
        environment: For pip, beside what this process has.

    Raises:
        UnreachableError: No package index can be asked, or it has no such wheel.
    """
    stem = package.replace("-", "_").replace("==", "-")
    if found := sorted(folder.glob(f"{stem}-*.whl")):
        return found[0]
    pip = [sys.executable, "-m", "pip", "--no-input", "--disable-pip-version-check"]
    options = ["download", "--quiet", "--no-deps", "--only-binary=:all:"]
    waiting = ["--retries", "1", "--timeout", "20"]
    platform = ["--platform", "manylinux_2_28_x86_64", "--python-version", "3.11"]
    with tempfile.TemporaryDirectory(dir=folder) as fresh:
        try:
            subprocess.run(
                [*pip, *options, *waiting, *platform, "--dest", fresh, package],
                env={**os.environ, **(environment or {})},
                capture_output=True,
                check=True,
                text=True,
                timeout=FETCH_SECONDS,
            )
        except subprocess.TimeoutExpired:
            cause = f"no answer within {FETCH_SECONDS} s"
            raise UnreachableError(f"{package} cannot be fetched: {cause}") from None
        except subprocess.CalledProcessError as error:
            lines = error.stderr.splitlines()
            cause = next((x for x in lines if x.startswith("ERROR")), error.stderr)
            raise UnreachableError(f"{package} cannot be fetched: {cause}") from None
        (file,) = Path(fresh).glob("*.whl")
        return file.replace(folder / file.name)  # whole, also if others fetch it too


def stated_licence(file: Path) -> str:
    """Return what a wheel says its licence is."""
    with zipfile.ZipFile(file) as archive:
        about = {
            name.rpartition("/")[2]: archive.read(name)
            for name in archive.namelist()
            if ".dist-info/" in name
        }
    metadata = BytesHeaderParser().parsebytes(about["METADATA"])
    stated = metadata["License-Expression"] or metadata["License"]
    if stated is None and b"Apache License" in about["LICENSE"]:
        version = b"Version 2.0," in about["LICENSE"]
        stated = "Apache-2.0" if version else None
    return str(stated)


def unpack(model: Model, file: Path, folder: Path) -> Path:
    """Write a model's files, and only these, where a candidate would; return where."""
    place: Path = folder / model["handed_in"]
    with zipfile.ZipFile(file) as archive:
        for name, sha256 in model["files"].items():
            inside = f"{model['folder']}/{name}" if "folder" in model else name
            content = archive.read(inside)
            assert hashlib.sha256(content).hexdigest() == sha256, inside
            path = place / name if "folder" in model else place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return place


@pytest.fixture(scope="session")
def graded(tmp_path_factory: pytest.TempPathFactory, fetch: Fetch) -> Path:
    """The folder of one run over all models that can be had.

    ``native.npz`` holds what the libraries return, ``out/grades.json`` the grades,
    ``seen/`` what the run saw of each model, as ``own_tests.py`` wrote it down.
    """
    folder = tmp_path_factory.mktemp("course")
    tasks = {task: path for task in MODELS if (path := handed_in(task, fetch, folder))}
    if not tasks:
        pytest.skip("no package can be fetched")
    call_natively(tasks, folder)
    write_course(tasks, folder)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "."),
            *("--tfgrade", "submissions", "--tfgrade-report", "out"),
        ],
        cwd=folder,
        capture_output=True,
        check=False,
        text=True,
        timeout=GRADE_SECONDS,
    )
    sys.stdout.write(done.stdout + done.stderr)  # pytest shows it beside a failure
    return folder


def handed_in(task: str, fetch: Fetch, folder: Path) -> Path | None:
    """Unpack a task's model into its candidate's folder, if it can be had."""
    model = MODELS[task]
    try:
        file = fetch(model["package"])
    except pytest.skip.Exception:
        return None
    return unpack(model, file, folder / "submissions" / "others")


def call_natively(tasks: Mapping[str, Path], folder: Path) -> None:
    """Write made-up inputs, and what the models' own libraries return for them."""
    inputs = {task: made_up(MODELS[task]) for task in tasks}
    np.savez(folder / "inputs.npz", **inputs)  # type: ignore[arg-type]
    jobs = [native_job(task, path, folder) for task, path in tasks.items()]
    write_json(folder / "jobs.json", jobs)
    subprocess.run(
        [sys.executable, str(HERE / "predict_natively.py"), str(folder)],
        env={**os.environ, **QUIET, **KERNELS},
        capture_output=True,
        check=True,
        timeout=GRADE_SECONDS,
    )


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


def native_job(task: str, path: Path, folder: Path) -> dict[str, Any]:
    """Return what ``predict_natively.py`` is to do for a model."""
    model = MODELS[task]
    names = model.get("native_outputs", {})
    outputs = {name: names.get(name, name) for name in model["contract"]["outputs"]}
    if path.suffix == ".zip":
        path = only_keras_file(path, folder / f"{task}.keras")
    return {
        "task": task,
        "native": model["native"],
        "path": str(path),
        "outputs": outputs,
        "signature": model.get("signature", "serving_default"),
    }


def only_keras_file(path: Path, target: Path) -> Path:
    """Write the one ``.keras`` file of a zip, and return where."""
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".keras"))
        target.write_bytes(archive.read(name))
    return target


def write_course(tasks: Mapping[str, Path], folder: Path) -> None:
    """Write a rubric and data for each model: to return what its own library does."""
    inputs, native = np.load(folder / "inputs.npz"), np.load(folder / "native.npz")
    for task in tasks:
        contract = MODELS[task]["contract"]
        (name,) = contract["inputs"]
        outputs = {output: native[f"{task}/{output}"] for output in contract["outputs"]}
        write_data(folder / "reference_data" / task, {name: inputs[task]}, outputs)
        write_json(folder / "rubrics" / f"{task}.yaml", rubric(task, MODELS[task]))
    exam = {"exam": "Models of others", "tasks": list(tasks)}
    write_json(folder / "rubrics" / "exam.yaml", exam)
    own = (HERE / "own_tests.py").read_text(encoding="utf-8")
    (folder / "test_own.py").write_text(own, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (folder / "seen").mkdir()


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
