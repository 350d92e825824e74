"""Turn definitions into numbered characters for the task ``char_lm``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]

CHARACTERS = 64
"""Characters that a model sees; after each one it says what the next will be."""


def symbols_of(texts: Iterable[str]) -> str:
    """Return the characters of texts in lower case, the most frequent first.

    Their ids start at 1. The id 0 is for every other character; no hidden text has
    one, so that it is free for padding in training.

    >>> symbols_of(["Abba", "cab"])
    'abc'
    """
    counts = Counter("".join(texts).lower())
    return "".join(sorted(counts, key=lambda symbol: (-counts[symbol], symbol)))


def symbol_ids(text: str, symbols: str) -> list[int]:
    """Return the id of each character of a text.

    >>> symbol_ids("Cab!", "abc")
    [3, 1, 2, 0]
    """
    return [symbols.find(character) + 1 for character in text.lower()]


def openings(texts: Iterable[str], symbols: str) -> tuple[Array, Array]:
    """Return the beginning of each text, and its characters one step later.

    Args:
        texts: each of at least 65 characters.
        symbols: the published characters.

    Returns:
        Two arrays (n, 64), int32: ``ids[:, 1:]`` equals ``following[:, :-1]``.
    """
    ids = [symbol_ids(text[: CHARACTERS + 1], symbols) for text in texts]
    return _shifted(ids)


def pieces(texts: Iterable[str], symbols: str) -> tuple[Array, Array]:
    """Cut texts into pieces to train on, as ``openings``; 0 fills the last piece.

    Where the second array is 0, there is nothing to predict.
    """
    return _shifted([ids for text in texts for ids in _cut(symbol_ids(text, symbols))])


def _cut(ids: Sequence[int]) -> Iterator[list[int]]:
    for start in range(0, max(len(ids) - 1, 1), CHARACTERS):
        piece = list(ids[start : start + CHARACTERS + 1])
        yield piece + [0] * (CHARACTERS + 1 - len(piece))


def _shifted(ids: Sequence[Sequence[int]]) -> tuple[Array, Array]:
    array = np.array(ids, dtype=np.int32)
    return array[:, :-1], array[:, 1:]
