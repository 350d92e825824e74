"""ROC AUC and average precision against loops over pairs and thresholds."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from pytest_tfgrade.metrics.ranking import average_precision, roc_auc

EXACT = 1e-9


def pairs_in_order(true: list[bool], scores: list[float]) -> float:
    """Return the share of (positive, negative) pairs that scores put in order."""
    inside = [s for t, s in zip(true, scores, strict=True) if t]
    outside = [s for t, s in zip(true, scores, strict=True) if not t]
    wins = sum((a > b) + 0.5 * (a == b) for a in inside for b in outside)
    return wins / (len(inside) * len(outside))


def steps_of_recall(true: list[bool], scores: list[float]) -> float:
    """Return the sum over thresholds of precision times the recall that each adds."""
    total, before = 0.0, 0.0
    for threshold in sorted(set(scores), reverse=True):
        chosen = [t for t, s in zip(true, scores, strict=True) if s >= threshold]
        recall = sum(chosen) / sum(true)
        total += (recall - before) * sum(chosen) / len(chosen)
        before = recall
    return total


PAIRS = [
    pytest.param(roc_auc, pairs_in_order, id="roc_auc"),
    pytest.param(average_precision, steps_of_recall, id="average_precision"),
]


def scores(seed: int, shape: tuple[int, ...], ties: int) -> NDArray[np.float64]:
    drawn = np.random.default_rng(seed).random(shape)
    return np.round(drawn * ties) / ties if ties else drawn


@pytest.mark.parametrize("ties", [0, 4], ids=["distinct", "ties"])
@pytest.mark.parametrize("columns", [(), (1,), (2,)])
@pytest.mark.parametrize(("metric", "reference"), PAIRS)
def test_two_classes_are_ranked_by_the_score_of_class_one(
    metric: Callable[..., float],
    reference: Callable[..., float],
    columns: tuple[int, ...],
    ties: int,
) -> None:
    y_true = np.random.default_rng(1).integers(0, 2, 120)
    y_pred = scores(2, (120, *columns), ties)

    value = metric(y_true, y_pred)

    ones = y_pred.reshape(120, -1)[:, -1].tolist()
    assert value == pytest.approx(reference((y_true == 1).tolist(), ones), abs=EXACT)


@pytest.mark.parametrize("ties", [0, 3], ids=["distinct", "ties"])
@pytest.mark.parametrize("occurring", [5, 3], ids=["all-classes", "two-absent"])
@pytest.mark.parametrize(("metric", "reference"), PAIRS)
def test_more_classes_are_the_mean_of_one_against_the_rest(
    metric: Callable[..., float],
    reference: Callable[..., float],
    occurring: int,
    ties: int,
) -> None:
    y_true = np.random.default_rng(3).integers(0, occurring, 90)
    y_pred = scores(4, (90, 5), ties)

    value = metric(y_true, y_pred)

    areas = [
        reference((y_true == c).tolist(), y_pred[:, c].tolist())
        for c in range(occurring)
    ]
    assert value == pytest.approx(sum(areas) / occurring, abs=EXACT)


@pytest.mark.parametrize(("metric", "reference"), PAIRS)
def test_positions_of_sequences_are_ranked_together(
    metric: Callable[..., float], reference: Callable[..., float]
) -> None:
    y_true = np.random.default_rng(5).integers(0, 2, (8, 6))
    y_pred = scores(6, (8, 6, 1), 0)

    value = metric(y_true, y_pred)

    expected = reference((y_true == 1).ravel().tolist(), y_pred.ravel().tolist())
    assert value == pytest.approx(expected, abs=EXACT)


def test_a_constant_predictor_ranks_nothing() -> None:
    y_true = [0, 0, 0, 1]

    values = roc_auc(y_true, [0.7] * 4), average_precision(y_true, [0.7] * 4)

    assert values == (0.5, 0.25)


def test_logits_are_scores_too() -> None:
    rng = np.random.default_rng(7)
    y_true, logits = rng.integers(0, 2, 60), rng.normal(0, 3, 60)

    value = roc_auc(y_true, logits)

    assert value == pytest.approx(roc_auc(y_true, 1 / (1 + np.exp(-logits))), abs=EXACT)


@pytest.mark.parametrize(
    ("y_true", "y_pred"),
    [
        pytest.param([0, 0, 0], [0.1, 0.5, 0.9], id="zeros"),
        pytest.param([1, 1, 1], [0.1, 0.5, 0.9], id="ones"),
        pytest.param([2, 2], np.eye(2, 4), id="one-of-four"),
        pytest.param([1], [0.9], id="one-row"),
    ],
)
@pytest.mark.parametrize("metric", [roc_auc, average_precision])
def test_targets_of_one_class_have_no_curve(
    metric: Callable[..., float], y_true: ArrayLike, y_pred: ArrayLike
) -> None:
    with pytest.raises(
        ValueError,
        match=r"^no curve can be drawn where all targets are of one class$",
    ):
        metric(y_true, y_pred)
