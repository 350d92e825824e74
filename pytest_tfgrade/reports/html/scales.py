"""Where a measured value lies on the scale that makes points of it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from pytest_tfgrade.core.criterion import CriterionResult
from pytest_tfgrade.core.outline import ScaleOutline
from pytest_tfgrade.core.score import measured, points_text
from pytest_tfgrade.core.threshold import Direction

WIDTH: Final = 320
"""Of the drawing, in units that are pixels on a phone."""

HEIGHT: Final = 76

_LEFT: Final = 30
_RIGHT: Final = WIDTH - 10
_TOP: Final = 20
_BOTTOM: Final = 58
"""Of the part in which points are drawn over values."""

_ROOM: Final = 3
"""A value that is further from the scale than so many times its length is off it."""

_CHARACTER: Final = 6.2
"""Width of a digit."""

_GAP: Final = 4
"""Least distance between two texts beside one another."""

_DIGITS: Final = 8
"""Characters of a bound that is written out."""

_LINE: Final = 10
"""Least distance between two texts above one another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A text in a drawing."""

    at: float
    """Its middle: from the left of a value, from the top of points."""

    text: str
    """A number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleDrawing:
    """Points over values, and the value of a submission."""

    line: str
    """The points that each value earns, as the path of an SVG."""

    bounds: tuple[Label, ...]
    """Values below, as many as have room."""

    points: tuple[Label, ...]
    """Points on the left, as many as have room."""

    value: float | None
    """Where the value lies from the left; None if there is none that is finite."""

    beyond: Literal["", "left", "right"]
    """The side on which the value lies off the drawing."""

    interval: tuple[float, float] | None
    """The left end and the width of the interval, as far as it is in the drawing."""


@dataclass(frozen=True, slots=True)
class _Axis:
    """Values from left to right."""

    low: float
    high: float

    def x(self, value: float) -> float:
        """Return where a value lies, within the drawing."""
        share = (value - self.low) / (self.high - self.low)
        return round(_LEFT + min(max(share, 0), 1) * (_RIGHT - _LEFT), 1)


def drawn_scale(scale: ScaleOutline, criterion: CriterionResult) -> ScaleDrawing | None:
    """Return the drawing; None of a scale without steps or of endless length."""
    ends = criterion.uncertainty.interval if criterion.uncertainty else ()
    value = criterion.value if _is_number(criterion.value) else None
    axis = _axis([float(bound) for _, bound in scale.steps], (value, *ends))
    if axis is None:
        return None
    best = max(points for points, _ in scale.steps)
    heights = [
        _height(float(points / best) if best > 0 else 1) for points, _ in scale.steps
    ]
    places = [axis.x(float(bound)) for _, bound in scale.steps]
    return ScaleDrawing(
        line=_line(scale, heights, places),
        bounds=_beside(
            Label(at=at, text=_text(bound))
            for at, (_, bound) in zip(places, scale.steps, strict=True)
        ),
        points=_above(
            Label(at=at, text=points_text(points))
            for at, (points, _) in zip(heights, scale.steps, strict=True)
            if best > 0
        ),
        value=None if value is None else axis.x(value),
        beyond=_beyond(value, axis),
        interval=_span(*map(axis.x, ends)) if all(map(_is_number, ends)) else None,
    )


def value_text(value: float, scale: ScaleOutline | None) -> str:
    """Write a measured value with four digits, or more if a bound is that near."""
    bounds = [float(bound) for _, bound in scale.steps] if scale else []
    whole = float(measured(value) or 0)
    shown = float(rounded(value))
    sides = [(whole > bound, whole < bound) for bound in bounds]
    if sides == [(shown > bound, shown < bound) for bound in bounds]:
        return rounded(value)
    return str(measured(value))


def rounded(value: float) -> str:
    """Write a measured value with four digits, but no whole one is changed.

    >>> rounded(0.6188484), rounded(412010.0), rounded(20734.518)
    ('0.6188', '412010', '20734.5')
    """
    known = measured(value)
    if known is None or abs(known) >= _WRITTEN_OUT or isinstance(known, int):
        return str(known)
    return str(measured(float(f"{known:.4g}")))


_WRITTEN_OUT: Final = 1000
"""From here on values have all their digits before the point."""


def _is_number(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _text(bound: Decimal) -> str:
    text = points_text(bound)
    return text if len(text) <= _DIGITS else f"{bound:.3g}"


def _span(*ends: float) -> tuple[float, float] | None:
    return (ends[0], round(ends[1] - ends[0], 1)) if ends else None


def _axis(bounds: Sequence[float], others: Iterable[float | None]) -> _Axis | None:
    """Return the axis of a scale, longer where other values are not far from it."""
    low, high = min(bounds, default=math.nan), max(bounds, default=math.nan)
    length = high - low or abs(high) / 4 or 1.0
    least, most = low - _ROOM * length, high + _ROOM * length
    if not math.isfinite(most - least):
        return None
    near = [min(max(v, least), most) for v in others if v is not None and _is_number(v)]
    first, last = min([*near, low - length / 4]), max([*near, high + length / 4])
    margin = (last - first) / 25
    return _Axis(first - margin, last + margin)


def _beyond(value: float | None, axis: _Axis) -> Literal["", "left", "right"]:
    if value is None or axis.low <= value <= axis.high:
        return ""
    return "left" if value < axis.low else "right"


def _height(share: float) -> float:
    return round(_BOTTOM - min(max(share, 0), 1) * (_BOTTOM - _TOP), 1)


def _line(
    scale: ScaleOutline, heights: Sequence[float], places: Sequence[float]
) -> str:
    """Return the path, from the values that earn nothing to those that earn most."""
    higher = scale.direction is Direction.HIGHER_IS_BETTER
    worst, best = (_LEFT, _RIGHT) if higher else (_RIGHT, _LEFT)
    path = [f"M{worst} {_BOTTOM}"]
    for at, (x, y) in enumerate(zip(places, heights, strict=True)):
        sloped = scale.kind == "curve" and at > 0
        path.append(f"L{x:g} {y:g}" if sloped else f"H{x:g}V{y:g}")
    return "".join([*path, f"H{best}"])


def _beside(labels: Iterable[Label]) -> tuple[Label, ...]:
    """Return those that have room beside one another; the best of them first."""
    kept: list[Label] = []
    for label in reversed([*labels]):
        width = len(label.text) * _CHARACTER
        at = round(min(max(label.at, width / 2), WIDTH - width / 2), 1)
        rooms = (
            (width + len(other.text) * _CHARACTER) / 2 + _GAP - abs(at - other.at)
            for other in kept
        )
        if all(room <= 0 for room in rooms):
            kept.append(Label(at=at, text=label.text))
    return tuple(reversed(kept))


def _above(labels: Iterable[Label]) -> tuple[Label, ...]:
    """Return those that have room above one another; the best of them first."""
    kept: list[Label] = []
    for label in reversed([*labels]):
        if all(abs(label.at - other.at) >= _LINE for other in kept):
            kept.append(label)
    return tuple(reversed(kept))
