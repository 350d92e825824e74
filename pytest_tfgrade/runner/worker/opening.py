"""Loading an artifact, whatever its format, into something that can be called."""

import os
from typing import Any, Callable, Protocol

import numpy as np

from . import failures, frames, repairs, sources


class Opened(Protocol):
    """A model, ready to be called."""

    keras_model: Any
    """What Keras loaded; None of a format that has no layers."""

    def call(self, batch: "dict[str, np.ndarray[Any, Any]]") -> "dict[str, Any]":
        """Return the outputs by their names, or by position as ``0``, ``1``.

        Args:
            batch: Inputs ``(rows, ...)`` by the names of the task, or the model's own.
        """
        ...

    def traced(self) -> "Callable[[dict[str, Any]], dict[str, Any]]":
        """Return what does the same, and faster if it is called often."""
        ...


def opened(keras: Any, order: "dict[str, Any]") -> "tuple[Opened, list[str]]":
    """Load an artifact; return it and the names of what was repaired in it.

    Args:
        keras: The library that loads what Keras saved.
        order: ``artifact`` (path), ``format``, ``keras_version``, ``signature`` or
            None, ``source`` (``path``, ``name`` and ``builds``) or None,
            ``allow_lambda``, ``scratch``, and ``outputs`` with a ``name`` each.
    """
    names = [output["name"] for output in order["outputs"]]
    if order["format"] == "savedmodel":
        return GraphModel(order["artifact"], order["signature"], names), []
    if order["format"] == "tflite":
        return LiteModel(order["artifact"], order["signature"], names), []
    described = {
        "path": order["artifact"],
        "format": order["format"],
        "keras_version": order["keras_version"],
    }
    with repairs.repaired(keras, described) as done:
        model = _loaded(keras, order)
    return KerasModel(model, names), list(dict.fromkeys(done))


def _loaded(keras: Any, order: "dict[str, Any]") -> Any:
    source = order["source"]
    code = sources.Code(source["path"], source["name"]) if source else None
    custom = code.custom_objects() if code else {}
    with keras.utils.custom_object_scope(custom):
        if code is not None and order["format"] == "weights":
            return _with_weights(code.built(source["builds"]), order)
        more = {"safe_mode": False} if order["allow_lambda"] else {}
        return keras.models.load_model(order["artifact"], compile=False, **more)


def _with_weights(model: Any, order: "dict[str, Any]") -> Any:
    """Load weights into a model; Keras tells their layout by the file's name."""
    import h5py

    with h5py.File(order["artifact"], "r") as file:
        is_legacy = "layer_names" in file.attrs
    ending = ".h5" if is_legacy else ".weights.h5"
    link = os.path.join(order["scratch"], "handed-in" + ending)
    os.symlink(order["artifact"], link)
    try:
        model.load_weights(link)
    except MemoryError:
        raise
    except Exception as error:
        raise failures.KnownFailure(failures.OTHER_WEIGHTS) from error
    return model


class KerasModel:
    """A model that Keras loaded, or that source code built."""

    def __init__(self, model: Any, names: "list[str]") -> None:
        """Take a model, and the task's names of the outputs."""
        self.keras_model = model
        own = [str(name) for name in getattr(model, "output_names", None) or ()]
        # Keras returns the tensors of a list in the order in which the model was
        # built, which need not be the task's.
        self._names = own if sorted(own) == sorted(names) else []

    def call(self, batch: "dict[str, Any]") -> "dict[str, Any]":
        """Return the outputs by name, or by position."""
        import tensorflow as tf

        tensors = {name: tf.convert_to_tensor(rows) for name, rows in batch.items()}
        fed: Any = tensors if self._takes_names(tensors) else list(tensors.values())
        if len(tensors) == 1:
            fed = next(iter(tensors.values()))
        return _named(self.keras_model(fed, training=False), self._names)

    def traced(self) -> "Callable[[dict[str, Any]], dict[str, Any]]":
        """Return the call as a graph."""
        import tensorflow as tf

        graph = tf.function(self.call, reduce_retracing=True)

        def call(batch: "dict[str, Any]") -> "dict[str, Any]":
            tensors = {name: tf.convert_to_tensor(v) for name, v in batch.items()}
            return dict(graph(tensors))

        return call

    def _takes_names(self, batch: "dict[str, Any]") -> bool:
        """Return whether the model knows its inputs by these names, not by position."""
        taken = getattr(self.keras_model, "input", None)
        if isinstance(taken, dict):
            return True
        tensors = getattr(self.keras_model, "inputs", None) or ()
        own = {*(getattr(self.keras_model, "input_names", None) or ())}
        return set(batch) <= own | {tensor.name for tensor in tensors}


class GraphModel:
    """A SavedModel, called by one of its signatures."""

    keras_model = None

    def __init__(self, path: str, signature: str, names: "list[str]") -> None:
        """Load the folder; take the task's names of the outputs."""
        import tensorflow as tf

        self._loaded = tf.saved_model.load(path)  # its variables live as long as it
        self._function = self._loaded.signatures[signature]
        self._names = names

    def call(self, batch: "dict[str, Any]") -> "dict[str, Any]":
        """Return the outputs that the task names, or all of them by position."""
        import tensorflow as tf

        tensors = {key: tf.convert_to_tensor(rows) for key, rows in batch.items()}
        return _asked(self._function(**tensors), self._names)

    def traced(self) -> "Callable[[dict[str, Any]], dict[str, Any]]":
        """Return the call: it is a graph."""
        return self.call


class LiteModel:
    """A TFLite file in TensorFlow's interpreter."""

    keras_model = None

    def __init__(self, path: str, signature: "str | None", names: "list[str]") -> None:
        """Load the file; take the task's names of the outputs."""
        from .tflite_model import TfliteModel

        _require_operations(path)
        self._model = TfliteModel(path, signature)
        self._names = names

    def call(self, batch: "dict[str, Any]") -> "dict[str, Any]":
        """Return the outputs that the task names, or all of them by position."""
        return _asked(self._model.call(batch), self._names)

    def traced(self) -> "Callable[[dict[str, Any]], dict[str, Any]]":
        """Return the call: it is compiled."""
        return self.call


def _require_operations(path: str) -> None:
    """Raise if TensorFlow's interpreter here lacks operations of a TFLite file.

    That of TensorFlow 2.15 has those of TensorFlow itself, that of 2.21 has not.
    """
    import tensorflow as tf

    try:
        tf.lite.Interpreter(path, num_threads=1).allocate_tensors()
    except RuntimeError as error:
        if "Select TensorFlow op" not in str(error):
            raise
        raise failures.KnownFailure(failures.SELECT_OPS) from error


def _named(outputs: Any, names: "list[str]") -> "dict[str, Any]":
    """Return outputs by the names they have, or that are theirs, or by position."""
    if isinstance(outputs, dict):
        return {str(name): value for name, value in outputs.items()}
    if not isinstance(outputs, (list, tuple)):
        return {"0": outputs}
    if len(outputs) == len(names):
        return dict(zip(names, outputs))
    return {str(index): value for index, value in enumerate(outputs)}


def _asked(outputs: "dict[str, Any]", names: "list[str]") -> "dict[str, Any]":
    """Return the outputs of these names; if they have others, all by position.

    Positions are those of the names in order, ``output_2`` before ``output_10``, as in
    the facts about the file.
    """
    if set(names) <= set(outputs):
        return {name: outputs[name] for name in names}
    ordered = sorted(outputs, key=frames.natural)
    return {str(place): outputs[name] for place, name in enumerate(ordered)}
