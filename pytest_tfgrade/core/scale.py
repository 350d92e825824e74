"""From a measured value to points, and the words for it.

One rule of rounding: a value is rounded to six significant digits in the candidate's
favour before it meets a bound, and the points of a curve are rounded up to hundredths.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from itertools import pairwise
from typing import Final, Protocol

from pytest_tfgrade.core.measurement import Measurement
from pytest_tfgrade.core.threshold import Bands, Direction, Threshold

_HUNDREDTH: Final = Decimal("0.01")
_NOTHING: Final = Decimal(0)


class Scale(Protocol):
    """Makes points of a value."""

    @property
    def full(self) -> Decimal:
        """The most points there are."""
        ...

    def points(self, value: float) -> Decimal:
        """Return the points that a value earns; NaN and infinity earn none."""
        ...

    def goal(self, value: float) -> Threshold:
        """Return the bound to compare a value with: the next one, or that of all."""
        ...


@dataclass(frozen=True, slots=True)
class PassMark:
    """All points from a threshold on, none below it."""

    threshold: Threshold
    full: Decimal

    def points(self, value: float) -> Decimal:
        """Return all points or none."""
        return self.full if self.threshold.admits(value) else _NOTHING

    def goal(self, value: float) -> Threshold:
        """Return the threshold."""
        return self.threshold


@dataclass(frozen=True, slots=True)
class BandTable:
    """The points of the best band whose bound is met."""

    bands: Bands

    @property
    def full(self) -> Decimal:
        """Points of the best band."""
        return max(self.bands.bounds)

    def points(self, value: float) -> Decimal:
        """Return the points of the best band that the value reaches."""
        return self.bands.points(value)

    def goal(self, value: float) -> Threshold:
        """Return the bound of the next better band, of the best if it is reached."""
        better = self.bands.next_after(self.points(value))
        if better is not None:
            return better[1]
        return Threshold(self.bands.bounds[self.full], self.bands.direction)


@dataclass(frozen=True, slots=True)
class Curve:
    """Straight lines between the values that earn so many points.

    >>> nodes = {Decimal(0): Decimal("0.5"), Decimal(5): Decimal("0.9")}
    >>> curve = Curve(nodes, Direction.HIGHER_IS_BETTER)
    >>> curve.points(0.49), curve.points(0.7), curve.points(0.95)
    (Decimal('0'), Decimal('2.50'), Decimal('5'))
    """

    nodes: Mapping[Decimal, Decimal]
    """Points, and the value that earns them; more points, better values."""

    direction: Direction

    @property
    def full(self) -> Decimal:
        """Points of the best node."""
        return max(self.nodes)

    def points(self, value: float) -> Decimal:
        """Return the points on the line; none before it begins, all where it ends.

        Before its end never all, however they are rounded.
        """
        if Threshold(self.nodes[self.full], self.direction).admits(value):
            return self.full
        for (less, easy), (more, hard) in pairwise(sorted(self.nodes.items())):
            if not Threshold(easy, self.direction).admits(value):
                return _NOTHING
            if not Threshold(hard, self.direction).admits(value):
                rounded = self.direction.rounded(value)
                exact = less + (more - less) * (rounded - easy) / (hard - easy)
                most = max(less, self.full - _HUNDREDTH)
                return min(exact.quantize(_HUNDREDTH, ROUND_CEILING), most)
        return _NOTHING

    def goal(self, value: float) -> Threshold:
        """Return the bound of all points."""
        return Threshold(self.nodes[self.full], self.direction)


@dataclass(frozen=True, slots=True)
class Cases:
    """A share of the points for each evaluation dataset whose threshold is met."""

    thresholds: Mapping[str, Threshold]
    """By the name of the dataset."""

    each: Decimal
    """Points of one dataset."""

    @property
    def full(self) -> Decimal:
        """Points of all datasets."""
        return self.each * len(self.thresholds)


def compared(name: str, value: float, threshold: Threshold) -> str:
    """Write ``accuracy 0.79 < 0.82``, with digits enough to see that it is so."""
    if not math.isfinite(value):
        return f"{name} is {value}, required {threshold}"
    admitted = threshold.admits(value)
    higher = threshold.direction is Direction.HIGHER_IS_BETTER
    sign = threshold.direction if admitted else "<" if higher else ">"
    return f"{name} {_text(value, threshold, admitted)} {sign} {threshold.bound}"


def is_borderline(measurement: Measurement, scale: Scale) -> bool:
    """Return whether one standard error more or less would earn other points.

    On a curve every value would, so there only its ends count. Where no points hang on
    it, other outcomes count.
    """
    if measurement.uncertainty is None or not math.isfinite(measurement.value):
        return False
    error = measurement.uncertainty.standard_error
    around = [measurement.value + side * error for side in (-1, 1)]
    values = (*around, measurement.value)
    if not scale.full:
        return len({scale.goal(value).admits(value) for value in values}) > 1
    earned = {scale.points(value) for value in values}
    if isinstance(scale, Curve):
        return len(earned) > 1 and bool(earned & {_NOTHING, scale.full})
    return len(earned) > 1


def _text(value: float, threshold: Threshold, admitted: bool) -> str:
    """Write a value with as few digits as do not contradict the outcome."""
    for digits in (4, 5):
        text = f"{value:.{digits}g}"
        if "e+" not in text and meets(Decimal(text), threshold) is admitted:
            return text
    return f"{float(threshold.direction.rounded(value)):.6g}"


def meets(shown: Decimal, threshold: Threshold) -> bool:
    """Compare digits as a reader does, without any rounding."""
    if threshold.direction is Direction.HIGHER_IS_BETTER:
        return shown >= threshold.bound
    return shown <= threshold.bound
