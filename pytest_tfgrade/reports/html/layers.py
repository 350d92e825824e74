"""The layers of a model as rows with lines between them, as a history is drawn.

Each output has a lane from the layer that makes it to the last that takes it. A chain
of layers is one straight line; a branch takes a second lane until it is merged.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pytest_tfgrade.core.portrait import Architecture, DrawnLayer

MOST_LAYERS: Final = 60
"""That are drawn; a page stays readable, and the file small."""

_DEEPEST: Final = 5
"""Models around a layer that are drawn; what lies deeper is drawn there."""

_MOST_LANES: Final = 8
"""That have room; a model that needs more tells its lines in words."""

_MOST_NAMES: Final = 6
"""Layers that are named as those whose outputs one takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """What is drawn beside one layer; lanes are counted from 0, from the left."""

    own: int
    """Where the layer lies."""

    into: tuple[int, ...]
    """That end in the layer."""

    past: tuple[int, ...]
    """That go on beside it."""

    goes_on: bool
    """Whether a later layer takes its output."""

    @property
    def is_chain(self) -> bool:
        """Whether it is one straight line."""
        return not self.own and not self.past and self.into in {(), (0,)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A layer, and those within it."""

    layer: DrawnLayer
    """The layer."""

    lanes: Lanes | None
    """None where there is no room for them."""

    takes: tuple[str, ...]
    """Whose outputs it takes, if that is not plainly the layer before it."""

    takes_more: int
    """How many more there are."""

    within: "tuple[Row, ...]"
    """Layers of the model or wrapper that it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LayersDrawing:
    """The layers that are drawn, and how many more there are."""

    rows: tuple[Row, ...]
    """The outermost."""

    widest: int
    """Lanes of the list that has most."""

    left_out: int
    """Layers that are not drawn."""


@dataclass(slots=True)
class _Node:
    layer: DrawnLayer
    within: "list[_Node]" = field(default_factory=list)


def drawn_layers(architecture: Architecture) -> LayersDrawing:
    """Return the drawing of the first layers."""
    drawn = architecture.layers[:MOST_LAYERS]
    rows = _rows(_tree(drawn))
    return LayersDrawing(
        rows=rows,
        widest=max(_widths(rows), default=1),
        left_out=architecture.left_out + len(architecture.layers) - len(drawn),
    )


def _tree(layers: Sequence[DrawnLayer]) -> list[_Node]:
    top: list[_Node] = []
    open_: list[list[_Node]] = [top]
    for layer in layers:
        node = _Node(layer)
        del open_[min(max(layer.depth, 0), _DEEPEST) + 1 :]
        open_[-1].append(node)
        open_.append(node.within)
    return top


def _rows(nodes: Sequence[_Node]) -> tuple[Row, ...]:
    layers = [node.layer for node in nodes]
    sources = _sources(layers)
    lanes = list(_lanes(sources))
    fits = all(beside.own < _MOST_LANES for beside in lanes)
    rows = []
    for at, node in enumerate(nodes):
        names = tuple(dict.fromkeys(node.layer.inputs))
        plain = at > 0 and names == (layers[at - 1].name,)
        rows.append(
            Row(
                layer=node.layer,
                lanes=lanes[at] if fits else None,
                takes=() if plain else names[:_MOST_NAMES],
                takes_more=0 if plain else max(len(names) - _MOST_NAMES, 0),
                within=_rows(node.within),
            )
        )
    return tuple(rows)


def _sources(layers: Sequence[DrawnLayer]) -> list[tuple[int, ...]]:
    """Return, for each layer, the places of those before it whose outputs it takes."""
    places: dict[str, int] = {}
    found = []
    for at, layer in enumerate(layers):
        taken = (places[name] for name in layer.inputs if name in places)
        found.append(tuple(dict.fromkeys(taken)))
        places[layer.name] = at
    return found


def _lanes(sources: Sequence[Sequence[int]]) -> Iterator[Lanes]:
    last: Mapping[int, int] = {
        place: at for at, taken in enumerate(sources) for place in taken
    }
    lane_of: dict[int, int] = {}
    for at, taken in enumerate(sources):
        into = tuple(sorted(lane_of[place] for place in taken))
        going_on = {p: lane for p, lane in lane_of.items() if last[p] > at}
        past = tuple(sorted(going_on.values()))
        own = next(lane for lane in range(len(past) + 1) if lane not in past)
        own = min((lane for lane in into if lane not in past), default=own)
        lane_of = {**going_on, at: own} if at in last else going_on
        yield Lanes(own=own, into=into, past=past, goes_on=at in last)


def _widths(rows: Sequence[Row]) -> Iterator[int]:
    for row in rows:
        if row.lanes is not None:
            yield max(row.lanes.own, *row.lanes.into, *row.lanes.past, 0) + 1
        yield from _widths(row.within)
