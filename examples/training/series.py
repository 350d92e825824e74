"""Train and calibrate models for the task ``series``: temperatures to come."""

from __future__ import annotations

import keras
import numpy as np
import pandas as pd
from calibration import (
    PUBLIC,
    REFERENCE,
    Array,
    Maker,
    Task,
    absolute_errors,
    calibrate,
    metric_criterion,
    train,
)
from keras import layers
from make_reference_data import HORIZON, WEATHER, WINDOW, windows

FEATURES = len(WEATHER)


def public() -> tuple[Array, Array]:
    """Return windows (n, 48, 6) of the public weather and what follows (n, 12, 1)."""
    table = pd.read_csv(PUBLIC / "series.csv")
    months = table.groupby(["station", table["day"].str[:2]])
    pairs = [windows(rows[WEATHER].to_numpy(), step=3) for _, rows in months]
    return np.concatenate([x for x, _ in pairs]), np.concatenate([y for _, y in pairs])


def hours_before(count: int) -> keras.Model:
    """Return a model that repeats temperatures: the hours ``-count`` and later.

    Args:
        count: 24 repeats the same hours of the day before (seasonal naive), 1 the
            last hour, which stands for all twelve.
    """
    shown = min(count, HORIZON)
    return keras.Sequential(
        [
            keras.Input((WINDOW, FEATURES)),
            layers.Cropping1D((WINDOW - count, count - shown)),
            layers.Dense(1, use_bias=False, trainable=False),
            layers.UpSampling1D(HORIZON // shown),
        ]
    )


def repeating(count: int) -> keras.Model:
    """Return ``hours_before`` with the weights that pick the temperature."""
    model = hours_before(count)
    model.set_weights([np.eye(FEATURES)[:, :1]])
    return model


def network(*hidden: keras.Layer, change: bool) -> keras.Model:
    """Return an untrained network that normalises its inputs itself.

    Args:
        hidden: layers from (48, 6) to a vector.
        change: predict the change from the last hour rather than the temperature.
    """
    normalization = layers.Normalization()
    normalization.adapt(public()[0])
    weather = keras.Input((WINDOW, FEATURES), name="weather")
    x = normalization(weather)
    for layer in hidden:
        x = layer(x)
    forecast = layers.Reshape((HORIZON, 1))(layers.Dense(HORIZON)(x))
    if change:
        forecast = layers.Add()([forecast, repeating(1)(weather)])
    return keras.Model(weather, forecast)


def fitted(model: keras.Model, epochs: int) -> keras.Model:
    """Return the model after training on all public windows."""
    return train(model, *public(), loss="mae", rate=2e-3, epochs=epochs)


def reference(seed: int = 1) -> keras.Model:
    """Return a recurrent network that predicts the change from the last hour."""
    return fitted(network(layers.GRU(40), layers.Dropout(0.1), change=True), epochs=10)


def convolutional(seed: int = 1) -> keras.Model:
    """Return a network of strided convolutions over time."""
    hidden = [
        layers.Conv1D(24, 5, strides=2, activation="relu"),
        layers.Conv1D(24, 5, strides=2, activation="relu"),
        layers.Flatten(),
        layers.Dropout(0.2),
    ]
    return fitted(network(*hidden, change=True), epochs=10)


def linear(seed: int = 1) -> keras.Model:
    """Return a linear model of the change."""
    return fitted(network(layers.Flatten(), change=True), epochs=12)


def dense(seed: int = 1, epochs: int = 12) -> keras.Model:
    """Return a dense network that predicts temperatures themselves."""
    hidden = [layers.Flatten(), layers.Dense(32, activation="relu")]
    return fitted(network(*hidden, change=False), epochs=epochs)


def recurrent(units: int, epochs: int) -> keras.Model:
    """Return a recurrent network that predicts temperatures themselves."""
    return fitted(network(layers.GRU(units), change=False), epochs=epochs)


def constant(seed: int = 1) -> keras.Model:
    """Return a model that always says the median of the public temperatures."""
    model = network(layers.GlobalAveragePooling1D(), change=False)
    median = np.full(HORIZON, np.median(public()[1]))
    model.layers[-2].set_weights([np.zeros((FEATURES, HORIZON)), median])
    return model


def untrained(seed: int = 1) -> keras.Model:
    """Return a recurrent network of temperatures as it was initialised."""
    return network(layers.GRU(40), change=False)


def task() -> Task:
    """Return the hidden data; errors are scaled as the rubric says."""
    scale = metric_criterion("series")["options"]["scale"]
    with np.load(REFERENCE / "series/hidden.npz") as hidden:
        return Task(
            name="series",
            inputs=hidden["weather"],
            targets=hidden["temperature"],
            scores=lambda y, forecast: absolute_errors(y, forecast) / scale,
            blocks=hidden["day"],
        )


def naive_error() -> float:
    """Return the mean absolute error of the seasonal naive forecast: the scale."""
    with np.load(REFERENCE / "series/hidden.npz") as hidden:
        same_hours = hidden["weather"][:, -24 : -24 + HORIZON, :1]
        return float(absolute_errors(hidden["temperature"], same_hours).mean())


MAKERS: dict[str, Maker] = {
    "recurrent, change": reference,
    "convolutional, change": convolutional,
    "linear, change": linear,
    "dense": dense,
    "recurrent": lambda seed: recurrent(40, epochs=10),
    "recurrent, 8 units": lambda seed: recurrent(8, epochs=10),
    "seasonal naive": lambda seed: repeating(24),
    "last hour": lambda seed: repeating(1),
    "median": constant,
    "untrained": untrained,
}

if __name__ == "__main__":
    print(f"Error of the seasonal naive forecast: {naive_error():.4f}\n")
    calibrate(task(), MAKERS)
