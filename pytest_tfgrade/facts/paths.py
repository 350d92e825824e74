"""Which layers of a model lie between its inputs and its outputs."""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from pytest_tfgrade.facts.graph import Reference, references, sources_of
from pytest_tfgrade.facts.saved_objects import (
    MODEL_CLASSES,
    Saved,
    class_name,
    config_of,
    is_model,
    name_of,
)


class Place(NamedTuple):
    """Where a layer stands among the layers of the object that holds it."""

    inbound: tuple[str, ...] = ()
    """Names of the layers whose outputs it takes."""

    on_path: bool | None = True
    """Whether what holds it uses it; None where nobody can say."""

    used: frozenset[int] | None = None
    """Which of its outputs are used; None if that makes no difference."""


_Vertex = tuple[int, int]
"""A layer's position, and which call of it: a layer can be called more than once."""

_Edges = Mapping[_Vertex, Iterable[_Vertex]]

_UNKNOWN: Final = Place(on_path=None)
_WRAPPERS_OF_MANY: Final = frozenset({"Pipeline"})


def places_in(
    holder: Saved, layers: Sequence[Saved], used: frozenset[int] | None
) -> list[Place]:
    """Return the place of each layer that an object holds.

    Args:
        holder: A model, or a layer that wraps others; it uses what it wraps.
        layers: What it holds, as ``inner_layers`` yields it.
        used: Which of its outputs are used.
    """
    if class_name(holder) == "Sequential":
        names = [name_of(layer) for layer in layers]
        before = [(), *((name,) for name in names[:-1])]
        return [Place(inbound) for inbound in before[: len(names)]]
    if class_name(holder) in MODEL_CLASSES and "output_layers" in config_of(holder):
        return _Graph(holder, layers, used).places()
    if is_model(holder) and class_name(holder) not in _WRAPPERS_OF_MANY:
        return [_UNKNOWN] * len(layers)  # a class of the candidate's own
    return [Place()] * len(layers)


class _Graph:
    """The calls of the layers of a functional model, and what flows between them."""

    def __init__(
        self, model: Saved, layers: Sequence[Saved], used: frozenset[int] | None
    ) -> None:
        self._names = [name_of(layer) for layer in layers]
        self._sources = [sources_of(layer) for layer in layers]
        # Of layers with the same name Keras connects the last.
        self._index = {_key(layer): at for at, layer in enumerate(layers)}
        self._first = self._first_calls(layers)
        config = config_of(model)
        self._starts = [*references(config.get("input_layers"))]
        ends = [*references(config.get("output_layers"))]
        if used is not None and not isinstance(config.get("output_layers"), dict):
            ends = [end for at, end in enumerate(ends) if at in used] or ends
        self._ends = ends

    def places(self) -> list[Place]:
        """Return the place of each layer."""
        path = self._path()
        used = self._used(path)
        reached = {layer for layer, _ in path}
        return [
            Place(self._inbound(at), at in reached, frozenset(used[at]))
            for at in range(len(self._names))
        ]

    def _first_calls(self, layers: Sequence[Saved]) -> dict[int, int]:
        """Return the models whose calls are counted from 1, as Keras 2 does."""
        highest: dict[str, int] = {}
        for calls in self._sources:
            for tensor in (tensor for call in calls for tensor in call):
                highest[tensor.layer] = max(tensor.node, highest.get(tensor.layer, 0))
        return {
            at: 1
            for key, at in self._index.items()
            if is_model(layers[at]) and highest.get(key) == len(self._sources[at])
        }

    def _path(self) -> set[_Vertex]:
        before: dict[_Vertex, list[_Vertex]] = {}
        after: dict[_Vertex, list[_Vertex]] = defaultdict(list)
        for at, calls in enumerate(self._sources):
            for number, call in enumerate(calls):
                before[at, number] = self._vertices(call)
                for vertex in before[at, number]:
                    after[vertex].append((at, number))
        backward = _reached(self._vertices(self._ends), before)
        return backward & _reached(self._vertices(self._starts), after)

    def _used(self, path: set[_Vertex]) -> dict[int, set[int]]:
        """Return which outputs of each layer another one on the path takes."""
        used: dict[int, set[int]] = defaultdict(set)
        calls = [self._sources[at][call : call + 1] for at, call in path]
        taken = [tensors for call in calls for tensors in call]
        for tensor in itertools.chain(self._ends, *taken):
            if tensor.layer in self._index:
                used[self._index[tensor.layer]].add(tensor.tensor)
        return used

    def _inbound(self, at: int) -> tuple[str, ...]:
        found = (
            self._names[self._index[tensor.layer]]
            for call in self._sources[at]
            for tensor in call
            if tensor.layer in self._index
        )
        return tuple(dict.fromkeys(found))

    def _vertices(self, tensors: Iterable[Reference]) -> list[_Vertex]:
        return [
            self._vertex(tensor) for tensor in tensors if tensor.layer in self._index
        ]

    def _vertex(self, tensor: Reference) -> _Vertex:
        """Return the call that made a tensor; the nearest one if it is miscounted."""
        at = self._index[tensor.layer]
        number = tensor.node - self._first.get(at, 0)
        return at, max(0, min(number, len(self._sources[at]) - 1))


def _key(layer: Saved) -> str:
    """Return the name that connections call a layer by."""
    name = layer.get("name")
    return name if isinstance(name, str) else name_of(layer)


def _reached(starts: Iterable[_Vertex], edges: _Edges) -> set[_Vertex]:
    reached: set[_Vertex] = set()
    waiting = list(starts)
    while waiting:
        vertex = waiting.pop()
        if vertex not in reached:
            reached.add(vertex)
            waiting.extend(edges.get(vertex, ()))
    return reached
