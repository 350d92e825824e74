"""From ``threshold``, ``bands``, ``curve`` or ``cases`` to the scale of a criterion."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from pytest_tfgrade.checks import Check
from pytest_tfgrade.core.scale import BandTable, Cases, Curve, PassMark, Scale, meets
from pytest_tfgrade.core.score import counted
from pytest_tfgrade.core.threshold import Bands, Direction, Threshold
from pytest_tfgrade.metrics import Metric
from pytest_tfgrade.rubric.schema import CriterionPart, MeasuringPart

KEYS: Final = ("threshold", "bands", "curve", "cases")
"""How a measured value can become points."""

_HUNDREDTH: Final = Decimal("0.01")


def scale_of(
    part: CriterionPart, check: Check, parameters: Mapping[str, Any]
) -> Scale | Cases | None:
    """Return the scale of a criterion in which ``scale_problems`` found nothing."""
    if not isinstance(part, MeasuringPart):
        return None
    direction = check.direction(parameters)
    points = part.points or Decimal(0)
    if part.bands is not None:
        return BandTable(Bands(part.bands, direction))
    if part.curve is not None:
        return Curve(part.curve, direction)
    if part.cases is not None:
        share = Decimal(1) if part.points is None else points / len(part.cases)
        bounds = {name: Threshold(b, direction) for name, b in part.cases.items()}
        return Cases(bounds, share)
    return PassMark(Threshold(part.threshold or Decimal(0), direction), points)


def scale_problems(
    part: CriterionPart, check: Check, parameters: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Yield keys of a criterion and what is wrong with them."""
    if not isinstance(part, MeasuringPart):
        return
    given = [key for key in KEYS if getattr(part, key) is not None]
    if not given:
        yield "check", f"{check.name} needs one of {', '.join(KEYS)}; add it"
        return
    for key in given[1:]:
        yield key, f"{given[0]} and {key} exclude each other; remove one"
    direction = check.direction(parameters)
    what = getattr(parameters.get("metric"), "name", check.name)
    for key in ("bands", "curve"):
        table = getattr(part, key)
        if table is not None:
            yield from _table_problems(key, table, direction, what)
            yield from _points_problems(key, table, part.points)
    if part.cases is not None:
        yield from _case_problems(part.cases, part)
    yield from _reach_problems(part, parameters)


def _table_problems(
    key: str, table: Mapping[Decimal, Decimal], direction: Direction, what: str
) -> Iterator[tuple[str, str]]:
    if key == "bands" and not table:
        yield key, "there are no bands; write them as {5: 0.9, 3: 0.7}"
    if key == "curve" and len(table) < 2:  # noqa: PLR2004 - a line has two ends
        yield key, "a curve has two ends or more; write it as {0: 0.5, 5: 0.9}"
    if key == "bands" and any(points <= 0 for points in table):
        yield key, "bands earn points above 0; remove the others"
    if key == "curve" and any(points < 0 for points in table):
        yield key, "a curve earns no points below 0; remove them"
    better = "higher" if direction is Direction.HIGHER_IS_BETTER else "lower"
    for (less, easy), (more, hard) in pairwise(sorted(table.items())):
        if meets(easy, Threshold(hard, direction)):
            yield (
                key,
                f"the bound for {counted(more)} ({hard}) is not harder than the one "
                f"for {less} ({easy}); more points must ask for a {better} {what}",
            )
            return


def _points_problems(
    key: str, table: Mapping[Decimal, Decimal], points: Decimal | None
) -> Iterator[tuple[str, str]]:
    best = max(table, default=points)
    if points is not None and points != best:
        what = f"points {points} differ from the most of the {key}, {best}"
        yield "points", f"{what}; leave points out, or make them equal"


def _case_problems(
    cases: Mapping[str, Decimal], part: MeasuringPart
) -> Iterator[tuple[str, str]]:
    if not cases:
        yield "cases", "there are no cases; write them as {DATASET: 0.9}"
        return
    if part.dataset is not None:
        yield "dataset", "cases name their datasets; remove dataset"
    if part.points is not None:
        share = (part.points / len(cases)).quantize(_HUNDREDTH)
        if share * len(cases) != part.points:
            what = f"{counted(part.points)} cannot be shared by {len(cases)} cases"
            yield "points", f"{what}; make points a multiple of {len(cases)}"


def _reach_problems(
    part: MeasuringPart, parameters: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Find bounds that the value of perfect predictions does not meet."""
    metric = parameters.get("metric")
    if not isinstance(metric, Metric) or metric.best is None:
        return
    for key, bound in _hardest(part):
        if not Threshold(bound, metric.direction).admits(metric.best):
            text = f"no model can reach {metric.name} {metric.direction} {bound}"
            yield key, f"{text}; {metric.best:g} is the best there is"


def _hardest(part: MeasuringPart) -> Iterator[tuple[str, Decimal]]:
    if part.threshold is not None:
        yield "threshold", part.threshold
    for key in ("bands", "curve"):
        table = getattr(part, key)
        if table:
            yield key, table[max(table)]
    for bound in dict.fromkeys((part.cases or {}).values()):
        yield "cases", bound
