"""Make a class of small models for the task ``digits``, no two of them alike.

Run as a program of its own, so that no measured process inherits its TensorFlow::

    python benchmarks/make_models.py FOLDER COUNT
"""

from __future__ import annotations

import sys
from pathlib import Path

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray
from sklearn.datasets import load_digits

PUBLIC_ROWS = 1297
COPIES = 2
CLASSES = 10
RIDGE = 1.0
SHARPNESS = 8.0

Floats = NDArray[np.float32]


def main() -> None:
    """Write ``FOLDER/student-000/digits.keras`` and so on."""
    folder, count = Path(sys.argv[1]), int(sys.argv[2])
    for index in range(count):
        path = folder / f"student-{index:03d}" / "digits.keras"
        path.parent.mkdir(parents=True)
        made(index).save(path)


def made(index: int) -> keras.Model:
    """Return a model that knows something, compiled as after a training.

    Its hidden layers stay random and its last one is solved by least squares, which
    takes a tenth of a second where training takes several.
    """
    keras.utils.set_random_seed(index)
    rng = np.random.default_rng(index)
    model = keras.Sequential(
        [
            keras.Input((8, 8)),
            layers.Rescaling(1 / 16),
            *hidden(index, rng),
            layers.Dense(CLASSES, activation="softmax"),
        ]
    )
    fit_last_layer(model, *public(rng))
    optimizer = keras.optimizers.Adam()
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    optimizer.build(model.trainable_variables)  # saved models carry its state
    return model


def hidden(index: int, rng: np.random.Generator) -> list[keras.Layer]:
    """Return the hidden layers: a third each dense, convolutional and deeper."""
    width = int(rng.integers(16, 49))
    convolution = [
        layers.Reshape((8, 8, 1)),
        layers.Conv2D(width, 3, padding="same", activation="relu"),
    ]
    deeper = [
        layers.BatchNormalization(),
        layers.MaxPooling2D(),
        layers.Conv2D(width + 16, 3, padding="same", activation="relu"),
        layers.Flatten(),
        layers.Dropout(0.3),
        layers.Dense(4 * width, activation="relu"),
    ]
    return [
        [layers.Flatten(), layers.Dense(8 * width, activation="relu")],
        [*convolution, layers.MaxPooling2D(), layers.Flatten(), layers.Dropout(0.3)],
        [*convolution, *deeper],
    ][index % 3]


def public(rng: np.random.Generator) -> tuple[Floats, NDArray[np.int64]]:
    """Return public images (N, 8, 8), 0 to 16, shifted and noisy; and their digits."""
    images, digits = load_digits(return_X_y=True)
    images = np.tile(images[:PUBLIC_ROWS].reshape(-1, 8, 8), (COPIES, 1, 1))
    for image, shift in zip(images, rng.integers(-1, 2, (len(images), 2)), strict=True):
        image[:] = np.roll(image, shift, axis=(0, 1))
    noisy = images + rng.normal(0, 1.5, images.shape)
    return noisy.clip(0, 16).astype(np.float32), np.tile(digits[:PUBLIC_ROWS], COPIES)


def fit_last_layer(
    model: keras.Model, images: Floats, digits: NDArray[np.int64]
) -> None:
    """Set the last layer to the ridge regression of its inputs on the digits."""
    body = keras.Sequential([keras.Input((8, 8)), *model.layers[:-1]])
    features = np.asarray(body(images, training=False), np.float64)
    features = np.hstack([features, np.ones((len(features), 1))])
    targets = SHARPNESS * np.eye(CLASSES)[digits]
    squares = features.T @ features + RIDGE * np.eye(features.shape[1])
    solution = np.linalg.solve(squares, features.T @ targets)
    model.layers[-1].set_weights([solution[:-1], solution[-1]])


if __name__ == "__main__":
    main()
