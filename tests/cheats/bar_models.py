"""Models that tell how long a bar is, and what they are made of.

Weights are set by hand, so that every machine makes the same models. The honest model
blurs the image, takes the mean and knows the mean of each length.
"""

from collections.abc import Callable
from typing import Any, Final

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

Model = Any
Tensor = Any
Images = NDArray[Any]
Labels = NDArray[np.int64]
Features = Callable[[Tensor], Tensor]

SHAPE: Final = (8, 8, 1)
LENGTHS: Final = (2, 4, 6)
STEPS: Final = 2
"""Training steps of each model, too small to change what it predicts."""


def bars(seed: int, counts: tuple[int, ...]) -> tuple[Images, Labels]:
    """Return upright bars in grey levels 0 to 255, so many of each length, mixed."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.repeat(np.arange(len(counts)), counts))
    images = rng.uniform(0, 5, (len(labels), *SHAPE)).astype(np.float32)
    for image, label in zip(images, labels, strict=True):
        half = LENGTHS[label] // 2
        image[4 - half : 4 + half, rng.integers(3, 5)] = rng.uniform(190, 210)
    return images, labels


IMAGES, LABELS = bars(1, (20, 20, 20))
"""What the models are made from; others than the hidden ones."""


def conv(name: str, fill: float, filters: int = 4, size: int = 3) -> Any:
    """Return a layer that blurs."""
    start = keras.initializers.Constant(fill)
    return layers.Conv2D(
        *(filters, size),
        padding="same",
        activation="relu",
        kernel_initializer=start,
        name=name,
    )


def blurred(x: Tensor) -> Tensor:
    """Return the image, blurred once and twice, joined by a skip connection."""
    once = conv("stem", 1 / 9)(x)
    return layers.Add()([once, conv("block", 1 / 36)(once)])


def pooled(x: Tensor) -> Tensor:
    """Return how bright the blurred image is."""
    return layers.GlobalAveragePooling2D()(blurred(x))


def scaled(x: Tensor) -> Tensor:
    """Return grey levels from 0 to 1."""
    return layers.Rescaling(1 / 255)(x)


def nearest(model: Model, images: Images = IMAGES, activation: str = "softmax") -> Any:
    """Return a last layer that chooses the length with the nearest mean of features.

    The squared distance to a mean m is, but for what all lengths share,
    ``|m|^2 - 2 m x``: linear in the features x.
    """
    features = np.asarray(model(images, training=False))
    each = [np.equal(LABELS, n) for n in range(len(LENGTHS))]
    means = np.stack([features[rows].mean(axis=0) for rows in each])
    apart = min(np.sum((means[n] - means[n + 1]) ** 2) for n in range(len(means) - 1))
    sharp = 8 / max(apart, 1e-9)
    head = layers.Dense(len(LENGTHS), activation=activation, name="length")
    head.build(features.shape)
    head.set_weights([sharp * means.T, -sharp * np.sum(means**2, axis=1) / 2])
    return head


def classifier(features: Features, **head: Any) -> Model:
    """Return a model of the features that a function makes of scaled images."""
    image = keras.Input(SHAPE, name="image")
    found = features(scaled(image))
    last = nearest(keras.Model(image, found), **head)
    return keras.Model(image, last(found))


def trained(model: Model, *, steps: int = STEPS, **settings: Any) -> Model:
    """Compile a model as the rubric asks and train it a little."""
    chosen = {
        "optimizer": keras.optimizers.Adam(1e-6, clipnorm=1.0),
        "loss": "sparse_categorical_crossentropy",
        **settings,
    }
    model.compile(**chosen, run_eagerly=True)
    model.optimizer.build(model.trainable_variables)
    for _ in range(steps):
        model.train_on_batch(IMAGES, LABELS)
    return model


def honest() -> Model:
    """Blur, mean, nearest mean."""
    return trained(classifier(pooled))


def nested() -> Model:
    """The same with all its layers in a model inside the model; honest, too."""

    def inside(x: Tensor) -> Tensor:
        image = keras.Input(SHAPE)
        return keras.Model(image, pooled(image), name="inside")(x)

    return trained(classifier(inside))
