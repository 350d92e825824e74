"""Classification metrics against scikit-learn and hand-made loops."""

import re
import warnings
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import accuracy_score, balanced_accuracy_score

from pytest_tfgrade.metrics.classification import accuracy, balanced_accuracy

EXACT = 1e-9


@pytest.fixture(autouse=True)
def _quiet_sklearn() -> Iterator[None]:
    """Let scikit-learn meet predicted classes that no target has, without a warning."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "y_pred contains classes not in y_true")
        warnings.filterwarnings("ignore", "A single label was found")
        yield


def random_case(
    seed: int, rows: int, classes: int, occurring: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    rng = np.random.default_rng(seed)
    y_true = rng.integers(0, occurring, rows)
    return y_true, rng.random((rows, classes), dtype=np.float32)


CASES = [
    pytest.param(1, 200, 10, 10, id="ten-classes"),
    pytest.param(2, 50, 10, 9, id="the-last-class-absent"),
    pytest.param(3, 50, 3, 1, id="one-class-only"),
    pytest.param(4, 1, 4, 4, id="one-row"),
    pytest.param(5, 1000, 2, 2, id="two-columns"),
]


@pytest.mark.parametrize(("seed", "rows", "classes", "occurring"), CASES)
def test_accuracy_of_columns_is_that_of_scikit_learn(
    seed: int, rows: int, classes: int, occurring: int
) -> None:
    y_true, y_pred = random_case(seed, rows, classes, occurring)

    value = accuracy(y_true, y_pred)

    expected = accuracy_score(y_true, y_pred.argmax(axis=1))
    assert value == pytest.approx(expected, abs=EXACT)


@pytest.mark.parametrize(("seed", "rows", "classes", "occurring"), CASES)
def test_balanced_accuracy_of_columns_is_that_of_scikit_learn(
    seed: int, rows: int, classes: int, occurring: int
) -> None:
    y_true, y_pred = random_case(seed, rows, classes, occurring)

    value = balanced_accuracy(y_true, y_pred)

    expected = balanced_accuracy_score(y_true, y_pred.argmax(axis=1))
    assert value == pytest.approx(expected, abs=EXACT)


def test_balanced_accuracy_skips_a_class_between_others_that_is_absent() -> None:
    y_true = np.array([0, 0, 2, 2, 2])
    y_pred = np.eye(3)[[0, 1, 2, 2, 1]]

    value = balanced_accuracy(y_true, y_pred)

    recalls = [1 / 2, 2 / 3]
    assert value == pytest.approx(sum(recalls) / 2, abs=EXACT)


def test_a_constant_predictor_is_balanced_at_one_over_the_number_of_classes() -> None:
    y_true = np.array([0] * 97 + [1, 2, 2])
    y_pred = np.tile([1.0, 0.0, 0.0], (100, 1))

    values = accuracy(y_true, y_pred), balanced_accuracy(y_true, y_pred)

    assert values == pytest.approx((0.97, 1 / 3), abs=EXACT)


@pytest.mark.parametrize("shape", [(400,), (400, 1), (400, 1, 1)])
def test_one_column_counts_as_class_one_from_a_half_on(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(6)
    y_true = rng.integers(0, 2, 400)
    y_pred = rng.integers(0, 5, 400) / 4  # 0.5 occurs, exactly

    values = [m(y_true, y_pred.reshape(shape)) for m in (accuracy, balanced_accuracy)]

    hits = [int(p >= 0.5) == t for t, p in zip(y_true, y_pred, strict=True)]
    labels = (y_pred >= 0.5).astype(int)
    assert values == pytest.approx(
        [sum(hits) / 400, balanced_accuracy_score(y_true, labels)], abs=EXACT
    )


@pytest.mark.parametrize("metric", [accuracy, balanced_accuracy])
def test_one_hot_targets_say_the_same_as_integers(
    metric: Callable[..., float],
) -> None:
    y_true, y_pred = random_case(7, 60, 5, 5)
    one_hot = np.eye(5, dtype=np.float32)[y_true]

    assert metric(one_hot, y_pred) == metric(y_true, y_pred)
    assert metric(y_true[:, None], y_pred) == metric(y_true, y_pred)


def test_the_first_of_equal_columns_is_the_label() -> None:
    assert accuracy([0, 1], [[0.5, 0.5], [0.5, 0.5]]) == 0.5


def test_each_position_of_a_sequence_is_a_label() -> None:
    rng = np.random.default_rng(8)
    y_true = rng.integers(0, 4, (6, 7))
    y_pred = rng.random((6, 7, 4))

    value = accuracy(y_true, y_pred)

    hits = [
        y_pred[i, t].tolist().index(max(y_pred[i, t])) == y_true[i, t]
        for i in range(6)
        for t in range(7)
    ]
    assert value == pytest.approx(sum(hits) / 42, abs=EXACT)


def test_a_last_axis_of_one_is_a_probability_at_each_position() -> None:
    y_true = np.array([[0, 1, 0], [1, 0, 1]])
    y_pred = np.array([[[0.1], [0.9], [0.9]], [[0.9], [0.1], [0.9]]])

    assert accuracy(y_true, y_pred) == pytest.approx(5 / 6, abs=EXACT)


@pytest.mark.parametrize(
    ("y_true", "y_pred", "message"),
    [
        pytest.param(
            np.zeros(3),
            np.zeros((4, 2)),
            "targets of shape (3,) and predictions of shape (4, 2) cannot be compared",
            id="other-number-of-rows",
        ),
        pytest.param(
            np.eye(3),
            np.zeros((3, 4)),
            "targets of shape (3, 3) and predictions of shape (3, 4) "
            "cannot be compared",
            id="other-number-of-columns",
        ),
        pytest.param(
            np.eye(2),
            np.zeros((2, 1)),
            "targets of shape (2, 2) and predictions of shape (2, 1) "
            "cannot be compared",
            id="one-hot-against-one-column",
        ),
        pytest.param(
            np.ones((2, 3)),
            np.zeros((2, 3)),
            "targets of shape (2, 3) are not one-hot",
            id="several-ones",
        ),
        pytest.param(
            [[0.5, 0.5]],
            [[0.5, 0.5]],
            "targets of shape (1, 2) are not one-hot",
            id="soft-targets",
        ),
        pytest.param(
            [0, 3], np.eye(2, 3), "targets are not all labels in 0..2", id="too-large"
        ),
        pytest.param(
            [-1, 1], [0.1, 0.9], "targets are not all labels in 0..1", id="minus-one"
        ),
        pytest.param(
            [0.5, 1], [0.1, 0.9], "targets are not all labels in 0..1", id="fraction"
        ),
        pytest.param(
            [],
            np.zeros((0, 3)),
            "targets of shape (0,) hold no example",
            id="empty",
        ),
        pytest.param(
            [0, 1],
            [0.1, np.nan],
            "predictions hold NaN or infinite values",
            id="not-finite",
        ),
        pytest.param(
            ["0", "1"],
            [0.1, 0.9],
            "targets of dtype <U1 are not real numbers",
            id="texts",
        ),
        pytest.param(
            1, [0.9], "targets of shape () hold no example", id="a-bare-number"
        ),
    ],
)
@pytest.mark.parametrize("metric", [accuracy, balanced_accuracy])
def test_arrays_without_labels_are_refused(
    metric: Callable[..., float], y_true: ArrayLike, y_pred: ArrayLike, message: str
) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        metric(y_true, y_pred)
