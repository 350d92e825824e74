"""The standard error and interval beside a metric."""

import math
import tracemalloc
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from pytest_tfgrade.core.threshold import Direction
from pytest_tfgrade.core.uncertainty import Uncertainty
from pytest_tfgrade.metrics import METRICS, Metric, estimate

Arrays = tuple[NDArray[Any], NDArray[Any]]

OF_200_RESAMPLES = 0.15
"""Three times the relative error that 200 resamples leave in a standard error."""


def labels(n: int = 400, classes: int = 4) -> Arrays:
    rng = np.random.default_rng(31)
    y_true, y_pred = rng.integers(0, classes, n), rng.random((n, classes))
    y_pred[np.arange(n), y_true] += 0.4
    return y_true, y_pred / y_pred.sum(axis=1, keepdims=True)


def values(*shape: int) -> Arrays:
    rng = np.random.default_rng(32)
    y_true = rng.gamma(2.0, 3.0, shape)
    return y_true, y_true + rng.normal(0, 1, shape)


def flags(n: int = 300) -> Arrays:
    rng = np.random.default_rng(33)
    y_true = rng.integers(0, 2, (n, 4))
    return y_true, (0.4 * y_true + 0.6 * rng.random((n, 4)))


def masks() -> Arrays:
    rng = np.random.default_rng(34)
    return rng.integers(0, 2, (25, 4, 3)), rng.random((25, 4, 3, 1))


def tokens() -> Arrays:
    rng = np.random.default_rng(35)
    return rng.integers(0, 5, (40, 6)), rng.dirichlet(np.ones(5), (40, 6))


@pytest.mark.parametrize("n", [100, 1000, 20_000], ids=["few", "kept", "in-blocks"])
def test_the_standard_error_of_accuracy_is_that_of_a_share(n: int) -> None:
    y_true, y_pred = labels(n)
    accuracy = METRICS["accuracy"]

    found = estimate(accuracy, y_true, y_pred)

    share = accuracy(y_true, y_pred)
    expected = math.sqrt(share * (1 - share) / n)
    assert found is not None
    assert found.n == n
    assert found.standard_error == pytest.approx(expected, rel=OF_200_RESAMPLES)


@pytest.mark.parametrize("n", [100, 1000, 20_000], ids=["few", "kept", "in-blocks"])
def test_the_interval_of_a_mean_is_two_standard_errors_to_each_side(n: int) -> None:
    y_true, y_pred = values(n)
    errors = np.abs(y_true - y_pred)

    found = estimate(METRICS["mae"], y_true, y_pred)

    spread = errors.std() / math.sqrt(n)
    assert found is not None
    low, high = found.interval
    assert found.standard_error == pytest.approx(spread, rel=OF_200_RESAMPLES)
    assert errors.mean() - low == pytest.approx(1.96 * spread, rel=0.3)
    assert high - errors.mean() == pytest.approx(1.96 * spread, rel=0.3)


def test_the_errors_of_one_example_are_not_independent() -> None:
    rng = np.random.default_rng(36)
    y_true = np.repeat(rng.normal(0, 1, (50, 1)), 100, axis=1)
    zeros = np.zeros((50, 100))

    found = estimate(METRICS["mae"], y_true, zeros)

    alone = estimate(METRICS["mae"], y_true[:, 0], zeros[:, 0])
    assert alone is not None
    assert found == replace(alone, n=50)


def test_the_same_arrays_have_the_same_uncertainty() -> None:
    estimates = [
        estimate(METRICS[name], *arrays)
        for _ in range(2)
        for name, arrays in (("f1", labels()), ("mae", values(6_000)))
    ]

    assert estimates[:2] == estimates[2:]
    assert repr(estimates[:2]) == repr(estimates[2:])


def test_two_examples_leave_everything_between_them_open() -> None:
    found = estimate(METRICS["mae"], [0.0, 0.0], [1.0, 3.0])

    assert found is not None
    assert found.n == 2
    assert found.interval == (1.0, 3.0)
    assert found.standard_error == pytest.approx(math.sqrt(1 / 2), rel=OF_200_RESAMPLES)


