"""Precision, recall and F1 against loops, in every average."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from pytest_tfgrade.metrics.retrieval import f1, precision, recall

EXACT = 1e-9

METRICS = [precision, recall, f1]


def of_class(
    name: str, true: Sequence[int], pred: Sequence[int], classes: Sequence[int]
) -> float:
    """Return the measure of some classes taken together, by counting."""
    pairs = list(zip(true, pred, strict=True))
    hits = sum(t == p == c for t, p in pairs for c in classes)
    wanted = sum(t == c for t, _ in pairs for c in classes)
    found = sum(p == c for _, p in pairs for c in classes)
    if name == "precision":
        return hits / found if found else 0.0
    if name == "recall":
        return hits / wanted if wanted else 0.0
    return 2 * hits / (wanted + found)


def by_loop(name: str, true: list[int], pred: list[int], average: str) -> float:
    classes = sorted({*true, *pred})
    each = [of_class(name, true, pred, [c]) for c in classes]
    if average == "macro":
        return sum(each) / len(each)
    if average == "micro":
        return of_class(name, true, pred, classes)
    if average == "binary":
        return of_class(name, true, pred, [1])
    weights = [true.count(c) for c in classes]
    return sum(w * v for w, v in zip(weights, each, strict=True)) / len(true)


CASES = [
    pytest.param((1, 200, 6, 6), id="six-classes"),
    pytest.param((2, 40, 6, 3), id="classes-absent-from-the-targets"),
    pytest.param((3, 25, 40, 40), id="a-class-for-almost-each-row"),
    pytest.param((4, 30, 4, 1), id="one-class-only"),
    pytest.param((5, 1, 3, 3), id="one-row"),
    pytest.param((6, 100, 2, 2), id="two-columns"),
]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("average", ["macro", "micro", "weighted"])
@pytest.mark.parametrize("metric", METRICS)
def test_the_averages_over_classes_are_those_of_a_loop(
    metric: Callable[..., float],
    average: str,
    case: tuple[int, int, int, int],
) -> None:
    seed, rows, classes, occurring = case
    rng = np.random.default_rng(seed)
    y_true, y_pred = rng.integers(0, occurring, rows), rng.random((rows, classes))

    value = metric(y_true, y_pred, average=average)

    found = y_pred.argmax(axis=1).tolist()
    expected = by_loop(metric.__name__, y_true.tolist(), found, average)
    assert value == pytest.approx(expected, abs=EXACT)


@pytest.mark.parametrize("shape", [(90,), (90, 1)])
@pytest.mark.parametrize("metric", METRICS)
def test_binary_is_of_class_one_alone(
    metric: Callable[..., float], shape: tuple[int, ...]
) -> None:
    rng = np.random.default_rng(7)
    y_true, y_pred = rng.integers(0, 2, 90), rng.random(90)

    value = metric(y_true, y_pred.reshape(shape), average="binary")

    found = [int(p >= 0.5) for p in y_pred]
    expected = by_loop(metric.__name__, y_true.tolist(), found, "binary")
    assert value == pytest.approx(expected, abs=EXACT)


@pytest.mark.parametrize("metric", METRICS)
def test_binary_without_a_predicted_one_is_nothing(
    metric: Callable[..., float],
) -> None:
    assert metric([0, 1, 1], [0.1, 0.2, 0.3], average="binary") == 0


@pytest.mark.parametrize("metric", METRICS)
def test_the_average_is_macro_unless_told_otherwise(
    metric: Callable[..., float],
) -> None:
    y_true, y_pred = [0, 0, 0, 1, 1], [0.1, 0.2, 0.7, 0.9, 0.2]

    assert metric(y_true, y_pred) == metric(y_true, y_pred, average="macro")
    assert metric(y_true, y_pred) != metric(y_true, y_pred, average="binary")


def test_a_constant_predictor_has_a_poor_f1_of_uneven_classes() -> None:
    y_true = np.array([0] * 97 + [1, 2, 2])

    value = f1(y_true, np.tile([1.0, 0.0, 0.0], (100, 1)))

    assert value == pytest.approx(2 * 97 / (97 + 100) / 3, abs=EXACT)


@pytest.mark.parametrize("metric", METRICS)
def test_binary_of_three_classes_is_refused(metric: Callable[..., float]) -> None:
    with pytest.raises(
        ValueError, match=r"^an average of binary is for two classes, not 3$"
    ):
        metric([0, 1, 2], np.eye(3), average="binary")


@pytest.mark.parametrize("metric", METRICS)
def test_binary_without_a_target_of_class_one_is_refused(
    metric: Callable[..., float],
) -> None:
    with pytest.raises(
        ValueError,
        match=r"^an average of binary has no value without targets of class 1$",
    ):
        metric([0, 0], [0.1, 0.9], average="binary")
