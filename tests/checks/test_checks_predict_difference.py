"""How far two answers of a model are apart."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pytest_tfgrade.checks.predict.difference import ROUNDING, difference

TOLERANCE = 1e-4
RNG = np.random.default_rng(41)

ONE_HOT = np.eye(50)[RNG.integers(0, 50, 200)]
MOSTLY_ONE_CLASS = np.eye(2)[(np.arange(200) % 20 == 0).astype(int)]
PADDED = np.where(np.arange(200)[:, None] % 20 == 0, RNG.normal(size=(200, 1)), 0.0)
NORMAL = RNG.normal(size=(200, 3))


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(NORMAL, id="normal"),
        pytest.param(NORMAL[:, 0], id="without-an-axis"),
        pytest.param(ONE_HOT, id="one-hot"),
        pytest.param(MOSTLY_ONE_CLASS, id="mostly-one-class"),
        pytest.param(PADDED, id="mostly-zero"),
        pytest.param(NORMAL.reshape(20, 10, 3), id="series"),
        pytest.param(NORMAL + 1000, id="a-level"),
        pytest.param(np.full((10, 3), 1 / 3), id="constant"),
        pytest.param(np.full((10, 3), 1e308), id="as-large-as-can-be"),
    ],
)
def test_what_float32_rounds_is_no_difference(before: NDArray[Any]) -> None:
    size = np.abs(before) + (0.1 if before.min() < before.max() else 0)
    noise = 1e-6 * size * RNG.choice((-1, 1), before.shape)

    found = difference(before, before + noise, TOLERANCE)

    assert found.count == 0


@pytest.mark.parametrize("large", [1e5, 1e12, 1e308])
def test_a_value_may_be_as_wrong_as_it_is_unusual_and_no_other_one(
    large: float,
) -> None:
    before = NORMAL.copy()
    before[7] = large
    after = before + 0.01
    after[7] = large * (1 - TOLERANCE / 2)

    found = difference(before, after, TOLERANCE)

    assert np.flatnonzero(~found.changed).tolist() == [7]
    assert found.most == pytest.approx(0.01)
    assert 1e-4 < found.allowed < 1e-3


@pytest.mark.parametrize("shift", [1e3, -1e5])
def test_a_number_that_is_added_to_all_changes_what_is_rounded_alone(
    shift: float,
) -> None:
    before = np.array([[0.0], [1.0], [2.0]])
    after = before + np.array([[0.0], [0.0], [0.5]])

    found = difference(before + shift, after + shift, TOLERANCE)

    assert found.changed.tolist() == [False, False, True]
    assert found.allowed == pytest.approx(
        TOLERANCE + ROUNDING * abs(shift + 2), rel=1e-6
    )


def test_what_is_not_compared_decides_nothing() -> None:
    before = NORMAL.reshape(20, 10, 3)
    hidden = before.copy()
    hidden[:, 5:] = np.nan

    found = difference(hidden, hidden + 1e-3, TOLERANCE)

    alone = difference(before[:, :5], before[:, :5] + 1e-3, TOLERANCE)
    assert found.count == alone.count == 20
    assert found.allowed == alone.allowed


def test_nothing_is_allowed_without_a_tolerance() -> None:
    before = NORMAL + 1e5

    found = difference(before, np.nextafter(before, np.inf), 0)

    assert (found.count, found.allowed) == (200, 0)


@pytest.mark.parametrize("shape", [(0, 3), (3, 0)])
def test_no_value_does_not_differ(shape: tuple[int, ...]) -> None:
    found = difference(np.zeros(shape), np.zeros(shape), TOLERANCE)

    assert found.changed.tolist() == [False] * shape[0]
    assert (found.most, found.allowed) == (0, 0)
