"""Convert models to TFLite, run them as the worker does, and write down both outputs.

    python run_tflite.py FOLDER

Writes ``outputs.npz`` with ``CASE:got`` and ``CASE:want``, and ``texts.json`` with the
names of inputs and the messages of errors.
"""

import json
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
import tf_keras

from pytest_tfgrade.runner.worker.tflite_model import TfliteModel

ROWS = np.random.default_rng(0).random((5, 4), dtype=np.float32)
SERIES = np.random.default_rng(1).random((5, 6, 2), dtype=np.float32)
FOLDER = Path(sys.argv[1])
DEFAULT = "serving_default"

arrays: dict[str, Any] = {}
texts: dict[str, Any] = {}


class Functions(tf.Module):
    """Graphs that do not treat each row alone, or not in the first axis."""

    def __init__(self) -> None:
        super().__init__()
        self.weights = tf.constant(np.random.default_rng(2).random((4, 3)), tf.float32)

    @tf.function(input_signature=[tf.TensorSpec((1, 4), tf.float32, "x")])
    def by_largest(self, x: Any) -> Any:
        """Each number in relation to the largest there is."""
        return {"share": x / tf.reduce_max(x), "sum": tf.reduce_sum(x)}

    @tf.function(input_signature=[tf.TensorSpec((None, 4), tf.float32, "x")])
    def one_row_inside(self, x: Any) -> Any:
        """A batch of any size, says the file; the graph wants one row."""
        return {"y": tf.reshape(x, [1, 4]) @ self.weights}

    @tf.function(input_signature=[tf.TensorSpec((None, 4), tf.float32, "x")])
    def flat(self, x: Any) -> Any:
        """All rows in one axis."""
        return {"y": tf.reshape(x, [-1]) * 2}

    @tf.function(input_signature=[tf.TensorSpec((None,), tf.string, "text")])
    def column(self, text: Any) -> Any:
        """Texts, in a column."""
        return {"text": tf.reshape(text, [-1, 1])}

    @tf.function(input_signature=[tf.TensorSpec((None, None), tf.float32, "x")])
    def any_width(self, x: Any) -> Any:
        """Rows of any length."""
        return {"y": tf.reduce_mean(x, 1)}

    @tf.function(
        input_signature=[
            tf.TensorSpec((1, 4), tf.float32, "x"),
            tf.TensorSpec((2, 4), tf.float32, "table"),
        ]
    )
    def two_sizes(self, x: Any, table: Any) -> Any:
        """Two inputs with batches of different sizes."""
        return {"y": x + tf.reduce_sum(table, 0)}


def converted(name: str, converter: Any) -> str:
    """Write a file and return its path."""
    path = FOLDER / f"{name}.tflite"
    path.write_bytes(converter.convert())
    return str(path)


def signed(**signatures: str) -> Any:
    """Return a converter of functions, by way of a SavedModel."""
    module = Functions()
    functions = {key: getattr(module, name) for key, name in signatures.items()}
    tf.saved_model.save(module, str(FOLDER / "saved"), functions)
    return tf.lite.TFLiteConverter.from_saved_model(
        str(FOLDER / "saved"), signature_keys=list(functions)
    )


def keep(case: str, got: Any, want: Any) -> None:
    """Write down an output and what it should be."""
    arrays[f"{case}:got"] = np.asarray(got)
    arrays[f"{case}:want"] = np.asarray(want)


def message(act: Callable[[], Any]) -> str:
    """Return what an act raises."""
    try:
        act()
    except (ValueError, TypeError, RuntimeError) as error:
        return f"{type(error).__name__}: {error}"
    return "nothing"


def run_dense() -> None:
    """One input, batches of any size; also called by the names of its tensors."""
    layers = keras.layers
    model = keras.Sequential(
        [keras.Input((4,), name="x"), layers.Dense(6, "relu"), layers.Dense(3)]
    )
    want = np.asarray(model(ROWS))
    path = converted("dense", tf.lite.TFLiteConverter.from_keras_model(model))
    lite = TfliteModel(path, DEFAULT)
    keep("dense", lite.call({"x": ROWS})["output_0"], want)
    keep("fewer rows later", lite.call({"x": ROWS[:2]})["output_0"], want[:2])
    plain = TfliteModel(path, None)
    texts["by tensors"] = plain.input_keys()
    (found,) = plain.call({plain.input_keys()[0]: ROWS}).values()
    keep("by tensors", found, want)
    texts["missing"] = message(lambda: lite.call({"y": ROWS}))
    texts["shape"] = message(lambda: lite.call({"x": ROWS[:, :3]}))
    texts["dtype"] = message(lambda: lite.call({"x": ROWS.astype(np.int64)}))
    run_quantized(model)


