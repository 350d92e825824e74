"""Train models with tf-keras (Keras 2) and save them as the exam once took them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import digits
import keras
import linear
import numpy as np
import tf_keras
from calibration import PUBLIC, Array, measure


def line() -> Any:  # noqa: ANN401 - tf_keras has no types
    """Return a fitted line, with its optimizer state and a metric by name."""
    x, y = linear.read(f"{PUBLIC}/linear.csv")
    model = tf_keras.Sequential([tf_keras.layers.Dense(1, input_shape=(1,))])
    model.compile(tf_keras.optimizers.Adam(0.05), loss="mse", metrics=["mse"])
    model.fit(x, y, epochs=80, batch_size=32, verbose=0)
    return model


def network() -> Any:  # noqa: ANN401 - tf_keras has no types
    """Return a small convolutional network for digits, with its optimizer state."""
    model = tf_keras.Sequential(
        [
            tf_keras.layers.Rescaling(1 / 16, input_shape=(8, 8)),
            tf_keras.layers.Reshape((8, 8, 1)),
            tf_keras.layers.Conv2D(16, 3, padding="same", activation="relu"),
            tf_keras.layers.MaxPooling2D(),
            tf_keras.layers.Conv2D(24, 3, padding="same", activation="relu"),
            tf_keras.layers.Flatten(),
            tf_keras.layers.Dense(10, activation="softmax"),
        ]
    )
    images, targets = digits.augmented(copies=10, seed=1)
    model.compile(
        tf_keras.optimizers.Adam(1e-3),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    model.fit(images, targets, epochs=5, batch_size=128, verbose=0)
    return model


def make_models(folder: Path) -> dict[str, int]:
    """Save both models; return their points, as Keras 3 loads them."""
    points = {}
    for task, make in ((linear.task(), line), (digits.task(), network)):
        tf_keras.backend.clear_session()
        tf_keras.utils.set_random_seed(1)
        model = make()
        path = folder / f"{task.name} legacy.h5"
        model.save(path)
        loaded = keras.models.load_model(path, compile=False)
        require_alike(model, loaded, task.inputs)
        found = measure(task, loaded)
        points[path.stem] = found.points
        print(found.row(path.stem))
    return points


def require_alike(saved: Any, loaded: keras.Model, inputs: Array) -> None:  # noqa: ANN401
    """Raise an error if Keras 3 does not predict what Keras 2 does."""
    before, after = (model.predict(inputs, verbose=0) for model in (saved, loaded))
    if not np.allclose(before, after, atol=1e-5):
        raise RuntimeError("Keras 3 predicts otherwise than Keras 2")
