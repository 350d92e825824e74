"""Where a measured value meets a bound; the only place that compares the two."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from enum import StrEnum
from typing import Final

SIGNIFICANT_DIGITS: Final = 6
"""Digits of a value that count; what lies below is float noise."""


class Direction(StrEnum):
    """Which values of a metric are better."""

    HIGHER_IS_BETTER = ">="
    LOWER_IS_BETTER = "<="

    def rounded(self, value: float) -> Decimal:
        """Round to six significant digits, in the candidate's favour.

        >>> Direction.HIGHER_IS_BETTER.rounded(0.81999999)
        Decimal('0.820000')
        >>> Direction.LOWER_IS_BETTER.rounded(0.05000001)
        Decimal('0.0500000')
        """
        context = Context(prec=SIGNIFICANT_DIGITS, rounding=_IN_FAVOUR[self])
        return context.create_decimal(repr(float(value)))


_IN_FAVOUR: Final = {
    Direction.HIGHER_IS_BETTER: ROUND_CEILING,
    Direction.LOWER_IS_BETTER: ROUND_FLOOR,
}


@dataclass(frozen=True, slots=True)
class Threshold:
    """A bound on a metric; the bound itself passes, NaN and infinity never do."""

    bound: Decimal
    direction: Direction

    def admits(self, value: float) -> bool:
        """Return whether the value, rounded in the candidate's favour, is enough.

        >>> Threshold(Decimal("0.82"), Direction.HIGHER_IS_BETTER).admits(0.82)
        True
        >>> Threshold(Decimal("0.82"), Direction.HIGHER_IS_BETTER).admits(0.8199)
        False
        """
        if not math.isfinite(value):
            return False
        rounded = self.direction.rounded(value)
        match self.direction:
            case Direction.HIGHER_IS_BETTER:
                return rounded >= self.bound
            case Direction.LOWER_IS_BETTER:
                return rounded <= self.bound

    def __str__(self) -> str:
        """Return the bound as a condition: ``>= 0.82``."""
        return f"{self.direction} {self.bound}"


@dataclass(frozen=True, slots=True)
class Bands:
    """A step table: the points of the best band whose bound the value meets."""

    bounds: Mapping[Decimal, Decimal]
    """Points of each band and the bound that earns them."""

    direction: Direction

    def points(self, value: float) -> Decimal:
        """Return the points that a value earns; 0 below the last band.

        >>> bands = Bands({Decimal(2): Decimal("0.8"), Decimal(1): Decimal("0.5")},
        ...               Direction.HIGHER_IS_BETTER)
        >>> bands.points(0.79), bands.points(0.8), bands.points(0.1)
        (Decimal('1'), Decimal('2'), Decimal('0'))
        """
        reached = (
            points
            for points, bound in self.bounds.items()
            if Threshold(bound, self.direction).admits(value)
        )
        return max(reached, default=Decimal(0))

    def next_after(self, earned: Decimal) -> tuple[Decimal, Threshold] | None:
        """Return the next better band and its threshold; None at the best."""
        better = min(
            (points for points in self.bounds if points > earned), default=None
        )
        if better is None:
            return None
        return better, Threshold(self.bounds[better], self.direction)
