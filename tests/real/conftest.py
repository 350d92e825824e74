"""Models of others: fetched, called by their own library, and graded in one run."""

import hashlib
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

import pytest
import yaml

HERE = Path(__file__).parent
Model = Mapping[str, Any]
MODELS: Mapping[str, Model] = yaml.safe_load((HERE / "models.yaml").read_text("utf-8"))

FETCH_SECONDS = 120
GRADE_SECONDS = 300
KERNELS = {  # as in the worker: with others, basic_pitch differs by 1e-4
    "CUDA_VISIBLE_DEVICES": "-1",
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
    waiting = ["--retries", "1", "--timeout", "15"]
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


def unpack(model: Model, file: Path, folder: Path) -> None:
    """Write a model's files, and only these, where a candidate would."""
    place: Path = folder / model["handed_in"]
    with zipfile.ZipFile(file) as archive:
        for name, sha256 in model["files"].items():
            inside = f"{model['folder']}/{name}" if "folder" in model else name
            content = archive.read(inside)
            assert hashlib.sha256(content).hexdigest() == sha256, inside
            path = place / name if "folder" in model else place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


@pytest.fixture(scope="session")
def graded(tmp_path_factory: pytest.TempPathFactory, fetch: Fetch) -> Path:
    """The folder of one run over all models that can be had.

    ``reference_data/`` holds what the libraries return, ``out/grades.json`` the grades,
    ``seen/`` what the run saw of each model, as ``own_tests.py`` wrote it down.
    """
    folder = tmp_path_factory.mktemp("course")
    had = [handed_in(task, fetch, folder) for task in MODELS]
    if not any(had):
        return folder  # each test says why
    make = [sys.executable, str(HERE / "make_course.py"), str(folder)]
    subprocess.run(
        make,
        env={**os.environ, **KERNELS, "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        check=True,
        timeout=GRADE_SECONDS,
    )
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


def handed_in(task: str, fetch: Fetch, folder: Path) -> bool:
    """Unpack a task's model into its candidate's folder; return whether it is there."""
    model = MODELS[task]
    try:
        file = fetch(model["package"])
    except pytest.skip.Exception:
        return False
    unpack(model, file, folder / "submissions" / "others")
    return True
