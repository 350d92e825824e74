"""Where a measured value meets a bound."""

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_tfgrade.core.threshold import Bands, Direction, Threshold

HIGHER = Direction.HIGHER_IS_BETTER
LOWER = Direction.LOWER_IS_BETTER
FINITE = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("value", "direction", "admitted"),
    [
        pytest.param(0.82, HIGHER, True, id="the-bound-itself-passes"),
        pytest.param(0.9, HIGHER, True, id="above"),
        pytest.param(0.81, HIGHER, False, id="below"),
        pytest.param(0.8199991, HIGHER, True, id="less-than-the-sixth-digit-below"),
        pytest.param(0.819999, HIGHER, False, id="the-sixth-digit-below"),
        pytest.param(0.82, LOWER, True, id="the-bound-itself-passes-downwards"),
        pytest.param(0.7, LOWER, True, id="below-is-better"),
        pytest.param(0.83, LOWER, False, id="above-is-worse"),
        pytest.param(0.8200009, LOWER, True, id="less-than-the-sixth-digit-above"),
        pytest.param(0.820001, LOWER, False, id="the-sixth-digit-above"),
        pytest.param(math.nan, HIGHER, False, id="nan-never"),
        pytest.param(math.nan, LOWER, False, id="nan-never-downwards"),
        pytest.param(math.inf, HIGHER, False, id="infinity-never"),
        pytest.param(-math.inf, LOWER, False, id="minus-infinity-never"),
    ],
)
def test_a_value_meets_a_bound(
    value: float, direction: Direction, admitted: bool
) -> None:
    assert Threshold(Decimal("0.82"), direction).admits(value) is admitted


@pytest.mark.parametrize(
    ("value", "direction", "rounded"),
    [
        (0.1 + 0.2, HIGHER, "0.300001"),
        (0.1 + 0.2, LOWER, "0.300000"),
        (-1.2345678, HIGHER, "-1.23456"),
        (-1.2345678, LOWER, "-1.23457"),
        (1234567.0, HIGHER, "1.23457E+6"),
        (1e-300, LOWER, "1E-300"),
        (0.0, HIGHER, "0.0"),
    ],
)
def test_a_value_is_rounded_to_six_digits_in_the_candidates_favour(
    value: float, direction: Direction, rounded: str
) -> None:
    assert str(direction.rounded(value)) == rounded


@given(FINITE, st.sampled_from(Direction))
def test_rounding_never_takes_anything_from_a_candidate(
    value: float, direction: Direction
) -> None:
    rounded = direction.rounded(value)

    assert len(rounded.as_tuple().digits) <= 6
    assert rounded >= Decimal(value) or direction is LOWER or close(rounded, value)
    assert rounded <= Decimal(value) or direction is HIGHER or close(rounded, value)


def close(rounded: Decimal, value: float) -> bool:
    """Whether the shortest digits of a float, not its exact value, were rounded."""
    return float(rounded) == value


@given(FINITE, st.sampled_from(Direction))
def test_a_value_meets_itself_as_a_bound(value: float, direction: Direction) -> None:
    assert Threshold(Decimal(repr(value)), direction).admits(value)


def test_a_threshold_reads_as_a_condition() -> None:
    assert str(Threshold(Decimal("0.82"), HIGHER)) == ">= 0.82"
    assert str(Threshold(Decimal(3), LOWER)) == "<= 3"


UPWARDS = Bands({Decimal(5): Decimal("0.9"), Decimal(2): Decimal("0.5")}, HIGHER)
DOWNWARDS = Bands({Decimal(5): Decimal("0.1"), Decimal(2): Decimal("0.5")}, LOWER)


@pytest.mark.parametrize(
    ("bands", "value", "points"),
    [
        (UPWARDS, 0.95, 5),
        (UPWARDS, 0.9, 5),
        (UPWARDS, 0.89, 2),
        (UPWARDS, 0.5, 2),
        (UPWARDS, 0.49, 0),
        (UPWARDS, math.nan, 0),
        (UPWARDS, math.inf, 0),
        (DOWNWARDS, 0.05, 5),
        (DOWNWARDS, 0.1, 5),
        (DOWNWARDS, 0.11, 2),
        (DOWNWARDS, 0.5, 2),
        (DOWNWARDS, 0.51, 0),
        (DOWNWARDS, math.nan, 0),
        (DOWNWARDS, -math.inf, 0),
    ],
)
def test_a_value_earns_the_points_of_its_band(
    bands: Bands, value: float, points: int
) -> None:
    assert bands.points(value) == Decimal(points)


def test_the_next_band_is_the_nearest_better_one() -> None:
    assert UPWARDS.next_after(Decimal(0)) == (
        Decimal(2),
        Threshold(Decimal("0.5"), HIGHER),
    )
    assert UPWARDS.next_after(Decimal(2)) == (
        Decimal(5),
        Threshold(Decimal("0.9"), HIGHER),
    )
    assert UPWARDS.next_after(Decimal(5)) is None


@given(
    FINITE, st.dictionaries(st.decimals(1, 9, places=1), st.decimals(0, 1), min_size=1)
)
def test_a_better_value_never_earns_less(
    value: float, bounds: dict[Decimal, Decimal]
) -> None:
    bands = Bands(bounds, HIGHER)

    assert bands.points(value) <= bands.points(abs(value))
