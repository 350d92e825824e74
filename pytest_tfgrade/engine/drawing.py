"""The architecture of a model, from what its file declares."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias

from pytest_tfgrade.core.facts import Facts, Layer, Part
from pytest_tfgrade.core.portrait import Architecture, DrawnLayer
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.engine.layer_settings import settings_text

MOST_LAYERS: Final = 80
"""That are drawn."""

_MOST_INPUTS: Final = 8
"""Of one layer."""

_LONGEST_NAME: Final = 40


Address: TypeAlias = tuple[str, ...]
"""Names of models and wrappers from the outermost, and of the layer inside them."""


class _Node(NamedTuple):
    """A layer and where it is."""

    address: Address
    layer: Layer

    @property
    def depth(self) -> int:
        return len(self.address) - 1


def drawn(facts: Facts) -> Architecture | None:
    """Return the layers of a model; None where the file does not tell them.

    Of too many the outermost are drawn, and then the first and the last of those
    within: what a candidate put before and behind a ready-made model is there.

    Args:
        facts: What the file declares. Layers of a SavedModel are what Keras wrote
            beside the graph, and taken at its word.
    """
    if Part.LAYERS not in facts.holds or not facts.layers:
        return None
    every = list(_nodes(facts.layers))
    counts = _parameters(facts)
    shown = _chosen(every)
    total = facts.weights.parameters if Part.WEIGHTS in facts.holds else None
    return Architecture(
        layers=tuple(_drawn(node, counts) for node in shown),
        left_out=len(every) - len(shown),
        parameters=total,
    )


def _nodes(layers: Sequence[Layer], within: Address = ()) -> Iterator[_Node]:
    """Yield layers, outermost first; the two directions of a wrapper as one."""
    for layer in layers:
        address = (*within, layer.name)
        yield _Node(address, layer)
        inner, classes = layer.layers, {part.class_name for part in layer.layers}
        if layer.class_name == "Bidirectional" and len(classes) == 1:
            inner = inner[:1]
        yield from _nodes(inner, address)


def _chosen(every: Sequence[_Node]) -> list[_Node]:
    """Return the layers that are drawn, in order."""
    levels: dict[int, list[int]] = {}
    for at, node in enumerate(every):
        levels.setdefault(node.depth, []).append(at)
    chosen: list[int] = []
    for _, level in sorted(levels.items()):
        left = MOST_LAYERS - len(chosen)
        last = left // 2 if len(level) > left else 0
        chosen += level[: left - last] + level[len(level) - last :]
    return [every[at] for at in sorted(chosen)]


def _parameters(facts: Facts) -> Mapping[Address, int] | None:
    """Return the numbers in all weights of each layer and what is inside it."""
    if facts.layer_parameters is None:
        return None
    sums: Counter[Address] = Counter()
    for address, count in facts.layer_parameters.items():
        for end in range(1, len(address) + 1):
            sums[address[:end]] += count
    return sums


def _drawn(node: _Node, counts: Mapping[Address, int] | None) -> DrawnLayer:
    layer = node.layer
    return DrawnLayer(
        name=_name(layer.name),
        kind=_name(layer.registered_name or layer.class_name),
        settings=settings_text(layer),
        parameters=None if counts is None else counts.get(node.address, 0),
        inputs=tuple(map(_name, layer.inbound[:_MOST_INPUTS])),
        depth=node.depth,
    )


def _name(text: str) -> str:
    return printable(text, limit=_LONGEST_NAME)
