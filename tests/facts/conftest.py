"""Real models, saved once for a session, and a reader without TensorFlow."""

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import pytest

from pytest_tfgrade.core.facts import Facts, StoredWeights
from pytest_tfgrade.core.submission import Artifact
from pytest_tfgrade.facts import read_facts, read_stored_weights, recognise
from pytest_tfgrade.runner.worker import hdf5

HERE = Path(__file__).parent

ReadHdf5 = Callable[..., dict[str, Any]]
Read = Callable[[Path], Facts]


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models that Keras 3 and tf-keras saved; see ``save_models.py``."""
    folder = tmp_path_factory.mktemp("models")
    subprocess.run(
        [sys.executable, str(HERE / "save_models.py"), str(folder)],
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"},
        capture_output=True,
        check=True,
        timeout=120,
    )
    return folder


@pytest.fixture(scope="session")
def expected(models: Path) -> dict[str, Any]:
    """What the libraries say of the models they saved."""
    facts: dict[str, Any] = json.loads((models / "expected.json").read_text("utf-8"))
    return facts


@pytest.fixture(scope="session")
def read_hdf5() -> ReadHdf5:
    """The function of the worker, run in the process of the tests."""
    return hdf5.read_hdf5


@pytest.fixture(scope="session")
def read(read_hdf5: ReadHdf5) -> Read:
    """Facts of a file, by way of JSON as between processes."""

    def read_file(path: Path) -> Facts:
        return read_facts(
            artifact_at(path),
            lambda artifact: json.loads(json.dumps(read_hdf5(str(artifact.path)))),
        )

    return read_file


@pytest.fixture(scope="session")
def read_stored(read_hdf5: ReadHdf5, read: Read) -> Callable[[Path], StoredWeights]:
    """What a file stores of each variable, by way of JSON as between processes."""

    def read_file(path: Path) -> StoredWeights:
        def answer(artifact: Artifact, *, values: bool) -> object:
            return json.loads(json.dumps(read_hdf5(str(artifact.path), values)))

        return read_stored_weights(artifact_at(path), answer, read(path))

    return read_file


@pytest.fixture
def keras_file(tmp_path: Path) -> Callable[..., Path]:
    """Write a ``.keras`` file by hand: its configuration, and members to add."""

    def write(config: object, **members: str) -> Path:
        path = tmp_path / "made.keras"
        text = config if isinstance(config, str) else json.dumps(config)
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("metadata.json", '{"keras_version": "3.15.1"}')
            archive.writestr("config.json", text)
            archive.writestr("model.weights.h5", one_weight())
            for name, content in members.items():
                archive.writestr(name, content)
        return path

    return write


def one_weight() -> bytes:
    """Return an HDF5 file with one number."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file["layers/dense/vars/0"] = [[0.5]]
    return buffer.getvalue()


def artifact_at(path: Path) -> Artifact:
    """Return a staged copy as the engine would describe it."""
    return Artifact(
        path=path,
        name=path.name,
        format=recognise(path),
        sha256="0" * 64,
        size=path.stat().st_size,
    )
