"""Distributions of points."""

import statistics
from collections.abc import Sequence
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_tfgrade.reports.cohort.distributions import (
    MOST_BARS,
    Bar,
    Distribution,
    distribution,
)

DASH = "\N{EN DASH}"


def decimals(*values: str) -> list[Decimal]:
    return [Decimal(value) for value in values]


def bars(found: Distribution) -> list[tuple[str, int]]:
    return [(bar.label.replace(DASH, "-"), bar.count) for bar in found.bars]


def test_a_distribution_says_how_many_have_what() -> None:
    points: list[Decimal | None] = [*decimals("0", "1", "2.5", "4", "4"), None]

    found = distribution(points, Decimal(4))

    assert found == Distribution(
        possible=Decimal(4),
        scored=5,
        open=1,
        full=2,
        mean=2.3,
        median=2.5,
        deviation=statistics.stdev([0, 1, 2.5, 4, 4]),
        bars=tuple(
            Bar(low=Decimal(value), high=Decimal(value), count=count)
            for value, count in (
                *(("0", 1), ("0.5", 0), ("1.0", 1), ("1.5", 0), ("2.0", 0)),
                *(("2.5", 1), ("3.0", 0), ("3.5", 0), ("4.0", 2)),
            )
        ),
    )


@pytest.mark.parametrize(
    ("points", "possible", "expected"),
    [
        pytest.param(["0", "5"], "5", [("0", 1), ("5", 1)], id="all-or-nothing"),
        pytest.param([], "5", [], id="nobody"),
        pytest.param(["0"], "0", [("0", 1)], id="nothing-possible"),
        pytest.param(["-1", "0"], "0", [("-1", 1), ("0", 1)], id="a-penalty"),
        pytest.param(
            ["3"], "2", [("0", 0), ("1", 0), ("2", 0), ("3", 1)], id="with-a-bonus"
        ),
        pytest.param(
            ["0.01", "1.99", "2", "22.5", "23"],
            "23",
            [
                ("0-2.5", 3),
                *((f"{low:g}-{low + 2.5:g}", 0) for low in np.arange(2.5, 20, 2.5)),
                ("20-22.5", 0),
                ("22.5-23", 2),
            ],
            id="ranges-begin-at-their-first-number",
        ),
    ],
)
def test_bars_stand_at_the_points_there_are_or_at_ranges_of_round_numbers(
    points: Sequence[str], possible: str, expected: list[tuple[str, int]]
) -> None:
    found = distribution(decimals(*points), Decimal(possible))

    assert bars(found) == expected


@given(
    st.lists(st.decimals(-5, 130, places=2), min_size=1, max_size=50),
    st.decimals(0, 130, places=2),
)
def test_every_score_is_in_one_bar_and_bars_leave_no_gap(
    points: list[Decimal], possible: Decimal
) -> None:
    found = distribution(points, possible)

    assert len(found.bars) <= MOST_BARS
    assert sum(bar.count for bar in found.bars) == len(points)
    if found.bars[0].low != found.bars[0].high:
        edges = [float(bar.low) for bar in found.bars] + [float(found.bars[-1].high)]
        assert edges[0] == min(0, *map(float, points))
        assert edges[-1] == max(float(possible), *map(float, points))
        counts, _ = np.histogram(list(map(float, points)), bins=edges)
        assert [bar.count for bar in found.bars] == counts.tolist()
