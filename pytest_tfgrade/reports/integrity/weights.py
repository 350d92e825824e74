"""Which files have nearly the same weights, though somebody changed them.

Distances are between directions: 0 of arrays that are multiples of each other, 1.4 of
such that have nothing to do with each other. Models that were trained apart from the
same initial weights are near each other, too; but their biases, which all start at 0,
are not as near as those of a copy that was trained on.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from pytest_tfgrade.core.fingerprint import WeightPrint
from pytest_tfgrade.reports.integrity.sketches import (
    Numbers,
    Sketches,
    numbers_of,
    sketches_of,
)

NEAR_KERNELS: Final = 0.10
"""The largest distance of kernels that counts as near, units in the same order."""

NEAR_VECTORS: Final = 0.10
"""The same of biases, scales and other vectors."""

NEAR_WITHOUT_VECTORS: Final = 0.05
"""The same of kernels in models without vectors, which could tell more."""

NEAR_IN_ANY_ORDER: Final = 0.08
"""The largest distance of sorted moments, in their spread, that counts as near."""

OTHER_ORDER: Final = 0.9
"""The least distance of kernels from which on their order is another."""

OF_TYPICAL: Final = 0.5
"""How much nearer than the typical distance to others of the class a pair must be."""

FEWEST_FOR_TYPICAL: Final = 5
"""Different models of a layout that make a distance typical."""

FEWEST_NUMBERS: Final = 100
"""Of a model; smaller ones may well end at the same weights."""

MOST_PAIRS: Final = 20_000
"""Of a layout that are told; the nearest ones."""

_GIVEN: Final = 0.2  # share of models; arrays that as many have were handed out
_FEWEST_GIVEN: Final = 3
_BLOCK: Final = 512  # models compared with all others at once
_SAMPLE: Final = 255  # models that a typical distance is of
_TWICE: Final = 2.0
_ROUNDED: Final = 0.01  # what half precision may leave of a distance of 0
_ROOM: Final = 2.0  # by which the sieve for lists is wider than the bound


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightPair:
    """Two files whose weights are near each other."""

    a: int
    """Position of one of them."""

    b: int
    """Position of the other one."""

    kernels: float
    """Distance of kernels, units in the order in which they are stored."""

    vectors: float | None
    """Distance of biases and the like; None if none is the file's own."""

    any_order: float | None
    """Distance of sorted moments, in units of their spread; None if they have none."""

    typical: float | None
    """Typical distance to others of the layout, in the order of units that is near."""

    @property
    def is_reordered(self) -> bool:
        """Whether they are near only if the order of units is left aside."""
        return self.kernels > OTHER_ORDER


def similar_weights(prints: Sequence[WeightPrint]) -> list[WeightPair]:
    """Return pairs of files of one layout that are near each other, nearest first.

    Args:
        prints: Of different weights: no two with the same digest.
    """
    layouts: dict[object, list[int]] = defaultdict(list)
    for place, one in enumerate(prints):
        if numbers_of(one) >= FEWEST_NUMBERS:
            layouts[one.layout, one.shapes].append(place)
    found: list[WeightPair] = []
    for places in layouts.values():
        whole = _Layout(sketches_of([prints[place] for place in places]))
        found += (
            replace(pair, a=places[pair.a], b=places[pair.b]) for pair in whole.pairs()
        )
    return found


class _Layout:
    """All different weights of one layout."""

    def __init__(self, sketches: Sequence[Sketches]) -> None:
        own = [one for one in sketches if not _is_given(one.ordered)]
        kernels = [one for one in own if not one.is_vector]
        vectors = [one for one in own if one.is_vector and one.says_something.any()]
        self._count = len(sketches[0].ordered) if sketches else 0
        self._kernels = _Side([_directions(one.ordered) for one in kernels])
        self._vectors = _Side([_directions(one.ordered) for one in vectors])
        self._lists = [one.lists for one in (*kernels, *vectors)]
        self._moments = _Side([_in_spreads(lists) for lists in self._lists])
        whole = [one.says_something for one in sketches if not one.is_vector]
        self._is_whole = np.all(whole, axis=0)
        self._has_typical = self._count >= FEWEST_FOR_TYPICAL

    def pairs(self) -> list[WeightPair]:
        """Return pairs that are near, the nearest first; at most ``MOST_PAIRS``."""
        if not self._kernels or self._count <= 1:
            return []
        found: list[WeightPair] = []
        typical = self._kernels.typical(), self._moments.typical()
        for start in range(0, self._count, _BLOCK):
            for a, b in self._near(start, *typical):
                pair = self._pair(a, b, *typical)
                if pair is not None and self._is_whole[a] and self._is_whole[b]:
                    found.append(pair)
        found = _without_siblings(found)
        found.sort(
            key=lambda p: (p.any_order if p.is_reordered else p.kernels, p.a, p.b)
        )
        return found[:MOST_PAIRS]

    def _near(
        self, start: int, usual: Numbers, usual_moments: Numbers
    ) -> Iterator[tuple[int, int]]:
        """Yield pairs that may be near, the first of them within a block."""
        kernels = self._kernels.squares(start)
        near = kernels <= NEAR_KERNELS**2
        if self._has_typical:
            near &= kernels <= _bound(usual, start)
        if self._vectors:
            near &= self._vectors.squares(start) <= NEAR_VECTORS**2
        other = kernels > OTHER_ORDER**2
        other &= self._moments.squares(start) <= (_ROOM * NEAR_IN_ANY_ORDER) ** 2
        if self._has_typical:
            other &= self._moments.squares(start) <= _bound(usual_moments, start)
        for row, column in np.argwhere(near | other)[:MOST_PAIRS].tolist():
            if row < column:  # both count from the start of the block
                yield start + row, start + column

    def _pair(
        self, a: int, b: int, usual: Numbers, usual_moments: Numbers
    ) -> WeightPair | None:
        """Return a pair; None if it is not near after all."""
        kernels = self._kernels.distance(a, b)
        vectors = self._vectors.distance(a, b) if self._vectors else None
        any_order = self._any_order(a, b)
        if kernels > OTHER_ORDER:
            if any_order is None or any_order > NEAR_IN_ANY_ORDER:
                return None
            typical = float(min(usual_moments[a], usual_moments[b]))
        else:
            if vectors is None and kernels > NEAR_WITHOUT_VECTORS:
                return None
            typical = float(min(usual[a], usual[b]))
        return WeightPair(
            a=a,
            b=b,
            kernels=kernels,
            vectors=vectors,
            any_order=any_order,
            typical=typical if self._has_typical else None,
        )

    def _any_order(self, a: int, b: int) -> float | None:
        """Return how far sorted lists are from each other, in their own spread."""
        squares: list[float] = []
        for lists in self._lists:
            apart = ((lists[a] - lists[b]) ** 2).mean(axis=1)
            spread = (lists[a].var(axis=1) + lists[b].var(axis=1)) / 2
            squares += (apart[spread > 0] / spread[spread > 0]).tolist()
        return float(np.sqrt(np.mean(squares))) if squares else None


