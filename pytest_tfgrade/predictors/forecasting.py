"""Predictors that repeat what a series did last.

They look at inputs only. Both are the "naive" methods of Hyndman and Athanasopoulos,
"Forecasting: principles and practice", 3rd edition, section 5.2.
"""

from typing import Final

import numpy as np

from pytest_tfgrade.predictors.examples import Examples, Meaning
from pytest_tfgrade.predictors.interface import (
    Array,
    NotApplicable,
    Period,
    Position,
    Predictor,
)

_WITH_STEPS: Final = 2
_WITH_FEATURES: Final = 3


def last_value(
    examples: Examples,
    *,
    channel: Position = 0,
    input: str | None = None,  # noqa: A002 - the word of rubrics
) -> Array:
    """The last value of the series, for every step.

    Args:
        examples: As ``seasonal_naive``.
        channel: As ``seasonal_naive``.
        input: As ``seasonal_naive``.

    Raises:
        ValueError: As ``seasonal_naive``.
    """
    return seasonal_naive(examples, period=1, channel=channel, input=input)


def seasonal_naive(
    examples: Examples,
    *,
    period: Period,
    channel: Position = 0,
    input: str | None = None,  # noqa: A002 - the word of rubrics
) -> Array:
    """The value of one season ago, for every step.

    Args:
        examples: With an input ``(n, T, F)`` or ``(n, T)``; predictions are ``(n, S)``
            or ``(n, S, K)``, for S steps after the T of the input.
        period: Steps of a season.
        channel: Which of the F features of the input is predicted, from 0; if K > 1,
            the first of the K that are.
        input: Which input holds the series; None is the first one.

    Raises:
        NotApplicable: The input is no series or shorter than a season, the output is no
            series, or its values are labels that the input does not hold; or a value to
            repeat is NaN or infinite.
        ValueError: There is no such input, or an option is out of its range.
    """
    if period < 1 or channel < 0:
        text = "period must be 1 or more and channel 0 or more"
        raise ValueError(f"{text}, got {period} and {channel}")
    name = next(iter(examples.inputs)) if input is None else input
    series = _series(examples, name)
    steps, features = _horizon(examples)
    length, channels = series.shape[1:]
    if length < period:
        raise NotApplicable(f"{name!r} has {length} steps, a season has {period}")
    if channel + features > channels:
        text = f"{name!r} has {channels} channels, numbered from 0"
        raise NotApplicable(f"{text}; {features} from number {channel} are predicted")
    seasonal = length - period + np.arange(steps) % period
    repeated = series[:, seasonal, channel : channel + features].astype(np.float64)
    if not np.isfinite(repeated).all():
        raise NotApplicable(f"{name!r} holds NaN or infinite values")
    if examples.meaning is Meaning.FLAGS and not _within_one(repeated):
        raise NotApplicable(f"values of {name!r} are not in 0..1, as probabilities are")
    return repeated.reshape(examples.shape)


def _series(examples: Examples, name: str) -> Array:
    """Return an input as ``(n, T, F)``."""
    if name not in examples.inputs:
        names = " or ".join(examples.inputs)
        raise ValueError(f"there is no input {name!r}; use {names}")
    array = examples.inputs[name]
    if array.dtype.kind not in "biuf":
        raise NotApplicable(f"{name!r} holds texts, no series of numbers")
    if array.ndim == _WITH_STEPS:
        return array[..., None]
    if array.ndim == _WITH_FEATURES:
        return array
    text = f"one example of {name!r} has the shape {array.shape[1:]}"
    raise NotApplicable(f"{text}; a series has (steps,) or (steps, features)")


def _horizon(examples: Examples) -> tuple[int, int]:
    """Return how many steps and features are predicted for one example."""
    if examples.meaning is Meaning.CLASSES:
        text = "one of several classes is predicted"
        raise NotApplicable(f"{text}, which no value of a series stands for")
    axes = examples.shape[1:]
    if len(axes) >= _WITH_FEATURES:
        text = f"predictions for one example have the shape {axes}"
        raise NotApplicable(f"{text}; a series has (steps,) or (steps, features)")
    steps, features = (*axes, 1, 1)[:2]
    return steps, features


def _within_one(values: Array) -> bool:
    return bool(((values >= 0) & (values <= 1)).all())


PREDICTORS: Final = (
    Predictor(name="last_value", function=last_value),
    Predictor(name="seasonal_naive", function=seasonal_naive),
)
"""The predictors of this module."""
