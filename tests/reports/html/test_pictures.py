"""Pictures of predictions as charts and tables."""

import math

import pytest

from pytest_tfgrade.core.portrait import Confusion, ErrorDistribution, Forecast, Rows
from pytest_tfgrade.reports.html.pictures import (
    Cell,
    drawn_errors,
    drawn_forecast,
    shaded,
)


def confusion(*counts: tuple[int, ...]) -> Confusion:
    return Confusion(
        dataset="digits",
        output="label",
        rows=Rows.PUBLIC,
        labels=tuple(f"class {at}" for at in range(len(counts))),
        counts=counts,
    )


def errors(edges: tuple[float, ...], counts: tuple[int, ...]) -> ErrorDistribution:
    return ErrorDistribution(
        dataset="series", output="next", rows=Rows.PUBLIC, edges=edges, counts=counts
    )


def forecast(truth: tuple[float, ...], predicted: tuple[float, ...]) -> Forecast:
    return Forecast(
        dataset="series",
        output="next",
        rows=Rows.PUBLIC,
        truth=truth,
        predicted=predicted,
    )


def test_a_cell_is_as_dark_as_its_share_of_the_class() -> None:
    rows = shaded(confusion((99, 1), (0, 0)))

    assert rows == [
        ("class 0", [Cell(99, 9, right=True), Cell(1, 1, right=False)]),
        ("class 1", [Cell(0, 0, right=False), Cell(0, 0, right=True)]),
    ]


def test_of_many_classes_the_first_are_shown() -> None:
    rows = shaded(confusion(*(tuple(range(50)) for _ in range(50))))

    assert [len(cells) for _, cells in rows] == [30] * 30


@pytest.mark.parametrize(
    ("edges", "counts"),
    [
        ((), ()),
        ((0.0,), ()),
        ((0.0, 1.0), (0,)),
        ((1.0, 1.0), (5,)),
        ((0.0, math.inf), (5,)),
        ((-1e308, 1e308), (5,)),
    ],
)
def test_errors_that_cannot_be_drawn_are_not_drawn(
    edges: tuple[float, ...], counts: tuple[int, ...]
) -> None:
    assert drawn_errors(errors(edges, counts), "any") is None


@pytest.mark.parametrize("nothing", [(), (math.nan, math.inf)])
def test_a_forecast_without_a_number_is_not_drawn(nothing: tuple[float, ...]) -> None:
    assert drawn_forecast(forecast(nothing, nothing), "any") is None


def test_a_forecast_gone_mad_is_drawn_as_far_as_it_can_be() -> None:
    drawn = drawn_forecast(forecast((1.0, 2.0, 3.0), (1e308, math.nan, -1e200)), "any")

    assert drawn is not None
    assert "nan" not in drawn
    assert "inf" not in drawn
