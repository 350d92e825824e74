"""Saves small real models with Keras 3 and tf-keras; run as a program by conftest.

Beside the models go ``expected.json``, what the libraries themselves say of each, and
``owners.json``, which layer of a model holds which weights.
"""

import hashlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tf_keras

Library = Any  # keras or tf_keras: two modules of the same form
Model = Any  # of either
Tensor = Any


def plain(k: Library) -> Model:
    """An image classifier as most candidates write it."""
    layers = k.layers
    return k.Sequential(
        [
            k.Input((8, 8, 1), name="image"),
            layers.Conv2D(4, 3, activation="relu", name="conv"),
            layers.MaxPooling2D(name="pool"),
            layers.Flatten(name="flatten"),
            layers.Dropout(0.5, name="dropout"),
            layers.Dense(10, activation="softmax", name="digit"),
        ],
        name="plain",
    )


def compiled(k: Library) -> Model:
    """A trained model with optimizer state, schedule and clipping."""
    layers = k.layers
    model = k.Sequential(
        [k.Input((3,)), layers.Dense(4, activation="relu"), layers.Dense(1)]
    )
    rate = k.optimizers.schedules.ExponentialDecay(0.01, 10, 0.9)
    adam = k.optimizers.Adam(rate, clipnorm=1.0)
    model.compile(optimizer=adam, loss="mse", metrics=["mae"])
    model.optimizer.build(model.trainable_variables)  # as the first step of fit does
    return model


def late_softmax(k: Library) -> Model:
    """A classifier whose softmax is a layer of its own, built without an Input."""
    layers = k.layers
    model = k.Sequential(
        [layers.Dense(4, activation="tanh"), layers.Dense(2), layers.Softmax()]
    )
    model.build((None, 5))
    return model


def text(k: Library) -> Model:
    """A masked, bidirectional, functional text model; masks add an operation layer."""
    layers = k.layers
    tokens = k.Input((12,), dtype="int32", name="tokens")
    x = layers.Embedding(100, 8, mask_zero=True)(tokens)
    x = layers.Bidirectional(layers.LSTM(6, return_sequences=True))(x)
    x = layers.TimeDistributed(layers.Dense(4, activation="relu"))(x)
    x = layers.GRU(3)(x)
    return k.Model(tokens, layers.Dense(1, activation="sigmoid")(x))


def series(k: Library) -> Model:
    """A sequence model of any length."""
    layers = k.layers
    return k.Sequential(
        [
            k.Input((None, 1)),
            layers.Conv1D(4, 3, padding="causal", activation="relu"),
            layers.SimpleRNN(6, return_sequences=True),
            layers.Dense(1),
            layers.Rescaling(400.0),
        ]
    )


def two_ends(k: Library) -> Model:
    """Two inputs, two outputs, a loss for each."""
    layers = k.layers
    a, b = k.Input((4,), name="a"), k.Input((2,), name="b")
    hidden = layers.Dense(6, activation="relu")(layers.Concatenate()([a, b]))
    logits = layers.Dense(3)(hidden)
    kind = layers.Activation("softmax", name="kind")(logits)
    price = layers.Dense(1, name="price")(hidden)
    model = k.Model([a, b], [kind, price])
    losses = {"kind": "categorical_crossentropy", "price": "mse"}
    model.compile(optimizer="sgd", loss=losses)
    return model


def dictionaries(k: Library) -> Model:
    """Inputs and outputs by name."""
    a, b = k.Input((4,), name="a"), k.Input((2,), name="b")
    hidden = k.layers.Concatenate()([a, b])
    outputs = {
        "y": k.layers.Dense(1, name="y")(hidden),
        "x": k.layers.Dense(2, name="x")(hidden),
    }
    return k.Model({"b": b, "a": a}, outputs)


def nested(k: Library) -> Model:
    """A model of models, the first of them called twice."""
    layers = k.layers
    base = k.Sequential(
        [
            k.Input((6,)),
            layers.Dense(5, activation="relu"),
            layers.BatchNormalization(),
        ],
        name="base",
    )
    head = k.Sequential(
        [k.Input((5,)), layers.Dense(2, activation="sigmoid")], name="head"
    )
    left, right = k.Input((6,), name="left"), k.Input((6,), name="right")
    return k.Model([left, right], head(layers.Add()([base(left), base(right)])))


