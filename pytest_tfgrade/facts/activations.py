"""The activation that a layer ends with."""

from typing import Final

from pytest_tfgrade.facts.saved_objects import (
    Saved,
    class_name,
    config_of,
    inner_layers,
    is_model,
    is_saved,
    own_module,
)

_LAYERS: Final = {
    "ReLU": "relu",
    "LeakyReLU": "leaky_relu",
    "PReLU": "prelu",
    "ELU": "elu",
    "Softmax": "softmax",
    "ThresholdedReLU": "thresholded_relu",
}
"""Layers that are nothing but an activation."""

_OPERATIONS: Final = frozenset(
    {
        "Relu",
        "Relu6",
        "Elu",
        "Selu",
        "Gelu",
        "Silu",
        "Sigmoid",
        "Softmax",
        "LogSoftmax",
        "Softplus",
        "Tanh",
    }
)
"""Operations of ``keras.ops`` that are an activation; each is a layer of its own."""

_ALIASES: Final = {
    "softmax_v2": "softmax",
    "swish": "silu",
    "log_softmax_v2": "log_softmax",
}
"""Names that ``tf.nn`` functions have when saved."""


def activation_of(saved: Saved) -> str | None:
    """Return the activation of a layer, or of the layer it wraps; None if it has none.

    >>> activation_of({"class_name": "Dense", "config": {"activation": "relu"}})
    'relu'
    """
    name, config = class_name(saved), config_of(saved)
    if "activation" in config:
        return _activation_name(config["activation"])
    if name in _OPERATIONS and (own_module(saved) or "keras.ops").startswith(
        "keras.ops"
    ):
        return _snake(name)
    if name in _LAYERS:
        return _LAYERS[name]
    if name == "TFOpLambda":
        return _operation_name(config.get("function"))
    inner = list(inner_layers(saved))
    for layer in reversed(inner) if is_model(saved) else inner:
        activation = activation_of(layer)
        if activation is not None:
            return activation
    return None


def _activation_name(value: object) -> str | None:
    if value is None:
        return "linear"
    if isinstance(value, str):
        name = value
    elif isinstance(value, dict) and is_saved(value):
        config = value["config"]
        name = config if isinstance(config, str) else class_name(value)
    else:
        return None
    name = name.rpartition(">")[2]
    return _LAYERS.get(name) or _ALIASES.get(name, name)


def _operation_name(value: object) -> str | None:
    """Return the activation that a TensorFlow function of Keras 2 is."""
    name = str(value).rpartition(".")[2]
    known = {_snake(operation) for operation in _OPERATIONS}
    return _ALIASES.get(name, name) if name in known | set(_ALIASES) else None


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")
