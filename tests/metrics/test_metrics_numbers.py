"""Regression and forecasting metrics against scikit-learn and hand-made loops."""

import math
import re
from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import (
    max_error as reference_max_error,
)
from sklearn.metrics import (
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_log_error,
)
from sklearn.metrics import (
    median_absolute_error as reference_median,
)

from pytest_tfgrade.metrics.forecasting import mase
from pytest_tfgrade.metrics.regression import (
    mae,
    mape,
    max_error,
    median_absolute_error,
    mse,
    msle,
    rmse,
)
from pytest_tfgrade.metrics.variance import explained_variance, r2

CASES = [
    pytest.param((300,), id="many-rows"),
    pytest.param((1,), id="one-row"),
    pytest.param((40, 24), id="a-horizon"),
]


def random_case(
    shape: tuple[int, ...],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rng = np.random.default_rng(11)
    return rng.normal(3, 50, shape), rng.normal(3, 50, shape)


@pytest.mark.parametrize("shape", CASES)
@pytest.mark.parametrize(
    ("metric", "reference"),
    [
        pytest.param(mae, mean_absolute_error, id="mae"),
        pytest.param(mse, mean_squared_error, id="mse"),
        pytest.param(rmse, lambda t, p: math.sqrt(mean_squared_error(t, p)), id="rmse"),
    ],
)
def test_errors_are_those_of_scikit_learn(
    metric: Callable[..., float],
    reference: Callable[..., float],
    shape: tuple[int, ...],
) -> None:
    y_true, y_pred = random_case(shape)

    value = metric(y_true, y_pred)

    assert value == pytest.approx(reference(y_true, y_pred), rel=1e-9)


def test_mase_is_the_error_over_that_of_the_seasonal_naive_forecast() -> None:
    rng = np.random.default_rng(12)
    series, season = rng.normal(20, 5, 200), 24
    y_true, y_pred = random_case((30, 24))
    naive = [abs(series[t] - series[t - season]) for t in range(season, 200)]
    scale = sum(naive) / len(naive)

    value = mase(y_true, y_pred, scale=scale)

    errors = [
        abs(y_true[i, h] - y_pred[i, h]) for i, h in product(range(30), range(24))
    ]
    assert value == pytest.approx(sum(errors) / len(errors) / scale, rel=1e-9)


@pytest.mark.parametrize("metric", [mae, mse, rmse])
def test_constant_targets_have_errors_like_any_others(
    metric: Callable[..., float],
) -> None:
    assert metric(np.full(5, 7.0), np.full(5, 7.0)) == 0
    assert metric(np.full(5, 7.0), np.full(5, 8.0)) == 1


@pytest.mark.parametrize("metric", [mae, mse, rmse])
@pytest.mark.parametrize(
    ("true_shape", "pred_shape"),
    [((6,), (6, 1)), ((6, 1), (6,)), ((3, 2), (3, 2, 1)), ((1, 6), (1, 6, 1, 1))],
)
def test_trailing_axes_of_one_do_not_matter(
    metric: Callable[..., float],
    true_shape: tuple[int, ...],
    pred_shape: tuple[int, ...],
) -> None:
    y_true, y_pred = random_case((6,))

    value = metric(y_true.reshape(true_shape), y_pred.reshape(pred_shape))

    assert value == pytest.approx(metric(y_true, y_pred), rel=1e-12)


def test_small_dtypes_do_not_overflow_or_lose_digits() -> None:
    y_true = np.array([0, 255], dtype=np.uint8)
    y_pred = np.array([255, 0], dtype=np.uint8)

    assert (mae(y_true, y_pred), mse(y_true, y_pred)) == (255, 65025)
    assert mse(np.zeros(2, np.float16), np.full(2, 1000, np.float16)) == 1_000_000


def test_an_error_beyond_all_numbers_is_infinite() -> None:
    assert mse([0.0], [1e200]) == math.inf


@pytest.mark.parametrize(
    ("y_true", "y_pred", "message"),
    [
        pytest.param(
            np.zeros(3),
            np.zeros((3, 3)),
            "targets of shape (3,) and predictions of shape (3, 3) cannot be compared",
            id="would-broadcast",
        ),
        pytest.param(
            np.zeros((1, 3)),
            np.zeros((2, 3)),
            "targets of shape (1, 3) and predictions of shape (2, 3) "
            "cannot be compared",
            id="one-row-would-broadcast",
        ),
        pytest.param(
            np.zeros((3, 2)),
            np.zeros((3, 1, 2)),
            "targets of shape (3, 2) and predictions of shape (3, 1, 2) "
            "cannot be compared",
            id="an-inner-axis-of-one",
        ),
        pytest.param(
            np.zeros(1),
            np.zeros((1, 2)),
            "targets of shape (1,) and predictions of shape (1, 2) cannot be compared",
            id="one-row-of-two",
        ),
        pytest.param(
            np.zeros((0, 1)),
            np.zeros((0, 1)),
            "targets of shape (0, 1) hold no example",
            id="empty",
        ),
        pytest.param(
            [1.0],
            [np.inf],
            "predictions hold NaN or infinite values",
            id="infinite-prediction",
        ),
        pytest.param(
            [np.nan],
            [1.0],
            "targets hold NaN or infinite values",
            id="target-not-a-number",
        ),
        pytest.param(
            [1.0],
            [1j],
            "predictions of dtype complex128 are not real numbers",
            id="complex",
        ),
    ],
)
@pytest.mark.parametrize("metric", [mae, mse, rmse, lambda t, p: mase(t, p, scale=1.0)])
def test_arrays_that_do_not_match_are_refused(
    metric: Callable[..., float], y_true: ArrayLike, y_pred: ArrayLike, message: str
) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        metric(y_true, y_pred)


@pytest.mark.parametrize("scale", [0, -1.5, math.nan, math.inf])
def test_a_scale_that_is_not_above_zero_is_refused(scale: float) -> None:
    with pytest.raises(
        ValueError, match=f"^scale must be a number above 0, got {scale!r}$"
    ):
        mase([1.0], [1.0], scale=scale)


@pytest.mark.parametrize("shape", CASES)
@pytest.mark.parametrize(
    ("metric", "reference"),
    [
        pytest.param(median_absolute_error, reference_median, id="median"),
        pytest.param(max_error, reference_max_error, id="max_error"),
        pytest.param(
            mape, lambda t, p: 100 * mean_absolute_percentage_error(t, p), id="mape"
        ),
        pytest.param(
            msle,
            lambda t, p: mean_squared_log_error(t, np.maximum(p, 0)),
            id="msle",
        ),
    ],
)
def test_errors_of_all_values_are_those_of_scikit_learn_over_one_column(
    metric: Callable[..., float],
    reference: Callable[..., float],
    shape: tuple[int, ...],
) -> None:
    y_true, y_pred = random_case(shape)
    y_true = np.abs(y_true)

    value = metric(y_true, y_pred)

    assert value == pytest.approx(reference(y_true.ravel(), y_pred.ravel()), rel=1e-9)


def variance(values: list[float]) -> float:
    mean = math.fsum(values) / len(values)
    return math.fsum((value - mean) ** 2 for value in values) / len(values)


def r2_of_column(true: list[float], pred: list[float]) -> float:
    squares = [(t - p) ** 2 for t, p in zip(true, pred, strict=True)]
    return 1 - math.fsum(squares) / len(squares) / variance(true)


def explained_of_column(true: list[float], pred: list[float]) -> float:
    errors = [t - p for t, p in zip(true, pred, strict=True)]
    return 1 - variance(errors) / variance(true)


VARIANCES = [
    pytest.param(r2, r2_of_column, id="r2"),
    pytest.param(explained_variance, explained_of_column, id="explained_variance"),
]


@pytest.mark.parametrize("shape", [(80,), (80, 1), (40, 5), (9, 4, 3), (2,)])
@pytest.mark.parametrize(("metric", "reference"), VARIANCES)
def test_variance_is_explained_column_by_column(
    metric: Callable[..., float],
    reference: Callable[..., float],
    shape: tuple[int, ...],
) -> None:
    y_true, noise = random_case(shape)
    y_pred = y_true + 0.3 * noise

    value = metric(y_true, y_pred)

    pairs = zip(
        y_true.reshape(shape[0], -1).T, y_pred.reshape(shape[0], -1).T, strict=True
    )
    columns = [reference(true.tolist(), pred.tolist()) for true, pred in pairs]
    assert value == pytest.approx(sum(columns) / len(columns), rel=1e-9)


def test_the_mean_of_the_targets_explains_nothing() -> None:
    y_true, _ = random_case((50,))
    mean = np.full(50, y_true.mean())

    values = r2(y_true, mean), explained_variance(y_true, mean)

    assert values == pytest.approx((0, 0), abs=1e-9)


@pytest.mark.parametrize(
    ("y_true", "y_pred"),
    [
        pytest.param([7.0, 7.0, 7.0], [7.0, 7.0, 7.0], id="perfect"),
        pytest.param([7.0, 7.0, 7.0], [1.0, 2.0, 3.0], id="wrong"),
        pytest.param([[1.0, 7.0], [2.0, 7.0]], np.eye(2), id="one-column"),
        pytest.param([3.0], [3.0], id="one-row"),
    ],
)
@pytest.mark.parametrize("metric", [r2, explained_variance])
def test_constant_targets_have_no_variance_to_explain(
    metric: Callable[..., float], y_true: ArrayLike, y_pred: ArrayLike
) -> None:
    with pytest.raises(
        ValueError, match=r"^targets are constant, so their variance is 0$"
    ):
        metric(y_true, y_pred)


def test_a_percentage_of_zero_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^mape has no value where a target is 0$"):
        mape([1.0, 0.0], [1.0, 1.0])


def test_a_logarithm_of_a_target_below_zero_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"^msle has no value where a target is below 0$"
    ):
        msle([1.0, -0.5], [1.0, 1.0])


def test_a_prediction_below_zero_counts_as_zero_for_the_logarithm() -> None:
    assert msle([3.0], [-5.0]) == pytest.approx(math.log(4) ** 2, rel=1e-9)
