"""Calls models by the library that reads their files; part of ``make_course.py``."""

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

Array = NDArray[Any]


def by_keras(path: str, rows: Array, _: str) -> dict[str, Array]:
    """Call a Keras 3 model of one output."""
    import keras

    return {"": np.asarray(keras.saving.load_model(path, compile=False)(rows))}


def by_tf_keras(path: str, rows: Array, _: str) -> dict[str, Array]:
    """Call a Keras 2 model of one output."""
    import tf_keras

    return {"": np.asarray(tf_keras.models.load_model(path, compile=False)(rows))}


def by_saved_model(path: str, rows: Array, signature: str) -> dict[str, Array]:
    """Call a signature of one input of a SavedModel."""
    loaded = tf.saved_model.load(path)  # owns the variables
    function = loaded.signatures[signature]
    ((name, declared),) = function.structured_input_signature[1].items()
    given = rows.reshape(len(rows), *declared.shape[1:])
    found = function(**{name: tf.constant(given)})
    return {key: value.numpy() for key, value in found.items()}


def by_tflite(path: str, rows: Array, _: str) -> dict[str, Array]:
    """Call a TFLite model of one input, row by row, as its file declares it."""
    model = tf.lite.Interpreter(path, num_threads=1)
    if model.get_signature_list():
        runner = model.get_signature_runner()
        (name,) = runner.get_input_details()
        return joined([runner(**{name: row[None]}) for row in rows])
    model.allocate_tensors()
    (taken,), returned = model.get_input_details(), model.get_output_details()
    found = []
    for row in rows:
        model.set_tensor(taken["index"], row[None])
        model.invoke()
        found.append({d["name"]: model.get_tensor(d["index"]) for d in returned})
    return joined(found)


def joined(parts: list[dict[str, Array]]) -> dict[str, Array]:
    """Put rows together."""
    return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}


LIBRARIES: dict[str, Callable[[str, Array, str], dict[str, Array]]] = {
    "keras": by_keras,
    "tf_keras": by_tf_keras,
    "saved_model": by_saved_model,
    "tflite": by_tflite,
}
"""By name: takes a path, the rows of the only input, and a signature.

Gives outputs by their names, ``""`` for the only one of a Keras model.
"""
