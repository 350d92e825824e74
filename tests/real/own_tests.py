"""A grader's own tests, copied into the run; they write down what it sees."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pytest_tfgrade.core.contract import shape_text
from pytest_tfgrade.core.facts import Facts, Tensor

HERE = Path(__file__).parent
TASKS = sorted(path.stem for path in (HERE / "reference_data").iterdir())
EACH = pytest.mark.parametrize(
    "task", [pytest.param(task, marks=pytest.mark.tfgrade_task(task)) for task in TASKS]
)


def told(tensor: Tensor) -> str:
    """Return an input or output in one line."""
    return f"{tensor.name} {shape_text(tensor.shape)} {tensor.dtype}"


@EACH
def test_facts(task: str, tfgrade_facts: Facts) -> None:
    facts = tfgrade_facts
    summary = {
        "format": facts.format,
        "keras_version": facts.keras_version,
        "tensorflow_version": facts.tensorflow_version,
        "model_class": facts.model_class,
        "signature": facts.signature,
        "inputs": [told(tensor) for tensor in facts.inputs],
        "outputs": [told(tensor) for tensor in facts.outputs],
        "holds": sorted(facts.holds),
        "parameters": facts.weights.parameters,
        "layers": sum(1 for _ in facts.walk()),
        "last_activation": facts.last_activation,
        "operations": len(facts.operations),
    }
    text = json.dumps(summary, indent=2)
    (HERE / "seen" / f"{task}.json").write_text(text, encoding="utf-8")


@EACH
def test_predictions(task: str, tfgrade_predictions: "dict[str, NDArray[Any]]") -> None:
    arrays = dict(tfgrade_predictions.items())
    np.savez(HERE / "seen" / f"{task}.npz", **arrays)  # type: ignore[arg-type]
