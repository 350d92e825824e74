"""How points and measured values are written, the same in every report."""

import math
from decimal import Decimal
from typing import Final

SIGNIFICANT_DIGITS: Final = 6
"""Digits of a measured value that are written; the rest is float noise."""

_LARGEST_WRITTEN_OUT: Final = 10**15
"""Whole numbers up to here are written as integers; floats hold them exactly."""


def number(value: Decimal | float | None) -> int | float | None:
    """Return a number that JSON writes without noise; None if there is none.

    >>> number(Decimal("5.0")), number(Decimal("21.50")), number(math.nan)
    (5, 21.5, None)
    """
    if value is None or not math.isfinite(value):
        return None
    if value == int(value) and -_LARGEST_WRITTEN_OUT < value < _LARGEST_WRITTEN_OUT:
        return int(value)
    return float(value)


def measured(value: float | None) -> int | float | None:
    """Return a measured value as reports write it; None if it is not finite.

    >>> measured(0.1 + 0.2), measured(1.0), measured(math.inf)
    (0.3, 1, None)
    """
    return None if value is None else number(float(f"{value:.{SIGNIFICANT_DIGITS}g}"))


def points_text(points: Decimal) -> str:
    """Write points as short as they are exact.

    >>> points_text(Decimal("5.00")), points_text(Decimal("21.50"))
    ('5', '21.5')
    """
    return f"{points.normalize():f}"


def score_text(points: Decimal | None, max_points: Decimal) -> str:
    """Write earned of possible points; what costs points has none that are possible.

    >>> score_text(Decimal(2), Decimal(4)), score_text(None, Decimal(4))
    ('2/4', 'open/4')
    >>> score_text(Decimal(-1), Decimal(0))
    '-1'
    """
    if points is not None and points < 0:
        return points_text(points)
    earned = "open" if points is None else points_text(points)
    return f"{earned}/{points_text(max_points)}"


def counted(points: Decimal) -> str:
    """Write a number of points with the word.

    >>> counted(Decimal(1)), counted(Decimal("2.50"))
    ('1 point', '2.5 points')
    """
    return f"{points_text(points)} {'point' if points == 1 else 'points'}"
