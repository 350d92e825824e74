"""Save small models of many architectures in every format, with what they predict.

``make_models.py LIBRARY FOLDER`` runs under TensorFlow. LIBRARY is ``keras`` or
``tf_keras``. In FOLDER each architecture has a folder with ``inputs.npz``, and beside
it for each format the artifact and ``FORMAT.npz``, the predictions of the library that
wrote it: of a SavedModel TensorFlow's own, of a TFLite file those of its interpreter.
"""

import importlib
import inspect
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.update(
    CUDA_VISIBLE_DEVICES="-1", TF_CPP_MIN_LOG_LEVEL="3", TF_ENABLE_ONEDNN_OPTS="0"
)

import numpy as np

Build = Callable[[Any], Any]
ROWS = 5
RANDOM = np.random.default_rng(0)

SOURCE = '''\
"""What a candidate hands in beside a model: a layer, and how the model is built."""

import tensorflow as tf

keras = tf.keras


class Scaled(keras.layers.Layer):
    """Multiply by a weight that is learned."""

    def build(self, shape):
        """Make the weight."""
        self.scale = self.add_weight(name="scale", shape=(shape[-1],))

    def call(self, inputs):
        """Return the product."""
        return inputs * self.scale


def build_model():
    """Return the model that the weights belong to."""
    return keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dense(6, activation="relu"),
            Scaled(),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
'''


def dense(k: Any) -> Any:
    layers = k.layers
    return k.Sequential(
        [
            k.Input((4,)),
            layers.Dense(6, activation="relu"),
            layers.Dense(3, activation="softmax"),
        ]
    )


