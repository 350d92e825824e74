"""Arrays in a model's configuration: numbers that it computes with and no weight holds.

``keras.ops.matmul(x, array)`` keeps the array in the configuration, as an object of the
class ``__numpy__`` or ``__tensor__`` whose ``config`` has the numbers in ``value``, as
nested lists, and their ``dtype``; ``serialize_keras_object`` of Keras 3 writes it so.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from pytest_tfgrade.facts.saved_objects import (
    Saved,
    config_of,
    dtype_of,
    is_saved,
    own_module,
)
from pytest_tfgrade.facts.weights import item_bytes

_ARRAYS: Final = frozenset({"__numpy__", "__tensor__"})
_LARGEST: Final = 8
"""Bytes of a number of a dtype that Keras does not write, as ``f4``."""


class Constants(NamedTuple):
    """How many numbers the arrays hold, and how large they are."""

    numbers: int
    bytes: int


def count_constants(model: Saved) -> Constants:
    """Add up the arrays of a model's configuration.

    Left out is what no prediction depends on: the settings of ``compile``, and
    initializers, for the values of weights are stored. How much there is to count is
    bounded by ``strict_json.MAX_BYTES``.
    """
    numbers = size = 0
    for array in _arrays(model):
        count = _count(config_of(array).get("value"))
        numbers += count
        size += count * (item_bytes(dtype_of(array) or "") or _LARGEST)
    return Constants(numbers, size)


def _arrays(model: Saved) -> Iterator[Saved]:
    waiting: list[object] = [model]
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, dict):
            if not is_saved(item):
                waiting.extend(item.values())
            elif item["class_name"] in _ARRAYS:
                yield item
            elif not (own_module(item) or "").startswith("keras.initializers"):
                parts = item.items()
                waiting.extend(part for key, part in parts if key != "compile_config")


def _count(value: object) -> int:
    """Return how many numbers nested lists hold."""
    numbers = 0
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, int | float):
            numbers += 1
    return numbers
