"""Code beside a model, as the worker runs it; no TensorFlow is needed for that."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from pytest_tfgrade.runner.worker import failures
from pytest_tfgrade.runner.worker.failures import KnownFailure
from pytest_tfgrade.runner.worker.sources import Code

KERAS = SimpleNamespace(activations=SimpleNamespace(softmax=None))

GOOD = """
import math

class Scaled:
    def load_weights(self, path):
        pass

def softmax(z):
    return z

def build_model():
    return Scaled()

def forgets():
    Scaled()

def fails():
    raise ValueError("a secret")
"""


@pytest.fixture(autouse=True)
def _modules() -> Iterator[None]:
    known = set(sys.modules)
    yield
    for name in set(sys.modules) - known:
        del sys.modules[name]


@pytest.fixture
def code(tmp_path: Path) -> Code:
    path = tmp_path / "copy"
    path.write_text(GOOD)
    return Code(str(path.rename(tmp_path / "source.py")), "work/my model.py")


def test_what_it_defines_is_found_but_nothing_of_keras_own_name(code: Code) -> None:
    assert set(code.custom_objects(KERAS)) == {
        "Scaled",
        "build_model",
        "fails",
        "forgets",
    }


def test_it_builds_a_model(code: Code) -> None:
    assert hasattr(code.built("build_model"), "load_weights")


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        ("solution", failures.NO_BUILDER),
        ("fails", failures.BUILDER_FAILED),
        ("forgets", failures.NO_MODEL),
    ],
)
def test_a_function_that_does_not_build_is_told_apart(
    code: Code, function: str, reason: str
) -> None:
    with pytest.raises(KnownFailure) as caught:
        code.built(function)

    assert str(caught.value) == reason


@pytest.mark.parametrize("text", ["import no_such_module", "raise SystemExit(0)", "(("])
def test_code_that_fails_is_the_candidates_own_failure(
    tmp_path: Path, text: str
) -> None:
    path = tmp_path / "source.py"
    path.write_text(text)

    with pytest.raises(KnownFailure) as caught:
        Code(str(path), "model.py")

    assert str(caught.value) == failures.SOURCE_FAILED


def test_code_of_a_librarys_name_does_not_take_its_place(tmp_path: Path) -> None:
    path = tmp_path / "source.py"
    path.write_text("class Own: pass")

    code = Code(str(path), "json.py")

    assert set(code.custom_objects(KERAS)) == {"Own"}
    assert not hasattr(sys.modules["json"], "Own")
