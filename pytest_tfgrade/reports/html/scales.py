"""Where a measured value lies on the scale that makes points of it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from pytest_tfgrade.core.criterion import CriterionResult
from pytest_tfgrade.core.outline import ScaleOutline
from pytest_tfgrade.core.score import points_text
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


def drawn_scale(
    scale: ScaleOutline, criterion: CriterionResult
) -> ScaleDrawing | None:
    """Return the drawing; None of a scale that has no length or no finite bounds."""
    steps = [(float(points), float(bound)) for points, bound in scale.steps]
    value = criterion.value
    if value is not None and not math.isfinite(value):
        value = None
    axis = _axis([bound for _, bound in steps], value, criterion)
    if axis is None:
        return None
    best = max(points for points, _ in steps)
    heights = [
        (_height(points / best if best > 0 else 1), axis.x(bound))
        for points, bound in steps
    ]
    ends = criterion.uncertainty and criterion.uncertainty.interval
    return ScaleDrawing(
        line=_line(scale, heights),
        bounds=_labels(
            [
                Label(at=at, text=f"{bound:.4g}")
                for (_, at), (_, bound) in zip(heights, steps, strict=True)
            ]
        ),
        points=_apart(
            [
                Label(at=at, text=points_text(points))
                for (at, _), (points, _) in zip(heights, scale.steps, strict=True)
            ]
        ),
        value=None if value is None else axis.x(value),
        beyond=_beyond(value, axis),
        interval=(axis.x(ends[0]), round(axis.x(ends[1]) - axis.x(ends[0]), 1))
        if ends and all(map(math.isfinite, ends))
        else None,
    )


def _axis(
    bounds: Sequence[float], value: float | None, criterion: CriterionResult
) -> _Axis | None:
    low, high = min(bounds, default=math.nan), max(bounds, default=math.nan)
    length = high - low or abs(high) / 4 or 1.0
    if not math.isfinite(length * 2 * _ROOM) or not math.isfinite(high):
        return None
    shown = [low - length / 4, high + length / 4]
    known = criterion.uncertainty.interval if criterion.uncertainty else ()
    for other in (value, *known):
        if other is not None and math.isfinite(other):
            shown.append(min(max(other, low - _ROOM * length), high + _ROOM * length))
    margin = (max(shown) - min(shown)) / 25
    return _Axis(min(shown) - margin, max(shown) + margin)


def _beyond(value: float | None, axis: _Axis) -> Literal["", "left", "right"]:
    if value is None or axis.low <= value <= axis.high:
        return ""
    return "left" if value < axis.low else "right"


def _height(share: float) -> float:
    return round(_BOTTOM - min(max(share, 0), 1) * (_BOTTOM - _TOP), 1)


def _line(scale: ScaleOutline, heights: Sequence[tuple[float, float]]) -> str:
    """Return the path, from the values that earn nothing to those that earn most."""
    higher = scale.direction is Direction.HIGHER_IS_BETTER
    worst, best = (_LEFT, _RIGHT) if higher else (_RIGHT, _LEFT)
    path = [f"M{worst} {_BOTTOM}"]
    for at, (y, x) in enumerate(heights):
        sloped = scale.kind == "curve" and at > 0
        path.append(f"L{x:g} {y:g}" if sloped else f"H{x:g}V{y:g}")
    return "".join([*path, f"H{best}"])


def _labels(labels: Sequence[Label]) -> tuple[Label, ...]:
    """Return those that have room beside one another; the best of them first."""
    kept: list[Label] = []
    for label in reversed(labels):
        width = len(label.text) * _CHARACTER
        inside = min(max(label.at, width / 2), WIDTH - width / 2)
        if all(
            abs(inside - other.at) > (width + len(other.text) * _CHARACTER) / 2 + 4
            for other in kept
        ):
            kept.append(Label(at=round(inside, 1), text=label.text))
    return tuple(reversed(kept))


def _apart(labels: Sequence[Label]) -> tuple[Label, ...]:
    """Return those that have room above one another; the best of them first."""
    kept: list[Label] = []
    for label in reversed(labels):
        if all(abs(label.at - other.at) >= _LINE for other in kept):
            kept.append(label)
    return tuple(reversed(kept))
