"""What a model takes and returns: which end is which, and what stands before it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeVar

from pytest_tfgrade.checks.model.naming import name_of
from pytest_tfgrade.core.facts import Facts, Layer, Tensor
from pytest_tfgrade.core.keras_activations import (
    ACTIVATION_ALIASES,
    ACTIVATION_LAYERS,
    ACTIVATION_OPERATIONS,
)
from pytest_tfgrade.core.keras_layers import KERAS_LAYERS, MODEL_CLASSES

Spec = TypeVar("Spec")

_KEEPS_VALUES: Final = frozenset(
    {
        *("Dropout", "Flatten", "Identity", "Permute", "RepeatVector", "Reshape"),
        *("Cropping1D", "Cropping2D", "Cropping3D", "ActivityRegularization"),
        *("SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D"),
    }
)
"""Layers behind which a probability is still one, and a logit is none."""


def paired(
    specs: Mapping[str, Spec], tensors: Sequence[Tensor]
) -> list[tuple[str, Spec, Tensor]]:
    """Return the model's end for each of the contract's.

    Ends are known by name if the model has every name of the contract, else by
    position, as a worker gives inputs to a model.
    """
    named = {tensor.name: tensor for tensor in tensors}
    if specs.keys() <= named.keys():
        return [(name, spec, named[name]) for name, spec in specs.items()]
    pairs = zip(specs.items(), tensors, strict=False)
    return [(name, spec, tensor) for (name, spec), tensor in pairs]


def last_activation(facts: Facts, output: Tensor) -> str | None:
    """Return the activation that ends the way to an output; None if unknown."""
    if len(facts.outputs) <= 1 and facts.last_activation is not None:
        return facts.last_activation
    found = (activation_of(layer) for layer in way_back(facts, output))
    return next((name for name in found if name is not None), None)


def certain_activation(facts: Facts, output: Tensor) -> str | None:
    """Return the activation whose values an output has; None if that is not certain."""
    for layer in way_back(facts, output):
        activation = activation_of(layer)
        if activation is not None:
            return activation
        if layer.class_name not in _KEEPS_VALUES:
            return None
    return None


def last_layers(facts: Facts, output: Tensor) -> list[Layer]:
    """Return the layers that may be called the last before an output.

    These are the last one, what it wraps, and what stands before an activation that is
    a layer of its own.
    """
    found: list[Layer] = []
    for layer in way_back(facts, output):
        found.extend(layer.walk())
        if layer.class_name != "Activation" and not _is_activation(layer):
            break
    return found


def way_back(facts: Facts, output: Tensor) -> Iterator[Layer]:
    """Yield the layers from an output backwards, along the first input of each.

    Of a nested model come its layers, in place of the model.
    """
    return _back(facts.layers, output.name)


def _back(layers: Sequence[Layer], start: str) -> Iterator[Layer]:
    named = {layer.name: layer for layer in layers}
    while start in named:
        layer = named.pop(start)
        if layer.class_name in MODEL_CLASSES:
            yield from _back(layer.layers, _end(layer.layers))
        else:
            yield layer
        start = layer.inbound[0] if layer.inbound else ""


def _end(layers: Sequence[Layer]) -> str:
    """Return the name of the last layer of a nested model that no other takes."""
    taken = {name for layer in layers for name in layer.inbound}
    free = [layer.name for layer in layers if layer.name not in taken]
    return free[-1] if free else ""


def activation_of(layer: Layer) -> str | None:
    """Return the activation of a layer, or of what it wraps; None if it has none."""
    if "activation" in layer.config:
        value = layer.config["activation"]
        name = "linear" if value is None else name_of(value)
        return None if name is None else canonical_activation(name)
    if _is_activation(layer):
        return _operation(layer) or ACTIVATION_LAYERS.get(layer.class_name)
    inner = (activation_of(part) for part in reversed(layer.layers))
    return next((name for name in inner if name is not None), None)


def _is_activation(layer: Layer) -> bool:
    return layer.class_name in ACTIVATION_LAYERS or _operation(layer) is not None


def _operation(layer: Layer) -> str | None:
    """Return the activation that an operation on tensors is; None if it is none."""
    if layer.class_name == "TFOpLambda":
        name = str(layer.config.get("function")).rpartition(".")[2]
        name = ACTIVATION_ALIASES.get(name, name)
        return name if name in ACTIVATION_OPERATIONS.values() else None
    is_layer = layer.class_name in KERAS_LAYERS
    if ".ops" in (layer.module or ("" if is_layer else ".ops")):
        return ACTIVATION_OPERATIONS.get(layer.class_name)
    return None


def canonical_activation(name: str) -> str:
    """Return the one name of an activation that has several.

    >>> canonical_activation("swish"), canonical_activation("LeakyReLU")
    ('silu', 'leaky_relu')
    """
    return ACTIVATION_LAYERS.get(name) or ACTIVATION_ALIASES.get(name, name)
