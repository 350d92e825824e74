"""Where a value lies on its scale, as it is drawn."""

import math
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_tfgrade.core.criterion import CriterionResult
from pytest_tfgrade.core.outline import ScaleOutline
from pytest_tfgrade.core.threshold import Direction
from pytest_tfgrade.core.uncertainty import Uncertainty
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.reports.html.scales import (
    HEIGHT,
    WIDTH,
    Label,
    drawn_scale,
    value_text,
)

HIGHER, LOWER = Direction


def scale(kind: Any, direction: Direction, *steps: str) -> ScaleOutline:
    pairs = (step.split() for step in steps)
    return ScaleOutline(
        kind=kind,
        direction=direction,
        steps=tuple((Decimal(points), Decimal(bound)) for points, bound in pairs),
    )


def measured(
    value: float | None, interval: tuple[float, float] | None = None
) -> CriterionResult:
    return CriterionResult(
        id="accuracy",
        check="predict.metric",
        verdict=Verdict.PASSED,
        points=Decimal(1),
        max_points=Decimal(1),
        rationale="so it is",
        value=value,
        uncertainty=interval
        and Uncertainty(n=9, standard_error=0.1, interval=interval),
    )


def test_a_threshold_is_one_step_up() -> None:
    drawn = drawn_scale(scale("threshold", HIGHER, "4 0.8"), measured(0.75))

    assert drawn is not None
    assert drawn.line == "M30 58H170V20H310"
    assert drawn.bounds == (Label(at=170.0, text="0.8"),)
    assert drawn.points == (Label(at=20.0, text="4"),)
    assert (drawn.value, drawn.beyond, drawn.interval) == (40.4, "", None)


def test_where_lower_is_better_the_step_goes_up_to_the_left() -> None:
    drawn = drawn_scale(scale("threshold", LOWER, "4 0.8"), measured(0.75))

    assert drawn is not None
    assert drawn.line == "M310 58H170V20H30"


def test_bands_are_stairs_and_a_curve_is_a_slope() -> None:
    steps = ("0 0.4", "1 0.6", "2 0.8")

    stairs = drawn_scale(scale("bands", HIGHER, *steps), measured(0.6))
    slope = drawn_scale(scale("curve", HIGHER, *steps), measured(0.6))

    assert stairs is not None
    assert slope is not None
    assert stairs.line == "M30 58H83.6V58H170V39H256.4V20H310"
    assert slope.line == "M30 58H83.6V58L170 39L256.4 20H310"
    assert slope.value == 170.0


def test_the_interval_is_in_the_drawing() -> None:
    drawn = drawn_scale(scale("threshold", HIGHER, "4 0.8"), measured(0.8, (0.7, 0.9)))

    assert drawn is not None
    assert drawn.interval == (40.4, 259.2)


@pytest.mark.parametrize(
    ("value", "beyond"), [(1e9, "right"), (-1e9, "left"), (0.9, "")]
)
def test_a_value_far_away_is_off_the_scale_to_its_side(
    value: float, beyond: str
) -> None:
    drawn = drawn_scale(scale("bands", HIGHER, "1 0.6", "2 0.8"), measured(value))

    assert drawn is not None
    assert drawn.beyond == beyond
    assert drawn.bounds[1].at - drawn.bounds[0].at > 20  # the scale can still be read


@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_a_value_that_is_no_number_has_no_place(value: float | None) -> None:
    drawn = drawn_scale(scale("threshold", HIGHER, "4 0.8"), measured(value))

    assert drawn is not None
    assert (drawn.value, drawn.beyond) == (None, "")


def test_a_scale_without_points_shows_whether_it_is_met() -> None:
    drawn = drawn_scale(scale("threshold", LOWER, "0 200000"), measured(1.0))

    assert drawn is not None
    assert drawn.points == ()
    assert drawn.line == "M310 58H279.7V20H30"


def test_labels_that_have_no_room_are_left_out_from_the_worst_on() -> None:
    steps = (f"{at} 0.{800 + at}" for at in range(1, 20))

    drawn = drawn_scale(scale("bands", HIGHER, *steps), measured(0.8))

    assert drawn is not None
    assert drawn.bounds[-1].text == "0.819"
    gaps = [b.at - a.at for a, b in zip(drawn.bounds, drawn.bounds[1:], strict=False)]
    assert min(gaps) > 30
    assert [label.text for label in drawn.points] == ["4", "9", "14", "19"]


@pytest.mark.parametrize("steps", [(), ("1 1e400",), ("1 -1e308", "2 1e308")])
def test_a_scale_without_length_is_not_drawn(steps: tuple[str, ...]) -> None:
    assert drawn_scale(scale("bands", HIGHER, *steps), measured(1.0)) is None


numbers = st.floats(allow_nan=True, allow_infinity=True)


@given(
    st.sampled_from(["threshold", "bands", "curve"]),
    st.sampled_from(Direction),
    st.lists(st.decimals("-1e9", "1e9"), min_size=1, max_size=6),
    numbers,
    st.none() | st.tuples(numbers, numbers),
)
def test_whatever_the_value_everything_lies_within_the_drawing(
    kind: Any,
    direction: Direction,
    bounds: list[Decimal],
    value: float,
    interval: tuple[float, float] | None,
) -> None:
    steps = tuple((Decimal(at), bound) for at, bound in enumerate(bounds))
    drawn = drawn_scale(
        ScaleOutline(kind=kind, direction=direction, steps=steps),
        measured(value, interval),
    )

    assert drawn is not None
    assert all(0 <= label.at <= WIDTH for label in drawn.bounds)
    assert all(0 <= label.at <= HEIGHT for label in drawn.points)
    assert drawn.value is None or 0 <= drawn.value <= WIDTH


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.642632, "0.6426"),
        pytest.param(0.799996, "0.799996", id="it-must-not-look-like-the-bound"),
        (0.8, "0.8"),
        pytest.param(20734.518, "20734.5", id="before-the-point-all-are-written"),
        (412010.0, "412010"),
        (1e-9, "1e-09"),
    ],
)
def test_a_value_has_four_digits_or_as_many_as_a_bound_takes(
    value: float, text: str
) -> None:
    assert value_text(value, scale("bands", HIGHER, "1 0.6", "2 0.8")) == text