def segmentation(k: Library) -> Model:
    """Every kind of layer that changes the size of an image."""
    layers = k.layers
    image = k.Input((16, 20, 3))
    x = layers.ZeroPadding2D(((1, 0), (2, 1)))(image)
    x = layers.Conv2D(4, (3, 2), strides=2, padding="same", activation="relu")(x)
    x = layers.SeparableConv2D(5, 3)(x)
    x = layers.DepthwiseConv2D(3, depth_multiplier=2, padding="same")(x)
    x = layers.AveragePooling2D((2, 3), strides=2, padding="same")(x)
    x = layers.Conv2DTranspose(3, 3, strides=2, activation="relu")(x)
    x = layers.UpSampling2D((2, 1))(x)
    return k.Model(image, layers.Conv2D(1, 2, activation="sigmoid")(x))


def reshaped(k: Library) -> Model:
    """Layers that only move numbers."""
    layers = k.layers
    return k.Sequential(
        [
            k.Input((6,)),
            layers.Dense(12),
            layers.Reshape((3, -1)),
            layers.Permute((2, 1)),
            layers.GlobalAveragePooling1D(),
            layers.RepeatVector(7),
        ]
    )


def trained_base(k: Library) -> Model:
    """Random layers, and a base with an optimizer of its own."""
    layers = k.layers
    base = k.Sequential(
        [k.Input((3,)), layers.Dropout(0.5), layers.Normalization(), layers.Dense(2)]
    )
    for model in (base, k.Sequential([k.Input((3,)), base, layers.Dense(2)])):
        model.compile("adam", "mse", metrics=["mae"])
        model.optimizer.build(model.trainable_variables)
    return model


def half_precision(k: Library) -> Model:
    """Layers that compute in 16 bits and store 32."""
    layers = k.layers
    return k.Sequential([k.Input((3,)), layers.Dense(2, dtype="mixed_float16")])


MODELS: tuple[Callable[[Library], Model], ...] = (
    *(plain, compiled, late_softmax, text, series, two_ends, dictionaries, nested),
    *(segmentation, reshaped, trained_base, half_precision),
)


class Custom(keras.layers.Layer):  # type: ignore[misc]
    """A layer that no grader has."""

    def call(self, x: Tensor) -> Tensor:
        """Return what comes in."""
        return x


def ungradable(k: Library) -> dict[str, Model]:
    """Return models that are refused; only Keras 3 saves them."""
    layers = k.layers
    inner = k.Sequential([k.Input((1,)), layers.Lambda(lambda x: x, name="inner")])
    registered = layers.Dense(1, activation=k.ops.square, name="own")
    own_loss = k.Sequential([k.Input((3,)), layers.Dense(1)])
    own_loss.compile("adam", lambda y_true, y_pred: y_pred)
    return {
        "lambda": k.Sequential(
            [k.Input((3,)), layers.Lambda(lambda x: x * 400, name="times")]
        ),
        "inner_lambda": k.Sequential([k.Input((3, 1)), layers.TimeDistributed(inner)]),
        "custom": k.Sequential([k.Input((3,)), Custom(name="mine"), layers.Dense(1)]),
        "function": k.Sequential([k.Input((3,)), registered]),
        "unbuilt": k.Sequential([layers.Dense(1)]),
        "own_loss": own_loss,  # harmless: models are loaded without it
    }


def deep(k: Library) -> Model:
    """Every way in which a layer can lie inside another one; no two weights alike."""
    layers = k.layers
    inner = k.Sequential([k.Input((5,)), layers.Dense(5, name="one")], name="inner")
    outer = k.Sequential(
        [
            k.Input((5,)),
            inner,
            layers.Dense(4, name="two"),
            layers.BatchNormalization(),
        ],
        name="outer",
    )
    steps = k.Sequential([k.Input((4,)), layers.Dense(3, name="three")], name="steps")
    start = k.Input((5,), name="start")
    x = layers.RepeatVector(3)(outer(layers.Dense(5, name="zero")(start)))
    cells = [layers.LSTMCell(3), layers.GRUCell(2)]
    x = layers.RNN(cells, return_sequences=True, name="rnn")(x)
    x = layers.Bidirectional(layers.GRU(2, return_sequences=True))(x)
    x = layers.MultiHeadAttention(2, 3)(x, x)
    x = layers.Flatten()(layers.TimeDistributed(steps, name="each")(x))
    model = k.Model(start, layers.Dense(1, name="end")(x))
    random = np.random.default_rng(0)
    model.set_weights([random.random(w.shape) for w in model.get_weights()])
    return model


