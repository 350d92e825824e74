"""Train models apart from each other, and copies of them that somebody changed.

Run as a program of its own::

    python benchmarks/train_cohort.py FOLDER KIND APART COPIED

Writes for each model a file, and what it predicts for the same rows as ``NAME.npy``;
``targets.npy`` holds the targets. A name is ``GROUP-NUMBER``, of a copy
``CHANGE-GROUP-NUMBER``. ``integrity.py`` reads them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from numpy.typing import NDArray
from sklearn.datasets import load_digits

Arrays = list[NDArray[np.float32]]
Layers = Sequence[keras.Layer]

SAME_SEED: Final = 42
TRAINED: Final = 0.8  # share of the rows that one model is trained on
RATES: Final = (5e-4, 1e-3, 2e-3)
BATCHES: Final = (16, 32, 64)
TUNED: Final = (1, 2, 5, 10)  # epochs
NOISES: Final = (0.01, 0.05, 0.2)  # times the spread of an array
PRUNED: Final = (0.2, 0.5)  # share of the weights of a kernel


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What models of one kind learn, and how they are built."""

    inputs: NDArray[np.float32]
    targets: NDArray[Any]
    first_tests: int
    """The first row that is not for training."""

    epochs: tuple[int, int]
    loss: str = "sparse_categorical_crossentropy"

    def layers(self, kind: str, prefix: str) -> Layers:
        """Return new layers, with names that begin in some way."""
        dense, conv = layers.Dense, layers.Conv2D
        sizes = {"dense": (64, 32), "wide": (256, 128), "series": (32, 16)}
        last = "linear" if kind == "series" else "softmax"
        units = 1 if kind == "series" else 10
        if kind != "conv":
            hidden = [
                dense(size, activation="relu", name=f"{prefix}{size}")
                for size in sizes[kind]
            ]
            return [*hidden, dense(units, activation=last, name=f"{prefix}last")]
        return [
            conv(8, 3, name=f"{prefix}first"),
            layers.BatchNormalization(name=f"{prefix}scale"),
            layers.ReLU(),
            layers.MaxPooling2D(2),
            conv(16, 3, padding="same", activation="relu", name=f"{prefix}second"),
            layers.Flatten(),
            dense(10, activation="softmax", name=f"{prefix}last"),
        ]


def main() -> None:
    """Train and write all models of one kind."""
    folder, kind = Path(sys.argv[1]), sys.argv[2]
    apart, copied = int(sys.argv[3]), int(sys.argv[4])
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    folder.mkdir(parents=True)
    Cohort(kind, folder).make(apart, copied)


