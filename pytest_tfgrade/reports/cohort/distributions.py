"""How points are distributed over submissions."""

import math
import statistics
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from pytest_tfgrade.core.score import points_text

MOST_BARS: Final = 12
"""Of one histogram; more are too narrow for their labels on a phone."""

_WIDTHS: Final = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """How many submissions have points in a range."""

    low: Decimal
    """The fewest points."""

    high: Decimal
    """The end: not among them, but for the last bar, and where it is ``low``."""

    count: int
    """Submissions."""

    @property
    def label(self) -> str:
        """The range as it is written under the bar."""
        if self.low == self.high:
            return points_text(self.low)
        return f"{points_text(self.low)}\N{EN DASH}{points_text(self.high)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """How the points of something are distributed."""

    possible: Decimal
    """Points; a bonus may come on top."""

    scored: int
    """Submissions that have a score."""

    open: int
    """Submissions of which it is open."""

    full: int
    """Submissions that have all points, or more."""

    mean: float | None
    """Of those that have a score; None if there are none."""

    median: float | None
    """The same."""

    deviation: float | None
    """Standard deviation (n - 1); None of fewer than two."""

    bars: tuple[Bar, ...]
    """From few points to many, without a gap; empty if nothing has a score."""


def distribution(points: Iterable[Decimal | None], possible: Decimal) -> Distribution:
    """Return how points are distributed; None among them is a score that is open.

    >>> found = distribution([Decimal(0), Decimal(2), Decimal(2), None], Decimal(2))
    >>> [(bar.label, bar.count) for bar in found.bars], found.open
    ([('0', 1), ('2', 2)], 1)
    """
    everybody = list(points)
    known = sorted(earned for earned in everybody if earned is not None)
    exact = [float(earned) for earned in known]
    return Distribution(
        possible=possible,
        scored=len(known),
        open=len(everybody) - len(known),
        full=sum(earned >= possible for earned in known),
        mean=statistics.fmean(exact) if exact else None,
        median=statistics.median(exact) if exact else None,
        deviation=statistics.stdev(exact) if len(exact) > 1 else None,
        bars=_bars(known, possible),
    )


def _bars(known: Sequence[Decimal], possible: Decimal) -> tuple[Bar, ...]:
    if not known:
        return ()
    low, high = min(known[0], Decimal(0)), max(known[-1], possible)
    counts = Counter(known)
    step = _common_step([*counts, low, high, possible])
    if step is not None and (high - low) / step < MOST_BARS:
        values = (low + place * step for place in range(int((high - low) / step) + 1))
        return tuple(Bar(low=v, high=v, count=counts[v]) for v in values)
    edges = _edges(low, high)
    of_bars = Counter(
        min(bisect_right(edges, earned), len(edges) - 1) for earned in known
    )
    return tuple(
        Bar(low=edges[place - 1], high=edges[place], count=of_bars[place])
        for place in range(1, len(edges))
    )


def _common_step(values: Sequence[Decimal]) -> Decimal | None:
    """Return the largest number of which all are multiples; 1 if all are 0.

    >>> _common_step([Decimal("2.5"), Decimal(1)]), _common_step([Decimal(0)])
    (Decimal('0.5'), Decimal('1'))
    """
    digits = max(-int(value.normalize().as_tuple().exponent) for value in values)
    unit = Decimal(1).scaleb(-max(digits, 0))
    step = math.gcd(*(int(value / unit) for value in values))
    return step * unit if step else Decimal(1)


def _edges(low: Decimal, high: Decimal) -> list[Decimal]:
    """Return the ends and round numbers between them, for at most ``MOST_BARS`` bars.

    >>> [str(edge) for edge in _edges(Decimal(0), Decimal(23))][-3:]
    ['20.0', '22.5', '23']
    """
    least = (high - low) / (MOST_BARS - 1)
    magnitude = Decimal(1).scaleb(least.adjusted())
    width = next(w * magnitude for w in _WIDTHS if w * magnitude >= least)
    below = -(-low // width + 1)  # a multiple of the width that is less than low
    inner = ((below + place) * width for place in range(1, MOST_BARS + 1))
    return [low, *(edge for edge in inner if low < edge < high), high]
