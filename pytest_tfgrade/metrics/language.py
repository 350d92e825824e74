"""Metrics over language models: a probability for each token of a vocabulary."""

import math
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from pytest_tfgrade.core.threshold import Direction
from pytest_tfgrade.metrics.arrays import (
    Numbers,
    ShapeMismatch,
    integer_coded,
    mismatch,
    numbers,
    trimmed,
)
from pytest_tfgrade.metrics.interface import Metric
from pytest_tfgrade.metrics.options import FLAG, WHOLE_OR_NULL, WholeOrNull
from pytest_tfgrade.metrics.probabilities import normalised, surprise, within_bounds
from pytest_tfgrade.metrics.tallies import quotient

FEWEST_AXES: Final = 2
"""Examples and vocabulary."""


def bits_per_character(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    from_logits: bool = False,
    ignore: WholeOrNull = None,
) -> float:
    """Mean binary logarithm of the probability of the true token, negated.

    Shannon, "Prediction and entropy of printed English", 1951. The probabilities of a
    token are divided by their sum; one below 1e-7 counts as 1e-7 (23.3 bits).

    Args:
        y_true: Ids ``(n, T)``, or ``(n,)`` of one token each.
        y_pred: ``(n, T, V)``, or ``(n, V)``.
        from_logits: Whether predictions are logits, not probabilities.
        ignore: The id of padding, which does not count.

    Raises:
        ShapeMismatch: The shapes differ, or there is no prediction.
        NotProbabilities: A value lies outside 0..1, or all tokens have 0.
        ValueError: A target is no id below V, or there is none that counts.

    >>> bits_per_character([[0, 1]], [[[0.5, 0.5], [0.75, 0.25]]])
    1.5
    """
    losses = _losses(y_true, y_pred, from_logits=from_logits, ignore=ignore)
    return float(_bits(losses.mean(axis=0)))


def perplexity(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    from_logits: bool = False,
    ignore: WholeOrNull = None,
) -> float:
    """Perplexity: the inverse of the geometric mean probability of the true tokens.

    Jelinek and others, "Perplexity: a measure of the difficulty of speech recognition
    tasks", 1977. As many equally likely tokens would be as hard to guess; 1 is best.
    The probabilities of a token are divided by their sum; one below 1e-7 counts as
    1e-7.

    Args:
        y_true: Ids ``(n, T)``, or ``(n,)`` of one token each.
        y_pred: ``(n, T, V)``, or ``(n, V)``.
        from_logits: Whether predictions are logits, not probabilities.
        ignore: The id of padding, which does not count.

    Raises:
        ShapeMismatch: As ``bits_per_character``.
        NotProbabilities: As ``bits_per_character``.
        ValueError: As ``bits_per_character``.

    >>> round(perplexity([[0, 1]], [[[0.5, 0.5], [0.75, 0.25]]]), 6)
    2.828427
    """
    losses = _losses(y_true, y_pred, from_logits=from_logits, ignore=ignore)
    return float(_perplexity(losses.mean(axis=0)))


def _losses(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    from_logits: bool = False,
    ignore: int | None = None,
) -> Numbers:
    """Return ``(n, 2)``: the sum of the losses in nats, and the tokens that count."""
    FLAG.require("from_logits", from_logits)
    WHOLE_OR_NULL.require("ignore", ignore)
    true, pred = numbers("targets", y_true), numbers("predictions", y_pred)
    if pred.ndim < FEWEST_AXES:
        raise ShapeMismatch(f"predictions of shape {pred.shape} have no vocabulary")
    if trimmed(true.shape) != trimmed(pred.shape[:-1]):
        raise mismatch(true, pred)
    true = true.reshape(pred.shape[:-1])
    counted = np.ones(true.shape, dtype=bool) if ignore is None else true != ignore
    if not counted.any():
        raise ValueError(f"targets hold nothing but padding, {ignore}")
    ids = integer_coded(np.where(counted, true, 0), pred.shape[-1])
    probabilities = _softmax(pred) if from_logits else normalised(within_bounds(pred))
    own = np.take_along_axis(probabilities, ids[..., None], axis=-1)[..., 0]
    losses = np.where(counted, surprise(own), 0.0)
    sums = [values.reshape(len(true), -1).sum(axis=1) for values in (losses, counted)]
    return np.stack(sums, axis=1).astype(np.float64)


def _softmax(logits: Numbers) -> Numbers:
    with np.errstate(over="ignore"):
        powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probabilities: Numbers = powers / powers.sum(axis=-1, keepdims=True)
    return probabilities


def _nats(means: Numbers) -> Numbers:
    return quotient(means[..., 0], means[..., 1])


def _bits(means: Numbers, **_: object) -> Numbers:
    return _nats(means) / math.log(2)


def _perplexity(means: Numbers, **_: object) -> Numbers:
    return np.exp(_nats(means))


METRICS: Final = (
    Metric(
        name="bits_per_character",
        function=bits_per_character,
        direction=Direction.LOWER_IS_BETTER,
        best=0.0,
        examples=_losses,
        finish=_bits,
        aliases=("bpc",),
    ),
    Metric(
        name="perplexity",
        function=perplexity,
        direction=Direction.LOWER_IS_BETTER,
        best=1.0,
        examples=_losses,
        finish=_perplexity,
    ),
)
"""The metrics of this module."""
