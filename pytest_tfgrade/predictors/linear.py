"""The predictor that learned as little as a linear model can."""

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pytest_tfgrade.predictors.examples import Examples, Meaning, places, trimmed
from pytest_tfgrade.predictors.features import Table, as_table, at_places
from pytest_tfgrade.predictors.interface import Array, NotApplicable, Predictor, Seed

_FEWEST: Final = 4
"""Examples: a model needs two to learn a difference."""

_RUNS: Final = 8
"""Neighbouring examples are cut into so many runs, of which each second is a half."""

_MOST_FLAGS: Final = 100
"""Of one example: each takes a model of its own."""

_MOST_ROWS: Final = 20_000
"""That a model is fitted to; more of them would not change it by much."""

_PENALTIES: Final = tuple(10.0**power for power in range(-4, 4))
"""Of ridge regression; the one with the least error on left-out rows is used."""

_STRENGTH: Final = 10.0
"""Inverse penalty of logistic regression, for rows of features of length 1."""

_STEPS: Final = 300
"""Of the solver, at most; what it has not found by then makes no difference."""


def linear(examples: Examples, *, seed: Seed = 0) -> Array:
    """A linear model of the inputs, fitted to the other half of the examples.

    Ridge regression for numbers, logistic regression for labels, both of scikit-learn,
    on ``features.as_table``. The model of each half of the examples predicts the other,
    so that it never sees the targets it is measured against. Numbers are cut into eight
    runs of neighbours, and every second run belongs to one half, since windows of a
    series overlap with their neighbours; labels, which may be sorted, at random.

    Labels at places (pixels, steps) are each predicted from what an input holds at the
    same place.

    Args:
        examples: At least 4.
        seed: Decides the halves of labels.

    Raises:
        NotApplicable: There are too few examples, no words in the texts, labels at
            places that no input has, more than 100 flags for each example, or NaN.
    """
    if examples.rows < _FEWEST:
        text = f"linear needs at least {_FEWEST} examples"
        raise NotApplicable(f"{text}, there are {examples.rows}")
    generator = np.random.Generator(np.random.PCG64(seed))
    with _one_thread_and_no_warnings():
        match examples.meaning:
            case Meaning.NUMBERS:
                return _numbers(examples)
            case Meaning.CLASSES:
                return _classes(examples, generator)
            case Meaning.FLAGS:
                return _flags(examples, generator)


def _numbers(examples: Examples) -> Array:
    from sklearn.linear_model import RidgeCV  # noqa: PLC0415 - 0.9 s

    runs = min(_RUNS, examples.rows)
    second = np.arange(examples.rows) * runs // examples.rows % 2 == 1
    table = as_table(examples.inputs)
    targets = examples.targets.reshape(examples.rows, -1)
    predictions = np.empty(targets.shape)
    for half in (second, ~second):
        model = RidgeCV(_PENALTIES).fit(table[~half], targets[~half])
        found = model.predict(table[half])
        predictions[half] = found.reshape(-1, targets.shape[1])
    return predictions.reshape(examples.shape)


def _classes(examples: Examples, generator: np.random.Generator) -> Array:
    second = _random_half(examples, generator)
    labels, classes = examples.targets, examples.classes
    count = places(examples)
    if count == 1:
        table = as_table(examples.inputs)
    else:
        table = at_places(examples.inputs, labels.shape)
        second = np.repeat(second, count)
    found = _probabilities(table, labels.reshape(-1), classes, second, generator)
    return found.reshape(examples.shape)


def _flags(examples: Examples, generator: np.random.Generator) -> Array:
    second = _random_half(examples, generator)
    flags = examples.targets.astype(np.int64)
    axes = trimmed(flags.shape)
    if len(axes) > 2:  # noqa: PLR2004 - rows and flags of each
        table = at_places(examples.inputs, axes)
        second = np.repeat(second, places(examples))
        flags = flags.reshape(-1, 1)
    elif places(examples) > _MOST_FLAGS:
        text = f"linear predicts {_MOST_FLAGS} flags of an example at most"
        raise NotApplicable(f"{text}, there are {places(examples)}")
    else:
        table = as_table(examples.inputs)
        flags = flags.reshape(examples.rows, -1)
    found = [
        _probabilities(table, column, 2, second, generator)[:, 1] for column in flags.T
    ]
    return np.stack(found, axis=-1).reshape(examples.shape)


def _random_half(
    examples: Examples, generator: np.random.Generator
) -> NDArray[np.bool_]:
    """Return which examples are in the second half."""
    return generator.permutation(examples.rows) >= examples.rows // 2


def _probabilities(
    table: Table,
    labels: Array,
    classes: int,
    second: NDArray[np.bool_],
    generator: np.random.Generator,
) -> Array:
    """Return ``(rows of the table, classes)``; each half from a model of the other."""
    predictions = np.zeros((len(labels), classes))
    for half in (second, ~second):
        others = np.flatnonzero(~half)
        if len(others) > _MOST_ROWS:
            others = generator.choice(others, _MOST_ROWS, replace=False)
        predictions[half] = _fitted(
            table[others], labels[others], classes, table[np.flatnonzero(half)]
        )
    return predictions


def _fitted(known: Table, labels: Array, classes: int, asked: Table) -> Array:
    """Return the probabilities of each class, ``(rows asked, classes)``."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - 0.9 s

    probabilities = np.zeros((asked.shape[0], classes))
    seen = np.unique(labels)
    if len(seen) == 1:
        probabilities[:, seen] = 1  # scikit-learn refuses to learn no difference
        return probabilities
    model = LogisticRegression(C=_STRENGTH, max_iter=_STEPS).fit(known, labels)
    probabilities[:, seen] = model.predict_proba(asked)
    return probabilities


_FITTING: Final = threading.Lock()
"""Held by the one fit that is running."""


@contextmanager
def _one_thread_and_no_warnings() -> Iterator[None]:
    """Make sums independent of the number of cores, and unfinished fits silent.

    One fit at a time: another waits.
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # noqa: PLC0415 - with scikit-learn

    # Both are of the whole process, not of this thread: of two fits at once, the first
    # to end would take them from the other, and the last leave them on for good.
    with _FITTING, threadpool_limits(limits=1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


PREDICTORS: Final = (Predictor(name="linear", function=linear),)
"""The predictors of this module."""
