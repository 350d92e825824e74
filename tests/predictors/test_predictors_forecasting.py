"""Forecasts that repeat the series, against hand-made ones."""

import re
from typing import Any

import numpy as np
import pytest

from pytest_tfgrade.core.contract import OutputKind, OutputSpec
from pytest_tfgrade.predictors import NotApplicable, predict
from pytest_tfgrade.predictors.interface import Array

WINDOWS = np.array([[[1, 10], [2, 20], [3, 30], [4, 40]]] * 2, np.float32)
WINDOWS[1] += 100
"""Two examples of four steps of two features."""

FOUR_STEPS = OutputSpec(shape=(None, 4, 1))
SOME = np.full((2, 4, 1), 0.5)


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        pytest.param("last_value", {}, [4, 4, 4, 4], id="the-last"),
        pytest.param("last_value", {"channel": 1}, [40, 40, 40, 40], id="a-channel"),
        pytest.param("seasonal_naive", {"period": 1}, [4, 4, 4, 4], id="a-season-of-1"),
        pytest.param("seasonal_naive", {"period": 3}, [2, 3, 4, 2], id="again-from-2"),
        pytest.param("seasonal_naive", {"period": 4}, [1, 2, 3, 4], id="the-whole"),
    ],
)
def test_each_step_repeats_the_last_value_of_its_season(
    name: str, options: dict[str, Any], expected: list[float]
) -> None:
    predictions = predict(name, {"x": WINDOWS}, SOME, FOUR_STEPS, **options)

    both = np.array([expected, np.add(expected, 100)])
    assert predictions.tolist() == both[..., None].tolist()
    assert predictions.dtype == np.float64


@pytest.mark.parametrize("shape", [(None,), (None, 1), (None, 1, 1)])
def test_one_step_may_be_predicted_without_an_axis_for_steps(
    shape: tuple[int | None, ...],
) -> None:
    window = np.array([[1.5, 2.5], [3.5, 4.5]])

    predictions = predict(
        "last_value", {"x": window}, np.array([0.5, 1.5]), OutputSpec(shape=shape)
    )

    assert predictions.shape == (2, *shape[1:])
    assert predictions.ravel().tolist() == [2.5, 4.5]


def test_several_features_are_predicted_from_that_channel_on() -> None:
    spec = OutputSpec(shape=(None, 2, 2))

    predictions = predict("last_value", {"x": WINDOWS}, np.full((2, 2, 2), 0.5), spec)

    assert predictions.tolist() == [[[4, 40]] * 2, [[104, 140]] * 2]


def test_the_first_of_several_inputs_is_repeated_unless_one_is_named() -> None:
    inputs = {"x": WINDOWS, "y": -WINDOWS}

    first = predict("last_value", inputs, SOME, FOUR_STEPS)
    named = predict("last_value", inputs, SOME, FOUR_STEPS, input="y")

    assert first.tolist() == (-named).tolist()


def test_a_flag_may_be_repeated() -> None:
    spec = OutputSpec(shape=(None, 1), kind=OutputKind.PROBABILITIES)
    rained = np.array([[0, 1], [1, 0]])

    predictions = predict("last_value", {"rained": rained}, np.array([1, 0]), spec)

    assert predictions.tolist() == [[1], [0]]


@pytest.mark.parametrize(
    ("inputs", "targets", "spec", "options", "message"),
    [
        pytest.param(
            np.zeros((2, 8, 8, 1)),
            SOME,
            FOUR_STEPS,
            {},
            "one example of 'x' has the shape (8, 8, 1); a series has (steps,) or "
            "(steps, features)",
            id="images",
        ),
        pytest.param(
            np.array([["a"], ["b"]]),
            SOME,
            FOUR_STEPS,
            {},
            "'x' holds texts, no series of numbers",
            id="texts",
        ),
        pytest.param(
            WINDOWS,
            np.array([0, 1]),
            OutputSpec(shape=(None, 3)),
            {},
            "one of several classes is predicted, which no value of a series stands "
            "for",
            id="classes",
        ),
        pytest.param(
            WINDOWS,
            np.array([0, 1]),
            OutputSpec(shape=(None, 1), kind=OutputKind.PROBABILITIES),
            {},
            "values of 'x' are not in 0..1, as probabilities are",
            id="flags-from-other-numbers",
        ),
        pytest.param(
            WINDOWS,
            np.full((2, 4, 4, 1), 0.5),
            OutputSpec(shape=(None, 4, 4, 1)),
            {},
            "predictions for one example have the shape (4, 4, 1); a series has "
            "(steps,) or (steps, features)",
            id="an-output-that-is-no-series",
        ),
        pytest.param(
            WINDOWS,
            SOME,
            FOUR_STEPS,
            {"period": 5},
            "'x' has 4 steps, a season has 5",
            id="shorter-than-a-season",
        ),
        pytest.param(
            WINDOWS,
            SOME,
            FOUR_STEPS,
            {"channel": 2},
            "'x' has 2 channels, numbered from 0; 1 from number 2 are predicted",
            id="no-such-channel",
        ),
        pytest.param(
            np.full((2, 4), np.nan),
            SOME,
            FOUR_STEPS,
            {},
            "'x' holds NaN or infinite values",
            id="not-a-number",
        ),
    ],
)
def test_what_is_no_series_is_refused(
    inputs: Array,
    targets: Array,
    spec: OutputSpec,
    options: dict[str, Any],
    message: str,
) -> None:
    with pytest.raises(NotApplicable, match=f"^{re.escape(message)}$"):
        predict(
            "seasonal_naive", {"x": inputs}, targets, spec, **{"period": 1} | options
        )


def test_an_input_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(ValueError, match=r"^there is no input 'z'; use x or y$"):
        predict("last_value", {"x": WINDOWS, "y": WINDOWS}, SOME, FOUR_STEPS, input="z")
