"""How the layers of a functional model are connected."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final, NamedTuple

from pytest_tfgrade.core.contract import Shape
from pytest_tfgrade.facts.saved_objects import Saved, config_of, parse_shape

_TENSOR: Final = "__keras_tensor__"


class Reference(NamedTuple):
    """One output of one call of a layer; Keras writes ``[name, node, tensor]``."""

    layer: str
    node: int
    tensor: int


def references(value: object, *, keywords: bool = False) -> Iterator[Reference]:
    """Yield the tensors that a saved structure names, in order.

    Args:
        value: The structure.
        keywords: Whether to yield also what Keras 2 writes behind the first tensor of
            a call: the arguments that have a name.

    >>> [tuple(found) for found in references([["a", 0, 0], ["b", 1, 0, {}]])]
    [('a', 0, 0), ('b', 1, 0)]
    """
    waiting = [iter((value,))]  # no recursion: what is nested deep would take long
    while waiting:
        for item in waiting[-1]:
            found, inside = _reference(item)
            if found is not None:
                yield found
            if inside and (found is None or keywords):
                waiting.append(iter(inside))
                break
        else:
            waiting.pop()


def _reference(value: object) -> tuple[Reference | None, Collection[object]]:
    """Return the tensor that a structure begins with, and what else is to be seen."""
    match value:
        case [str(layer), int(node), int(tensor), *rest]:
            return Reference(layer, node, tensor), (rest,) if rest else ()
        case list():
            return None, value
        case dict() if value.get("class_name") == _TENSOR:
            return None, (config_of(value).get("keras_history"),)
        case dict():
            return None, value.values()
        case _:
            return None, ()


def calls_of(layer: Saved) -> list[list[Reference]]:
    """Return the tensors of each call of a layer; masks apart."""
    nodes = layer.get("inbound_nodes")
    return [
        list(references(_arguments(node)))
        for node in (nodes if isinstance(nodes, list) else ())
    ]


def sources_of(layer: Saved) -> list[list[Reference]]:
    """Return all tensors that reach each call of a layer; masks and states included."""
    nodes = layer.get("inbound_nodes")
    return [
        list(references(node, keywords=True))
        for node in (nodes if isinstance(nodes, list) else ())
    ]


def _arguments(node: object) -> object:
    if not isinstance(node, dict) or "args" not in node:
        return node  # Keras 2
    keywords = node.get("kwargs")
    named = keywords.items() if isinstance(keywords, dict) else ()
    return [node["args"], [value for key, value in named if key != "mask"]]


class TensorShapes:
    """The shapes of tensors inside a functional model, as they become known."""

    def __init__(self, layers: Iterable[Saved]) -> None:
        """Take what Keras 3 wrote: the shapes of all that layers are called on."""
        self._exact: dict[Reference, Shape] = {}
        self._first: dict[str, Shape] = {}
        for layer in layers:
            for tensor in _tensors(layer.get("inbound_nodes")):
                shape = parse_shape(tensor.get("shape"))
                for reference in references(tensor.get("keras_history")):
                    self.note(reference, shape)

    def note(self, reference: Reference, shape: Shape | None) -> None:
        """Remember a shape, unless one is known already."""
        if shape is not None:
            self._exact.setdefault(reference, shape)
            if reference.tensor == 0:
                self._first.setdefault(reference.layer, shape)

    def of(self, reference: Reference) -> Shape | None:
        """Return a shape; for a call that was not looked at, that of another one.

        Keras 2 counts the calls of a nested model from 1 and does not say so.
        """
        other = self._first.get(reference.layer) if reference.tensor == 0 else None
        return self._exact.get(reference, other)


def _tensors(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for item in value:
            yield from _tensors(item)
    elif isinstance(value, dict):
        if value.get("class_name") == _TENSOR:
            yield dict(config_of(value))
        else:
            for item in value.values():
                yield from _tensors(item)
