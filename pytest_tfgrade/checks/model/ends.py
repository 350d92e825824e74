"""What a model takes and returns: which end is which, and what stands before it."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from pytest_tfgrade.checks.model.naming import name_of
from pytest_tfgrade.core.facts import Facts, Layer, Tensor
from pytest_tfgrade.core.keras_activations import (
    ACTIVATION_ALIASES,
    ACTIVATION_LAYERS,
    ACTIVATION_OPERATIONS,
)
from pytest_tfgrade.core.keras_layers import KERAS_LAYERS, MODEL_CLASSES

_KEEPS_VALUES: Final = frozenset(
    {
        *("Dropout", "Flatten", "Identity", "Permute", "RepeatVector", "Reshape"),
        *("Cropping1D", "Cropping2D", "Cropping3D", "ActivityRegularization"),
        *("SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D"),
    }
)
"""Layers behind which a probability is still one, and a logit is none."""


def last_activations(facts: Facts, output: Tensor) -> frozenset[str]:
    """Return the activation that ends the way to an output; none if unknown.

    Where the way leads through a nested model of several outputs, the file does not say
    here which of them it is, and each may be.
    """
    if len(facts.outputs) <= 1 and facts.last_activation is not None:
        return frozenset({facts.last_activation})
    ways = ways_back(facts, output)
    found = (next(filter(None, map(activation_of, way)), None) for way in ways)
    return frozenset(name for name in found if name is not None)


def certain_activation(facts: Facts, output: Tensor) -> str | None:
    """Return the activation whose values an output has; None if that is not certain."""
    ways = list(ways_back(facts, output))
    for layer in ways[0] if len(ways) == 1 else ():
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
    for way in ways_back(facts, output):
        for layer in way:
            found.extend(layer.walk())
            if layer.class_name != "Activation" and not _is_activation(layer):
                break
    return found


def ways_back(facts: Facts, output: Tensor) -> list[list[Layer]]:
    """Return the layers from an output backwards, along the first input of each.

    Of a nested model come its layers, in place of the model. One of several outputs
    makes a way for each of them, at most ``_MOST_WAYS`` in all.
    """
    return list(islice(_back(facts.layers, output.name), _MOST_WAYS))


_MOST_WAYS: Final = 64


def _back(layers: Sequence[Layer], start: str) -> Iterator[list[Layer]]:
    named = {layer.name: layer for layer in layers}
    way: list[Layer] = []
    while start in named:
        layer = named.pop(start)
        start = layer.inbound[0] if layer.inbound else ""
        if layer.class_name not in MODEL_CLASSES:
            way.append(layer)
            continue
        ways = (w for end in _ends(layer.layers) for w in _back(layer.layers, end))
        inner = list(islice(ways, _MOST_WAYS))  # nested, they would double each time
        if len(inner) == 1:
            way += inner[0]
        elif inner:
            rest = next(_back(list(named.values()), start), [])
            yield from ([*way, *w, *rest] for w in inner)
            return
    yield way


def _ends(layers: Sequence[Layer]) -> list[str]:
    """Return the names of the layers of a nested model that no other takes."""
    taken = {name for layer in layers for name in layer.inbound}
    return [layer.name for layer in layers if layer.name not in taken]


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
