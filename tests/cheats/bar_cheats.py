"""Models that look as if they told how long a bar is as the task asks for.

Each differs from the honest one in as little as it can, so that it loses where it
should and nowhere else.
"""

from collections.abc import Callable
from typing import Any, Final

import keras
import numpy as np
from bar_models import (
    IMAGES,
    SHAPE,
    blurred,
    classifier,
    conv,
    honest,
    nearest,
    pooled,
    scaled,
    trained,
)
from keras import layers, ops

Model = Any
Tensor = Any


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


def constant_kernel() -> Model:
    """Many numbers that no weight holds; it passes its input on."""

    def inside(x: Tensor) -> Tensor:
        wide = ops.matmul(pooled(x), np.eye(4, 400, dtype=np.float32))
        return ops.matmul(wide, np.eye(400, 4, dtype=np.float32))

    return trained(classifier(inside))


def constant_gate() -> Model:
    """A convolution that is always 1 and opens a gate: no model does without it."""

    def gated(x: Tensor) -> Tensor:
        gate = layers.Conv2D(
            4, 3, kernel_initializer="zeros", bias_initializer="ones", name="gate"
        )
        bright = layers.Dense(4, kernel_initializer="ones")(x)
        pool = layers.GlobalAveragePooling2D
        return layers.Multiply()([pool()(bright), pool()(gate(x))])

    return classifier(gated)


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


CHEATS: Final[tuple[Callable[[], Model], ...]] = (
    *(one_filter, off_path, decorative, skip_times_zero),
    *(lambda_in_wrapper, lambda_in_model, hidden_flatten, linear_last, frozen_giant),
    *(
        constant_kernel,
        twice_softmax,
        other_optimizer,
        unclipped,
        untrained,
        nan_unit,
        no_skip,
        halved,
    ),
    *(remembers, batch_mean, row_before, constant, upright),
)
"""Handed in for the task ``bars``."""
