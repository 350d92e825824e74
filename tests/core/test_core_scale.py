"""From a measured value to points, and the words for it."""

import math
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_tfgrade.core.measurement import Measurement
from pytest_tfgrade.core.scale import (
    BandTable,
    Cases,
    Curve,
    PassMark,
    Scale,
    compared,
    is_borderline,
)
from pytest_tfgrade.core.threshold import Bands, Direction, Threshold
from pytest_tfgrade.core.uncertainty import Uncertainty

HIGHER = Direction.HIGHER_IS_BETTER
LOWER = Direction.LOWER_IS_BETTER


def table(direction: Direction = HIGHER, **bounds: str) -> dict[Decimal, Decimal]:
    """Return points and bounds: ``p5="0.9"``."""
    return {Decimal(name[1:]): Decimal(bound) for name, bound in bounds.items()}


PASS = PassMark(Threshold(Decimal("0.8"), HIGHER), Decimal(5))
BANDS = BandTable(Bands(table(p5="0.9", p3="0.8", p1="0.5"), HIGHER))
ERROR_BANDS = BandTable(Bands(table(p5="0.1", p2="0.5"), LOWER))
CURVE = Curve(table(p0="0.5", p2="0.7", p5="0.9"), HIGHER)
ERROR_CURVE = Curve(table(p1="2", p4="0.5"), LOWER)


@pytest.mark.parametrize(
    ("scale", "value", "points"),
    [
        pytest.param(PASS, 0.8, "5", id="the-bound-itself-passes"),
        pytest.param(PASS, 0.7999999, "5", id="rounded-in-favour"),
        pytest.param(PASS, 0.799999, "0", id="the-sixth-digit-below"),
        pytest.param(PASS, math.nan, "0", id="nan-earns-nothing"),
        pytest.param(BANDS, 0.9, "5", id="the-best-band-itself"),
        pytest.param(BANDS, 0.8999991, "5", id="a-band-rounded-in-favour"),
        pytest.param(BANDS, 0.899999, "3", id="just-below-the-best-band"),
        pytest.param(BANDS, 0.5, "1", id="the-last-band-itself"),
        pytest.param(BANDS, 0.49, "0", id="below-all-bands"),
        pytest.param(BANDS, math.inf, "0", id="infinity-earns-nothing"),
        pytest.param(ERROR_BANDS, 0.1, "5", id="downwards-the-bound-itself"),
        pytest.param(ERROR_BANDS, 0.1000009, "5", id="downwards-in-favour"),
        pytest.param(ERROR_BANDS, 0.2, "2", id="downwards-between"),
        pytest.param(ERROR_BANDS, -math.inf, "0", id="minus-infinity-is-no-error"),
        pytest.param(CURVE, 0.49, "0", id="before-the-curve"),
        pytest.param(CURVE, 0.5, "0.00", id="the-easy-end-itself"),
        pytest.param(CURVE, 0.6, "1.00", id="halfway-up-the-first-line"),
        pytest.param(CURVE, 0.7, "2.00", id="the-node-itself"),
        pytest.param(CURVE, 0.8, "3.50", id="halfway-up-the-second-line"),
        pytest.param(CURVE, 0.80001, "3.51", id="up-to-the-next-hundredth"),
        pytest.param(CURVE, 0.5000001, "0.01", id="anything-above-0-is-a-hundredth"),
        pytest.param(CURVE, 0.9, "5", id="the-hard-end-itself"),
        pytest.param(CURVE, 0.8999999, "5", id="the-hard-end-rounded-in-favour"),
        pytest.param(CURVE, 0.99, "5", id="beyond-the-curve"),
        pytest.param(CURVE, math.nan, "0", id="nan-on-a-curve"),
        pytest.param(CURVE, math.inf, "0", id="infinity-on-a-curve"),
        pytest.param(ERROR_CURVE, 2.1, "0", id="an-error-before-the-curve"),
        pytest.param(ERROR_CURVE, 2.0, "1.00", id="a-first-node-that-earns-points"),
        pytest.param(ERROR_CURVE, 1.25, "2.50", id="an-error-halfway"),
        pytest.param(ERROR_CURVE, 0.5, "4", id="an-error-at-the-hard-end"),
        pytest.param(ERROR_CURVE, 0.0, "4", id="no-error-at-all"),
    ],
)
def test_a_value_earns_points(scale: Scale, value: float, points: str) -> None:
    assert scale.points(value) == Decimal(points)


@pytest.mark.parametrize(
    ("scale", "full"),
    [
        (PASS, "5"),
        (BANDS, "5"),
        (CURVE, "5"),
        (ERROR_CURVE, "4"),
    ],
)
def test_a_scale_knows_the_most_points(scale: Scale, full: str) -> None:
    assert scale.full == Decimal(full)


def test_cases_are_worth_the_same_each() -> None:
    bound = Threshold(Decimal(1), HIGHER)
    cases = Cases({"easy": bound, "hard": bound}, Decimal("1.25"))

    assert cases.full == Decimal("2.50")


@pytest.mark.parametrize(
    ("scale", "value", "goal"),
    [
        pytest.param(PASS, 0.1, ">= 0.8", id="a-threshold-has-one-goal"),
        pytest.param(BANDS, 0.1, ">= 0.5", id="below-all-bands-the-easiest"),
        pytest.param(BANDS, 0.5, ">= 0.8", id="the-next-better-band"),
        pytest.param(BANDS, 0.95, ">= 0.9", id="the-best-band-once-reached"),
        pytest.param(BANDS, math.nan, ">= 0.5", id="nan-is-below-all-bands"),
        pytest.param(CURVE, 0.1, ">= 0.9", id="a-curve-asks-for-all-points"),
        pytest.param(ERROR_CURVE, 1.0, "<= 0.5", id="an-error-curve-as-well"),
    ],
)
def test_a_value_is_compared_with_the_next_goal(
    scale: Scale, value: float, goal: str
) -> None:
    assert str(scale.goal(value)) == goal