def task_of(kind: str) -> Task:
    """Return handwritten digits, or a series whose next value is wanted."""
    if kind == "series":
        rng, steps = np.random.default_rng(1), np.arange(2000)
        values = np.sin(steps / 5) + 0.5 * np.sin(steps / 17 + 1)
        values = (values + 0.3 * rng.normal(size=len(steps))).astype(np.float32)
        windows = np.lib.stride_tricks.sliding_window_view(values, 20)[:-1]
        return Task(
            inputs=windows.copy(),
            targets=values[20:, None],
            first_tests=1200,
            epochs=(8, 25),
            loss="mse",
        )
    images, digits = load_digits(return_X_y=True)
    order = np.random.default_rng(5).permutation(len(images))
    inputs = (images[order] / 16).astype(np.float32)
    return Task(
        inputs=inputs.reshape(-1, 8, 8, 1) if kind == "conv" else inputs,
        targets=digits[order],
        first_tests=900,
        epochs=(3, 6) if kind == "wide" else (8, 25),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """How a model is trained."""

    epochs: int
    seed: int
    """Of the order of the rows."""

    rate: float = 1e-3
    batch: int = 32


class Cohort:
    """Models of one kind."""

    def __init__(self, kind: str, folder: Path) -> None:
        """Train nothing yet."""
        self.kind, self.folder, self.task = kind, folder, task_of(kind)
        self.rng = np.random.default_rng(7)
        np.save(folder / "targets.npy", self.task.targets[self.task.first_tests :])

    def make(self, apart: int, copied: int) -> None:
        """Train models apart from each other; then change copies of some."""
        trained: dict[str, tuple[Arrays, NDArray[np.int64]]] = {}
        for group, count in (
            ("start", apart),
            ("shuffled", apart // 2),
            ("own", apart),
        ):
            for number in range(count):
                name = f"{group}-{number:02d}"
                trained[name] = self._trained(group, number)
                self._write(name, trained[name][0])
                keras.backend.clear_session()
            print(self.kind, group, flush=True)
        for number in range(copied):
            name = f"{('start', 'own')[number % 2]}-{number // 2:02d}"
            for change, weights in self._copies(*trained[name]):
                self._write(f"{change}-{name}", weights)
            self._write(f"renamed-{name}", trained[name][0], prefix="my_", ending="h5")
            keras.backend.clear_session()
        print(self.kind, "copies", flush=True)

    def _built(self, seed: int, prefix: str = "") -> keras.Model:
        keras.utils.set_random_seed(seed)
        shape = self.task.inputs.shape[1:]
        return keras.Sequential(
            [keras.Input(shape), *self.task.layers(self.kind, prefix)]
        )

    def _trained(self, group: str, number: int) -> tuple[Arrays, NDArray[np.int64]]:
        """Train one: "start" and "shuffled" start from the same weights.

        Those of "shuffled" differ in nothing but the order of the rows; the others in
        the rows, too, and in learning rate, batch and epochs.
        """
        model = self._built(100 + number if group == "own" else SAME_SEED)
        rows, rng = np.arange(self.task.first_tests), self.rng
        if group == "shuffled":
            middle = sum(self.task.epochs) // 2
            training = Training(epochs=middle, seed=2000 + number)
        else:
            rows = self._some_rows()
            training = Training(
                rate=float(rng.choice(RATES)),
                batch=int(rng.choice(BATCHES)),
                epochs=int(rng.integers(*self.task.epochs)),
                seed=1000 + number,
            )
        self._fit(model, rows, training)
        return model.get_weights(), rows

    def _some_rows(self) -> NDArray[np.int64]:
        count = self.task.first_tests
        return self.rng.permutation(count)[: int(TRAINED * count)]

    def _fit(
        self,
        model: keras.Model,
        rows: NDArray[np.int64],
        training: Training,
        soft: NDArray[np.float32] | None = None,
    ) -> None:
        targets = self.task.targets if soft is None else soft
        is_soft = soft is not None and self.kind != "series"
        loss = "categorical_crossentropy" if is_soft else self.task.loss
        model.compile(keras.optimizers.Adam(training.rate), loss)
        keras.utils.set_random_seed(training.seed)
        model.fit(
            self.task.inputs[rows],
            targets[rows],
            batch_size=training.batch,
            epochs=training.epochs,
            verbose=0,
        )

    def _copies(
        self, weights: Arrays, rows: NDArray[np.int64]
    ) -> Iterator[tuple[str, Arrays]]:
        """Yield what somebody may make of a model to hide where it is from."""
        rng = self.rng
        yield "permuted", permuted(self.kind, weights, rng)
        for noise in NOISES:
            yield (
                f"noise {noise:.0%}",
                [
                    (w + noise * w.std() * rng.normal(size=w.shape)).astype(w.dtype)
                    for w in weights
                ],
            )
        for share in PRUNED:
            yield (
                f"pruned {share:.0%}",
                [
                    np.where(abs(w) < np.quantile(abs(w), share), 0, w)
                    if w.ndim > 1
                    else w
                    for w in weights
                ],
            )
        model = self._built(1)
        for epochs in TUNED:
            model.set_weights(weights)
            self._fit(model, self._some_rows(), self._briefly(epochs))
            yield f"tuned {epochs}", model.get_weights()
            if epochs == 2:  # noqa: PLR2004 - a brief training, and then a permutation
                tuned = permuted(self.kind, model.get_weights(), rng)
                yield "tuned 2, permuted", tuned
        model.set_weights([*weights[:-2], *self._built(3).get_weights()[-2:]])
        for layer in model.layers[:-1]:
            layer.trainable = False
        self._fit(model, rows, self._briefly(5))
        yield "last layer", model.get_weights()
        teacher = self._built(1)
        teacher.set_weights(weights)
        count = self.task.first_tests
        soft = teacher.predict(self.task.inputs[:count], verbose=0)
        student = self._built(999)
        self._fit(student, np.arange(count), self._briefly(15), soft)
        yield "distilled", student.get_weights()

    def _briefly(self, epochs: int) -> Training:
        return Training(epochs=epochs, seed=int(self.rng.integers(1_000_000)))

    def _write(
        self, name: str, weights: Arrays, *, prefix: str = "", ending: str = "keras"
    ) -> None:
        model = self._built(1, prefix)
        model.set_weights(weights)
        inputs = self.task.inputs[self.task.first_tests :]
        predictions = model.predict(inputs, batch_size=1024, verbose=0)
        np.save(self.folder / f"{name}.npy", predictions)
        model.save(self.folder / f"{name}.{ending}")


def permuted(kind: str, weights: Arrays, rng: np.random.Generator) -> Arrays:
    """Return the same model with the units of its hidden layers in another order."""
    found = [w.copy() for w in weights]
    if kind != "conv":
        for at in (0, 2):
            order = rng.permutation(found[at].shape[1])
            found[at], found[at + 1] = found[at][:, order], found[at + 1][order]
            found[at + 2] = found[at + 2][order]
        return found
    first, second = rng.permutation(8), rng.permutation(16)
    found[0] = found[0][..., first]
    found[1:6] = [w[first] for w in found[1:6]]  # bias, scale, center, mean, variance
    found[6] = found[6][:, :, first][..., second]
    found[7] = found[7][second]
    found[8] = found[8].reshape(3, 3, 16, 10)[:, :, second].reshape(-1, 10)
    return found


if __name__ == "__main__":
    main()
