"""Models that Keras saves without complaint, and that cannot be graded."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers

IMAGE = (8, 8)


def net(*more: Any, shape: tuple[int, ...] = IMAGE, units: int = 10) -> keras.Model:
    """Return a small classifier with more layers in its middle."""
    last = layers.Dense(units, activation="softmax", name="digit")
    return keras.Sequential([keras.Input(shape), layers.Flatten(), *more, last])


def save_sound(folder: Path) -> None:
    """Save one model in every format."""
    folder.mkdir(parents=True)
    model = net(layers.Dense(16, activation="relu", name="hidden"))
    model.save(folder / "digits.keras")
    model.save(folder / "digits.h5")
    model.save_weights(folder / "digits.weights.h5")
    model.export(folder / "digits", verbose=False)
    converter = tf.lite.TFLiteConverter.from_saved_model(str(folder / "digits"))
    (folder / "digits.tflite").write_bytes(converter.convert())


class Doubled(layers.Layer):
    """A layer that nobody registered."""

    def call(self, inputs: Any) -> Any:
        """Return twice the inputs."""
        return 2 * inputs


@keras.saving.register_keras_serializable("Mine")
def swoosh(values: Any) -> Any:
    """Return an activation that the grader lacks."""
    return keras.ops.sigmoid(values) * values


def custom_layer(folder: Path) -> None:
    net(Doubled(name="doubled")).save(folder / "digits.keras")


def custom_layer_h5(folder: Path) -> None:
    net(Doubled(name="doubled")).save(folder / "digits.h5")


def custom_activation(folder: Path) -> None:
    net(layers.Dense(4, activation=swoosh, name="odd")).save(folder / "digits.keras")


def lambda_layer(folder: Path) -> None:
    lifted = layers.Lambda(lambda x: x / 255, name="scale")
    net(lifted).save(folder / "digits.keras")


def tfsm_layer(folder: Path) -> None:
    exported = folder.parent.parent / "exported-elsewhere"
    net().export(exported, verbose=False)
    inputs = keras.Input(IMAGE)
    served = layers.TFSMLayer(str(exported), call_endpoint="serve", name="served")
    keras.Model(inputs, served(inputs)).save(folder / "digits.keras")


def newer(folder: Path) -> None:
    """Save a model, and make it one of a Keras to come."""
    path = folder / "digits.keras"
    net(layers.Dense(3, name="hidden")).save(folder / "now.keras")
    with (
        zipfile.ZipFile(folder / "now.keras") as now,
        zipfile.ZipFile(path, "w") as then,
    ):
        for name in now.namelist():
            content = now.read(name)
            if name == "metadata.json":
                metadata = json.loads(content)
                content = json.dumps({**metadata, "keras_version": "9.1.0"}).encode()
            if name == "config.json":
                content = content.replace(b'"Flatten"', b'"FlattenAnew"')
            then.writestr(name, content)
    (folder / "now.keras").unlink()


def other_inputs(folder: Path) -> None:
    net(shape=(28, 28)).save(folder / "digits.keras")


def other_outputs(folder: Path) -> None:
    net(units=7).save(folder / "digits.keras")


def nan_weights(folder: Path) -> None:
    model = net(layers.Dense(4, name="hidden"))
    hidden = model.get_layer("hidden")
    hidden.set_weights([weights * np.nan for weights in hidden.get_weights()])
    model.save(folder / "digits.keras")


def large(folder: Path) -> None:
    """Save a model that is too large by its optimizer state alone."""
    model = net(layers.Dense(3000, name="hidden"))
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    model.save(folder / "digits.keras")


def larger(folder: Path) -> None:
    """Save a model that is too large without optimizer state, too."""
    model = net(layers.Dense(6000, name="hidden"))
    model.save(folder / "digits.h5")


def never_built(folder: Path) -> None:
    keras.Sequential([layers.Flatten(), layers.Dense(10)]).save(folder / "digits.keras")


MODELS: dict[str, Callable[[Path], None]] = {
    "custom-activation": custom_activation,
    "custom-layer": custom_layer,
    "custom-layer-h5": custom_layer_h5,
    "lambda": lambda_layer,
    "large-by-optimizer": large,
    "large-by-weights": larger,
    "nan-weights": nan_weights,
    "never-built": never_built,
    "newer": newer,
    "other-inputs": other_inputs,
    "other-outputs": other_outputs,
    "tfsm-layer": tfsm_layer,
}
"""By the name of the candidate."""