@given(st.floats(-10, 10), st.floats(-10, 10), st.sampled_from([0, 1, 2, 3]))
def test_a_better_value_never_earns_less(one: float, two: float, chosen: int) -> None:
    scale: Scale = (BANDS, CURVE, ERROR_BANDS, ERROR_CURVE)[chosen]
    worse, better = sorted((one, two), reverse=scale in (ERROR_BANDS, ERROR_CURVE))

    assert 0 <= scale.points(worse) <= scale.points(better) <= scale.full


# Words


@pytest.mark.parametrize(
    ("name", "value", "threshold", "said"),
    [
        ("accuracy", 0.8, (HIGHER, "0.8"), "accuracy 0.8 >= 0.8"),
        ("accuracy", 0.8, (HIGHER, "0.8000"), "accuracy 0.8 >= 0.8000"),
        ("accuracy", 0.8, (HIGHER, "0.81"), "accuracy 0.8 < 0.81"),
        ("accuracy", 0.84996, (HIGHER, "0.85"), "accuracy 0.84996 < 0.85"),
        ("accuracy", 0.8499991, (HIGHER, "0.85"), "accuracy 0.85 >= 0.85"),
        ("accuracy", 0.82004, (HIGHER, "0.82003"), "accuracy 0.82004 >= 0.82003"),
        ("mae", 0.5, (LOWER, "0.4"), "mae 0.5 > 0.4"),
        ("mae", 0.120001, (LOWER, "0.12"), "mae 0.120001 > 0.12"),
        ("mae", 12345.6, (LOWER, "12345.7"), "mae 12345.6 <= 12345.7"),
        ("mae", 12345.6, (LOWER, "1"), "mae 12346 > 1"),
        ("mae", 1234567.8, (LOWER, "1"), "mae 1.23456e+06 > 1"),
        ("mae", 0.000012344, (LOWER, "0.00001"), "mae 1.234e-05 > 0.00001"),
        ("mse", math.inf, (LOWER, "1"), "mse is inf, required <= 1"),
        ("r2", math.nan, (HIGHER, "-1"), "r2 is nan, required >= -1"),
    ],
)
def test_a_comparison_shows_the_digits_that_decided(
    name: str, value: float, threshold: tuple[Direction, str], said: str
) -> None:
    direction, bound = threshold

    assert compared(name, value, Threshold(Decimal(bound), direction)) == said


@given(
    value=st.floats(-1e9, 1e9),
    off=st.decimals("-0.1", "0.1", places=8),
    direction=st.sampled_from(Direction),
)
def test_a_comparison_never_contradicts_itself(
    value: float, off: Decimal, direction: Direction
) -> None:
    threshold = Threshold(Decimal(f"{value:.6g}") + off, direction)

    said = re.fullmatch(r"m (\S+) (\S+) (\S+)", compared("m", value, threshold))

    assert said is not None
    left, sign, right = Decimal(said[1]), said[2], Decimal(said[3])
    assert {
        ">=": left >= right,
        "<=": left <= right,
        "<": left < right,
        ">": left > right,
    }[sign]
    assert (sign == direction.value) is threshold.admits(value)


# One standard error more or less


def measured(
    value: float, error: float | None, direction: Direction = HIGHER
) -> Measurement:
    """Return a value of which only this matters."""
    spread = None
    if error is not None:
        spread = Uncertainty(n=100, standard_error=error, interval=(0.0, 1.0))
    return Measurement(name="m", value=value, direction=direction, uncertainty=spread)


@pytest.mark.parametrize(
    ("measurement", "scale", "borderline"),
    [
        pytest.param(measured(0.79, 0.02), PASS, True, id="could-have-passed"),
        pytest.param(measured(0.81, 0.02), PASS, True, id="could-have-failed"),
        pytest.param(measured(0.75, 0.02), PASS, False, id="far-below"),
        pytest.param(measured(0.8, 0.0), PASS, False, id="no-spread-at-all"),
        pytest.param(measured(0.79, None), PASS, False, id="no-spread-is-known"),
        pytest.param(measured(math.nan, 0.5), PASS, False, id="nan"),
        pytest.param(measured(0.88, 0.03), BANDS, True, id="could-be-a-band-better"),
        pytest.param(measured(0.85, 0.03), BANDS, False, id="safe-in-its-band"),
        pytest.param(
            measured(0.12, 0.03, LOWER), ERROR_BANDS, True, id="an-error-at-a-band"
        ),
        pytest.param(measured(0.6, 0.03), CURVE, False, id="on-a-line-all-values-are"),
        pytest.param(measured(0.7, 0.03), CURVE, False, id="nodes-between-are-no-ends"),
        pytest.param(measured(0.49, 0.03), CURVE, True, id="could-have-begun-to-earn"),
        pytest.param(measured(0.89, 0.03), CURVE, True, id="could-have-earned-all"),
        pytest.param(measured(0.97, 0.03), CURVE, False, id="all-points-either-way"),
    ],
)
def test_borderline_is_what_chance_may_have_decided(
    measurement: Measurement, scale: Scale, borderline: bool
) -> None:
    assert is_borderline(measurement, scale) is borderline
