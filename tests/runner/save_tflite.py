"""Convert small models to TFLite and write down what TensorFlow says of each.

    python save_tflite.py FOLDER

Writes ``*.tflite`` and ``expected.json``: for each file what ``read_tflite`` is to
return, and the names that the schema gives to operators and types.
"""

import json
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from tensorflow.lite.python import schema_py_generated as schema

FLEX = [tf.lite.OpsSet.TFLITE_BUILTINS, tf.lite.OpsSet.SELECT_TF_OPS]
FLOAT = tf.float32
Converter = Any


def two_layers(batch: int | None = None) -> Any:
    """Return a model of (4,) -> (2,) with 44 numbers."""
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((4,), batch_size=batch, name="x"),
            layers.Dense(6, activation="relu", bias_initializer="ones"),
            layers.Dense(2, activation="softmax", bias_initializer="ones"),
        ]
    )


def two_inputs() -> Any:
    """Return a model whose names are not in the order of its inputs and outputs."""
    dense = keras.layers.Dense
    second = keras.Input((3,), batch_size=1, name="zeta")
    first = keras.Input((2,), batch_size=1, name="alpha")
    joined = keras.layers.Concatenate()([second, first])
    small = dense(1, name="small", bias_initializer="ones")(joined)
    large = dense(7, name="large", bias_initializer="ones")(joined)
    return keras.Model([second, first], [small, large])


class Functions(tf.Module):
    """Graphs that Keras would not make."""

    @tf.function(input_signature=[tf.TensorSpec((None, 4), FLOAT, "x")])
    def product(self, x: Any) -> Any:
        """An operator that TFLite does not have."""
        return {"product": tf.math.cumprod(x, 1), "x": x - 1}

    @tf.function(input_signature=[tf.TensorSpec((1, 3), FLOAT, "x")])
    def summary(self, x: Any) -> Any:
        """A boolean, an index and a number without axes."""
        return {"any": x > 0, "best": tf.argmax(x, -1), "sum": tf.reduce_sum(x)}

    @tf.function(input_signature=[tf.TensorSpec((None, 4), FLOAT, "x")])
    def read(self, x: Any) -> Any:
        """A file's length, added."""
        length = tf.strings.length(tf.io.read_file("/etc/hostname"))
        return {"y": x + tf.cast(length, FLOAT)}

    @tf.function(input_signature=[tf.TensorSpec((None,), tf.string, "text")])
    def texts(self, text: Any) -> Any:
        """Texts, in a column."""
        return {"column": tf.reshape(text, [-1, 1])}


def signed(folder: Path, **signatures: Any) -> Converter:
    """Return a converter of functions, by way of a SavedModel."""
    module = Functions()
    functions = {key: getattr(module, name) for key, name in signatures.items()}
    tf.saved_model.save(module, str(folder / "saved"), functions)
    converter = tf.lite.TFLiteConverter.from_saved_model(
        str(folder / "saved"), signature_keys=list(functions)
    )
    converter.target_spec.supported_ops = FLEX
    return converter


def quantized() -> Converter:
    """Return a converter to integers, with uint8 in and out."""
    converter = tf.lite.TFLiteConverter.from_keras_model(two_layers())
    rows = np.random.default_rng(0).random((16, 1, 4), dtype=np.float32)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([row] for row in rows)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.uint8
    return converter


def halved() -> Converter:
    """Return a converter that stores float16."""
    converter = tf.lite.TFLiteConverter.from_keras_model(two_layers())
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_types = [tf.float16]
    return converter


def converters(folder: Path) -> Iterator[tuple[str, list[int], Converter]]:
    """Yield names, numbers and bytes of constants, and converters."""
    keras_model: Callable[[Any], Converter] = tf.lite.TFLiteConverter.from_keras_model
    yield "float", [44, 176], keras_model(two_layers())
    yield "fixed", [44, 176], keras_model(two_layers(batch=1))
    yield "two-inputs", [48, 192], keras_model(two_inputs())
    yield "uint8", [44, 36 + 4 * 8], quantized()
    yield "float16", [44, 88], halved()
    yield "flex", [1, 4], signed(folder, serving_default="product")
    yield "two-signatures", [2, 8], signed(folder, one="product", two="summary")
    yield "reads-a-file", [0, 0], signed(folder, serving_default="read")
    yield "texts", [0, 0], signed(folder, serving_default="texts")


def described(details: Any) -> list[Any]:
    """Return a tensor as ``read_tflite`` describes it."""
    shape, signature = details["shape"].tolist(), details["shape_signature"].tolist()
    scale, zero = details["quantization"]
    dtype = np.dtype(details["dtype"]).name
    return [
        details["name"],
        "string" if dtype.startswith("bytes") else dtype,
        shape,
        None if signature == shape else signature,
        [scale, zero] if scale else None,
    ]


def expected(path: Path, parameters: list[int]) -> dict[str, Any]:
    """Return what TensorFlow's own readers say of a file."""
    interpreter = tf.lite.Interpreter(str(path))
    raw = schema.ModelT.InitFromObj(schema.Model.GetRootAs(path.read_bytes(), 0))
    signatures = {}
    for key in interpreter.get_signature_list():
        runner = interpreter.get_signature_runner(key)
        signatures[key] = {
            "inputs": all_described(runner.get_input_details()),
            "outputs": all_described(runner.get_output_details()),
        }
    return {
        "version": raw.version,
        "description": raw.description.decode(),
        "inputs": [described(each) for each in interpreter.get_input_details()],
        "outputs": [described(each) for each in interpreter.get_output_details()],
        "operators": sorted(set(operators(raw))),
        "signatures": signatures,
        "parameters": parameters,
        "problems": [],
    }


def all_described(details: dict[str, Any]) -> dict[str, Any]:
    """Return tensors by name, as ``read_tflite`` describes them."""
    return {name: described(each) for name, each in details.items()}


def operators(raw: Any) -> Iterator[str]:
    """Yield the names of the operators of all graphs."""
    for graph in raw.subgraphs:
        for operator in graph.operators:
            code = raw.operatorCodes[operator.opcodeIndex]
            custom = code.customCode
            yield (
                custom.decode()
                if custom
                else names(schema.BuiltinOperator)[code.builtinCode]
            )


def names(enum: Any) -> list[str]:
    """Return the names of an enumeration of the schema, by number."""
    values = {v: k for k, v in vars(enum).items() if not k.startswith("_")}
    return [values[number] for number in range(len(values))]


def main(folder: Path) -> None:
    """Write all files."""
    warnings.simplefilter("ignore")
    keras.utils.set_random_seed(0)
    files = {}
    for name, parameters, converter in converters(folder):
        path = folder / f"{name}.tflite"
        path.write_bytes(converter.convert())
        files[name] = expected(path, parameters)
    answer = {
        "files": files,
        "operators": names(schema.BuiltinOperator),
        "types": names(schema.TensorType),
    }
    (folder / "expected.json").write_text(json.dumps(answer), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
