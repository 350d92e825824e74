"""Passes as a worker is told of them."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, Final

from pytest_tfgrade.core.errors import RunnerError
from pytest_tfgrade.core.setup import PLAIN, Feeding
from pytest_tfgrade.runner.inputs import SharedInputs
from pytest_tfgrade.runner.interface import Pass
from pytest_tfgrade.runner.worker.frames import MOST_INPUTS

MOST_PASSES: Final = 64
"""In one order, which must fit into one message."""


def split(passes: Sequence[Pass]) -> Iterator[list[Pass]]:
    """Yield the passes in parts that one order can hold, in order.

    Those of different kinds do not share a process: a model could repeat in one what it
    said in another, by a layer with a state, a variable, or code.
    """
    part: list[Pass] = []
    for one in passes:
        is_full = len(part) == MOST_PASSES or _files([*part, one]) > MOST_INPUTS
        if part and (is_full or one.kind != part[0].kind):
            yield part
            part = []
        part.append(one)
    yield part


def side_by_side(passes: Sequence[Pass]) -> list[int]:
    """Return the positions of passes so that those of a kind follow one another."""
    kinds = [one.kind for one in passes]
    return sorted(range(len(kinds)), key=lambda place: kinds.index(kinds[place]))


def order_of(
    passes: Sequence[Pass], feeding: Feeding = PLAIN
) -> tuple[dict[str, Any], tuple[int, ...]]:
    """Return the part of an order that tells of passes, and what goes with it.

    Returns:
        ``inputs`` describes each input once, with its ``feed``; ``batch`` are the rows
        that the model takes at a time; ``passes`` tells of each which inputs it takes,
        by position, its ``batch`` and ``at_once``, and the SHA-256 of the layer's name
        in ``without`` and ``mixed``: a name may be of any length, an order may not.
        Then a file descriptor for each input.

    Raises:
        RunnerError: There are more inputs than an order may bring along, or somebody
            changed them.
    """
    if _files(passes) > MOST_INPUTS:
        count = f"{_files(passes)} inputs, more than {MOST_INPUTS}"
        raise RunnerError(f"a model cannot be given {count}; join some of them")
    places: dict[SharedInputs, list[int]] = {}
    files: list[int] = []
    for inputs in _distinct(passes):
        inputs.require_unchanged()
        places[inputs] = list(range(len(files), len(files) + len(inputs.descriptors)))
        files += inputs.descriptors
    order = {
        "inputs": [
            {**item, "feed": _feed(feeding, str(item["name"]))}
            for inputs in places
            for item in inputs.description
        ],
        "batch": feeding.batch,
        "passes": [
            {
                "inputs": places[one.inputs],
                "batch": one.batch,
                "at_once": one.at_once,
                "without": _digest(one.without),
                "mixed": _digest(one.mixed),
            }
            for one in passes
        ],
    }
    return order, tuple(files)


def _feed(feeding: Feeding, name: str) -> dict[str, Any] | None:
    feed = feeding.feeds.get(name)
    if feed is None:
        return None
    return {
        "key": feed.key,
        "axes": feed.axes,
        # The interpreter of TFLite quantizes by the scale of the file itself.
        "dtype": None if feed.quantization else feed.dtype,
    }


def _distinct(passes: Sequence[Pass]) -> list[SharedInputs]:
    return list(dict.fromkeys(one.inputs for one in passes))


def _files(passes: Sequence[Pass]) -> int:
    return sum(len(inputs.descriptors) for inputs in _distinct(passes))


def _digest(name: str | None) -> str | None:
    if name is None:
        return None
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
