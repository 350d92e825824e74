"""Metrics of several labels against scikit-learn and loops."""

import re
from collections.abc import Callable, Iterable

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import (
    accuracy_score,
    label_ranking_average_precision_score,
)
from sklearn.metrics import (
    hamming_loss as reference_hamming,
)

from pytest_tfgrade.metrics import NotProbabilities, ShapeMismatch
from pytest_tfgrade.metrics.multilabel import (
    hamming_loss,
    jaccard,
    label_ranking_average_precision,
    multilabel_f1,
    multilabel_precision,
    multilabel_recall,
    subset_accuracy,
)

EXACT = 1e-9

Arrays = tuple[NDArray[np.int64], NDArray[np.float64]]

AVERAGED = [multilabel_precision, multilabel_recall, multilabel_f1, jaccard]
THRESHOLDED = [subset_accuracy, hamming_loss, *AVERAGED]
ALL = [*THRESHOLDED, label_ranking_average_precision]


def random_case(seed: int, rows: int, labels: int) -> Arrays:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 2, (rows, labels)), rng.random((rows, labels))


def of_cells(name: str, true: Iterable[int], found: Iterable[int]) -> float:
    """Return a measure of cells of a table, by counting."""
    pairs = list(zip(true, found, strict=True))
    both = sum(t and f for t, f in pairs)
    wanted, got = sum(t for t, _ in pairs), sum(f for _, f in pairs)
    below = {
        "multilabel_precision": got,
        "multilabel_recall": wanted,
        "multilabel_f1": (wanted + got) / 2,
        "jaccard": wanted + got - both,
    }[name]
    return both / below if below else 0.0


def by_loop(
    name: str, true: NDArray[np.int64], found: NDArray[np.int64], average: str
) -> float:
    if average == "micro":
        return of_cells(name, true.ravel().tolist(), found.ravel().tolist())
    columns = [c for c in range(true.shape[1]) if true[:, c].any() or found[:, c].any()]
    each = [of_cells(name, true[:, c].tolist(), found[:, c].tolist()) for c in columns]
    weights = [true[:, c].sum() if average == "weighted" else 1 for c in columns]
    return float(np.dot(weights, each) / sum(weights))


@pytest.mark.parametrize(("rows", "labels"), [(100, 6), (1, 3), (30, 2)])
def test_counts_of_wrong_labels_are_those_of_scikit_learn(
    rows: int, labels: int
) -> None:
    y_true, y_pred = random_case(1, rows, labels)

    values = subset_accuracy(y_true, y_pred), hamming_loss(y_true, y_pred)

    found = (y_pred >= 0.5).astype(int)
    expected = accuracy_score(y_true, found), reference_hamming(y_true, found)
    assert values == pytest.approx(expected, abs=EXACT)


@pytest.mark.parametrize(
    "empty", [(), (2,), (0, 3)], ids=["all-labels", "one-absent", "two-absent"]
)
@pytest.mark.parametrize("average", ["macro", "micro", "weighted"])
@pytest.mark.parametrize("metric", AVERAGED)
def test_averages_over_labels_are_those_of_a_loop(
    metric: Callable[..., float], average: str, empty: tuple[int, ...]
) -> None:
    y_true, y_pred = random_case(2, 60, 5)
    y_true[:, empty] = 0

    value = metric(y_true, y_pred, average=average)

    found = (y_pred >= 0.5).astype(int)
    expected = by_loop(metric.__name__, y_true, found, average)
    assert value == pytest.approx(expected, abs=EXACT)


@pytest.mark.parametrize("average", ["macro", "micro", "weighted"])
@pytest.mark.parametrize("metric", AVERAGED)
def test_a_label_that_nothing_has_costs_nothing(
    metric: Callable[..., float], average: str
) -> None:
    y_true, y_pred = np.array([[1, 0], [0, 0]]), np.array([[0.9, 0.1], [0.2, 0.3]])

    assert metric(y_true, y_pred, average=average) == 1


