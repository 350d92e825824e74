"""What is repaired in the settings of a layer, and in those of a model of layers.

A repair acts only where it is known to change no number. It leaves everything else, and
the library fails as it would have.
"""

import copy
import inspect
from typing import Any, Callable, Iterator, NamedTuple  # noqa: UP035 - Python 3.9

from .saved_settings import objects_in

Settings = dict[str, Any]

_SEPARABLE = ("SeparableConv1D", "SeparableConv2D")
_WITHOUT_GROUPS = (
    *("DepthwiseConv1D", "DepthwiseConv2D", *_SEPARABLE),
    *("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"),
)
_MODELS = ("Functional", "Model", "Sequential")
_HOLDERS = ("Wrapper", "Bidirectional", "RNN", "StackedRNNCells")


class Row(NamedTuple):
    """A repair."""

    name: str
    """One of ``REPAIRS``."""

    classes: "tuple[str, ...]"
    """Which layers it is for; layers that derive from them are meant too."""

    mend: "Callable[[Settings, type], bool]"
    """Changes the settings of a layer of a class; returns whether it did.

    It may see the same settings again, once they are mended.
    """


def layer_rows(keras_module: Any, model: Any, by_keras_2: bool) -> "tuple[Row, ...]":
    """Return the repairs that a file may need to be loaded by Keras 3.

    Args:
        keras_module: ``keras``.
        model: The model's class and settings as the file stores them, or None.
        by_keras_2: Keras 2 wrote the file; else an early Keras 3 may have.
    """
    axes = _stored_axes(model)
    activation = _hard_sigmoid(keras_module.ops)
    known = set(vars(keras_module.layers))
    first = set(vars(keras_module.initializers))
    always = (
        Row("axis", ("Layer",), lambda own, kind: _restore_axis(own, axes, kind)),
    )
    if not by_keras_2:
        return always
    return (
        *always,
        Row("time_major", ("RNN",), _without("time_major", False)),
        Row("groups", _WITHOUT_GROUPS, _without("groups", 1)),
        Row("kernel_settings", _SEPARABLE, _without_kernel_settings),
        Row("axis", ("BatchNormalization",), _unpack_axis),
        Row("batch_input_shape", ("Sequential",), _put_input_first),
        Row("batch_input_shape", ("Layer",), _drop_input_shape),
        Row("hard_sigmoid", ("Layer",), lambda own, _: _activate(own, activation)),
        Row("initializer_dtype", ("Layer",), lambda own, _: _drop_dtypes(own, first)),
        Row("dtype", ("Layer",), _name_dtype),
        Row("module", _HOLDERS, lambda own, _: _add_modules(own, known)),
        Row("single_output", ("Model",), _unpack_output),
        Row("node_index", ("Model",), _count_calls_from_0),
        Row("trainable", ("Model",), _thaw),
        Row("trainable", ("Discretization",), _without("trainable", True)),
    )


def _without(key: str, value: Any) -> "Callable[[Settings, type], bool]":
    """Drop a setting that says what is so without it; any other value stays.

    So does one that a class of the candidate's takes itself.
    """

    def mend(settings: Settings, kind: type) -> bool:
        taken = inspect.signature(kind).parameters
        if key not in settings or settings[key] != value or key in taken:
            return False
        del settings[key]
        return True

    return mend


def _without_kernel_settings(settings: Settings, _: type) -> bool:
    """Drop settings of one kernel: there are two, each with settings of its own."""
    unused = [key for key in settings if key.startswith("kernel_")]
    unused.remove("kernel_size")
    for key in unused:
        del settings[key]
    return bool(unused)


def _stored_axes(model: Any) -> "dict[tuple[str, str], list[Any]]":
    """Return every ``axis`` that a file stores, by the class and name of the layer."""
    axes: dict[tuple[str, str], list[Any]] = {}
    for layer in objects_in(model):
        settings = layer.get("config")
        if isinstance(settings, dict) and "axis" in settings:
            kind = str(layer.get("class_name")).rsplit(">", 1)[-1]
            key = kind, str(settings.get("name"))
            axes.setdefault(key, []).append(settings["axis"])
    return axes


def _restore_axis(
    settings: Settings, axes: "dict[tuple[str, str], list[Any]]", kind: type
) -> bool:
    """Put back no axis, or several: Keras 3 drops either as it reads ``.h5``."""
    stored = axes.get((kind.__name__, str(settings.get("name"))), [])
    if "axis" in settings or not stored or any(axis != stored[0] for axis in stored):
        return False
    settings["axis"] = None if stored[0] == [] else stored[0]
    return True


def _unpack_axis(settings: Settings, _: type) -> bool:
    """Take the one axis out of its list."""
    axis = settings.get("axis")
    if not isinstance(axis, list) or len(axis) != 1:
        return False
    settings["axis"] = axis[0]
    return True


def _put_input_first(settings: Settings, _: type) -> bool:
    """Let a chain begin with the input that Keras 2 made of its first layer's shape."""
    layers = settings.get("layers")
    if not isinstance(layers, list) or not layers:
        return False
    first = layers[0].get("config") or {}
    shape = first.get("batch_input_shape")
    if layers[0].get("class_name") == "InputLayer" or shape is None:
        return False
    start = {"batch_shape": shape, "name": f"{first.get('name')}_input"}
    if isinstance(first.get("dtype"), str):
        start["dtype"] = first["dtype"]
    settings["layers"] = [{"class_name": "InputLayer", "config": start}, *layers]
    return True


