"""One warm zygote for all tests of the runner; orders that tests give it."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from pytest_tfgrade.core.contract import OutputSpec
from pytest_tfgrade.core.limits import Limits
from pytest_tfgrade.core.submission import Artifact, ArtifactFormat
from pytest_tfgrade.runner import LocalRunner, Pass, Predictions, SharedInputs

Predict = Callable[..., Predictions]
Ask = Callable[..., tuple[Predictions, ...]]


@pytest.fixture(scope="session")
def runner() -> Iterator[LocalRunner]:
    runner = LocalRunner()
    yield runner
    runner.close()


@pytest.fixture(scope="session")
def images() -> Iterator[SharedInputs]:
    values = np.random.default_rng(0).random((500, 8, 8), dtype=np.float32)
    with SharedInputs({"image": values}) as inputs:
        yield inputs


@pytest.fixture
def predict(runner: LocalRunner, images: SharedInputs) -> Predict:
    """Run a model of (8, 8) -> (64,) under limits."""

    def run(
        path: Path,
        limits: Limits | None = None,
        outputs: dict[str, OutputSpec] | None = None,
        by: LocalRunner = runner,
    ) -> Predictions:
        outputs = outputs or {"y": OutputSpec(shape=(None, 64))}
        plain = [Pass(inputs=images)]
        (predictions,) = by.predict(artifact(path), plain, outputs, limits or Limits())
        return predictions

    return run


@pytest.fixture
def ask(runner: LocalRunner) -> Ask:
    """Run a model for several passes, by default of one output, ``y``."""

    def run(
        path: Path,
        *passes: Pass,
        limits: Limits | None = None,
        axes: int = 2,
        names: tuple[str, ...] = ("y",),
    ) -> tuple[Predictions, ...]:
        outputs = {name: OutputSpec(shape=(None,) * axes) for name in names}
        return runner.predict(artifact(path), passes, outputs, limits or Limits())

    return run


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models that Keras saved; see ``save_models.py``."""
    folder = tmp_path_factory.mktemp("models")
    subprocess.run(
        [sys.executable, str(Path(__file__).parent / "save_models.py"), str(folder)],
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"},
        capture_output=True,
        check=True,
        timeout=120,
    )
    return folder


def artifact(path: Path) -> Artifact:
    """Return a file as if it had been staged."""
    return Artifact(
        path=path, name=path.name, format=ArtifactFormat.KERAS, sha256="", size=1
    )
