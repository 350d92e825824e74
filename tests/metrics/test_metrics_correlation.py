"""Top-k accuracy, Matthews' coefficient and Cohen's kappa against scikit-learn."""

from collections.abc import Callable

import numpy as np
import pytest
from sklearn.metrics import (
    cohen_kappa_score,
    confusion_matrix,
    top_k_accuracy_score,
)
from sklearn.metrics import (
    matthews_corrcoef as reference_mcc,
)

from pytest_tfgrade.metrics.classification import (
    accuracy,
    cohen_kappa,
    matthews_corrcoef,
    top_k_accuracy,
)

EXACT = 1e-9

CASES = [
    pytest.param((1, 300, 10, 10), id="ten-classes"),
    pytest.param((2, 60, 10, 7), id="classes-absent"),
    pytest.param((3, 200, 2, 2), id="two-columns"),
    pytest.param((4, 40, 30, 30), id="a-class-for-almost-each-row"),
]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(
    ("metric", "reference"),
    [(matthews_corrcoef, reference_mcc), (cohen_kappa, cohen_kappa_score)],
)
@pytest.mark.filterwarnings("ignore:The number of unique classes")
def test_agreement_is_that_of_scikit_learn(
    metric: Callable[..., float],
    reference: Callable[..., float],
    case: tuple[int, int, int, int],
) -> None:
    seed, rows, classes, occurring = case
    rng = np.random.default_rng(seed)
    y_true, y_pred = rng.integers(0, occurring, rows), rng.random((rows, classes))
    y_pred[np.arange(rows), y_true] += 0.3

    value = metric(y_true, y_pred)

    assert value == pytest.approx(reference(y_true, y_pred.argmax(axis=1)), abs=EXACT)


@pytest.mark.parametrize("metric", [matthews_corrcoef, cohen_kappa])
def test_a_constant_predictor_agrees_no_more_than_by_chance(
    metric: Callable[..., float],
) -> None:
    assert metric([0, 0, 0, 1, 2], np.tile([0.9, 0.05, 0.05], (5, 1))) == 0


@pytest.mark.parametrize("metric", [matthews_corrcoef, cohen_kappa])
@pytest.mark.parametrize("prediction", [0.1, 0.9])
def test_targets_of_one_class_have_no_agreement(
    metric: Callable[..., float], prediction: float
) -> None:
    with pytest.raises(
        ValueError,
        match=f"^{metric.__name__} has no value where all targets are of one class$",
    ):
        metric([1, 1, 1], [0.9, 0.9, prediction])


def test_kappa_of_a_small_table_is_as_written_down() -> None:
    y_true = np.repeat([0, 0, 1, 1], [20, 5, 10, 15])
    y_pred = np.repeat([0.0, 1.0, 0.0, 1.0], [20, 5, 10, 15])
    table = confusion_matrix(y_true, y_pred)

    value = cohen_kappa(y_true, y_pred)

    assert table.tolist() == [[20, 5], [10, 15]]
    assert value == pytest.approx((0.7 - 0.5) / (1 - 0.5), abs=EXACT)


@pytest.mark.parametrize("k", [1, 2, 5])
def test_top_k_accuracy_is_that_of_scikit_learn(k: int) -> None:
    rng = np.random.default_rng(5)
    y_true, y_pred = rng.integers(0, 8, 200), rng.random((200, 10))

    value = top_k_accuracy(y_true, y_pred, k=k)

    expected = top_k_accuracy_score(y_true, y_pred, k=k, labels=np.arange(10))
    assert value == pytest.approx(expected, abs=EXACT)


def test_top_1_is_accuracy_also_for_equal_scores() -> None:
    rng = np.random.default_rng(6)
    y_true, y_pred = rng.integers(0, 4, 300), rng.integers(0, 3, (300, 4)) / 2

    value = top_k_accuracy(y_true, y_pred, k=1)

    assert value == accuracy(y_true, y_pred)


def test_a_constant_predictor_is_right_for_k_classes_alone() -> None:
    y_true = np.arange(10)

    value = top_k_accuracy(y_true, np.ones((10, 10)), k=3)

    assert value == 0.3


def test_top_k_of_each_position_of_a_sequence() -> None:
    rng = np.random.default_rng(7)
    y_true, y_pred = rng.integers(0, 5, (6, 7)), rng.random((6, 7, 5))

    value = top_k_accuracy(y_true, y_pred, k=2)

    hits = [
        y_true[i, t] in sorted(range(5), key=lambda c: -y_pred[i, t, c])[:2]
        for i in range(6)
        for t in range(7)
    ]
    assert value == pytest.approx(sum(hits) / 42, abs=EXACT)


def test_top_five_of_four_classes_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"^k must be below the number of classes, 4, got 5$"
    ):
        top_k_accuracy([0, 1], np.eye(2, 4))
