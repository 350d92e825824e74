"""Loading an artifact, whatever its format, into something that can be called."""

import os
from typing import Any, Callable, Protocol

import numpy as np

from . import failures, purity, repairs, saved_settings, sources

Outputs = list[dict[str, Any]]
"""What a task asks of a model: see ``opened``."""


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

    def reuses_weights(self) -> bool:
        """Return whether weights are used many times for a row, as convolutions do."""
        ...

    def is_pure(self) -> bool:
        """Return whether ``traced`` gives the same whatever else was called with it.

        Known once it was called; then several threads may call it at a time.
        """
        ...


def opened(keras: Any, order: "dict[str, Any]") -> "tuple[Opened, list[str]]":
    """Load an artifact; return it and the names of what was repaired in it.

    Args:
        keras: The library that loads what Keras saved.
        order: ``artifact`` (path), ``format``, ``keras_version``, ``signature`` or
            None, ``source`` (``path``, ``name`` and ``builds``) or None,
            ``allow_lambda``, ``scratch``, ``parameters`` that weights alone hold, and
            ``outputs``: the ``name`` that the task gives each, and the model's ``key``
            and ``index`` of it, if they are known.
    """
    outputs = order["outputs"]
    if order["format"] == "savedmodel":
        return GraphModel(order["artifact"], order["signature"], outputs), []
    if order["format"] == "tflite":
        return LiteModel(order["artifact"], order["signature"], outputs), []
    described = {
        "path": order["artifact"],
        "format": order["format"],
        "keras_version": order["keras_version"],
    }
    with repairs.repaired(keras, described) as done:
        model = _loaded(keras, order)
    return KerasModel(model, outputs), list(dict.fromkeys(done))


def _loaded(keras: Any, order: "dict[str, Any]") -> Any:
    """Load what Keras saved; run code beside it only if it cannot do without."""
    source = order["source"]
    if source is None:
        return _read(keras, order)
    if order["format"] != "weights":
        try:
            return _read(keras, order)
        except MemoryError:
            raise
        except Exception:  # what it lacks, the code may define
            keras.backend.clear_session()
    code = sources.Code(source["path"], source["name"])
    custom = code.custom_objects(keras)
    custom.update(_registered(order, custom))
    with keras.utils.custom_object_scope(custom):
        if order["format"] == "weights":
            return _with_weights(code.built(source["builds"]), order)
        return _read(keras, order)


def _registered(order: "dict[str, Any]", own: "dict[str, Any]") -> "dict[str, Any]":
    """Return what code defines under the names, ``PACKAGE>NAME``, that a file has."""
    model, _ = saved_settings.read_settings(order["artifact"], order["format"])
    said = (one.get(k) for one in saved_settings.objects_in(model) for k in _NAMED_BY)
    names = [name for name in said if isinstance(name, str) and ">" in name]
    return {n: own[n.rpartition(">")[2]] for n in names if n.rpartition(">")[2] in own}


_NAMED_BY = ("registered_name", "class_name")


def _read(keras: Any, order: "dict[str, Any]") -> Any:
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
    if not model.weights:
        raise failures.KnownFailure(failures.NOT_BUILT)
    if order["parameters"] not in (None, model.count_params()):
        # Keras loads the weights of a larger model without a word.
        raise failures.KnownFailure(failures.OTHER_WEIGHTS)
    try:
        model.load_weights(link)
    except MemoryError:
        raise
    except Exception as error:
        raise failures.KnownFailure(failures.OTHER_WEIGHTS) from error
    return model


_MATRIX = 2
"""Axes of a weight that is used once for a row."""


class KerasModel:
    """A model that Keras loaded, or that source code built."""

    def __init__(self, model: Any, outputs: Outputs) -> None:
        """Take a model, and what the task asks of it."""
        self.keras_model = model
        self._outputs = outputs
        own = [str(name) for name in getattr(model, "output_names", None) or ()]
        # Keras returns the tensors of a list in the order in which the model was
        # built, which need not be the task's. A file says so; code alone does not.
        self._own = own if sorted(own) == sorted(_names(outputs)) else []
        self._takes_dict = False
        self._graph: Any = None

    def call(self, batch: "dict[str, Any]") -> "dict[str, Any]":
        """Return the outputs by name, or by position."""
        import tensorflow as tf

        tensors = {name: tf.convert_to_tensor(rows) for name, rows in batch.items()}
        return _taken(self._called(tensors), self._outputs, self._own)

    def _called(self, tensors: "dict[str, Any]") -> Any:
        if len(tensors) == 1 and not self._wants_dict():
            return self.keras_model(next(iter(tensors.values())), training=False)
        if self._takes_names(tensors):
            return self.keras_model(tensors, training=False)
        try:
            return self.keras_model(list(tensors.values()), training=False)
        except (TypeError, KeyError, AttributeError):
            if getattr(self.keras_model, "inputs", None):
                raise
            found = self.keras_model(tensors, training=False)
            self._takes_dict = True  # as a class of its own may, and no file says
            return found

    def _wants_dict(self) -> bool:
        return isinstance(getattr(self.keras_model, "input", None), dict)

    def traced(self) -> "Callable[[dict[str, Any]], dict[str, Any]]":
        """Return the call as a graph."""
        import tensorflow as tf

        self._graph = None
        graph = tf.function(self.call, reduce_retracing=True)

        def call(batch: "dict[str, Any]") -> "dict[str, Any]":
            tensors = {name: tf.convert_to_tensor(v) for name, v in batch.items()}
            if self._graph is None:
                self._graph = graph.get_concrete_function(tensors).graph.as_graph_def()
            return dict(graph(tensors))

        return call

    def reuses_weights(self) -> bool:
        """Return whether a weight has three axes or more, as kernels have."""
        try:
            return any(
                len(weight.shape) > _MATRIX for weight in self.keras_model.weights
            )
        except Exception:  # a table among them has no shape, a variable need not have
            return False

    def is_pure(self) -> bool:
        """Return whether its graph neither keeps, draws nor calls anything."""
        return self._graph is not None and purity.is_pure(self._graph)

    def _takes_names(self, batch: "dict[str, Any]") -> bool:
        """Return whether the model knows its inputs by these names, not by position."""
        if self._takes_dict or self._wants_dict():
            return True
        tensors = getattr(self.keras_model, "inputs", None) or ()
        own = {*(getattr(self.keras_model, "input_names", None) or ())}
        return set(batch) <= own | {tensor.name for tensor in tensors}


