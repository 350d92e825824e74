"""Which runtimes are tried on a file, and what becomes of its grade."""

import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from numpy.typing import NDArray

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.criterion import RunRecord
from pytest_tfgrade.core.errors import Ungradable, Unloadable
from pytest_tfgrade.core.runtime import KnownRuntime
from pytest_tfgrade.core.verdict import TaskResult

if TYPE_CHECKING:
    from conftest import FakeRunner, School

KERAS3 = KnownRuntime(name="keras3", python="python", keras="3.15.1")
TF_KERAS = KnownRuntime(
    name="tf_keras", python="python", library="tf_keras", keras="2.21.0"
)
MISSING = replace(TF_KERAS, keras=None, missing="python has no tf_keras; install it")


def saved_by(model: bytes, version: str) -> bytes:
    """Return a ``.keras`` file with another version in its metadata."""
    changed = BytesIO()
    with zipfile.ZipFile(BytesIO(model)) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "metadata.json":
                content = json.dumps({"keras_version": version}).encode()
            new.writestr(name, content)
    return changed.getvalue()


@pytest.fixture
def runner(school: "School") -> "FakeRunner":
    """Return the school's runner."""
    return school.runner


@pytest.fixture
def alice(school: "School") -> "School":
    """Return a school in which alice handed in a model."""
    school.hand_in("alice/line.keras")
    return school


@pytest.fixture
def only(runner: "FakeRunner") -> Callable[..., None]:
    """Let only one runtime load models; others fail with a code."""

    def let(name: str, code: Code = Code.LOAD) -> None:
        good = runner.answer

        def answer(artifact: Any) -> NDArray[Any]:
            if runner.setups[-1].runtime != name:
                raise Unloadable(code, detail="why")
            return good(artifact)

        runner.answer = answer

    return let


def tried(runner: "FakeRunner") -> list[str]:
    return [setup.runtime for setup in runner.setups]


@pytest.mark.parametrize(
    ("version", "runtime"), [("3.15.1", "keras3"), ("2.15.0", "tf_keras")]
)
def test_a_file_goes_to_the_keras_of_its_era(
    alice: "School", runner: "FakeRunner", version: str, runtime: str
) -> None:
    runner.runtimes = [KERAS3, TF_KERAS]
    alice.hand_in("alice/line.keras", saved_by(alice.model, version))

    grade = alice.grade()

    assert tried(runner) == [runtime]
    assert runner.setups[0].keras_version == version
    assert (grade.points, grade.run) == (5, RunRecord(runtime=runtime))


def test_what_one_runtime_cannot_load_the_other_tries(
    alice: "School", runner: "FakeRunner", only: Callable[..., None]
) -> None:
    runner.runtimes = [KERAS3, TF_KERAS]
    only("keras3")
    alice.hand_in("alice/line.keras", saved_by(alice.model, "2.15.0"))

    grade = alice.grade()

    assert tried(runner) == ["tf_keras", "keras3"]
    assert (grade.points, grade.run) == (5, RunRecord(runtime="keras3"))


@pytest.mark.parametrize("code", [Code.TIMEOUT, Code.MEMORY, Code.UNSAFE])
def test_what_no_other_library_would_change_is_not_tried_again(
    alice: "School", runner: "FakeRunner", only: Callable[..., None], code: Code
) -> None:
    runner.runtimes = [KERAS3, TF_KERAS]
    only("tf_keras", code)
    alice.hand_in("alice/line.keras", saved_by(alice.model, "3.15.1"))

    grade = alice.grade()

    assert (tried(runner), grade.code) == (["keras3"], code)


def test_a_model_that_fails_when_it_is_called_is_not_loaded_again(
    alice: "School", runner: "FakeRunner"
) -> None:
    def fail(artifact: object) -> NDArray[Any]:
        raise Ungradable(Code.LOAD)

    runner.runtimes = [KERAS3, TF_KERAS]
    runner.answer = fail

    assert alice.grade().code == Code.LOAD
    assert tried(runner) == ["keras3"]


def test_the_graders_missing_library_leaves_the_score_open(
    alice: "School", runner: "FakeRunner", only: Callable[..., None]
) -> None:
    runner.runtimes = [KERAS3, MISSING]
    only("nobody")
    alice.hand_in("alice/line.keras", saved_by(alice.model, "2.15.0"))

    grade = alice.grade()

    assert (grade.result, grade.points) == (TaskResult.ERROR, None)
    failed = next(c for c in grade.criteria if c.code)
    assert failed.detail == (
        "the file was saved by Keras 2.15.0: python has no tf_keras; install it"
    )
