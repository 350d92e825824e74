"""The function that reads TFLite in a confined process, on what TensorFlow wrote."""

import json
import math
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.facts import Facts, Part, Tensor, Weights
from pytest_tfgrade.core.submission import ArtifactFormat
from pytest_tfgrade.facts.prints import weight_print
from pytest_tfgrade.facts.tflite import parse_tflite_facts
from pytest_tfgrade.runner.worker.tflite_file import read_tflite
from pytest_tfgrade.runner.worker.tflite_names import OPERATORS, TYPES

FILES = (
    *("float", "fixed", "two-inputs", "uint8", "float16", "flex"),
    *("two-signatures", "reads-a-file", "texts"),
)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of TFLite files and what TensorFlow says of them."""
    folder = tmp_path_factory.mktemp("tflite")
    subprocess.run(
        [sys.executable, str(Path(__file__).parent / "save_tflite.py"), str(folder)],
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"},
        capture_output=True,
        check=True,
        timeout=120,
    )
    return folder


@pytest.fixture(scope="module")
def expected(saved: Path) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads((saved / "expected.json").read_text("utf-8"))
    return answer


def content(path: Path) -> dict[str, Any]:
    """Return what the worker says of a file, by way of JSON."""
    result: dict[str, Any] = json.loads(json.dumps(read_tflite(str(path))))
    return result


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_read_as_tensorflow_reads_it(
    name: str, saved: Path, expected: dict[str, Any]
) -> None:
    result = content(saved / f"{name}.tflite")
    del result["constants"], result["prints"]

    assert result == expected["files"][name]


@pytest.mark.parametrize("name", ["float", "two-inputs", "uint8", "float16"])
def test_what_training_found_has_a_print(name: str, saved: Path) -> None:
    result = content(saved / f"{name}.tflite")

    sizes = [math.prod(shape) for _, _, shape in result["constants"]]
    found = weight_print(result, ArtifactFormat.TFLITE)

    assert sum(sizes) == result["parameters"][0] > 0
    assert [index for index, *_ in result["prints"]] == list(range(len(sizes)))
    assert found is not None
    assert found.sketch


def test_every_file_is_looked_at(expected: dict[str, Any]) -> None:
    assert sorted(expected["files"]) == sorted(FILES)


def test_names_are_those_of_the_schema(expected: dict[str, Any]) -> None:
    """As far as the schema goes that is installed here."""
    operators, types = expected["operators"], expected["types"]

    assert OPERATORS[: len(operators)] == tuple(operators[: len(OPERATORS)])
    assert [name.upper() for name, _ in TYPES][: len(types)] == types[: len(TYPES)]


def test_inputs_are_in_the_order_of_the_model_and_not_of_their_names(
    saved: Path,
) -> None:
    facts = parse_tflite_facts(content(saved / "two-inputs.tflite"))

    assert facts == Facts(
        format=ArtifactFormat.TFLITE,
        keras_version=None,
        model_class="TFLite",
        layers=(),
        inputs_in_order=False,
        inputs=(
            Tensor(name="zeta", shape=(1, 3), dtype="float32"),
            Tensor(name="alpha", shape=(1, 2), dtype="float32"),
        ),
        outputs=(
            Tensor(name="output_0", shape=(1, 1), dtype="float32"),
            Tensor(name="output_1", shape=(1, 7), dtype="float32"),
        ),
        last_activation=None,
        weights=Weights(parameters=48, model_bytes=192, optimizer_bytes=0),
        compile_settings=None,
        holds=frozenset({Part.ENDS}),
        signature="serving_default",
        operations=("CONCATENATION", "FULLY_CONNECTED"),
    )


def test_a_file_that_reads_files_is_refused(saved: Path) -> None:
    with pytest.raises(Ungradable) as caught:
        parse_tflite_facts(content(saved / "reads-a-file.tflite"))

    assert caught.value.code is Code.LOAD
    assert caught.value.rationale == "the model reads or writes files (ReadFile)"


Fuzz = Callable[[bytes], dict[str, Any]]


@pytest.fixture(scope="module")
def read_bytes(tmp_path_factory: pytest.TempPathFactory) -> Fuzz:
    path = tmp_path_factory.mktemp("fuzz") / "changed.tflite"

    def read(changed: bytes) -> dict[str, Any]:
        path.write_bytes(changed)
        return content(path)

    return read


@given(share=st.floats(0, 0.999))
@settings(deadline=None, max_examples=50)
def test_a_file_that_was_cut_off_is_unreadable(
    share: float, saved: Path, read_bytes: Fuzz
) -> None:
    whole = (saved / "uint8.tflite").read_bytes()

    result = read_bytes(whole[: int(share * len(whole))])

    assert [kind for kind, _ in result["problems"]] == ["unreadable"]


@given(
    name=st.sampled_from(["uint8", "two-signatures"]),
    changes=st.lists(
        st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=8
    ),
)
@settings(deadline=None, max_examples=300)
def test_changed_bytes_lead_to_facts_or_to_a_finding(
    name: str, changes: list[tuple[float, int]], saved: Path, read_bytes: Fuzz
) -> None:
    changed = bytearray((saved / f"{name}.tflite").read_bytes())
    for share, value in changes:
        changed[int(share * len(changed))] = value

    result = read_bytes(bytes(changed))

    try:
        parse_tflite_facts(result)
    except Ungradable as finding:
        assert finding.code in {Code.FORMAT, Code.LOAD}
