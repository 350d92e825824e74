"""Train and calibrate models for the task ``linear``: y from x on a straight line."""

from __future__ import annotations

import keras
import numpy as np
from calibration import (
    PUBLIC,
    REFERENCE,
    Array,
    Task,
    absolute_errors,
    calibrate,
    train,
)
from keras import layers


def read(path: str) -> tuple[Array, Array]:
    """Return x and y, each (n, 1), of a table under the project's folder."""
    table = np.loadtxt(path, delimiter=",", skiprows=1, dtype=np.float32)
    return table[:, :1], table[:, 1:]


def line() -> keras.Model:
    """Return the untrained model: one weight and one bias."""
    return keras.Sequential([keras.Input((1,)), layers.Dense(1)])


def fitted(epochs: int) -> keras.Model:
    """Return the line after so many epochs of Adam."""
    x, y = read(f"{PUBLIC}/linear.csv")
    return train(line(), x, y, loss="mse", rate=0.05, epochs=epochs, batch_size=32)


def reference(seed: int = 1) -> keras.Model:
    """Return the line, fitted until it stops improving."""
    return fitted(epochs=80)


def weak(seed: int = 1) -> keras.Model:
    """Return the line, stopped too early."""
    return fitted(epochs=18)


def constant(seed: int = 1) -> keras.Model:
    """Return a model that always says the median of the public targets."""
    _, y = read(f"{PUBLIC}/linear.csv")
    model = line()
    model.set_weights([np.zeros((1, 1)), np.array([np.median(y)])])
    return model


def untrained(seed: int = 1) -> keras.Model:
    """Return the line as it was initialised."""
    return line()


def task() -> Task:
    """Return the hidden data."""
    x, y = read(f"{REFERENCE}/linear/hidden.csv")
    return Task(name="linear", inputs=x, targets=y, scores=absolute_errors)


if __name__ == "__main__":
    calibrate(
        task(),
        {
            "line, 80 epochs": reference,
            "line, 18 epochs": weak,
            "line, 12 epochs": lambda seed: fitted(epochs=12),
            "median of the public targets": constant,
            "untrained": untrained,
        },
    )