@pytest.mark.parametrize("metric", AVERAGED)
def test_predicting_no_label_earns_nothing(metric: Callable[..., float]) -> None:
    y_true, _ = random_case(3, 20, 4)

    assert metric(y_true, np.zeros((20, 4))) == 0


def test_jaccard_of_samples_is_the_mean_over_examples() -> None:
    y_true, y_pred = random_case(4, 80, 3)
    y_true[:5], y_pred[:5] = 0, 0.1  # nothing to find, and nothing found

    value = jaccard(y_true, y_pred, average="samples")

    shares = []
    for true, probabilities in zip(y_true, y_pred, strict=True):
        wanted = {i for i in range(3) if true[i]}
        got = {i for i in range(3) if probabilities[i] >= 0.5}
        shares.append(len(wanted & got) / len(wanted | got) if wanted | got else 1.0)
    assert value == pytest.approx(sum(shares) / 80, abs=EXACT)


@pytest.mark.parametrize("ties", [0, 3], ids=["distinct", "ties"])
@pytest.mark.parametrize(("rows", "labels"), [(100, 6), (1, 3), (40, 2)])
def test_label_ranking_is_that_of_scikit_learn(
    rows: int, labels: int, ties: int
) -> None:
    y_true, y_pred = random_case(5, rows, labels)
    y_pred = np.round(y_pred * ties) / ties if ties else y_pred

    value = label_ranking_average_precision(y_true, y_pred)

    expected = label_ranking_average_precision_score(y_true, y_pred)
    assert value == pytest.approx(expected, abs=EXACT)


def test_label_ranking_of_no_label_and_of_all_is_perfect() -> None:
    y_true = [[0, 0, 0], [1, 1, 1]]

    value = label_ranking_average_precision(y_true, [[0.3, 0.2, 0.1]] * 2)

    assert value == 1


def test_label_ranking_takes_logits() -> None:
    y_true, y_pred = random_case(6, 30, 4)

    value = label_ranking_average_precision(y_true, 10 * y_pred - 5)

    expected = label_ranking_average_precision(y_true, y_pred)
    assert value == pytest.approx(expected, abs=EXACT)


def test_a_half_is_enough_for_a_label() -> None:
    assert subset_accuracy([[1, 0]], [[0.5, 0.4999]]) == 1


@pytest.mark.parametrize("y_pred", [[[-3.0, 0.5]], [[0.5, 2.0]]])
@pytest.mark.parametrize("metric", THRESHOLDED)
def test_logits_have_no_threshold_of_a_half(
    metric: Callable[..., float], y_pred: ArrayLike
) -> None:
    with pytest.raises(NotProbabilities, match=r" are no probabilities$"):
        metric([[1, 0]], y_pred)


@pytest.mark.parametrize("metric", ALL)
@pytest.mark.parametrize(
    ("y_true", "y_pred", "message"),
    [
        pytest.param([[1, 2]], [[0.5, 0.5]], "targets are not all 0 or 1", id="counts"),
        pytest.param([[0.5, 1]], [[0.5, 0.5]], "targets are not all 0 or 1", id="soft"),
        pytest.param(
            [1, 0],
            [0.5, 0.5],
            "targets of shape (2,) are not of several labels",
            id="no-axis-of-labels",
        ),
        pytest.param(
            [[1], [0]],
            [[0.5], [0.5]],
            "targets of shape (2, 1) are not of several labels",
            id="one-label",
        ),
    ],
)
def test_targets_that_are_no_labels_are_refused(
    metric: Callable[..., float], y_true: ArrayLike, y_pred: ArrayLike, message: str
) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        metric(y_true, y_pred)


@pytest.mark.parametrize("metric", ALL)
def test_another_number_of_labels_is_a_mismatch(metric: Callable[..., float]) -> None:
    with pytest.raises(ShapeMismatch):
        metric(np.ones((4, 3), dtype=int), np.ones((4, 2)))


@pytest.mark.parametrize("metric", AVERAGED)
def test_targets_without_any_label_are_refused(metric: Callable[..., float]) -> None:
    with pytest.raises(ValueError, match=r"^targets hold no true label$"):
        metric(np.zeros((3, 2)), np.ones((3, 2)))
