"""Metrics of language models against loops."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from pytest_tfgrade.metrics import NotProbabilities, ShapeMismatch
from pytest_tfgrade.metrics.language import bits_per_character, perplexity

EXACT = 1e-9

BOTH = [bits_per_character, perplexity]


def random_case() -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    rng = np.random.default_rng(15)
    return rng.integers(0, 9, (6, 7)), 0.99 * rng.dirichlet(
        np.ones(9), (6, 7)
    ) + 0.01 / 9


def bits_by_loop(
    y_true: NDArray[np.int64], y_pred: NDArray[np.float64], ignore: int | None = None
) -> float:
    bits = [
        -math.log2(y_pred[i, t, y_true[i, t]])
        for i in range(len(y_true))
        for t in range(y_true.shape[1])
        if y_true[i, t] != ignore
    ]
    return sum(bits) / len(bits)


@pytest.mark.parametrize("ignore", [None, 0, 8, 99])
def test_bits_are_the_mean_over_all_tokens_that_count(ignore: int | None) -> None:
    y_true, y_pred = random_case()

    value = bits_per_character(y_true, y_pred, ignore=ignore)

    assert value == pytest.approx(bits_by_loop(y_true, y_pred, ignore), rel=EXACT)


@pytest.mark.parametrize("ignore", [None, 3])
def test_perplexity_is_two_to_the_power_of_the_bits(ignore: int | None) -> None:
    y_true, y_pred = random_case()

    value = perplexity(y_true, y_pred, ignore=ignore)

    assert value == pytest.approx(2 ** bits_by_loop(y_true, y_pred, ignore), rel=EXACT)


def test_padding_may_be_an_id_outside_the_vocabulary() -> None:
    y_true, y_pred = random_case()
    y_true[2:, 4:] = -1

    value = bits_per_character(y_true, y_pred, ignore=-1)

    assert value == pytest.approx(bits_by_loop(y_true, y_pred, -1), rel=EXACT)


@pytest.mark.parametrize("metric", BOTH)
@pytest.mark.parametrize("shift", [0.0, 5000.0, -5000.0])
def test_logits_are_read_as_such_when_told(
    metric: Callable[..., float], shift: float
) -> None:
    y_true, y_pred = random_case()

    value = metric(y_true, np.log(y_pred) + shift, from_logits=True)

    assert value == pytest.approx(metric(y_true, y_pred), rel=EXACT)


@pytest.mark.parametrize("metric", BOTH)
def test_logits_have_the_same_least_probability(metric: Callable[..., float]) -> None:
    certain = np.array([[[0.0, 1.0]]])

    value = metric([[0]], 2000 * certain, from_logits=True)

    assert value == metric([[0]], certain)


def test_a_probability_of_zero_costs_23_bits() -> None:
    value = bits_per_character([[0]], [[[0.0, 1.0]]])

    assert value == pytest.approx(7 * math.log2(10), rel=EXACT)


@pytest.mark.parametrize("n", [1, 4])
def test_a_uniform_model_is_as_perplexed_as_its_vocabulary_is_large(n: int) -> None:
    y_true = np.zeros((n, 5), dtype=int)

    values = [perplexity(y_true, np.full((n, 5, 53), p)) for p in (1 / 53, 1.0)]

    assert values == pytest.approx([53, 53], rel=EXACT)


def test_one_token_for_each_example_needs_no_axis() -> None:
    y_true, y_pred = random_case()

    values = (
        bits_per_character(y_true[:, 0], y_pred[:, 0]),
        bits_per_character(y_true[:, :1], y_pred[:, :1]),
    )

    expected = bits_by_loop(y_true[:, :1], y_pred[:, :1])
    assert values == pytest.approx((expected, expected), rel=EXACT)


@pytest.mark.parametrize("metric", BOTH)
@pytest.mark.parametrize(
    ("y_true", "y_pred", "fault", "message"),
    [
        pytest.param(
            np.zeros((4, 5)),
            np.ones((4, 6, 9)),
            ShapeMismatch,
            r"targets of shape \(4, 5\) and predictions of shape \(4, 6, 9\) cannot "
            "be compared",
            id="another-length",
        ),
        pytest.param(
            np.zeros((4, 5)),
            np.ones((4, 9)),
            ShapeMismatch,
            r"targets of shape \(4, 5\) and predictions of shape \(4, 9\) cannot be "
            "compared",
            id="last-token-only",
        ),
        pytest.param(
            np.zeros(4),
            np.ones(4),
            ShapeMismatch,
            r"predictions of shape \(4,\) have no vocabulary",
            id="no-vocabulary",
        ),
        pytest.param(
            np.zeros((1, 1)),
            [[[-0.5, 1.5]]],
            NotProbabilities,
            "predictions between -0.5 and 1.5 are no probabilities",
            id="logits-not-told",
        ),
        pytest.param(
            [[2]],
            [[[0.5, 0.5]]],
            ValueError,
            r"targets are not all labels in 0\.\.1",
            id="unknown-id",
        ),
    ],
)
def test_tokens_that_cannot_be_looked_up_are_refused(
    metric: Callable[..., float],
    y_true: ArrayLike,
    y_pred: ArrayLike,
    fault: type[Exception],
    message: str,
) -> None:
    with pytest.raises(fault, match=f"^{message}$"):
        metric(y_true, y_pred)


@pytest.mark.parametrize("metric", BOTH)
def test_padding_alone_has_no_value(metric: Callable[..., Any]) -> None:
    with pytest.raises(ValueError, match=r"^targets hold nothing but padding, 0$"):
        metric(np.zeros((2, 3)), np.full((2, 3, 4), 0.25), ignore=0)