def owners(model: Model, library: str) -> dict[str, str]:
    """Return which layer holds each array, by its digest, as the library says it."""
    found: dict[str, str] = {}
    for layer in model.layers:
        for inner in inside(layer):
            if hasattr(inner, "layers"):
                found |= owners(inner, library)
                continue
            name = inner.name
            if library == "tfkeras":  # which saves no names for the two directions
                name = name.removeprefix("forward_").removeprefix("backward_")
            for weight in inner.weights:
                digest = hashlib.sha256(np.asarray(weight).tobytes()).hexdigest()
                found[digest] = name
    return found


def inside(layer: Model) -> list[Model]:
    """Return the layers that a layer is made of, as far as its configuration says."""
    match type(layer).__name__:
        case "TimeDistributed":
            return [layer.layer]
        case "Bidirectional":
            return [layer.forward_layer, layer.backward_layer]
        case "RNN":
            return list(layer.cell.cells)
        case _:
            return [layer]


def transfer(k: Library) -> dict[str, Model]:
    """A base with a skip connection, and models that are built on it or seem to be."""
    models = {"base": base(k)}
    for name in ("frozen", "tuned", "scratch"):
        inner = base(k)
        if name != "scratch":
            inner.set_weights(models["base"].get_weights())
        inner.trainable = name == "tuned"
        models[name] = on_top(k, inner)
    head = models["scratch"].get_layer("head")
    head.set_weights([weight * np.nan for weight in head.get_weights()])
    return models


def base(k: Library) -> Model:
    """A small residual network of random weights."""
    layers = k.layers
    start = k.Input((6,))
    short = layers.Dense(5, name="first")(start)
    long = layers.Dense(5, activation="relu", name="second")(short)
    end = layers.BatchNormalization(name="norm")(layers.Add(name="skip")([short, long]))
    return k.Model(start, end, name="base")


def on_top(k: Library, inner: Model) -> Model:
    """A trained model that ends in a layer of its own."""
    start = k.Input((6,))
    model = k.Model(start, k.layers.Dense(1, name="head")(inner(start)))
    model.compile(k.optimizers.Adam(0.01), "mse")
    random = np.random.default_rng(0)
    rows = random.random((8, 6)), random.random((8, 1))
    model.fit(*rows, batch_size=4, epochs=3, verbose=0)
    return model


def expected(model: Model) -> dict[str, Any]:
    """Return what the library says of a model, as JSON holds it."""
    shapes = model.output_shape
    if isinstance(shapes, dict):
        shapes = list(shapes.values())
    inputs = model.inputs
    return {
        "class": type(model).__name__,
        "parameters": model.count_params(),
        "inputs": [list(tensor.shape) for tensor in inputs],
        "outputs": [list(shape) for shape in shapes]
        if isinstance(shapes, list)
        else [list(shapes)],
        "layers": [
            type(layer).__name__
            for layer in model.layers
            if type(layer).__name__ != "InputLayer"
        ],
    }


def main(folder: Path) -> None:
    """Save everything below a folder."""
    facts: dict[str, Any] = {}
    held: dict[str, Any] = {}
    for name, library in (("keras3", keras), ("tfkeras", tf_keras)):
        (folder / name).mkdir()
        for build in MODELS:
            model = build(library)
            for ending in ("keras", "h5"):
                model.save(folder / name / f"{build.__name__}.{ending}")
            facts[f"{name}/{build.__name__}"] = expected(model)
        stored = {"deep": deep(library), **transfer(library)}
        for stem, model in stored.items():
            for ending in ("keras", "h5"):
                model.save(folder / name / f"{stem}.{ending}")
        held[name] = owners(stored["deep"], name)
    for name, model in ungradable(keras).items():
        for ending in ("keras", "h5"):
            model.save(folder / f"{name}.{ending}")
    plain(keras).save_weights(folder / "only.weights.h5")
    (folder / "expected.json").write_text(json.dumps(facts), encoding="utf-8")
    (folder / "owners.json").write_text(json.dumps(held), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
