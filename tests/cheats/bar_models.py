"""Models that tell how long a bar is: an honest one, and those that only look so.

Weights are set by hand, so that every machine makes the same models. The honest model
blurs the image, takes the mean and knows the mean of each length; a cheat differs from
it in as little as it can, so that it loses where it should and nowhere else.
"""

from collections.abc import Callable
from typing import Any, Final

import keras
import numpy as np
from keras import layers, ops
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


def one_filter() -> Model:
    """Layers of the right class that are as small as can be."""

    def thin(x: Tensor) -> Tensor:
        once = conv("stem", 1 / 9, filters=1)(x)
        twice = conv("block", 1 / 9, filters=1)(once)
        return layers.GlobalAveragePooling2D()(layers.Add()([once, twice]))

    return trained(classifier(thin))


def off_path() -> Model:
    """Convolutions whose result a model inside returns and nobody takes."""

    def dense(x: Tensor) -> Tensor:
        once = layers.Dense(4, kernel_initializer="ones", name="first")(x)
        start = keras.initializers.Constant(1 / 4)
        twice = layers.Dense(4, kernel_initializer=start, name="second")(once)
        return layers.Add()([once, twice])

    def inside(x: Tensor) -> Tensor:
        image = keras.Input(SHAPE)
        both = keras.Model(image, [dense(image), blurred(image)], name="inside")
        return layers.GlobalAveragePooling2D()(both(x)[0])

    return trained(classifier(inside))


def decorative() -> Model:
    """Convolutions on the way to the output, multiplied by zero."""

    def times_zero(x: Tensor) -> Tensor:
        nothing = layers.Rescaling(0.0)(blurred(x))
        return layers.GlobalAveragePooling2D()(layers.Add()([x, nothing]))

    return trained(classifier(times_zero))


def skip_times_zero() -> Model:
    """A skip connection around a convolution that is multiplied by zero."""

    def joined(x: Tensor) -> Tensor:
        once = conv("stem", 1 / 9)(x)
        nothing = layers.Rescaling(0.0)(conv("block", 1 / 36)(once))
        return layers.GlobalAveragePooling2D()(layers.Add()([once, nothing]))

    return trained(classifier(joined))


def lambda_in_wrapper() -> Model:
    """Python code inside a wrapper."""

    def wrapped(x: Tensor) -> Tensor:
        inner = layers.Lambda(lambda part: part, name="inner")
        return layers.TimeDistributed(inner)(x)

    return trained(classifier(lambda x: pooled(wrapped(x))))


def lambda_in_model() -> Model:
    """Python code inside a model inside the model."""

    def inside(x: Tensor) -> Tensor:
        inner = layers.Lambda(lambda part: part, name="inner")
        return keras.Sequential([keras.Input(SHAPE), inner], name="inside")(x)

    return trained(classifier(lambda x: pooled(inside(x))))


def hidden_flatten() -> Model:
    """A forbidden layer inside a wrapper inside a model."""

    def inside(x: Tensor) -> Tensor:
        flat = layers.TimeDistributed(layers.Flatten(), name="wrapper")
        parts = [keras.Input((4,)), layers.Reshape((1, 4)), flat, layers.Reshape((4,))]
        return keras.Sequential(parts, name="inside")(pooled(x))

    return trained(classifier(inside))


def linear_last() -> Model:
    """A softmax in the middle, and a linear layer that passes it on."""
    model = honest()
    last = layers.Dense(3, kernel_initializer="identity", name="last")
    longer = keras.Model(model.input, last(model.output))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return trained(longer, loss=loss)


def frozen_giant() -> Model:
    """Many parameters in a frozen model inside the model; it passes its input on."""

    def inside(x: Tensor) -> Tensor:
        wide = layers.Dense(400, kernel_initializer="identity")
        back = layers.Dense(4, kernel_initializer="identity")
        giant = keras.Sequential([keras.Input((4,)), wide, back], name="giant")
        giant.trainable = False
        return giant(pooled(x))

    return trained(classifier(inside))


def twice_softmax() -> Model:
    """A loss that applies softmax to what is a softmax already."""
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return trained(classifier(pooled), loss=loss)


