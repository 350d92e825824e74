"""Train and calibrate models for the task ``multi_io``: two inputs, two outputs.

    python examples/training/multi_io.py --seeds 3

A model is scored on its class (accuracy) and on its value (mae); the lower of the two
bands counts.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Final

import keras
import numpy as np
from banding import judge, made_all
from calibration import (
    HEAD,
    PUBLIC,
    REFERENCE,
    Array,
    Maker,
    Measured,
    absolute_errors,
    hits,
)
from keras import layers
from multi_io_data import CLASSES, NUMBERS, STEPS

ACCURACY: Final = {5: 0.88, 4: 0.84, 3: 0.79, 2: 0.72, 1: 0.64}
MAE: Final = {5: 0.20, 4: 0.28, 3: 0.38, 2: 0.50, 1: 0.65}
"""The bounds for the class and for the value."""


def public() -> dict[str, Array]:
    """Return the public examples: ``num``, ``seq``, ``cls`` and ``reg``."""
    with np.load(PUBLIC / "multi_io.npz") as data:
        return dict(data)


def hidden() -> dict[str, Array]:
    """Return the hidden examples, as ``public``."""
    with np.load(REFERENCE / "multi_io/hidden.npz") as data:
        return dict(data)


def inputs() -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """Return the two named inputs of every model."""
    num = keras.Input((NUMBERS,), name="num")
    return num, keras.Input((STEPS, 1), name="seq")


def outputs(x: keras.KerasTensor) -> dict[str, keras.KerasTensor]:
    """Return the two named outputs of every model."""
    return {
        "cls": layers.Dense(CLASSES, activation="softmax", name="cls")(x),
        "reg": layers.Dense(1, name="reg")(x),
    }


def about_numbers(num: keras.KerasTensor) -> keras.KerasTensor:
    """Return the branch of the numbers."""
    x = layers.Dense(96, activation="relu")(num)
    return layers.Dense(48, activation="relu")(x)


def about_sequence(seq: keras.KerasTensor) -> keras.KerasTensor:
    """Return the branch of the sequence."""
    x = layers.Conv1D(24, 4, activation="relu")(seq)
    return layers.Dense(48, activation="relu")(layers.Flatten()(x))


def about_nothing(seen: keras.KerasTensor) -> keras.KerasTensor:
    """Return zeros: a branch that is there and does nothing."""
    return layers.Rescaling(0.0)(layers.Flatten()(seen))


def joined(left: keras.KerasTensor, right: keras.KerasTensor) -> keras.KerasTensor:
    """Return two layers over both branches."""
    x = layers.Dense(96, activation="relu")(layers.Concatenate()([left, right]))
    return layers.Dense(48, activation="relu")(layers.Dropout(0.1)(x))


def two_branches() -> keras.Model:
    """Return an untrained network that uses both inputs; outputs by name."""
    num, seq = inputs()
    x = joined(about_numbers(num), about_sequence(seq))
    return keras.Model({"num": num, "seq": seq}, outputs(x))


def one_branch(used: str) -> keras.Model:
    """Return an untrained network that uses one input; outputs in order.

    Args:
        used: ``num`` or ``seq``; the other input has a branch that does nothing.
    """
    num, seq = inputs()
    left = about_numbers(num) if used == "num" else about_nothing(num)
    right = about_sequence(seq) if used == "seq" else about_nothing(seq)
    return keras.Model([num, seq], list(outputs(joined(left, right)).values()))


def linear() -> keras.Model:
    """Return an untrained linear model of both inputs."""
    num, seq = inputs()
    x = layers.Concatenate()([num, layers.Flatten()(seq)])
    return keras.Model([num, seq], list(outputs(x).values()))


def fitted(model: keras.Model, epochs: int = 25) -> keras.Model:
    """Train by way of a shell around the model, which stays uncompiled."""
    data = public()
    batches = -(-len(data["num"]) // 64)
    rate = keras.optimizers.schedules.CosineDecay(3e-3, epochs * batches)
    shell = keras.Model(model.inputs, model.outputs)
    shell.compile(
        keras.optimizers.Adam(rate), loss=["sparse_categorical_crossentropy", "mae"]
    )
    shell.fit(
        [data["num"], data["seq"]],
        [data["cls"], data["reg"]],
        epochs=epochs,
        batch_size=64,
        verbose=0,
    )
    return model


def reference(seed: int = 1) -> keras.Model:
    """Return the network of two branches, trained."""
    return fitted(two_branches())


def numbers_only(seed: int = 1) -> keras.Model:
    """Return a trained network that does not look at the sequence."""
    return fitted(one_branch("num"), epochs=15)


def constant(seed: int = 1) -> keras.Model:
    """Return a model that always says the commonest class and the median value."""
    data = public()
    model = linear()
    commonest = np.bincount(data["cls"]).argmax()
    biases = {"cls": np.eye(CLASSES)[commonest], "reg": np.median(data["reg"], axis=0)}
    for name, bias in biases.items():
        kernel = np.zeros((NUMBERS + STEPS, len(bias)))
        model.get_layer(name).set_weights([kernel, bias])
    return model


def untrained(seed: int = 1) -> keras.Model:
    """Return the network of two branches as it was initialised."""
    return two_branches()


def predictions(model: keras.Model, data: Mapping[str, Array]) -> tuple[Array, Array]:
    """Return probabilities (n, 3) and values (n, 1)."""
    found = model.predict({name: data[name] for name in ("num", "seq")}, verbose=0)
    cls, reg = found.values() if isinstance(found, dict) else found
    return np.asarray(cls), np.asarray(reg)


def measure(model: keras.Model) -> tuple[Measured, Measured]:
    """Score a model's classes and its values on the hidden data."""
    data = hidden()
    cls, reg = predictions(model, data)
    of_class = judge(hits(data["cls"], cls), ACCURACY)
    return of_class, judge(absolute_errors(data["reg"], reg), MAE)


MAKERS: dict[str, Maker] = {
    "two branches": reference,
    "two branches, 8 epochs": lambda seed: fitted(two_branches(), epochs=8),
    "two branches, 3 epochs": lambda seed: fitted(two_branches(), epochs=3),
    "two branches, 1 epoch": lambda seed: fitted(two_branches(), epochs=1),
    "linear": lambda seed: fitted(linear()),
    "numbers only": numbers_only,
    "sequence only": lambda seed: fitted(one_branch("seq"), epochs=15),
    "commonest class, median": constant,
    "untrained": untrained,
}


def main() -> None:
    """Train each model, score it and print a table for each output."""
    parser = argparse.ArgumentParser(description="Calibrate the task multi_io.")
    parser.add_argument("--seeds", type=int, default=3, help="Seeds of the reference")
    tables: tuple[list[str], list[str]] = ([HEAD], [HEAD])

    def note(label: str, model: keras.Model) -> None:
        for table, found in zip(tables, measure(model), strict=True):
            table.append(found.row(label))

    made_all(MAKERS, parser.parse_args().seeds, note)
    print("\n\n".join("\n".join(table) for table in tables))


if __name__ == "__main__":
    main()