def test_a_hundred_thousand_examples_take_no_more_room_than_their_predictions() -> None:
    rng = np.random.default_rng(37)
    y_true, y_pred = rng.integers(0, 10, 100_000), rng.random((100_000, 10))
    tracemalloc.start()

    found = estimate(METRICS["f1"], y_true, y_pred)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found is not None
    assert peak < 4 * y_pred.nbytes  # 200 resamples of all rows are 20 times as much


LABELLED = ["accuracy", "balanced_accuracy", "precision", "recall", "f1"]
AGREEING = ["matthews_corrcoef", "cohen_kappa", "log_loss", "brier"]
NUMERIC = ["mae", "mse", "rmse", "mape", "msle", "smape", "r2", "explained_variance"]
FLAGGED = ["subset_accuracy", "hamming_loss", "multilabel_f1", "lrap"]

QUICK = [
    *((name, labels(150), {}) for name in [*LABELLED, *AGREEING]),
    *(("f1", labels(150), {"average": a}) for a in ("micro", "weighted")),
    ("f1", labels(150, 2), {"average": "binary"}),
    ("top_k_accuracy", labels(150), {"k": 2}),
    *((name, values(120, 3), {}) for name in [*NUMERIC, "worst_step_mae"]),
    ("mase", values(120, 3), {"scale": 2.0}),
    ("step_mae", values(120, 3), {"step": 2}),
    *((name, flags(100), {}) for name in [*FLAGGED, "binary_crossentropy"]),
    ("multilabel_precision", flags(100), {"average": "micro"}),
    ("multilabel_recall", flags(100), {"average": "weighted"}),
    ("jaccard", flags(100), {}),
    ("jaccard", flags(100), {"average": "samples"}),
    *((name, masks(), {}) for name in ("iou", "binary_iou", "dice", "binary_dice")),
    ("bits_per_character", tokens(), {}),
    ("perplexity", tokens(), {"ignore": 1}),
]
"""What each example adds is exact for these."""


@pytest.mark.parametrize(
    ("name", "arrays", "options"),
    QUICK,
    ids=[f"{q[0]}-{i}" for i, q in enumerate(QUICK)],
)
def test_the_short_way_gives_what_the_metric_gives_for_each_resample(
    name: str, arrays: Arrays, options: dict[str, Any]
) -> None:
    metric = METRICS[name]

    quick = estimate(metric, *arrays, options)

    slow = estimate(replace(metric, examples=None, finish=None), *arrays, options)
    assert quick is not None
    assert slow is not None
    assert quick.n == slow.n
    assert quick.standard_error == pytest.approx(slow.standard_error, rel=1e-5)
    assert quick.interval == pytest.approx(slow.interval, rel=1e-5)


@pytest.mark.parametrize("classes", [2, 4])
@pytest.mark.parametrize("name", ["roc_auc", "average_precision"])
def test_the_first_order_of_a_curve_is_close_to_a_curve_for_each_resample(
    name: str, classes: int
) -> None:
    metric, arrays = METRICS[name], labels(300, classes)

    quick = estimate(metric, *arrays)

    slow = estimate(replace(metric, examples=None, finish=None), *arrays)
    assert quick is not None
    assert slow is not None
    assert quick.standard_error == pytest.approx(slow.standard_error, rel=0.05)
    assert quick.interval == pytest.approx(slow.interval, abs=slow.standard_error / 3)


def test_an_area_stays_below_one() -> None:
    y_true, y_pred = labels(60, 2)
    y_pred = 0.9 * np.eye(2)[y_true] + 0.1 * y_pred
    y_pred[0] = y_pred[0, ::-1]

    found = estimate(METRICS["roc_auc"], y_true, y_pred)

    assert found is not None
    assert found.interval[1] == 1


def test_a_metric_of_a_course_is_called_for_each_resample() -> None:
    calls = []

    def bias(y_true: NDArray[Any], y_pred: NDArray[Any], *, unit: float) -> float:
        calls.append(len(y_true))
        return float(np.mean(y_pred - y_true)) / unit

    metric = Metric(name="bias", function=bias, direction=Direction.LOWER_IS_BETTER)
    y_true, y_pred = values(250)

    found = estimate(metric, y_true, y_pred, {"unit": 0.5})

    spread = np.std(y_pred - y_true) / math.sqrt(250) / 0.5
    assert calls == [250] * 200
    assert found is not None
    assert found.standard_error == pytest.approx(spread, rel=OF_200_RESAMPLES)


