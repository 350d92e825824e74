"""Saves small SavedModel folders of many kinds; run as a program by the tests.

Beside them goes ``expected.json``: what TensorFlow itself reads in each.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
import tf_keras
from tensorflow.core.protobuf import saved_model_pb2

Library = Any  # keras or tf_keras: two modules of the same form
Model = Any  # of either

DTYPES = (
    *("float32", "float64", "float16", "bfloat16", "int8", "int16", "int32", "int64"),
    *("uint8", "uint16", "uint32", "uint64", "bool", "complex64", "complex128"),
)


def two_ends(k: Library) -> Model:
    """A model with two named outputs."""
    layers = k.layers
    rows = k.Input((4,), name="num")
    hidden = layers.Dense(3, activation="relu", name="hidden")(rows)
    kind = layers.Dense(2, activation="softmax", name="kind")(hidden)
    return k.Model(rows, [kind, layers.Dense(1, name="amount")(hidden)])


def trained(k: Library) -> Model:
    """The same after one step of training."""
    model = two_ends(k)
    losses = {"kind": "sparse_categorical_crossentropy", "amount": "mse"}
    model.compile(k.optimizers.Adam(0.01), losses)
    rows = np.ones((8, 4), "float32")
    model.fit(rows, {"kind": rows[:, 0], "amount": rows[:, 1]}, verbose=0)
    return model


def deep(k: Library) -> Model:
    """A model inside a model, wrapped layers, state that is no weight."""
    layers = k.layers
    norm = layers.BatchNormalization(name="norm")
    inner = [k.Input((5, 3)), layers.Dense(4, name="dense"), norm]
    return k.Sequential(
        [
            k.Input((5, 3)),
            k.Sequential(inner, name="net"),
            layers.Bidirectional(layers.LSTM(2, name="rnn"), name="both"),
            layers.Dropout(0.5, name="dropout"),
            layers.Dense(1, activation="sigmoid", name="end"),
        ]
    )


def text(k: Library) -> Model:
    """A model of texts with a vocabulary."""
    layers = k.layers
    words = layers.TextVectorization(20, output_sequence_length=5, name="words")
    words.adapt(["a b c", "d e"])
    texts = k.Input((1,), dtype="string", name="text")
    x = layers.Embedding(20, 4, name="meaning")(words(texts))
    x = layers.GlobalAveragePooling1D()(x)
    return k.Model(texts, layers.Dense(12, activation="softmax", name="topic")(x))


class OwnClass(tf_keras.Model):
    """A model whose configuration Keras does not know."""

    def __init__(self) -> None:
        super().__init__()
        self.end = tf_keras.layers.Dense(2)

    def call(self, rows: Any) -> Any:
        return self.end(rows)


class Functions(tf.Module):
    """Two signatures of its own, one with eleven outputs."""

    def __init__(self) -> None:
        super().__init__()
        self.slope = tf.Variable([[2.0], [3.0]])
        self.count = tf.Variable(7)

    @tf.function(input_signature=[tf.TensorSpec((None, 2), tf.float32, "rows")])
    def line(self, rows: Any) -> Any:
        return {"y": rows @ self.slope}

    @tf.function(input_signature=[tf.TensorSpec(None, tf.int64, "any")])
    def many(self, rows: Any) -> Any:
        return {f"output_{at}": rows + at for at in range(11)}


class Reaching(tf.Module):
    """A model that does more than compute."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    @tf.function(input_signature=[tf.TensorSpec((), tf.string, "name")])
    def call(self, name: Any) -> Any:
        if self.kind == "python":
            return tf.py_function(lambda name: name, [name], tf.string)
        if self.kind == "print":
            tf.print(name, output_stream="file:///tmp/somewhere")
            return name
        if self.kind == "stderr":
            tf.print(name, output_stream=sys.stderr)
            return name
        return tf.io.read_file(name)


def save_modules(folder: Path) -> None:
    """Save what Keras has no part in."""
    module = Functions()
    many = {"line": module.line, "many": module.many}
    tf.saved_model.save(module, str(folder / "functions"), signatures=many)
    tf.saved_model.save(module, str(folder / "unsigned"))
    for kind in ("python", "print", "stderr", "file"):
        model = Reaching(kind)
        tf.saved_model.save(model, str(folder / kind), signatures=model.call)


