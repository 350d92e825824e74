"""Layers of a model, chosen by what a rubric asks of them."""

from collections.abc import Iterator, Sequence

from pytest_tfgrade.checks.interface import Model
from pytest_tfgrade.checks.model.naming import is_glob, is_operation, matches
from pytest_tfgrade.core.facts import Facts, Layer, StoredVariable
from pytest_tfgrade.core.keras_layers import MODEL_CLASSES

Address = tuple[str, ...]
"""Names of models and wrappers from the outermost, and of the layer inside them."""


def named_layers(
    facts: Facts,
    patterns: Sequence[str],
    *,
    nested: bool = True,
    operations: bool = False,
) -> list[Layer]:
    """Return the layers of a class in the order of the file, each of them once.

    Args:
        facts: Of the model.
        patterns: Classes or globs of which any will do. A glob matches neither models
            nor the declaration of an input.
        nested: Look into nested models and wrappers, too.
        operations: Let globs match operations on tensors as well.
    """
    every = (layer for top in facts.layers for layer in each(top))
    return [
        layer
        for layer in (every if nested else facts.layers)
        if any(_is_one(layer, pattern, operations) for pattern in patterns)
    ]


def each(layer: Layer) -> Iterator[Layer]:
    """Yield a layer and those inside it, the two directions of a wrapper as one.

    Keras 3 saves both layers of a Bidirectional, Keras 2 the one they are made from.
    """
    yield layer
    inner = layer.layers
    if layer.class_name == "Bidirectional" and len({i.class_name for i in inner}) == 1:
        inner = inner[:1]
    for part in inner:
        yield from each(part)


def holding_weights(model: Model, layers: Sequence[Layer]) -> list[Layer]:
    """Return those layers for which the file stores weights.

    A wrapper has the weights of what it wraps, and the reverse.
    """
    owners = {owner(variable) for variable in model.weights.model}
    with_inner = {own[:end] for own in owners for end in range(1, len(own) + 1)}
    holding = {
        id(layer)
        for address, layer in addressed(model.facts.layers)
        if address in with_inner
        or any(address[:end] in owners for end in range(1, len(address)))
    }
    return [layer for layer in layers if id(layer) in holding]


def owner(variable: StoredVariable) -> Address:
    """Return the address of the layer that a variable belongs to; empty if unknown."""
    return () if variable.layer is None else (*variable.within, variable.layer)


def addressed(
    layers: Sequence[Layer], within: Address = ()
) -> Iterator[tuple[Address, Layer]]:
    """Yield every layer with the names that lead to it, outermost first."""
    for layer in layers:
        address = (*within, layer.name)
        yield address, layer
        yield from addressed(layer.layers, address)


def _is_one(layer: Layer, pattern: str, operations: bool) -> bool:
    if not matches(layer, pattern):
        return False
    if not is_glob(pattern):
        return True
    apart = layer.class_name in MODEL_CLASSES or layer.class_name == "InputLayer"
    return not apart and (operations or not is_operation(layer))
