"""Losses of probabilities against scikit-learn and loops."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import ArrayLike
from sklearn.metrics import log_loss as reference_log_loss

from pytest_tfgrade.metrics import NotProbabilities
from pytest_tfgrade.metrics.losses import binary_crossentropy, brier, log_loss

EXACT = 1e-9


@pytest.mark.parametrize("occurring", [6, 2], ids=["all-classes", "four-absent"])
def test_log_loss_is_that_of_scikit_learn(occurring: int) -> None:
    rng = np.random.default_rng(1)
    y_true, y_pred = rng.integers(0, occurring, 200), rng.dirichlet(np.ones(6), 200)
    y_pred = 0.99 * y_pred + 0.01 / 6

    value = log_loss(y_true, y_pred)

    expected = reference_log_loss(y_true, y_pred, labels=np.arange(6))
    assert value == pytest.approx(expected, abs=EXACT)


@pytest.mark.parametrize("metric", [log_loss, binary_crossentropy])
@pytest.mark.parametrize("shape", [(150,), (150, 1)])
def test_two_classes_have_one_loss(
    metric: Callable[..., float], shape: tuple[int, ...]
) -> None:
    rng = np.random.default_rng(2)
    y_true, y_pred = rng.integers(0, 2, 150), rng.uniform(0.01, 0.99, 150)

    value = metric(y_true, y_pred.reshape(shape))

    assert value == pytest.approx(reference_log_loss(y_true, y_pred), abs=EXACT)


def test_binary_crossentropy_asks_for_each_label() -> None:
    rng = np.random.default_rng(3)
    y_true, y_pred = rng.integers(0, 2, (30, 4)), rng.random((30, 4))

    value = binary_crossentropy(y_true, y_pred)

    losses = [
        -math.log(p if t else 1 - p)
        for t, p in zip(y_true.ravel(), y_pred.ravel(), strict=True)
    ]
    assert value == pytest.approx(sum(losses) / 120, abs=EXACT)


def test_a_sigmoid_for_each_class_is_divided_by_its_sum() -> None:
    rng = np.random.default_rng(4)
    y_true, y_pred = rng.integers(0, 3, 50), rng.uniform(0.1, 1, (50, 3))

    value = log_loss(y_true, y_pred)

    losses = [-math.log(p[t] / sum(p)) for t, p in zip(y_true, y_pred, strict=True)]
    assert value == pytest.approx(sum(losses) / 50, abs=EXACT)


def test_nothing_is_gained_by_giving_one_to_every_class() -> None:
    assert log_loss([0, 1, 2, 3], np.ones((4, 4))) == pytest.approx(math.log(4))


@pytest.mark.parametrize("metric", [log_loss, binary_crossentropy])
def test_a_probability_of_zero_counts_as_one_in_ten_million(
    metric: Callable[..., float],
) -> None:
    value = metric([1, 0], [0.0, 0.0])

    assert value == pytest.approx(7 * math.log(10) / 2, abs=EXACT)


def test_one_hot_targets_have_the_same_loss() -> None:
    rng = np.random.default_rng(5)
    y_true, y_pred = rng.integers(0, 4, 60), rng.dirichlet(np.ones(4), 60)

    value = log_loss(np.eye(4)[y_true], y_pred)

    assert value == log_loss(y_true, y_pred)


def test_brier_of_two_classes_is_the_squared_error_of_class_one() -> None:
    rng = np.random.default_rng(6)
    y_true, y_pred = rng.integers(0, 2, 80), rng.random(80)
    columns = np.stack([1 - y_pred, y_pred], axis=1)

    values = brier(y_true, y_pred), brier(y_true, columns)

    squares = [(p - t) ** 2 for t, p in zip(y_true, y_pred, strict=True)]
    assert values == pytest.approx((sum(squares) / 80,) * 2, abs=EXACT)


def test_brier_of_more_classes_is_summed_over_them() -> None:
    rng = np.random.default_rng(7)
    y_true, y_pred = rng.integers(0, 3, 70), rng.dirichlet(np.ones(5), 70)

    value = brier(y_true, y_pred)

    squares = [
        (y_pred[i, c] - (y_true[i] == c)) ** 2 for i in range(70) for c in range(5)
    ]
    assert value == pytest.approx(sum(squares) / 70, abs=EXACT)


def test_one_row_has_a_loss() -> None:
    y_pred = [[0.25, 0.75]]

    values = log_loss([1], y_pred), brier([1], y_pred)

    assert values == pytest.approx((-math.log(0.75), 0.0625), abs=EXACT)


@pytest.mark.parametrize(
    ("y_pred", "text"),
    [
        pytest.param(
            [[-2.0, 3.5], [0.0, 1.0]],
            "predictions between -2 and 3.5 are no probabilities",
            id="logits",
        ),
        pytest.param(
            [[0.0, 1.1], [0.5, 0.5]],
            "predictions between 0 and 1.1 are no probabilities",
            id="above-one",
        ),
    ],
)
@pytest.mark.parametrize("metric", [log_loss, brier])
def test_what_is_no_probability_is_refused(
    metric: Callable[..., float], y_pred: ArrayLike, text: str
) -> None:
    with pytest.raises(NotProbabilities, match=f"^{text}$"):
        metric([0, 1], y_pred)


def test_zero_for_every_class_is_refused() -> None:
    with pytest.raises(
        NotProbabilities, match=r"^predictions that are 0 for every class$"
    ):
        log_loss([0, 1], [[0.0, 0.0], [0.5, 0.5]])


def test_the_rounding_of_small_dtypes_is_no_fault() -> None:
    assert log_loss([0, 1], [[1.0 + 2e-7, -1e-9], [0.0, 1.0]]) == 0


def test_soft_targets_have_no_binary_crossentropy() -> None:
    with pytest.raises(ValueError, match=r"^targets are not all 0 or 1$"):
        binary_crossentropy([0.5, 1], [0.5, 0.5])