def run_quantized(model: Any) -> None:
    """Integers inside, uint8 in and out; given as real numbers and as integers."""
    rows = np.random.default_rng(3).random((64, 1, 4), dtype=np.float32)
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([row] for row in rows)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.uint8
    path = converted("uint8", converter)
    lite = TfliteModel(path, DEFAULT)
    found = lite.call({"x": ROWS})["output_0"]
    keep("uint8 about right", found, np.asarray(model(ROWS)))
    interpreter = tf.lite.Interpreter(path)
    details = interpreter.get_signature_runner(DEFAULT).get_input_details()["x"]
    scale, zero = details["quantization"]
    integers = np.clip(np.rint(ROWS / scale) + zero, 0, 255).astype(np.uint8)
    keep("uint8 given", lite.call({"x": integers})["output_0"], found)


def run_two() -> None:
    """Two inputs and two outputs, four rows at a time; five are given."""
    dense = keras.layers.Dense
    zeta = keras.Input((4,), batch_size=4, name="zeta")
    alpha = keras.Input((6, 2), batch_size=4, name="alpha")
    joined = keras.layers.Concatenate()([zeta, keras.layers.Flatten()(alpha)])
    model = keras.Model([zeta, alpha], [dense(2)(joined), dense(5)(joined)])
    path = converted("two", tf.lite.TFLiteConverter.from_keras_model(model))
    lite = TfliteModel(path, DEFAULT)
    texts["two"] = lite.input_keys()
    found = lite.call({"alpha": SERIES, "zeta": ROWS})
    padded = [np.concatenate([each, each[-1:].repeat(3, 0)]) for each in (ROWS, SERIES)]
    wanted = [
        np.concatenate([model([each[:4] for each in padded])[k],
                        model([each[4:] for each in padded])[k]])[:5]
        for k in (0, 1)
    ]  # fmt: skip
    keep("two, first", found["output_0"], wanted[0])
    keep("two, second", found["output_1"], wanted[1])


def run_lstm() -> None:
    """A recurrent layer that TFLite fuses; its state outlives a call."""
    layers = tf_keras.layers
    model = tf_keras.Sequential([layers.LSTM(4, input_shape=(6, 2)), layers.Dense(1)])
    spec = tf.TensorSpec((1, 6, 2), tf.float32)
    function = tf.function(model.call).get_concrete_function(spec)
    tf.saved_model.save(model, str(FOLDER / "lstm"), function)
    converter = tf.lite.TFLiteConverter.from_saved_model(str(FOLDER / "lstm"))
    lite = TfliteModel(converted("lstm", converter), DEFAULT)
    (key,) = lite.input_keys()
    (found,) = lite.call({key: SERIES}).values()
    keep("lstm", found, model(SERIES))
    texts["lstm"] = operators(FOLDER / "lstm.tflite")


def operators(path: Path) -> list[str]:
    """Return the names of the operators of a file, as TensorFlow has them."""
    interpreter = tf.lite.Interpreter(str(path))
    return sorted({each["op_name"] for each in interpreter._get_ops_details()})


def run_functions() -> None:
    """What is right row by row only, and what cannot be run."""

    def lite(name: str) -> TfliteModel:
        return TfliteModel(converted(name, signed(serving_default=name)), DEFAULT)

    weights = Functions().weights.numpy()
    found = lite("by_largest").call({"x": ROWS})
    keep("by largest", found["share"], ROWS / ROWS.max(1, keepdims=True))
    keep("a number for a row", found["sum"], ROWS.sum(1))
    keep(
        "one row inside", lite("one_row_inside").call({"x": ROWS})["y"], ROWS @ weights
    )
    keep("flat", lite("flat").call({"x": ROWS})["y"], ROWS * 2)
    keep("any width", lite("any_width").call({"x": ROWS})["y"], ROWS.mean(1))
    words = np.array([b"one", b"", "zw\u00f6lf".encode()], object)
    column = lite("column").call({"text": words})["text"]
    texts["column"] = [[word.decode() for word in row] for row in column]
    texts["two sizes"] = message(lambda: lite("two_sizes"))
    both = converted("both", signed(one="by_largest", two="any_width"))
    keep("second graph", TfliteModel(both, "two").call({"x": ROWS})["y"], ROWS.mean(1))
    texts["no signature"] = message(lambda: TfliteModel(both, "three"))
    (FOLDER / "broken.tflite").write_bytes(b"\x08\0\0\0TFL3" + bytes(100))
    texts["broken"] = message(lambda: TfliteModel(str(FOLDER / "broken.tflite"), None))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    keras.utils.set_random_seed(0)
    tf_keras.utils.set_random_seed(0)
    run_dense()
    run_two()
    run_lstm()
    run_functions()
    np.savez(FOLDER / "outputs.npz", **arrays)
    (FOLDER / "texts.json").write_text(json.dumps(texts), "utf-8")