def save_session(folder: Path) -> None:
    """Save as TensorFlow 1 and Estimators do: names, slots, a variable in parts."""
    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        rows = v1.placeholder(tf.float32, (None, 6), "rows")
        v1.train.create_global_step()
        with v1.variable_scope("head", use_resource=True):
            cut = v1.fixed_size_partitioner(3)
            kernel = v1.get_variable("kernel", (6, 2), partitioner=cut)
            bias = v1.get_variable("bias", initializer=[0.5, -0.5])
        end = tf.matmul(rows, tf.concat(list(kernel), 0)) + bias
        v1.train.AdamOptimizer().minimize(tf.reduce_sum(end))
        session.run(v1.global_variables_initializer())
        v1.saved_model.simple_save(
            session, str(folder / "session"), {"rows": rows}, {"end": end}
        )
        whole = np.concatenate(session.run(list(kernel)))
    np.save(folder / "kernel.npy", whole)


def save_bundle(folder: Path) -> None:
    """Save a checkpoint of every dtype, with so long names that it takes two blocks."""
    kinds = (*DTYPES, "string")
    names = [f"{at:04}/{at:0200}/{kind}" for at in range(100) for kind in kinds]
    random = np.random.default_rng(0)
    tensors = [
        tf.constant([name])
        if name.endswith("string")
        else tf.cast(random.integers(0, 2, (at % 4, 2)), name.rpartition("/")[2])
        for at, name in enumerate(names)
    ]
    path = folder / "bundle" / "variables" / "variables"
    path.parent.mkdir(parents=True)
    tf.raw_ops.SaveV2(
        prefix=str(path),
        tensor_names=names,
        shape_and_slices=[""] * len(names),
        tensors=tensors,
    )


def variables(path: Path) -> list[list[Any]]:
    """Return name, dtype, shape and digest of the variables of a checkpoint."""
    reader = tf.train.load_checkpoint(str(path))
    shapes = reader.get_variable_to_shape_map()
    dtypes = reader.get_variable_to_dtype_map()
    found = []
    for name in sorted(shapes):
        value = reader.get_tensor(name)
        texts = dtypes[name] == tf.string
        digest = None if texts else hashlib.sha256(value.tobytes()).hexdigest()
        found.append([name, dtypes[name].name, shapes[name], digest])
    return found


def graph(folder: Path) -> dict[str, Any]:
    """Return signatures, operations and version, read with TensorFlow's messages."""
    saved = saved_model_pb2.SavedModel()
    saved.ParseFromString((folder / "saved_model.pb").read_bytes())
    [meta] = saved.meta_graphs
    functions = meta.graph_def.library.function
    nodes = [*meta.graph_def.node, *(node for f in functions for node in f.node_def)]
    return {
        "tensorflow_version": meta.meta_info_def.tensorflow_version,
        "operations": sorted({node.op for node in nodes}),
        "signatures": {
            key: {
                "method": signature.method_name,
                "inputs": tensors(signature.inputs),
                "outputs": tensors(signature.outputs),
            }
            for key, signature in meta.signature_def.items()
            if key != "__saved_model_init_op"
        },
    }


def tensors(infos: Any) -> dict[str, list[Any]]:
    """Return the tensors of a signature as the worker tells them."""
    return {
        name: [
            tf.as_dtype(info.dtype).name,
            None
            if info.tensor_shape.unknown_rank
            else [dim.size for dim in info.tensor_shape.dim],
            "dense",
        ]
        for name, info in infos.items()
    }


def main(folder: Path) -> None:
    """Save everything below a folder."""
    parameters = {}
    for name, build in (
        *(("two_ends", two_ends), ("trained", trained), ("deep", deep), ("text", text)),
    ):
        new, old = build(keras), build(tf_keras)
        new.export(folder / f"keras3_{name}", verbose=False)
        old.save(folder / f"tfkeras_{name}", save_format="tf")
        parameters[f"keras3_{name}"] = new.count_params()
        parameters[f"tfkeras_{name}"] = old.count_params()
    model = trained(keras)
    tf.saved_model.save(model, str(folder / "keras3_saved"))
    parameters["keras3_saved"] = model.count_params()
    own = OwnClass()
    own(np.ones((1, 3), "float32"))
    own.save(folder / "tfkeras_own", save_format="tf")
    parameters["tfkeras_own"] = own.count_params()
    save_modules(folder)
    save_session(folder)
    save_bundle(folder)
    expected = {
        at.name: {
            "variables": variables(at / "variables" / "variables"),
            "parameters": parameters.get(at.name),
            **(graph(at) if (at / "saved_model.pb").exists() else {}),
        }
        for at in sorted(folder.iterdir())
        if at.is_dir()
    }
    (folder / "expected.json").write_text(json.dumps(expected), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