class _Side:
    """Points of which distances are asked for."""

    def __init__(self, parts: Sequence[Numbers]) -> None:
        self._has_parts = bool(parts)
        if parts:
            self._points = np.concatenate(parts, axis=1) / np.float32(len(parts) ** 0.5)
            self._norms = (self._points**2).sum(axis=1)

    def __bool__(self) -> bool:
        return self._has_parts

    def squares(self, start: int) -> Numbers:
        """Return squared distances of a block, ``(block, n - start)``."""
        block = self._points[start : start + _BLOCK]
        products = block @ self._points[start:].T
        sums = self._norms[start : start + _BLOCK, None] + self._norms[None, start:]
        found: Numbers = np.maximum(sums - 2 * products, 0)
        return found

    def distance(self, a: int, b: int) -> float:
        return float(np.linalg.norm(self._points[a] - self._points[b]))

    def typical(self) -> Numbers:
        """Return the median distance of each point to some of the others, ``(n,)``."""
        count = len(self._points)
        some = np.unique(np.linspace(0, count - 1, min(count, _SAMPLE)).astype(int))
        sums = self._norms[:, None] + self._norms[None, some]
        squares = np.maximum(sums - 2 * self._points @ self._points[some].T, 0)
        squares[some, np.arange(len(some))] = np.nan  # to itself
        found: Numbers = np.sqrt(np.nanmedian(squares, axis=1))
        return found


def _without_siblings(pairs: Sequence[WeightPair]) -> list[WeightPair]:
    """Leave out whoever is near a reordered copy only as its original is near him.

    Models with the same seed as the original have about the same sorted moments.
    """
    nearest: dict[int, float] = {}
    for pair in pairs:
        if pair.is_reordered and pair.any_order is not None:
            for place in (pair.a, pair.b):
                nearest[place] = min(nearest.get(place, pair.any_order), pair.any_order)
    return [
        pair
        for pair in pairs
        if not pair.is_reordered
        or (pair.any_order or 0.0)
        <= _TWICE * min(nearest[pair.a], nearest[pair.b]) + _ROUNDED
    ]


def _bound(usual: Numbers, start: int) -> Numbers:
    """Return the largest square far below the typical, ``(block, n - start)``."""
    least = np.minimum(usual[start : start + _BLOCK, None], usual[None, start:])
    bound: Numbers = (np.float32(OF_TYPICAL) * least) ** 2
    return bound


def _directions(points: Numbers) -> Numbers:
    norms = np.linalg.norm(points, axis=1, keepdims=True)
    return (points / np.where(norms > 0, norms, 1)).astype(np.float32)


def _in_spreads(lists: Numbers) -> Numbers:
    """Return lists ``(n, l, q)`` as ``(n, l * q)``, in units of their usual spread."""
    spread = np.median(lists.std(axis=2), axis=0)
    kept = lists[:, spread > 0] / spread[spread > 0][None, :, None]
    scaled = (kept - kept.mean(axis=0)) / max(kept.shape[1] * kept.shape[2], 1) ** 0.5
    found: Numbers = scaled.reshape(len(lists), -1).astype(np.float32)
    return found


def _is_given(points: Numbers) -> bool:
    """Return whether so many files have the same array that it was handed out.

    What is all 0 was not: those are biases as Keras starts them.
    """
    told = points[(points != 0).any(axis=1)]
    _, counts = np.unique(told, axis=0, return_counts=True)
    return bool(counts.max(initial=0) >= max(_FEWEST_GIVEN, _GIVEN * len(points)))
