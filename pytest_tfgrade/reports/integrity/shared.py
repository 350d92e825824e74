"""Which files share some of their arrays to the last digit, and not the others."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pytest_tfgrade.core.fingerprint import WeightPrint
from pytest_tfgrade.reports.integrity.sketches import sketches_of

FEWEST_OTHERS: Final = 3
"""Other values of an array of that shape without which nothing follows from equal ones.

Else the array may be of a model that everybody was given.
"""

MOST_HOLDERS: Final = 0.2
"""Share of files with an array of that shape from which on it was handed out."""

_FEWEST_GIVEN: Final = 3
_FEWEST_NUMBERS: Final = 8  # of an array; smaller ones may well end at the same values


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedArrays:
    """Files that share arrays that others have with other values."""

    holders: tuple[int, ...]
    """Their positions, at least two."""

    shapes: tuple[tuple[int, ...], ...]
    """Of the arrays that are the same; of several of one shape, all are."""

    share: float
    """Which share of all numbers is in them, of the first of the files."""

    others: int
    """How many files have an array of such a shape with other values, at least."""


def shared_arrays(prints: Sequence[WeightPrint]) -> list[SharedArrays]:
    """Return groups of files that share arrays, in the order of the first of each.

    Args:
        prints: Of different weights: no two with the same digest.
    """
    holders: dict[tuple[tuple[int, ...], bytes], list[int]] = defaultdict(list)
    having: Counter[tuple[int, ...]] = Counter()
    shares: list[dict[tuple[int, ...], float]] = []
    for place, one in enumerate(prints):
        known: dict[tuple[int, ...], float] = {}
        for sketches in sketches_of([one]):
            size = max(sketches.shape, default=0)
            if sketches.says_something[0] and size >= _FEWEST_NUMBERS:
                value = sketches.ordered.tobytes() + sketches.lists.tobytes()
                holders[sketches.shape, value].append(place)
                having[sketches.shape] += 1
                known[sketches.shape] = sketches.share
        shares.append(known)
    together: dict[tuple[int, ...], list[tuple[int, ...]]] = defaultdict(list)
    for (shape, _), places in holders.items():
        others = having[shape] - len(places)
        most = max(_FEWEST_GIVEN, MOST_HOLDERS * having[shape])
        if 1 < len(places) <= most and others >= FEWEST_OTHERS:
            together[tuple(places)].append(shape)
    return [
        SharedArrays(
            holders=places,
            shapes=tuple(shapes),
            share=sum(shares[places[0]][shape] for shape in shapes),
            others=min(having[shape] - len(places) for shape in shapes),
        )
        for places, shapes in sorted(together.items())
    ]
