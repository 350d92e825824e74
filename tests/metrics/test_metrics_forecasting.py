"""Metrics of forecasts against loops."""

from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from pytest_tfgrade.metrics import ShapeMismatch
from pytest_tfgrade.metrics.forecasting import smape, step_mae, worst_step_mae
from pytest_tfgrade.metrics.regression import mae

EXACT = 1e-9

Arrays = tuple[NDArray[np.float64], NDArray[np.float64]]


def random_case(*shape: int) -> Arrays:
    rng = np.random.default_rng(13)
    return rng.normal(5, 20, shape), rng.normal(5, 20, shape)


@pytest.mark.parametrize("shape", [(60,), (20, 12), (7, 5, 3)])
def test_smape_is_the_error_over_the_mean_size(shape: tuple[int, ...]) -> None:
    y_true, y_pred = random_case(*shape)

    value = smape(y_true, y_pred)

    terms = [
        abs(t - p) / ((abs(t) + abs(p)) / 2)
        for t, p in zip(y_true.ravel(), y_pred.ravel(), strict=True)
    ]
    assert value == pytest.approx(100 * sum(terms) / len(terms), rel=EXACT)


def test_smape_of_zero_and_zero_is_no_error() -> None:
    assert smape([0.0, 0.0], [0.0, 5.0]) == 100


def test_smape_is_at_most_two_hundred() -> None:
    assert smape([1.0, -3.0], [-1.0, 2.0]) == 200


@pytest.mark.parametrize("step", [1, 2, 12])
def test_steps_are_counted_from_one(step: int) -> None:
    y_true, y_pred = random_case(30, 12)

    value = step_mae(y_true, y_pred, step=step)

    errors = [abs(y_true[i, step - 1] - y_pred[i, step - 1]) for i in range(30)]
    assert value == pytest.approx(sum(errors) / 30, rel=EXACT)


def test_a_step_of_several_series_is_their_mean() -> None:
    y_true, y_pred = random_case(8, 5, 3)

    value = step_mae(y_true, y_pred, step=4)

    errors = [
        abs(y_true[i, 3, k] - y_pred[i, 3, k]) for i, k in product(range(8), range(3))
    ]
    assert value == pytest.approx(sum(errors) / 24, rel=EXACT)


def test_the_worst_step_is_that_of_the_largest_mean_error() -> None:
    y_true, y_pred = random_case(25, 6)

    value = worst_step_mae(y_true, y_pred)

    steps = [step_mae(y_true, y_pred, step=step) for step in range(1, 7)]
    assert value == pytest.approx(max(steps), rel=EXACT)
    assert value > mae(y_true, y_pred)


@pytest.mark.parametrize("shape", [(9,), (9, 1), (9, 1, 1)])
def test_a_horizon_of_one_step_may_lack_the_axis(shape: tuple[int, ...]) -> None:
    y_true, y_pred = random_case(9)

    values = (
        step_mae(y_true, y_pred.reshape(shape), step=1),
        worst_step_mae(y_true.reshape(shape), y_pred),
    )

    assert values == pytest.approx((mae(y_true, y_pred),) * 2, rel=EXACT)


def test_one_row_of_a_constant_series_has_errors() -> None:
    y_true, y_pred = np.full((1, 3), 4.0), np.array([[4.0, 5.0, 7.0]])

    values = (
        smape(y_true, y_pred),
        step_mae(y_true, y_pred, step=2),
        worst_step_mae(y_true, y_pred),
    )

    assert values == pytest.approx((200 / 3 * (1 / 9 + 3 / 11), 1, 3), rel=EXACT)


def test_a_step_beyond_the_horizon_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^step must be between 1 and 12, got 13$"):
        step_mae(*random_case(4, 12), step=13)


def test_a_shorter_horizon_is_a_mismatch() -> None:
    y_true, y_pred = random_case(4, 12)

    with pytest.raises(ShapeMismatch):
        worst_step_mae(y_true, y_pred[:, :11])
