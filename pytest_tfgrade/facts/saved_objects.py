"""Serialized Keras objects, as they stand in the JSON of any version.

Keras 3 writes ``{"module", "class_name", "config", "registered_name"}`` for everything;
an ``.h5`` file and older versions write ``{"class_name", "config"}``. Nothing here may
be trusted to have the type it should: wrong ones read as absent.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pytest_tfgrade.core.contract import Shape

Saved = Mapping[str, Any]
"""A serialized object."""

MODEL_CLASSES: Final = frozenset({"Sequential", "Functional", "Model"})

_LAYER_KEYS: Final = frozenset({"layer", "backward_layer", "cell", "cells", "layers"})
_LAYER_MODULES: Final = (
    "keras.layers",
    "keras.models",
    "keras.engine",
    "keras.ops",
)
_MAX_RANK: Final = 64


def is_saved(value: object) -> bool:
    """Return whether a value is a serialized object."""
    return (
        isinstance(value, dict)
        and isinstance(value.get("class_name"), str)
        and "config" in value
    )


def class_name(saved: Saved) -> str:
    """Return the class without the package it was registered in.

    >>> class_name({"class_name": "Custom>Gate"})
    'Gate'
    """
    return str(saved.get("class_name", "")).rpartition(">")[2]


def config_of(saved: Saved) -> Saved:
    """Return the object's settings.

    Before Keras 2.2.3 the config of a Sequential model was the list of its layers.
    """
    config = saved.get("config")
    if isinstance(config, list):
        return {"layers": config}
    return config if isinstance(config, dict) else {}


def name_of(saved: Saved) -> str:
    """Return the name of a layer, or its class if it has none."""
    name = config_of(saved).get("name", saved.get("name"))
    return name if isinstance(name, str) else class_name(saved)


def own_module(saved: Saved) -> str | None:
    """Return the module, with the many homes of Keras brought to one.

    >>> own_module({"module": "tf_keras.src.engine.functional"})
    'keras.engine.functional'
    """
    module = saved.get("module")
    if not isinstance(module, str):
        return None
    parts = module.split(".")
    if parts[0] not in {"keras", "tf_keras"}:
        return module
    return ".".join(["keras", *parts[2 if parts[1:2] == ["src"] else 1 :]])


def is_model(saved: Saved) -> bool:
    """Return whether an object is a model: something made of layers."""
    return class_name(saved) in MODEL_CLASSES or isinstance(
        config_of(saved).get("layers"), list
    )


def inner_layers(saved: Saved) -> Iterator[Saved]:
    """Yield the layers that an object's settings hold, in order.

    Of a model only ``layers``: Keras passes over all other settings that it holds.
    """
    config = config_of(saved)
    if class_name(saved) in MODEL_CLASSES and "layers" in config:
        config = {"layers": config["layers"]}
    for key, value in config.items():
        for item in value if isinstance(value, list) else (value,):
            if is_saved(item) and _is_layer(key, item):
                yield item


def _is_layer(key: str, saved: Saved) -> bool:
    module = own_module(saved)
    if module is not None and module.startswith("keras"):
        root_model = module == "keras" and class_name(saved) in MODEL_CLASSES
        return root_model or module.startswith(_LAYER_MODULES)
    return key in _LAYER_KEYS


def input_shape_of(saved: Saved) -> Shape | None:
    """Return the input shape that an object was declared or built with."""
    config = config_of(saved)
    built = saved.get("build_config")
    for value in (
        config.get("batch_shape"),  # InputLayer of Keras 3
        config.get("batch_input_shape"),  # InputLayer and first layers of Keras 2
        config.get("build_input_shape"),  # Sequential
        built.get("input_shape") if isinstance(built, dict) else None,
    ):
        shape = parse_shape(value)
        if shape is not None:
            return shape
    return None


def parse_shape(value: object) -> Shape | None:
    """Return a shape; None if the value is none.

    >>> parse_shape([None, 28, 28]), parse_shape([[None, 3], [None, 2]])
    ((None, 28, 28), None)
    """
    if not isinstance(value, list) or not 0 < len(value) <= _MAX_RANK:
        return None
    if all(size is None or is_count(size) for size in value):
        return tuple(value)
    return None


def is_count(value: object) -> bool:
    """Return whether a value is a whole number that is not negative."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def dtype_of(saved: Saved) -> str | None:
    """Return the type that a layer computes in.

    >>> dtype_of({"config": {"dtype": {"config": {"name": "mixed_float16"}}}})
    'float16'
    """
    dtype = config_of(saved).get("dtype")
    if isinstance(dtype, dict):
        dtype = config_of(dtype).get("name")
    return dtype.removeprefix("mixed_") if isinstance(dtype, str) else None
