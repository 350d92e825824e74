"""Twenty honest submissions, in every format, before, among and after the rows."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from course import patterns

NAMES = (
    *(f"0-honest-{number}" for number in range(7)),
    *(f"N-honest-{number}" for number in range(6)),
    *(f"zz-honest-{number}" for number in range(7)),
)
"""Of the candidates; rows have names from A to Z."""

_CODE = """\
import keras


class Doubled(keras.layers.Layer):
    def call(self, inputs):
        return 2 * inputs


def build_model():
    print("an honest model may print")
    return keras.Sequential([
        keras.Input((8, 8)),
        keras.layers.Flatten(),
        Doubled(),
        keras.layers.Dense(10, activation="softmax", name="digit"),
    ])
"""


def make(submissions: Path) -> None:
    """Write them all; each has weights of its own."""
    for number, name in enumerate(NAMES):
        _FORMATS[number % len(_FORMATS)](submissions / name, number)


def weights(number: int) -> list[Any]:
    """Return a kernel (64, 10) that finds patterns, with noise, and a bias (10,)."""
    noise = np.random.default_rng(number).normal(0, 0.5, (64, 10))
    return [(patterns().T + noise) / 8, np.zeros(10)]


def model(number: int, *more: Any) -> Any:
    """Return a model with these weights, and more layers before the last."""
    from keras import Input, Sequential, layers

    last = layers.Dense(10, activation="softmax", name="digit")
    built = Sequential([Input((8, 8), name="image"), layers.Flatten(), *more, last])
    last.set_weights(weights(number))
    return built


def _keras(folder: Path, number: int) -> None:
    folder.mkdir(parents=True)
    model(number).save(folder / "digits.keras")


def _h5(folder: Path, number: int) -> None:
    folder.mkdir(parents=True)
    model(number).save(folder / "digits.h5")


def _saved_model(folder: Path, number: int) -> None:
    model(number).export(folder / "digits", verbose=False)


def as_tflite(folder: Path, number: int) -> None:
    """Hand in a model as a TFLite file."""
    import tensorflow as tf

    exported = folder / "exported"
    model(number).export(exported, verbose=False)
    converter = tf.lite.TFLiteConverter.from_saved_model(str(exported))
    (folder / "digits.tflite").write_bytes(converter.convert())
    shutil.rmtree(exported)


def with_code(place: Path, number: int, *, is_whole: bool) -> None:
    """Hand in code and what needs it: a model with a class of its own, or weights."""
    names: dict[str, Any] = {"__name__": "source"}
    exec(_CODE, names)  # noqa: S102 - our own text
    built = names["build_model"]()
    built.layers[-1].set_weights(weights(number))
    place.mkdir(parents=True, exist_ok=True)
    (place / "source.py").write_text(_CODE, encoding="utf-8")
    if is_whole:
        built.save(place / "digits.keras")
    else:
        built.save_weights(place / "digits.weights.h5")


def _code(folder: Path, number: int) -> None:
    with_code(folder / "code", number, is_whole=bool(number % 2))


def _lambda(folder: Path, number: int) -> None:
    from keras import layers

    place = folder / "lambda"
    place.mkdir(parents=True)
    lifted = model(number, layers.Lambda(lambda x: x * 1.5, name="lifted"))
    lifted.save(place / ("digits.h5" if number % 2 else "digits.keras"))


_FORMATS: tuple[Callable[[Path, int], None], ...] = (
    *(_keras, _h5, _saved_model, as_tflite, _code, _lambda, _code),
)