def _drop_input_shape(settings: Settings, kind: type) -> bool:
    """Drop what an input before this layer says already."""
    if kind.__name__ == "InputLayer" or "batch_input_shape" not in settings:
        return False
    del settings["batch_input_shape"]
    return True


def _hard_sigmoid(ops: Any) -> "Callable[[Any], Any]":
    """Return Keras 2's function: its slope is 1/5, that of Keras 3 is 1/6."""

    def hard_sigmoid(x: Any) -> Any:
        return ops.clip(0.2 * x + 0.5, 0.0, 1.0)

    return hard_sigmoid


def _activate(settings: Settings, activation: "Callable[[Any], Any]") -> bool:
    """Put a function in place of every activation that is called hard sigmoid."""
    keys = [
        key
        for key, value in settings.items()
        if key.endswith("activation") and value == "hard_sigmoid"
    ]
    settings.update(dict.fromkeys(keys, activation))
    return bool(keys)


def _drop_dtypes(settings: Settings, known: "set[str]") -> bool:
    """Drop the dtype of first values, which the stored weights replace anyway."""
    found = False
    for key, value in settings.items():
        if not key.endswith("_initializer") or not isinstance(value, dict):
            continue
        stored = value.get("config")
        if value.get("class_name") in known and isinstance(stored, dict):
            without = {name: one for name, one in stored.items() if name != "dtype"}
            settings[key] = {**value, "config": without}
            found = found or without != stored
    return found


def _name_dtype(settings: Settings, _: type) -> bool:
    """Give a policy of types, as for mixed precision, by its name alone."""
    dtype = settings.get("dtype")
    if not isinstance(dtype, dict) or dtype.get("class_name") != "Policy":
        return False
    settings["dtype"] = dtype["config"]["name"]
    return True


def _add_modules(settings: Settings, known: "set[str]") -> bool:
    """Say of layers within a layer that they are Keras' own, as Keras 3 wants to know.

    Keras 2 says so from 2.13 on. A candidate's own class is found by its name.
    """
    found = False
    for key in ("layer", "backward_layer", "cell", "cells"):
        value = settings.get(key)
        held = value if isinstance(value, list) else [value]
        placed = [_placed(one, known) for one in held]
        if placed != held:
            settings[key] = placed if isinstance(value, list) else placed[0]
            found = True
    return found


def _placed(stored: Any, known: "set[str]") -> Any:
    """Return a stored object with its module, if it is a layer or a model of Keras."""
    if not isinstance(stored, dict) or "module" in stored:
        return stored
    name = stored.get("class_name")
    if name in _MODELS:
        name = "Sequential" if name == "Sequential" else "Model"  # Functional, too
        placed = {"class_name": name, "module": "keras", "registered_name": None}
        return {**stored, **placed}
    if name in known:
        return {**stored, "module": "keras.layers", "registered_name": None}
    return stored


def _unpack_output(settings: Settings, _: type) -> bool:
    """Let a graph that ends in one layer return a tensor, not a list of one."""
    ends = settings.get("output_layers")
    if not isinstance(ends, list) or len(ends) != 1 or not isinstance(ends[0], list):
        return False
    settings["output_layers"] = ends[0]
    return True


def _count_calls_from_0(settings: Settings, _: type) -> bool:
    """Number the calls of models inside a graph from 0.

    Keras 2 numbers them from 1 if the model was built before it was called. Of the ends
    of a graph Keras 3 knows this, except where it ends in a ``Sequential``.
    """
    if not isinstance(settings.get("layers"), list):
        return False
    layers, ends = copy.deepcopy((settings["layers"], settings.get("output_layers")))
    inner = [call for one in layers for call in _calls(one.get("inbound_nodes"))]
    last = list(_calls(ends))
    found = False
    for layer in layers:
        name, kind = layer.get("name"), layer.get("class_name")
        made = [call for call in inner + last if call[0] == name]
        if kind not in _MODELS or not all(call[1] for call in made):
            continue
        for call in made:
            if kind == "Sequential" or not any(call is one for one in last):
                call[1] -= 1
                found = True
    settings.update(layers=layers, output_layers=ends)
    return found


def _calls(value: Any) -> "Iterator[list[Any]]":
    """Yield each ``[name of a layer, number of its call, ...]``."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list) and value and isinstance(value[0], str):
            yield value
        elif isinstance(value, (list, dict)):
            waiting += value if isinstance(value, list) else value.values()


def _thaw(settings: Settings, _: type) -> bool:
    """Forget that a graph is frozen if a layer of it is not.

    An ``.h5`` file holds weights in an order that depends on which layers are frozen.
    Keras 3 would freeze them all, and give one layer the weights of another.
    """
    inner = [one.get("config") or {} for one in settings.get("layers") or ()]
    mixed = any(one.get("trainable") for one in inner)
    if settings.get("trainable") is not False or not mixed:
        return False
    del settings["trainable"]
    return True
