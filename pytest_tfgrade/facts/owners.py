"""Which layer a stored variable belongs to, by its path in the file.

A ``.keras`` file numbers the layers of each class: ``layers/dense_1/vars/0`` is of the
second Dense of a model, whatever its name is (``saving_lib`` of Keras and tf-keras). An
``.h5`` file has the layer's name, ``model_weights/LAYER/...``, and behind it the names
of inner layers, as far as the names of variables say.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from pytest_tfgrade.core.facts import Layer
from pytest_tfgrade.core.submission import ArtifactFormat
from pytest_tfgrade.facts.saved_objects import MODEL_CLASSES, is_saved, name_of

Address = tuple[str, ...]
"""Names from the outermost model or wrapper down to a layer; empty: no layer."""

_CONTAINERS: Final = frozenset(
    {"layers", "_layers", "_layer_checkpoint_dependencies", "cells"}
)
"""Attributes that hold layers; those with an underscore are of Keras 2.12."""

_SETTINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "forward_layer": ("layer",),
    "backward_layer": ("backward_layer", "layer"),
}
"""Where the configuration of Bidirectional keeps what an attribute holds."""

_MOST_SLASHES: Final = 8
"""In the name of a layer; Keras 2 allows them."""


class Owners:
    """The layers of a model, to be found by paths."""

    def __init__(self, layers: Sequence[Layer], form: ArtifactFormat) -> None:
        """Take the outermost layers and the format of the file."""
        self._layers = tuple(layers)
        self._top = {layer.name: layer for layer in reversed(self._layers)}
        self._find = self._by_class if form is ArtifactFormat.KERAS else self._by_name
        self._numbered: dict[Address, Mapping[str, Layer]] = {}
        self._inside: dict[Address, Mapping[str, tuple[Layer, Address]]] = {}

    def of(self, path: str) -> Address:
        """Return the address of the layer that a variable of the model belongs to."""
        return self._find(path.split("/")[:-1])

    def _by_class(self, parts: Sequence[str]) -> Address:
        address: Address = ()
        layers, holder, rest = self._layers, None, list(reversed(parts))
        while rest:
            part = rest.pop()
            if part in _CONTAINERS:
                named = self._children(address, layers)
                holder = named.get(rest.pop() if rest else "")
                if holder is None:
                    return ()  # Keras would not load it either
            elif holder is not None:
                inner = _attribute(holder, part)
                if inner is None:
                    return address
                holder = inner
            else:
                return ()
            address, layers = (*address, holder.name), holder.layers
        return address

    def _children(
        self, address: Address, layers: Sequence[Layer]
    ) -> Mapping[str, Layer]:
        if address not in self._numbered:
            self._numbered[address] = numbered(layers)
        return self._numbered[address]

    def _by_name(self, parts: Sequence[str]) -> Address:
        for end in range(min(len(parts), _MOST_SLASHES + 2), 1, -1):
            layer = self._top.get("/".join(parts[1:end]))
            if layer is not None:
                return self._innermost(layer, parts[end:])
        return ()

    def _innermost(self, layer: Layer, parts: Sequence[str]) -> Address:
        address: Address = (layer.name,)
        for part in parts:
            if address not in self._inside:
                self._inside[address] = _all_inside(layer)
            layer, way = self._inside[address].get(part, (layer, ()))
            address += way
        while len(layer.layers) == 1 and layer.class_name not in MODEL_CLASSES:
            layer = layer.layers[0]  # tf-keras names no layer that is wrapped
            address = (*address, layer.name)
        return address


def numbered(layers: Sequence[Layer]) -> dict[str, Layer]:
    """Return layers by the names that a ``.keras`` file gives them: ``dense_1``."""
    count: dict[str, int] = {}
    found: dict[str, Layer] = {}
    for layer in layers:
        kind = snake_case(layer.class_name)
        number = count[kind] = count.get(kind, -1) + 1
        found.setdefault(f"{kind}_{number}" if number else kind, layer)
    return found


def snake_case(class_name: str) -> str:
    """Return the name of a class as Keras writes it in paths.

    >>> snake_case("MaxPooling2D"), snake_case("LSTMCell"), snake_case("GRU")
    ('max_pooling2d', 'lstm_cell', 'gru')
    """
    words = re.sub(r"\W+", "", class_name)
    words = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", words)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", words).lower()


def _attribute(holder: Layer, name: str) -> Layer | None:
    """Return the layer that a wrapper holds under a name; None if it is a part."""
    for key in _SETTINGS.get(name, (name,)):
        saved = holder.config.get(key)
        if isinstance(saved, dict) and is_saved(saved):
            wanted = name_of(saved)
            return next(
                (inner for inner in holder.layers if inner.name == wanted), None
            )
    return None


def _all_inside(layer: Layer) -> dict[str, tuple[Layer, Address]]:
    """Return every layer inside one and the way to it; of equal names the outermost."""
    found: dict[str, tuple[Layer, Address]] = {}
    level: list[tuple[Layer, Address]] = [(layer, ())]
    while level:
        level = [
            (inner, (*way, inner.name))
            for outer, way in level
            for inner in outer.layers
        ]
        for inner, way in level:
            found.setdefault(inner.name, (inner, way))
    return found
