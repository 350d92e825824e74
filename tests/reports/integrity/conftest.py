"""Models that were never trained but are made like such, and their gradebook."""

import hashlib
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pytest_tfgrade.core.criterion import ArtifactRecord
from pytest_tfgrade.core.fingerprint import AnswerPrint, Fingerprint, WeightPrint
from pytest_tfgrade.core.grade import Grade, Gradebook, TaskGrade
from pytest_tfgrade.core.portrait import Portrait
from pytest_tfgrade.core.submission import ArtifactFormat
from pytest_tfgrade.engine.fingerprinting import answer_print
from pytest_tfgrade.engine.output_kinds import Kind
from pytest_tfgrade.facts.prints import weight_print
from pytest_tfgrade.runner.worker.weight_sketch import prints_of

Weights = list[NDArray[np.float64]]

SHAPES = ((12, 20), (20,), (20, 10), (10,))
ROWS = 400


def weights(seed: int, start: int | None = None, moved: float = 0.3) -> Weights:
    """Return kernels and biases as training may leave them.

    Args:
        seed: Of the training.
        start: Seed of the initial weights; None: like that of the training.
        moved: How far training moved the kernels, in their spread.
    """
    initial = np.random.default_rng(1000 + (seed if start is None else start))
    kernels = {shape: initial.normal(size=shape) for shape in SHAPES if len(shape) > 1}
    rng = np.random.default_rng(seed)
    return [kernels.get(shape, 0) + moved * rng.normal(size=shape) for shape in SHAPES]


def print_of(model: Weights) -> WeightPrint:
    """Return the print of weights."""
    named = [(f"w{at}", array.astype("float32")) for at, array in enumerate(model)]
    raw = {
        "prints": prints_of(named),
        "constants": [[name, "float32", list(array.shape)] for name, array in named],
    }
    found = weight_print(raw, ArtifactFormat.TFLITE)
    assert found is not None
    return found


def tuned(model: Weights, distance: float, seed: int = 99) -> Weights:
    """Return weights that are so far from others, in their own size."""
    rng = np.random.default_rng(seed)
    return [
        w + distance * np.sqrt(np.mean(w**2)) * rng.normal(size=w.shape) for w in model
    ]


def permuted(model: Weights, seed: int = 5) -> Weights:
    """Return the same model with its hidden units in another order."""
    order = np.random.default_rng(seed).permutation(20)
    return [model[0][:, order], model[1][order], model[2][order], model[3]]


def labels() -> NDArray[np.int64]:
    """Return the classes of all rows."""
    return np.random.default_rng(0).integers(0, 10, ROWS)


def answers(seed: int, skill: float = 0.7) -> NDArray[np.float64]:
    """Return what a model predicts: rows are hard for all alike, and tempt half so."""
    rng, rows = np.random.default_rng(seed), np.arange(ROWS)
    tempting = np.random.default_rng(1).integers(1, 10, ROWS)
    own = rng.integers(1, 10, ROWS)
    tempting = np.where(rng.random(ROWS) < 0.5, tempting, own)
    scores = rng.dirichlet(np.ones(10), ROWS)
    scores[rows, labels()] += skill
    scores[rows, (labels() + tempting) % 10] += np.linspace(0, 0.9, ROWS)
    found: NDArray[np.float64] = scores / scores.sum(axis=1, keepdims=True)
    return found


def answer_of(predictions: NDArray[Any], kind: Kind = Kind.CLASSES) -> AnswerPrint:
    """Return the print of predictions."""
    targets = labels() if kind is Kind.CLASSES else labels()[:, None] * 1.0
    return answer_print("rows", "y", kind, targets, predictions)


def task_grade(
    model: WeightPrint | None = None,
    said: AnswerPrint | None = None,
    *,
    file: str = "",
    id_: str = "digits",
) -> TaskGrade:
    """Return a task with what is known of its model."""
    known = Fingerprint(weights=model, answers=(said,) if said else ())
    content = file or f"{model}{said}{id_}"
    return TaskGrade(
        id=id_,
        title=f"Task {id_}",
        criteria=(),
        max_points=Decimal(5),
        artifact=ArtifactRecord(
            path="m.keras",
            format="keras",
            sha256=hashlib.sha256(content.encode("utf-8", "replace")).hexdigest(),
            bytes=10,
        ),
        portrait=Portrait(fingerprint=known),
    )


def book(tasks: Mapping[str, TaskGrade | tuple[TaskGrade, ...]]) -> Gradebook:
    """Return the grades of submissions, by name."""
    grades = (
        Grade(
            id=name,
            tasks=task if isinstance(task, tuple) else (task,),
            pass_mark=None,
        )
        for name, task in sorted(tasks.items())
    )
    return Gradebook(
        exam="Winter exam", grades=tuple(grades), isolated=True, version="1"
    )


@pytest.fixture(scope="session")
def made() -> Any:
    """Return the functions of this file."""
    functions: dict[str, Callable[..., Any]] = {
        "weights": weights,
        "print_of": print_of,
        "tuned": tuned,
        "permuted": permuted,
        "labels": labels,
        "answers": answers,
        "answer_of": answer_of,
        "task_grade": task_grade,
        "book": book,
    }
    return type("Made", (), {name: staticmethod(f) for name, f in functions.items()})
