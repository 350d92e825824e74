"""What the training scripts share: train, save, measure, print the table.

Nothing of pytest_tfgrade is imported: scores and points are computed a second time
here, so that a mistake in one of the two shows.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import keras
import numpy as np
import tensorflow as tf
import yaml
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
Scores: TypeAlias = Callable[[Array, Array], Array]
Maker: TypeAlias = Callable[[int], keras.Model]

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "reference_data"
PUBLIC = ROOT / "examples/training/data"
DATE = (2026, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A task's hidden data and how an example is scored."""

    name: str
    """Also the name of the rubric."""

    inputs: Array
    """What the model gets."""

    targets: Array
    """What it should predict."""

    scores: Scores
    """From targets and predictions to one score for each example; their mean counts."""

    blocks: Array | None = None
    """For each example its block, where examples of one block are alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A model's score on the hidden data."""

    value: float
    error: float
    """The standard error of ``value``."""

    n: int
    points: int
    margin: float
    """How far the nearest bound of a band is away, in standard errors."""

    def row(self, label: str) -> str:
        """Return a row of the table that ``HEAD`` begins."""
        return (
            f"| {label} | {self.value:.3f} | {self.error:.3f} | {self.n} "
            f"| {self.points} | {self.margin:.1f} |"
        )


HEAD = """\
| model | score | standard error | n | points | nearest bound, in standard errors |
|---|--:|--:|--:|--:|--:|"""


def hits(targets: Array, predictions: Array) -> Array:
    """Score 1 where the likeliest class is the right one (accuracy)."""
    return np.asarray(predictions.argmax(axis=-1) == targets, dtype=float)


def balanced_hits(targets: Array, predictions: Array) -> Array:
    """Score hits so that each class weighs the same (balanced_accuracy)."""
    sizes = np.bincount(targets)
    weights = len(targets) / (np.count_nonzero(sizes) * sizes[targets])
    return np.asarray(hits(targets, predictions) * weights)


def absolute_errors(targets: Array, predictions: Array) -> Array:
    """Score the mean absolute error of each example (mae)."""
    errors = np.abs(predictions - targets).reshape(len(targets), -1)
    return np.asarray(errors.mean(axis=1))


def seed_everything(seed: int) -> None:
    """Make the next training repeatable on this machine."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


def train(  # noqa: PLR0913 - what Keras' own fit takes
    model: keras.Model,
    inputs: Array,
    targets: Array,
    *,
    loss: str = "sparse_categorical_crossentropy",
    rate: float = 1e-3,
    epochs: int = 10,
    batch_size: int = 64,
) -> keras.Model:
    """Fit a model by way of a shell around it and return the model itself.

    The shell is compiled, the model is not: so it is saved without optimizer state,
    which would treble the size of the file.
    """
    shell = keras.Model(model.inputs, model.outputs)
    shell.compile(optimizer=keras.optimizers.Adam(rate), loss=loss)
    shell.fit(inputs, targets, epochs=epochs, batch_size=batch_size, verbose=0)
    return model


def save_keras(model: keras.Model, path: Path) -> None:
    """Save as ``.keras``; the same model gives the same bytes.

    Keras writes the time into the archive and into ``metadata.json``, and addresses of
    memory into ``config.json``: a fixed date and running numbers take their place.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        dated = Path(folder) / "model.keras"
        model.save(dated)
        with zipfile.ZipFile(dated) as source, zipfile.ZipFile(path, "w") as target:
            for name in source.namelist():
                content = source.read(name)
                match name:
                    case "metadata.json":
                        content = _without_date(content)
                    case "config.json":
                        content = _without_addresses(content)
                target.writestr(zipfile.ZipInfo(name, DATE), content)


def _without_date(metadata: bytes) -> bytes:
    saved = json.loads(metadata)
    saved["date_saved"] = "2026-01-01@00:00:00"
    return json.dumps(saved).encode()


def _without_addresses(config: bytes) -> bytes:
    numbers: dict[bytes, int] = {}

    def numbered(match: re.Match[bytes]) -> bytes:
        return b'"shared_object_id": %d' % numbers.setdefault(match[1], len(numbers))

    return re.sub(rb'"shared_object_id": (\d+)', numbered, config)


def metric_criterion(task: str) -> dict[str, Any]:
    """Return the one criterion of the task's rubric that has bands."""
    rubric = yaml.safe_load((ROOT / f"rubrics/{task}.yaml").read_text("utf-8"))
    found: dict[str, Any] = next(c for c in rubric["criteria"] if "bands" in c)
    return found


def points(task: str, value: float) -> int:
    """Return the points that the task's rubric gives for a value of its metric."""
    bands: dict[int, float] = metric_criterion(task)["bands"]
    larger_is_better = bands[max(bands)] > bands[min(bands)]
    reached = (
        earned
        for earned, bound in bands.items()
        if (value >= bound if larger_is_better else value <= bound)
    )
    return max(reached, default=0)


def measure(task: Task, model: keras.Model) -> Measured:
    """Score a model on the hidden data by the bands of the task's rubric."""
    predictions = np.asarray(model.predict(task.inputs, batch_size=256, verbose=0))
    scores = task.scores(task.targets, predictions)
    value = float(scores.mean())
    error = standard_error(scores, task.blocks)
    bounds = metric_criterion(task.name)["bands"].values()
    return Measured(
        value=value,
        error=error,
        n=len(scores),
        points=points(task.name, value),
        margin=min(abs(value - bound) for bound in bounds) / max(error, 1e-9),
    )


def standard_error(scores: Array, blocks: Array | None = None) -> float:
    """Return the standard error of the mean, from whole blocks if there are any.

    >>> round(standard_error(np.array([0.0, 1.0, 0.0, 1.0])), 4)
    0.2887
    """
    if blocks is not None:
        scores = np.array([scores[blocks == block].mean() for block in set(blocks)])
    return float(scores.std(ddof=1) / np.sqrt(len(scores)))


def calibrate(task: Task, makers: Mapping[str, Maker], repeated: int = 1) -> None:
    """Train each model, score it and print a table.

    Args:
        task: the task with its hidden data.
        makers: for each label a function from a seed to a trained model.
        repeated: so many of the makers, from the first, are tried with every seed.
    """
    parser = argparse.ArgumentParser(description=f"Calibrate the task {task.name}.")
    parser.add_argument("--seeds", type=int, default=3, help="Seeds of the reference")
    seeds = range(1, parser.parse_args().seeds + 1)
    print(HEAD)
    for position, (label, make) in enumerate(makers.items()):
        for seed in seeds if position < repeated else seeds[:1]:
            seed_everything(seed)
            start = time.perf_counter()
            model = make(seed)
            seconds = time.perf_counter() - start
            size = f"{model.count_params()} weights, {seconds:.0f} s"
            name = f"{label}, seed {seed} ({size})"
            print(measure(task, model).row(name), flush=True)