class GraphModel:
    """A SavedModel, called by one of its signatures."""

    keras_model = None

    def __init__(self, path: str, signature: str, outputs: Outputs) -> None:
        """Load the folder; take what the task asks of it."""
        import tensorflow as tf

        # Its variables live as long as it. Facts speak of the graph of this tag.
        self._loaded = tf.saved_model.load(path, tags=["serve"])
        self._function = self._loaded.signatures[signature]
        self._outputs = outputs

    def call(self, batch: "dict[str, Any]") -> "dict[str, Any]":
        """Return the outputs that the task names, or all of them by position."""
        import tensorflow as tf

        tensors = {key: tf.convert_to_tensor(rows) for key, rows in batch.items()}
        return _asked(self._function(**tensors), self._outputs)

    def traced(self) -> "Callable[[dict[str, Any]], dict[str, Any]]":
        """Return the call: it is a graph."""
        return self.call

    def reuses_weights(self) -> bool:
        """Return True: it is a graph already."""
        return True

    def is_pure(self) -> bool:
        """Return whether its graph neither keeps, draws nor calls anything."""
        return purity.is_pure(self._function.graph.as_graph_def())


class LiteModel:
    """A TFLite file in TensorFlow's interpreter."""

    keras_model = None

    def __init__(self, path: str, signature: "str | None", outputs: Outputs) -> None:
        """Load the file; take what the task asks of it."""
        from .tflite_model import TfliteModel

        _require_operations(path)
        self._model = TfliteModel(path, signature)
        self._outputs = outputs

    def call(self, batch: "dict[str, Any]") -> "dict[str, Any]":
        """Return the outputs that the task names, or all of them by position."""
        return _asked(self._model.call(batch), self._outputs)

    def traced(self) -> "Callable[[dict[str, Any]], dict[str, Any]]":
        """Return the call: it is compiled."""
        return self.call

    def reuses_weights(self) -> bool:
        """Return False: it is compiled already, and takes large parts."""
        return False

    def is_pure(self) -> bool:
        """Return False: the interpreter serves one call at a time."""
        return False


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


def _names(outputs: Outputs) -> "list[str]":
    return [output["name"] for output in outputs]


def _taken(returned: Any, outputs: Outputs, own: "list[str]") -> "dict[str, Any]":
    """Return what a model returned by the task's names, or by names it does not know.

    Args:
        returned: A tensor, or a list, tuple or dictionary of them.
        outputs: Of the task.
        own: The model's names of the tensors of a list, if they are the task's.
    """
    if isinstance(returned, dict):
        return _of_keys({str(key): v for key, v in returned.items()}, outputs)
    if not isinstance(returned, (list, tuple)):
        return {"0": returned}
    if len(returned) != len(outputs):
        return {str(index): value for index, value in enumerate(returned)}
    if all(output["index"] is not None for output in outputs):
        return {output["name"]: returned[output["index"]] for output in outputs}
    return dict(zip(own or map(str, range(len(returned))), returned))


def _of_keys(returned: "dict[str, Any]", outputs: Outputs) -> "dict[str, Any]":
    if len(returned) == len(outputs) == 1:
        return {"0": next(iter(returned.values()))}
    keys = [output["key"] for output in outputs]
    if len(returned) == len(keys) and set(keys) == set(returned):
        return {output["name"]: returned[output["key"]] for output in outputs}
    return returned


def _asked(returned: "dict[str, Any]", outputs: Outputs) -> "dict[str, Any]":
    """Return the outputs that a task asks for, or all by position."""
    if all(output["key"] in returned for output in outputs):
        return {output["name"]: returned[output["key"]] for output in outputs}
    if set(_names(outputs)) <= set(returned):
        return {name: returned[name] for name in _names(outputs)}
    return {str(place): value for place, value in enumerate(returned.values())}