def test_what_never_varies_has_no_standard_error() -> None:
    found = estimate(METRICS["accuracy"], [0, 1, 1, 0], [0.1, 0.9, 0.8, 0.2])

    assert found == Uncertainty(n=4, standard_error=0.0, interval=(1.0, 1.0))


@pytest.mark.parametrize(
    ("name", "y_true", "y_pred"),
    [
        pytest.param("accuracy", [1], [0.9], id="one-row"),
        pytest.param("accuracy", [], [], id="no-row"),
        pytest.param("accuracy", 1, 0.9, id="a-bare-number"),
        pytest.param("max_error", [1.0, 2.0, 3.0], [1.0, 2.5, 5.0], id="an-extreme"),
        pytest.param(
            "roc_auc", [0, 0, 0, 1], [0.1, 0.2, 0.3, 0.9], id="a-class-of-one"
        ),
        pytest.param("cohen_kappa", [0, 1], [0.1, 0.9], id="often-of-one-class"),
        pytest.param("r2", [1.0, 2.0], [1.0, 2.5], id="often-constant"),
        pytest.param("mse", [0.0, 0.0], [1e200, 1e200], id="infinite"),
    ],
)
def test_some_values_have_no_known_uncertainty(
    name: str, y_true: ArrayLike, y_pred: ArrayLike
) -> None:
    assert estimate(METRICS[name], y_true, y_pred) is None


def test_rare_resamples_without_a_value_are_left_out() -> None:
    y_true = np.array([0] * 6 + [1] * 6)
    y_pred = np.array([0.1, 0.9] * 6)

    found = estimate(METRICS["cohen_kappa"], y_true, y_pred)

    assert found is not None
    assert found.n == 12
    assert found.interval[0] < 0 < found.interval[1]


def test_a_metric_that_raises_in_rare_resamples_has_an_uncertainty() -> None:
    def ratio(y_true: NDArray[Any], y_pred: NDArray[Any]) -> float:
        return float(y_pred.sum()) / {bool(y_true.any()): 1.0}[True]

    metric = Metric(name="ratio", function=ratio, direction=Direction.LOWER_IS_BETTER)
    y_true = np.array([1, 1, 1, 1, 0, 0])

    found = estimate(metric, y_true, np.arange(6.0))

    assert found is not None
    assert found.n == 6


@pytest.mark.parametrize("error", [KeyError, ZeroDivisionError, TypeError, IndexError])
@pytest.mark.parametrize("part", ["function", "examples", "finish"])
def test_an_error_in_a_resample_leaves_the_uncertainty_open(
    part: str, error: type[Exception]
) -> None:
    def fail(*arrays: ArrayLike) -> float:
        raise error

    parts: dict[str, Any] = {"examples": None} if part == "function" else {}
    metric = replace(METRICS["mae"], **parts | {part: fail})

    found = estimate(metric, [0.0, 0.0], [1.0, 3.0])

    assert found is None


@pytest.mark.parametrize(
    ("shape", "times"),
    [
        ((5_000, 50), 200),
        ((10_000, 50), 100),
        ((20_000, 50), 50),
        ((20_400, 50), 0),
    ],
)
def test_a_slow_metric_is_called_less_often_for_more_values(
    shape: tuple[int, int], times: int
) -> None:
    calls = []

    def first(y_true: NDArray[Any], y_pred: NDArray[Any]) -> float:
        calls.append(len(y_true))
        return float(y_pred[0, 0])

    metric = Metric(name="first", function=first, direction=Direction.LOWER_IS_BETTER)
    y_true, y_pred = np.zeros(shape, np.int8), np.zeros(shape, np.int8)

    found = estimate(metric, y_true, y_pred)

    assert calls == [shape[0]] * times
    assert (found is None) is (times == 0)