def cnn(k: Any) -> Any:
    layers = k.layers
    return k.Sequential(
        [
            k.Input((8, 8, 1)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(3, activation="softmax"),
        ]
    )


def depthwise(k: Any) -> Any:
    layers = k.layers
    return k.Sequential(
        [
            k.Input((8, 8, 2)),
            layers.DepthwiseConv2D(3, padding="same"),
            layers.ReLU(6.0),
            layers.SeparableConv2D(4, 3),
            layers.GlobalAveragePooling2D(),
            layers.Dense(3, activation="softmax"),
        ]
    )


def bilstm(k: Any) -> Any:
    layers = k.layers
    return k.Sequential(
        [
            k.Input((6,), dtype="int32"),
            layers.Embedding(20, 4, mask_zero=True),
            layers.Bidirectional(layers.LSTM(3)),
            layers.Dense(3, activation="softmax"),
        ]
    )


def gru(k: Any) -> Any:
    layers = k.layers
    return k.Sequential(
        [k.Input((6, 2)), layers.GRU(4), layers.Dense(1, activation="sigmoid")]
    )


def conv_lstm(k: Any) -> Any:
    layers = k.layers
    return k.Sequential(
        [
            k.Input((12, 1)),
            layers.Conv1D(4, 3, padding="causal", activation="relu"),
            layers.LSTM(4, return_sequences=True),
            layers.LSTM(3),
            layers.Dense(2),
        ]
    )


def two_ends(k: Any) -> Any:
    layers = k.layers
    num, seq = k.Input((3,), name="num"), k.Input((5, 1), name="seq")
    hidden = layers.Concatenate()([layers.Dense(4)(num), layers.LSTM(3)(seq)])
    cls = layers.Dense(3, activation="softmax", name="cls")(hidden)
    return k.Model([num, seq], [cls, layers.Dense(1, name="reg")(hidden)])


def nested(k: Any) -> Any:
    layers = k.layers
    base = k.Sequential(
        [k.Input((4,)), layers.Dense(5), layers.BatchNormalization()], name="base"
    )
    base.trainable = False
    inputs = k.Input((4,))
    return k.Model(inputs, layers.Dense(3, activation="softmax")(base(inputs)))


def custom(k: Any) -> Any:
    place: dict[str, Any] = {"__name__": "model"}
    exec(SOURCE, place)  # noqa: S102 - our own, as the worker runs it
    return place["build_model"]()


def text(k: Any) -> Any:
    layers = k.layers
    words = layers.TextVectorization(max_tokens=9, output_sequence_length=4)
    words.adapt(np.array(["a small dog", "a big cat", "the dog sat"]))
    inputs = k.Input((1,), dtype="string")
    hidden = layers.Embedding(9, 3)(words(inputs))
    pooled = layers.GlobalAveragePooling1D()(hidden)
    return k.Model(inputs, layers.Dense(3, activation="softmax")(pooled))


def normalized(k: Any) -> Any:
    layers = k.layers
    norm = layers.Normalization()
    norm.adapt(np.arange(40, dtype="float32").reshape(10, 4))
    return k.Sequential([k.Input((4,)), norm, layers.Dense(1)])


ARCHITECTURES: dict[str, Build] = {
    "dense": dense,
    "cnn": cnn,
    "depthwise": depthwise,
    "bilstm": bilstm,
    "gru": gru,
    "conv_lstm": conv_lstm,
    "two_ends": two_ends,
    "nested": nested,
    "custom": custom,
    "text": text,
    "normalized": normalized,
}

NOT_FOR_TFLITE = {"bilstm", "gru", "conv_lstm", "two_ends", "text"}
"""What TFLite leaves to TensorFlow: loops, texts."""

INPUTS: dict[str, dict[str, Any]] = {
    name: {"x": RANDOM.random((ROWS, *shape)).astype("float32")}
    for name, shape in {
        "dense": (4,),
        "cnn": (8, 8, 1),
        "depthwise": (8, 8, 2),
        "gru": (6, 2),
        "conv_lstm": (12, 1),
        "nested": (4,),
        "custom": (4,),
        "normalized": (4,),
    }.items()
} | {
    "bilstm": {"x": RANDOM.integers(0, 20, (ROWS, 6)).astype("int32")},
    "text": {"x": np.array([["a dog"], ["the cat sat"], [""], ["Big, BIG!"], ["x"]])},
    "two_ends": {
        "num": RANDOM.random((ROWS, 3)).astype("float32"),
        "seq": RANDOM.random((ROWS, 5, 1)).astype("float32"),
    },
}


def source(name: str) -> str:
    """Return code that builds an architecture, for weights to be loaded into."""
    code = inspect.getsource(ARCHITECTURES[name]).replace(": Any) -> Any", ")")
    build = f"def build_model():\n    return {name}(tf.keras)\n"
    return f"import numpy as np\nimport tensorflow as tf\n\n\n{code}\n\n{build}"


def named(outputs: Any) -> dict[str, Any]:
    """Return predictions by the name of the task's output."""
    if isinstance(outputs, (list, tuple)):
        arrays = map(np.asarray, outputs)
        return dict(zip(("cls", "reg"), arrays, strict=True))
    return {"y": np.asarray(outputs)}


def save(library: str, name: str, folder: Path) -> None:
    """Save one architecture in every format that takes it."""
    import tensorflow as tf

    k = importlib.import_module(library)
    k.utils.set_random_seed(3)
    model, inputs = ARCHITECTURES[name](k), INPUTS[name]
    rows = [tf.constant(array) for array in inputs.values()]
    model.compile("adam", "mse")
    predicted = named(model(rows if len(rows) > 1 else rows[0], training=False))
    folder.mkdir(parents=True)
    np.savez(folder / "inputs.npz", **inputs)
    (folder / "model.py").write_text(SOURCE if name == "custom" else source(name))
    for form, write in WRITERS.items():
        if form == "tflite" and name in NOT_FOR_TFLITE:
            continue  # its interpreter could not run what the converter makes of it
        try:
            found = write(tf, k, model, folder, inputs)
        except Exception as error:
            (folder / f"{form}.txt").write_text(f"{type(error).__name__}: {error}")
        else:
            np.savez(folder / f"{form}.npz", **(found or predicted))


def write_keras(tf: Any, k: Any, model: Any, folder: Path, inputs: Any) -> None:
    model.save(folder / "keras.keras")


def write_h5(tf: Any, k: Any, model: Any, folder: Path, inputs: Any) -> None:
    model.save(folder / "h5.h5")


def write_weights(tf: Any, k: Any, model: Any, folder: Path, inputs: Any) -> None:
    model.save_weights(folder / "weights.weights.h5")


def write_old_weights(tf: Any, k: Any, model: Any, folder: Path, inputs: Any) -> None:
    if k.__version__.startswith("3."):
        raise NotImplementedError("Keras 3 writes weights in one layout")
    model.save_weights(folder / "old_weights.h5")


def write_savedmodel(tf: Any, k: Any, model: Any, folder: Path, inputs: Any) -> Any:
    place = str(folder / "savedmodel")
    if k.__version__.startswith("3."):
        model.export(place, verbose=False)
    elif folder.name in NOT_FOR_TFLITE:
        model.export(place)  # takes a tenth of the time, if there are loops
    else:
        model.save(place)
    loaded = tf.saved_model.load(place)
    function = loaded.signatures["serving_default"]
    keys = sorted(function.structured_input_signature[1])
    arrays = inputs if len(keys) > 1 else {keys[0]: inputs["x"]}
    return by_order(function(**{n: tf.constant(a) for n, a in arrays.items()}))


def write_tflite(tf: Any, k: Any, model: Any, folder: Path, inputs: Any) -> Any:
    converter = tf.lite.TFLiteConverter.from_saved_model(str(folder / "savedmodel"))
    ops = tf.lite.OpsSet
    converter.target_spec.supported_ops = [ops.TFLITE_BUILTINS, ops.SELECT_TF_OPS]
    converter._experimental_lower_tensor_list_ops = False  # loops stay TensorFlow's
    place = folder / "tflite.tflite"
    place.write_bytes(converter.convert())
    interpreter = tf.lite.Interpreter(str(place), num_threads=1)
    runner = interpreter.get_signature_runner("serving_default")
    keys = list(runner.get_input_details())
    arrays = inputs if len(keys) > 1 else {keys[0]: inputs["x"]}
    return by_order(runner(**arrays))


def by_order(outputs: dict[str, Any]) -> dict[str, Any]:
    """Return outputs of a signature by the task's names."""
    if set(outputs) == {"cls", "reg"}:
        return {name: np.asarray(value) for name, value in outputs.items()}
    found = [np.asarray(outputs[key]) for key in sorted(outputs)]
    return named(found if len(found) > 1 else found[0])


WRITERS = {
    "keras": write_keras,
    "h5": write_h5,
    "weights": write_weights,
    "old_weights": write_old_weights,
    "savedmodel": write_savedmodel,
    "tflite": write_tflite,
}

if __name__ == "__main__":
    for name in ARCHITECTURES:
        save(sys.argv[1], name, Path(sys.argv[2]) / name)
