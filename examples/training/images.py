"""Train and calibrate models for the task ``images``: garments moved about."""

from __future__ import annotations

import keras
import numpy as np
from calibration import (
    PUBLIC,
    REFERENCE,
    Array,
    Maker,
    Task,
    balanced_hits,
    calibrate,
    train,
)
from keras import layers
from make_reference_data import GARMENTS, distort_garments
from PIL import Image

CLASSES = len(GARMENTS)


def public() -> tuple[Array, Array]:
    """Return the public images (4000, 28, 28), uint8, and their classes."""
    with np.load(PUBLIC / "images.npz") as data:
        return data["image"], data["garment"]


def augmented(
    copies: int, seed: int, *, background: bool = True
) -> tuple[Array, Array]:
    """Return so many copies of the public images, each moved about."""
    rng = np.random.default_rng(seed)
    images, garments = public()
    moved = [
        distort_garments(images, rng, background=background) for _ in range(copies)
    ]
    return np.concatenate(moved)[..., np.newaxis], np.tile(garments, copies)


def convolutional(filters: tuple[int, ...] = (16, 32, 48, 64)) -> keras.Model:
    """Return an untrained network that scales its input itself."""
    model = keras.Sequential(
        [keras.Input((28, 28, 1)), layers.Rescaling(1 / 127.5, offset=-1)]
    )
    for position, count in enumerate(filters):
        if position in {1, 2}:
            model.add(layers.MaxPooling2D())
        model.add(layers.Conv2D(count, 3, padding="same", activation="relu"))
    model.add(layers.GlobalMaxPooling2D())
    model.add(layers.Dropout(0.3))
    model.add(layers.Dense(CLASSES, activation="softmax"))
    return model


def dense(units: int = 64) -> keras.Model:
    """Return an untrained network without convolutions; 0 units: logistic."""
    hidden = [layers.Dense(units, activation="relu")] if units else []
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Rescaling(1 / 255),
            layers.Flatten(),
            *hidden,
            layers.Dense(CLASSES, activation="softmax"),
        ]
    )


def reference(seed: int = 1) -> keras.Model:
    """Return the convolutional network, trained on images like the hidden ones."""
    images, garments = augmented(copies=12, seed=seed)
    return train(convolutional(), images, garments, rate=2e-3, epochs=5, batch_size=128)


def plain(model: keras.Model) -> keras.Model:
    """Return the model after training on the public images as they are."""
    images, garments = public()
    return train(model, images[..., np.newaxis], garments, epochs=8)


def without_backgrounds(seed: int = 1) -> keras.Model:
    """Return the convolutional network, trained on images moved about on black."""
    images, garments = augmented(copies=4, seed=seed, background=False)
    return train(convolutional(), images, garments, epochs=5, batch_size=128)


def small(seed: int = 1) -> keras.Model:
    """Return a smaller convolutional network, trained on images like the hidden."""
    images, garments = augmented(copies=6, seed=seed)
    return train(convolutional((8, 14, 20)), images, garments, rate=2e-3, epochs=4)


def dense_augmented(seed: int = 1, units: int = 64) -> keras.Model:
    """Return the dense network, trained on images like the hidden ones."""
    images, garments = augmented(copies=8, seed=seed)
    return train(dense(units), images, garments, epochs=5)


def majority(seed: int = 1) -> keras.Model:
    """Return a model that always says the commonest public class."""
    _, garments = public()
    model = dense(0)
    commonest = np.eye(CLASSES)[np.bincount(garments).argmax()]
    model.set_weights([np.zeros((28 * 28, CLASSES)), commonest])
    return model


def untrained(seed: int = 1) -> keras.Model:
    """Return the convolutional network as it was initialised."""
    return convolutional()


def task() -> Task:
    """Return the hidden data."""
    folder = REFERENCE / "images/images"
    images, garments = [], []
    for number, name in enumerate(GARMENTS.values()):
        for path in sorted((folder / name).glob("*.png")):
            images.append(np.asarray(Image.open(path), dtype=np.float32))
            garments.append(number)
    return Task(
        name="images",
        inputs=np.stack(images)[..., np.newaxis],
        targets=np.array(garments),
        scores=balanced_hits,
    )


MAKERS: dict[str, Maker] = {
    "convolutional, augmented": reference,
    "small convolutional, augmented": small,
    "convolutional, moved on black": without_backgrounds,
    "dense 64, augmented": dense_augmented,
    "dense 20, augmented": lambda seed: dense_augmented(seed, units=20),
    "convolutional, public images": lambda seed: plain(convolutional()),
    "dense 64, public images": lambda seed: plain(dense()),
    "majority": majority,
    "untrained": untrained,
}

if __name__ == "__main__":
    calibrate(task(), MAKERS)
