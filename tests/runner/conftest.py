"""One warm zygote for all tests of the runner; orders that tests give it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from pytest_tfgrade.core.contract import OutputSpec
from pytest_tfgrade.core.limits import Limits
from pytest_tfgrade.core.submission import Artifact, ArtifactFormat
from pytest_tfgrade.runner import LocalRunner, Predictions, SharedInputs

Predict = Callable[..., Predictions]


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
        return by.predict(artifact(path), images, outputs, limits or Limits())

    return run


def artifact(path: Path) -> Artifact:
    """Return a file as if it had been staged."""
    return Artifact(
        path=path, name=path.name, format=ArtifactFormat.KERAS, sha256="", size=1
    )
