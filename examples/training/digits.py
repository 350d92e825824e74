"""Train and calibrate models for the task ``digits``: shifted and noisy 8x8 digits."""

from __future__ import annotations

import keras
import numpy as np
from calibration import REFERENCE, Array, Maker, Task, calibrate, hits, train
from keras import layers
from make_reference_data import DIGITS_PUBLIC, distort_digits
from sklearn.datasets import load_digits

CLASSES = 10


def public() -> tuple[Array, Array]:
    """Return the clean public images (1297, 8, 8), 0 to 16, and their digits."""
    digits = load_digits()
    images = digits.images[:DIGITS_PUBLIC].astype(np.float32)
    return images, digits.target[:DIGITS_PUBLIC]


def augmented(copies: int, seed: int) -> tuple[Array, Array]:
    """Return so many copies of the public images, each shifted and noisy."""
    images, digits = public()
    images, digits = np.tile(images, (copies, 1, 1)), np.tile(digits, copies)
    return distort_digits(images, np.random.default_rng(seed)), digits


def convolutional(scale: float = 1 / 16) -> keras.Model:
    """Return an untrained network that scales its input itself."""
    return keras.Sequential(
        [
            keras.Input((8, 8)),
            layers.Rescaling(scale),
            layers.Reshape((8, 8, 1)),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(48, 3, padding="same", activation="relu"),
            layers.Flatten(),
            layers.Dropout(0.4),
            layers.Dense(CLASSES, activation="softmax"),
        ]
    )


def dense(units: int) -> keras.Model:
    """Return an untrained network without convolutions; 0 units: logistic."""
    hidden = [layers.Dense(units, activation="relu")] if units else []
    return keras.Sequential(
        [
            keras.Input((8, 8)),
            layers.Rescaling(1 / 16),
            layers.Flatten(),
            *hidden,
            layers.Dense(CLASSES, activation="softmax"),
        ]
    )


def reference(seed: int = 1) -> keras.Model:
    """Return the convolutional network, trained on shifted and noisy images."""
    images, digits = augmented(copies=25, seed=seed)
    return train(convolutional(), images, digits, rate=2e-3, epochs=8, batch_size=256)


def plain(model: keras.Model, epochs: int = 30) -> keras.Model:
    """Return the model after training on the clean public images."""
    return train(model, *public(), epochs=epochs, batch_size=32)


def with_augmentation(model: keras.Model, copies: int, epochs: int) -> keras.Model:
    """Return the model after a shorter training on shifted and noisy images."""
    images, digits = augmented(copies=copies, seed=1)
    return train(model, images, digits, epochs=epochs, batch_size=128)


def majority(seed: int = 1) -> keras.Model:
    """Return a model that always says the commonest public digit."""
    _, digits = public()
    model = dense(0)
    commonest = np.bincount(digits).argmax()
    bias = np.eye(CLASSES)[commonest]
    model.set_weights([np.zeros((64, CLASSES)), bias])
    return model


def untrained(seed: int = 1) -> keras.Model:
    """Return the convolutional network as it was initialised."""
    return convolutional()


def task() -> Task:
    """Return the hidden data."""
    with np.load(REFERENCE / "digits/hidden.npz") as hidden:
        return Task(
            name="digits",
            inputs=hidden["image"],
            targets=hidden["digit"],
            scores=hits,
        )


MAKERS: dict[str, Maker] = {
    "convolutional, augmented": reference,
    "convolutional, augmented less": lambda seed: with_augmentation(
        convolutional(), copies=2, epochs=10
    ),
    "dense 64, augmented": lambda seed: with_augmentation(dense(64), 10, 6),
    "dense 16, augmented": lambda seed: with_augmentation(dense(16), 10, 6),
    "logistic, augmented": lambda seed: with_augmentation(dense(0), 10, 6),
    "convolutional, clean images only": lambda seed: plain(convolutional()),
    "dense 64, clean images only": lambda seed: plain(dense(64)),
    "logistic, clean images only": lambda seed: plain(dense(0)),
    "majority": majority,
    "untrained": untrained,
}

if __name__ == "__main__":
    calibrate(task(), MAKERS)
