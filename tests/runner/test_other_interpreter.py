"""A runtime that is another interpreter, with libraries of its own."""

import site
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pytest_tfgrade.core.contract import OutputSpec
from pytest_tfgrade.core.limits import Limits
from pytest_tfgrade.core.runtime import ChosenRuntime
from pytest_tfgrade.core.setup import Setup
from pytest_tfgrade.core.submission import Artifact, ArtifactFormat
from pytest_tfgrade.runner import LocalRunner, Pass, SharedInputs

KERAS2 = Path(__file__).parents[1] / "keras2" / "files"


@pytest.fixture(scope="module")
def other_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python that has the libraries of this one, but not pytest-tfgrade."""
    folder = tmp_path_factory.mktemp("venv")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    python = folder / "bin" / "python"
    code = "import site; print(site.getsitepackages()[0])"
    done = subprocess.run(
        [python, "-c", code], capture_output=True, text=True, check=True
    )
    libraries = "\n".join(site.getsitepackages())
    (Path(done.stdout.strip()) / "libraries.pth").write_text(libraries)
    return python


def test_a_course_grades_with_a_tensorflow_of_its_own(other_python: Path) -> None:
    course = ChosenRuntime(name="course", library="tf_keras", python=other_python)
    with np.load(KERAS2 / "gru.npz") as stored:
        inputs = {k[6:]: v for k, v in stored.items() if k.startswith("input:")}
        (expected,) = (v for k, v in stored.items() if k.startswith("output:"))
    runner = LocalRunner([course])
    file = Artifact(
        path=KERAS2 / "gru.h5", name="x", format=ArtifactFormat.H5, sha256="", size=1
    )
    outputs = {"y": OutputSpec(shape=(None,) * expected.ndim)}

    try:
        with SharedInputs(inputs) as shared:
            (found,) = runner.predict(
                file,
                [Pass(inputs=shared)],
                outputs,
                Limits(),
                Setup(runtime="course", keras_version="2.15.0"),
            )
        [known] = runner.runtimes
        versions = runner.versions["course"]
    finally:
        runner.close()

    np.testing.assert_allclose(found.arrays["y"], expected, atol=1e-6)
    assert (found.runtime, known.python) == ("course", str(other_python))
    assert "tf_keras" in versions
