"""What Keras 2 writes of its objects into a SavedModel, and what belongs to which.

The messages are those of Keras' ``protobuf/saved_metadata.proto`` and of TensorFlow's
``core/protobuf/saved_object_graph.proto``. Before TensorFlow 2.5 the texts of the first
stood in the second. Nothing here has to be in order: what is not counts as absent.
"""

from __future__ import annotations

import json
from collections import deque
from typing import Iterable, Iterator, NamedTuple  # noqa: UP035 - Python 3.9

from .message_fields import (
    KerasObject,
    ObjectReference,
    SavedMetadata,
    SavedObject,
    SavedObjectGraph,
    SavedUserObject,
)
from .protobuf import Message
from .tensor_bundle import MAX_NAME

MAX_OBJECTS = 1_000_000
MAX_CHAIN = 20  # names of models and wrappers around a layer

_ROOT = 0
_PREFIX = "_tf_keras_"  # of what Keras calls its kinds of objects


class Described(NamedTuple):
    """What Keras says of its objects."""

    model: str | None
    """The JSON text of the model; None if it is no model of Keras 2."""

    names: dict[int, str]
    """Names of layers and models, by the number of the object."""


def from_metadata(metadata: Message) -> Described:
    """Read ``keras_metadata.pb``."""
    return _described(
        (
            node.integer(KerasObject.NODE_ID),
            node.text(KerasObject.IDENTIFIER),
            node.text(KerasObject.METADATA),
        )
        for node in metadata.messages(SavedMetadata.NODES)
    )


def from_objects(objects: Message) -> Described:
    """Read what stood in the graph of objects before TensorFlow 2.5."""
    return _described(
        (
            number,
            object_.text(SavedUserObject.IDENTIFIER),
            object_.text(SavedUserObject.METADATA),
        )
        for number, node in enumerate(objects.messages(SavedObjectGraph.NODES))
        for object_ in node.messages(SavedObject.USER_OBJECT)
    )


def _described(texts: Iterable[tuple[int, str | None, str | None]]) -> Described:
    model = None
    names: dict[int, str] = {}
    for number, kind, metadata in texts:
        if not metadata or not (kind or "").startswith(_PREFIX):
            continue
        if number == _ROOT:
            model = metadata
            continue
        try:
            name = json.loads(metadata).get("name")
        except (ValueError, RecursionError, AttributeError):
            continue
        if isinstance(name, str) and len(name) <= MAX_NAME:
            names[number] = name
    return Described(model, names)


def owners_of(
    paths: Iterable[str], objects: Message, names: dict[int, str]
) -> dict[str, list[str]]:
    """Return the names around each variable, outermost first, by its path.

    The model's own name is left out, and so are variables whose layer is not known.

    A variable belongs to the layer that has it as an attribute. Its path in the
    checkpoint may be another one, the shortest: ``variables/7`` of the model.
    """
    children = list(_children(objects))
    owners = _owners(children, names)
    found: dict[str, list[str]] = {}
    for path in paths:
        number = _ROOT
        for step in path.partition("/.ATTRIBUTES/")[0].split("/"):
            is_there = 0 <= number < len(children)
            number = children[number].get(step, -1) if is_there else -1
        if number in owners:
            found[path] = list(owners[number])
    return found


def _children(objects: Message) -> Iterator[dict[str, int]]:
    """Yield the attributes of each object: name and number of another object."""
    nodes = list(objects.messages(SavedObjectGraph.NODES))
    for node in nodes[:MAX_OBJECTS]:
        numbers = {
            child.text(ObjectReference.LOCAL_NAME) or "": child.integer(
                ObjectReference.NODE_ID
            )
            for child in node.messages(SavedObject.CHILDREN)
        }
        yield {
            name: number
            for name, number in numbers.items()
            if 0 <= number < min(len(nodes), MAX_OBJECTS)
        }


def _owners(
    children: list[dict[str, int]], names: dict[int, str]
) -> dict[int, tuple[str, ...]]:
    """Return the names around each object that a layer or model has.

    Goes through objects, those nearest to the root first, each once.
    """
    chains: dict[int, tuple[str, ...]] = {_ROOT: ()}
    owners: dict[int, tuple[str, ...]] = {}
    waiting = deque(chains if children else ())
    while waiting:
        number = waiting.popleft()
        chain = chains[number]
        for child in children[number].values():
            if number in names:
                owners.setdefault(child, chain)
            if child not in chains:
                own = (names[child],) if child in names else ()
                chains[child] = (chain + own)[:MAX_CHAIN]
                waiting.append(child)
    return owners
