"""Predictors that predict the same for every example, whatever its inputs are.

They look at the very targets they are measured against, and choose for each place
(step, pixel) apart. So no model that ignores its inputs does better by the measure that
a predictor is made for, and a bound above it is honest.
"""

from typing import Final

import numpy as np

from pytest_tfgrade.predictors.examples import Examples, Meaning, places
from pytest_tfgrade.predictors.interface import Array, NotApplicable, Predictor

_TIE: Final = 0.5
"""The least share of ones that makes 1 the majority; metrics read it as 1, too."""


def majority(examples: Examples) -> Array:
    """The most frequent label, with certainty.

    No other constant has a higher accuracy. Of equals the first class; of flags, 1.

    Raises:
        NotApplicable: The targets are numbers.
    """
    match examples.meaning:
        case Meaning.CLASSES:
            return _certain(examples, _shares(examples).argmax(axis=-1))
        case Meaning.FLAGS:
            return _repeated(examples, examples.targets.mean(axis=0) >= _TIE)
        case Meaning.NUMBERS:
            text = "majority is for labels, and the targets are numbers"
            raise NotApplicable(f"{text}; use mean or median")


def mean(examples: Examples) -> Array:
    """The mean of the targets; of labels, the share of each class.

    No other constant has a lower squared error, log loss or perplexity.
    """
    if examples.meaning is Meaning.CLASSES:
        return _repeated(examples, _shares(examples))
    return _repeated(examples, examples.targets.mean(axis=0))


def median(examples: Examples) -> Array:
    """The median of the targets.

    No other constant has a lower absolute error.

    Raises:
        NotApplicable: The targets are one of several classes.
    """
    if examples.meaning is Meaning.CLASSES:
        text = "median is for numbers, and the targets are classes"
        raise NotApplicable(f"{text}; use majority or mean")
    return _repeated(examples, np.median(examples.targets, axis=0))


def zeros(examples: Examples) -> Array:
    """Zero; of several classes, the first with certainty."""
    if examples.meaning is Meaning.CLASSES:
        return _certain(examples, np.zeros(examples.shape[1:-1], np.int64))
    return np.zeros(examples.shape)


def uniform(examples: Examples) -> Array:
    """The same probability for every class.

    Metrics over labels take the first class for the most probable one; those over
    probabilities see that nothing is known.

    Raises:
        NotApplicable: The targets are numbers.
    """
    match examples.meaning:
        case Meaning.CLASSES:
            return np.full(examples.shape, 1 / examples.classes)
        case Meaning.FLAGS:
            return np.full(examples.shape, 1 / 2)
        case Meaning.NUMBERS:
            text = "uniform is for labels, and the targets are numbers"
            raise NotApplicable(f"{text}; use mean or median")


def _shares(examples: Examples) -> Array:
    """Return how often each class occurs at each place: ``shape[1:]``, sums of 1."""
    count, classes = places(examples), examples.classes
    labels = examples.targets.reshape(examples.rows, count)
    cells = np.arange(count) * classes + labels
    counts = np.bincount(cells.reshape(-1), minlength=count * classes)
    shares: Array = counts.reshape(examples.shape[1:]) / examples.rows
    return shares


def _certain(examples: Examples, labels: Array) -> Array:
    """Predict one label for each place, with probability 1: ``shape[1:-1]``."""
    return _repeated(examples, labels[..., None] == np.arange(examples.classes))


def _repeated(examples: Examples, example: Array) -> Array:
    """Predict the same for every row: ``shape[1:]``."""
    predictions = np.empty(examples.shape)
    predictions[:] = example
    return predictions


PREDICTORS: Final = (
    Predictor(name="majority", function=majority),
    Predictor(name="mean", function=mean),
    Predictor(name="median", function=median),
    Predictor(name="zeros", function=zeros),
    Predictor(name="uniform", function=uniform),
)
"""The predictors of this module."""
