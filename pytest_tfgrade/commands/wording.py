"""Scales, sizes and numbers in words, the same in tables and explanations."""

from decimal import Decimal
from typing import Final

from pytest_tfgrade.core.scale import BandTable, Cases, Curve, PassMark, Scale
from pytest_tfgrade.core.score import counted, points_text

_UNITS: Final = (
    *(("GiB", 2**30), ("MiB", 2**20), ("GB", 10**9), ("MB", 10**6), ("kB", 10**3)),
    ("bytes", 1),
)


def scale_text(scale: Scale | Cases, what: str) -> str:
    """Say how a measured value becomes points.

    >>> from pytest_tfgrade.core.threshold import Bands, Direction
    >>> bounds = {Decimal(5): Decimal("0.9"), Decimal(2): Decimal("0.5")}
    >>> bands = Bands(bounds, Direction.HIGHER_IS_BETTER)
    >>> scale_text(BandTable(bands), "accuracy")
    'accuracy >= 0.9 earns 5 points, >= 0.5 earns 2'
    """
    match scale:
        case PassMark():
            return f"{what} {scale.threshold}" + _earns(scale.full)
        case BandTable():
            return _bands_text(scale, what)
        case Curve():
            nodes = sorted(scale.nodes.items(), reverse=True)
            steps = [f"{bound} earns {points_text(points)}" for points, bound in nodes]
            way = f"{what} {scale.direction}"
            return f"{way} {', '.join(steps)}, and values between them points between"
        case Cases():
            each = [f"{name} {bound}" for name, bound in scale.thresholds.items()]
            text = f"{what} on {', '.join(each)}"
            return f"{text}; {counted(scale.each)} for each" if scale.each else text
        case _:
            return f"{what} earns up to {counted(scale.full)}"


def _bands_text(scale: BandTable, what: str) -> str:
    bands = sorted(scale.bands.bounds.items(), reverse=True)
    (most, hardest), *others = bands
    sign = scale.bands.direction
    first = f"{what} {sign} {hardest}{_earns(most)}"
    rest = [f"{sign} {bound} earns {points_text(points)}" for points, bound in others]
    return ", ".join([first, *rest])


def _earns(points: Decimal) -> str:
    return f" earns {counted(points)}" if points else ""


def size_text(size: int) -> str:
    """Write bytes in the unit in which they are a whole number.

    >>> size_text(2 << 30), size_text(50_000_000), size_text(1001)
    ('2 GiB', '50 MB', '1001 bytes')
    """
    unit, factor = next((u, f) for u, f in _UNITS if size % f == 0)
    return f"{size // factor} {unit}"


def either(words: tuple[str, ...] | list[str]) -> str:
    """Write alternatives.

    >>> either(["a"]), either(["a", "b", "c"])
    ('a', 'a, b or c')
    """
    *head, last = words
    return f"{', '.join(head)} or {last}" if head else last