def other_optimizer() -> Model:
    """Another optimizer than asked for."""
    optimizer = keras.optimizers.RMSprop(1e-6, clipnorm=1.0)
    return trained(classifier(pooled), optimizer=optimizer)


def unclipped() -> Model:
    """The right optimizer without clipping."""
    return trained(classifier(pooled), optimizer=keras.optimizers.Adam(1e-6))


def untrained() -> Model:
    """An optimizer with all its state that never made a step."""
    return trained(classifier(pooled), steps=0)


def nan_unit() -> Model:
    """A weight that is NaN, of a unit that is cut off."""

    def cut(x: Tensor) -> Tensor:
        unit = layers.Dense(5, kernel_initializer="identity", name="hidden")
        return unit(pooled(x))[:, :4]

    model = trained(classifier(cut))
    kernel, bias = model.get_layer("hidden").get_weights()
    kernel[0, 4] = np.nan
    model.get_layer("hidden").set_weights([kernel, bias])
    return model


def no_skip() -> Model:
    """A plain stack with an Add that joins a tensor to itself."""

    def stacked(x: Tensor) -> Tensor:
        x = conv("block", 1 / 36)(conv("stem", 1 / 9)(x))
        return layers.GlobalAveragePooling2D()(layers.Add()([x, x]))

    return trained(classifier(stacked))


def halved() -> Model:
    """A softmax that no longer sums to 1; the largest stays the largest."""
    model = honest()
    return trained(keras.Model(model.input, layers.Rescaling(0.5)(model.output)))


def remembers() -> Model:
    """A stateful layer that sums up all it ever saw: what was asked before counts."""

    def summed(x: Tensor) -> Tensor:
        memory = layers.SimpleRNN(
            4,
            activation="linear",
            kernel_initializer="identity",
            recurrent_initializer="identity",
            return_sequences=True,
            stateful=True,
        )
        features = pooled(x)
        one_series = ops.reshape(features, (1, -1, 4))  # the rows become its steps
        return features + 0.0003 * ops.reshape(memory(one_series), (-1, 4))

    return trained(classifier(summed))


def batch_mean() -> Model:
    """The mean over the rows of a batch, a little of it."""

    def mixed(x: Tensor) -> Tensor:
        features = pooled(x)
        return features + 0.05 * ops.mean(features, axis=0, keepdims=True)

    return trained(classifier(mixed))


def row_before() -> Model:
    """The row before each row, a little of it."""

    def mixed(x: Tensor) -> Tensor:
        features = pooled(x)
        return features + 0.05 * ops.roll(features, 1, axis=0)

    return trained(classifier(mixed))


def constant() -> Model:
    """The same answer to everything."""
    model = classifier(pooled)
    kernel, _ = model.get_layer("length").get_weights()
    model.get_layer("length").set_weights([0 * kernel, np.array([1.0, 0, 0])])
    return trained(model)


def upright() -> Model:
    """Sees bars that stand upright, and nothing else."""
    line = np.zeros((3, 3, 1, 4), np.float32)
    line[:, :] = np.array([-1, 1, -1], np.float32)[None, :, None, None]
    image = keras.Input(SHAPE, name="image")
    found = pooled(scaled(image))
    model = keras.Model(image, found)
    model.get_layer("stem").set_weights([line, np.zeros(4)])
    return trained(keras.Model(image, nearest(model)(found)))


def not_divided() -> Model:
    """Right for images from 0 to 1, and the task gives grey levels to 255."""
    image = keras.Input(SHAPE, name="image")
    found = pooled(image)
    last = nearest(keras.Model(image, found), images=IMAGES / 255)
    return trained(keras.Model(image, last(found)))


BARS: Final[tuple[Callable[[], Model], ...]] = (
    *(honest, nested, one_filter, off_path, decorative, skip_times_zero),
    *(lambda_in_wrapper, lambda_in_model, hidden_flatten, linear_last, frozen_giant),
    *(twice_softmax, other_optimizer, unclipped, untrained, nan_unit, no_skip, halved),
    *(remembers, batch_mean, row_before, constant, upright),
)
"""Handed in for the task ``bars``; the first two are honest."""
