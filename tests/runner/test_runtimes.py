"""What is found out about runtimes before anything is loaded."""

import stat
import sys
from pathlib import Path

import pytest

from pytest_tfgrade.core.errors import RunnerError
from pytest_tfgrade.core.runtime import BUILT_IN, ChosenRuntime
from pytest_tfgrade.runner.runtimes import known, require_there, runtime_of


def program(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def other(python: Path) -> ChosenRuntime:
    return ChosenRuntime(name="old", library="keras", python=python)


def test_the_runtimes_of_this_python_are_known_without_loading_them() -> None:
    keras3, tf_keras = (known(runtime_of(chosen)) for chosen in BUILT_IN)

    assert (keras3.missing, tf_keras.missing) == (None, None)
    assert (keras3.major, tf_keras.major) == (3, 2)
    assert "tensorflow" not in sys.modules


def test_another_interpreter_says_what_it_has(tmp_path: Path) -> None:
    said = '{"python": [3, 9], "tensorflow": "unknown", "keras": "2.9.0", "h5py": "3"}'
    python = program(tmp_path / "python", f"echo '{said}'")

    found = known(runtime_of(other(python)))

    assert (found.keras, found.major, found.missing) == ("2.9.0", 2, None)


def test_a_real_interpreter_without_tensorflow_is_told_what_it_lacks(
    tmp_path: Path,
) -> None:
    bare = program(tmp_path / "bare", f'exec "{sys.executable}" -S "$@"')

    found = known(runtime_of(other(bare)))

    assert found.missing == f"{bare} has no tensorflow; install tensorflow into {bare}"
    with pytest.raises(RunnerError, match="has no tensorflow"):
        require_there([found], by_name=False)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        pytest.param("exit 1", "does not run", id="it-fails"),
        pytest.param("echo hello", "does not run", id="it-is-no-python"),
        pytest.param(
            "echo '{\"python\": [3, 6]}'", "is Python 3.6, the worker needs", id="old"
        ),
    ],
)
def test_what_is_no_python_is_an_error_with_its_name(
    tmp_path: Path, text: str, what: str
) -> None:
    python = program(tmp_path / "python", text)

    with pytest.raises(RunnerError) as caught:
        known(runtime_of(other(python)))

    assert what in str(caught.value)
    assert str(caught.value).startswith(f"the runtime 'old': {python}")
