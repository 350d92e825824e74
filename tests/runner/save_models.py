"""Save models to change layers of, and what they predict when those are mute.

Run as a program with a folder to write to: ``NAME.keras`` for each model, and
``expected.npz`` with the inputs as ``image`` and the predictions as ``NAME:LAYER``.
What a layer's zeros lead to is found in another way than the worker's: a layer whose
weights are zero, and whose activation keeps zero, returns zeros; where there are no
such weights, the kernel of the layer that follows is zero.

``joined`` adds up branches, and ``expected.npz`` holds each as ``joined:LAYER``.
"""

import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers

ROWS = 40
FOLDER = Path(sys.argv[1])
IMAGES = np.random.default_rng(1).random((ROWS, 8, 8), dtype=np.float32)

expected: dict[str, Any] = {"image": IMAGES}


def save(model: keras.Model, **silenced: list[keras.Variable]) -> None:
    """Save a model, and what it predicts with some weights at zero, by layer."""
    model.save(FOLDER / f"{model.name}.keras")
    for layer, weights in silenced.items():
        values = [np.asarray(weight) for weight in weights]
        for weight in weights:
            weight.assign(np.zeros(weight.shape, weight.dtype))
        expected[f"{model.name}:{layer}"] = np.asarray(model(IMAGES, training=False))
        for weight, value in zip(weights, values, strict=True):
            weight.assign(value)


def biased() -> keras.initializers.Initializer:
    """Return what makes biases unlike zero, so that zeros can be told."""
    return keras.initializers.RandomUniform(0.5, 1.0)


def dense(name: str, units: int = 4, activation: str = "tanh") -> layers.Layer:
    """Return a ``Dense`` layer."""
    return layers.Dense(
        units, activation=activation, bias_initializer=biased(), name=name
    )


def sequential() -> None:
    """Save a chain, from its first layer to its last."""
    conv = layers.Conv2D(
        3, 3, activation="relu", bias_initializer=biased(), name="conv"
    )
    hidden, last = dense("hidden"), dense("last", activation="linear")
    parts = [keras.Input((8, 8)), layers.Reshape((8, 8, 1), name="reshape"), conv]
    parts += [layers.Dropout(0.5, name="dropout"), layers.Flatten(name="flatten")]
    model = keras.Sequential([*parts, hidden, last], name="sequential")
    save(
        model,
        reshape=[conv.kernel],
        conv=conv.weights,
        dropout=[hidden.kernel],
        flatten=[hidden.kernel],
        last=last.weights,
    )


def nested() -> None:
    """Save a model with two inner models; one is shared, both have an ``inner``."""
    inner = dense("inner"), dense("inner")
    first = keras.Sequential([keras.Input((8, 8)), inner[0]], name="first")
    start = keras.Input((8, 4))
    second = keras.Model(start, inner[1](start), name="second")
    image = keras.Input((8, 8))
    turned = layers.Permute((2, 1))(image)
    pair = layers.Concatenate(name="pair")([first(image), first(turned)])
    narrow, last = dense("narrow"), dense("last", activation="linear")
    outputs = last(layers.Flatten()(second(narrow(pair))))
    save(
        keras.Model(image, outputs, name="nested"),
        first=inner[0].weights,
        second=inner[1].weights,
        inner=[*inner[0].weights, *inner[1].weights],
        pair=[narrow.kernel],
        narrow=narrow.weights,
    )


def recurrent() -> None:
    """Save a model of wrappers, recurrent layers and their cells."""
    image = keras.Input((8, 8))
    both = layers.Bidirectional(
        layers.LSTM(4, return_sequences=True, name="lstm"), name="both"
    )
    each, gru = dense("each"), layers.GRU(4, name="gru", return_sequences=True)
    cell = layers.SimpleRNNCell(4, name="cell")
    run = layers.RNN(cell, name="run")
    last = dense("last", activation="linear")
    series = layers.TimeDistributed(each, name="times")(both(image))
    model = keras.Model(image, last(run(gru(series))), name="recurrent")
    save(
        model,
        both=both.weights,
        forward_lstm=both.forward_layer.weights,
        backward_lstm=both.backward_layer.weights,
        times=each.weights,
        each=each.weights,
        gru=gru.weights,
        run=[last.kernel],
        cell=[last.kernel],
    )


def operations() -> None:
    """Save a model with operations that are no layers, and attention."""
    image = keras.Input((8, 8))
    attention = layers.MultiHeadAttention(2, 4, name="attention")
    times = keras.ops.multiply(attention(image, image), 3.0)
    hidden, last = dense("hidden"), dense("last", activation="linear")
    model = keras.Model(image, last(layers.Flatten()(hidden(times))), name="operations")
    (name,) = {one.name for one in model.operations if "multiply" in one.name}
    save(model, attention=[hidden.kernel], **{name: [hidden.kernel]})


def quantized() -> None:
    """Save a model whose layers are called in another way, as integers."""
    hidden, last = dense("hidden"), dense("last", activation="linear")
    parts = [keras.Input((8, 8)), layers.Flatten(), hidden, last]
    model = keras.Sequential(parts, name="quantized")
    model.quantize("int8")
    save(model, hidden=[w for w in last.weights if w.path.endswith("kernel")])


def joined() -> None:
    """Save a sum of branches; each has one layer, and is linear in what that returns.

    Of ``joint`` the first axis holds eight places for each row; of ``alone`` and
    ``number`` it does not hold the rows.
    """
    image = keras.Input((8, 8))
    flat = layers.Flatten()(image)
    eight = keras.ops.reshape(image, (-1, 8))
    ids = keras.ops.cast(10 * image[:1, :, 0], "int32") % 4
    inner = keras.Sequential([keras.Input((64,)), dense("inner")], name="model")
    position = layers.Embedding(4, 4, embeddings_initializer=biased(), name="alone")
    number = layers.Identity(name="number")(keras.ops.mean(image[0]))
    branches = {
        "plain": dense("plain")(flat),
        "series": layers.LSTM(4, name="series")(image),
        "joint": keras.ops.reshape(dense("joint")(eight), (-1, 8, 4))[:, 3],
        "model": inner(flat),
        "alone": keras.ops.mean(position(ids), axis=1),
        "number": number * keras.ops.ones((1, 4)),
    }
    total = branches["plain"]
    for name in list(branches)[1:]:
        total = layers.Add()([total, branches[name]])
    save(keras.Model(image, total, name="joined"))
    for name, branch in branches.items():
        parts = keras.Model(image, branch)(IMAGES, training=False)
        expected[f"joined:{name}"] = np.broadcast_to(np.asarray(parts), (ROWS, 4))


def ends() -> None:
    """Save a model of two outputs in both orders, in both formats."""
    image = keras.Input((8, 8))
    flat = layers.Flatten()(image)
    outputs = [dense("kind")(flat), dense("price")(flat)]
    for order in (outputs, outputs[::-1]):
        model = keras.Model(image, order)
        name = "-".join(model.output_names)
        for ending in ("keras", "h5"):
            model.save(FOLDER / f"{name}.{ending}")
    for layer, output in zip(("kind", "price"), outputs, strict=True):
        single = keras.Model(image, output)
        expected[f"ends:{layer}"] = np.asarray(single(IMAGES, training=False))


keras.utils.set_random_seed(0)
for build in (sequential, nested, recurrent, operations, quantized, joined, ends):
    build()
np.savez(FOLDER / "expected.npz", **expected)
