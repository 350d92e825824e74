"""Running TFLite files in the worker, compared with the models they were made from."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pytest_tfgrade.runner.worker.tflite_model import quantized

EXACT = (
    *("dense", "fewer rows later", "by tensors", "uint8 given"),
    *("two, first", "two, second", "lstm"),
    *("by largest", "a number for a row", "one row inside", "flat"),
    *("any width", "second graph"),
)


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what ``run_tflite.py`` writes."""
    folder = tmp_path_factory.mktemp("tflite")
    subprocess.run(
        [sys.executable, str(Path(__file__).parent / "run_tflite.py"), str(folder)],
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"},
        capture_output=True,
        check=True,
        timeout=120,
    )
    return folder


@pytest.fixture(scope="module")
def arrays(outputs: Path) -> Mapping[str, Any]:
    with np.load(outputs / "outputs.npz") as kept:
        return dict(kept)


@pytest.fixture(scope="module")
def texts(outputs: Path) -> dict[str, Any]:
    kept: dict[str, Any] = json.loads((outputs / "texts.json").read_text("utf-8"))
    return kept


@pytest.mark.parametrize("case", EXACT)
def test_outputs_are_those_of_the_model_for_each_row(
    case: str, arrays: Mapping[str, Any]
) -> None:
    got, want = arrays[f"{case}:got"], arrays[f"{case}:want"]

    assert (got.shape, got.dtype) == (want.shape, np.dtype("float32"))
    np.testing.assert_allclose(got, want, rtol=0, atol=1e-5)


def test_integers_come_back_as_the_numbers_they_stand_for(
    arrays: Mapping[str, Any],
) -> None:
    got, want = arrays["uint8 about right:got"], arrays["uint8 about right:want"]

    assert got.dtype == np.dtype("float32")
    np.testing.assert_allclose(got, want, rtol=0, atol=0.03)


def test_every_case_is_looked_at(arrays: Mapping[str, Any]) -> None:
    cases = {name.rpartition(":")[0] for name in arrays}

    assert cases == {*EXACT, "uint8 about right"}


def test_names_and_messages(texts: dict[str, Any]) -> None:
    broken = texts.pop("broken")

    assert broken.partition(":")[0] == "ValueError"
    assert texts == {
        "by tensors": ["serving_default_x:0"],
        "two": ["zeta", "alpha"],
        "lstm": ["FULLY_CONNECTED", "STRIDED_SLICE", "UNIDIRECTIONAL_SEQUENCE_LSTM"],
        "column": [["one"], [""], ["zw\u00f6lf"]],
        "missing": "ValueError: missing data for input 'x'",
        "shape": "ValueError: input 'x': expected shape [-1, 4], got (5, 3)",
        "dtype": "DtypeError: input 'x' takes float32, not int64",
        "two sizes": (
            "ValueError: the inputs have no batch axis in common: [[2, 4], [1, 4]]"
        ),
        "no signature": 'ValueError: Invalid signature_key provided: "three".',
    }


@pytest.mark.parametrize(
    ("values", "integers"),
    [
        ([-1.0, -0.5, 0.0, 0.5, 1.0], [-3, -2, -1, 0, 1]),
        ([0.24, 0.26, -0.24], [-1, 0, -1]),
        ([1e30, -1e30, np.inf, -np.inf], [127, -128, 127, -128]),
    ],
    ids=["on-the-grid", "nearest", "beyond-the-ends"],
)
def test_real_numbers_become_integers(values: list[float], integers: list[int]) -> None:
    result = quantized(np.array(values), 0.5, -1, np.int8)

    assert result.dtype == np.int8
    assert result.tolist() == integers
