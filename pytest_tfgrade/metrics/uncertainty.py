"""How far a metric may lie from its value over all possible examples.

The bootstrap of Efron, "Bootstrap methods: another look at the jackknife", 1979: the
metric over rows drawn at random with replacement, as many as there are, many times
over. The draws depend on the number of rows alone, so that equal arrays give equal
numbers with one version of NumPy.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pytest_tfgrade.core.uncertainty import Uncertainty
from pytest_tfgrade.metrics.arrays import Numbers
from pytest_tfgrade.metrics.interface import Metric

RESAMPLES: Final = 200
"""Resamples; the standard error is known to about a twentieth of itself."""

FEWEST_RESAMPLES: Final = 50
"""Of large arrays; the standard error is known to about a tenth of itself."""

MOST_VALUES: Final = 100_000_000
"""Values of all resamples for which a metric is called: about two seconds of NumPy."""

KNOWN: Final = 0.9
"""Share of resamples that must have a value; fewer would leave out the extremes."""

FEWEST_ROWS: Final = 2
"""With one row, every resample is the same."""

LEVELS: Final = (0.025, 0.975)
"""Shares of resamples below the ends of the 95 % interval."""

SEED: Final = 20_240_229
"""Starts the draws; any number would do."""

KEPT_ROWS: Final = 5_000
"""The most rows whose draws are kept, 8 MB."""

BLOCK: Final = 1_000_000
"""Draws held at once where they are not kept."""

CHUNK: Final = 4_096
"""Rows multiplied at once, so that small dtypes are not widened as a whole."""

DIGITS: Final = 6
"""Significant digits of the result; the order of a sum can change later ones."""


def estimate(
    metric: Metric,
    y_true: ArrayLike,
    y_pred: ArrayLike,
    options: Mapping[str, Any] | None = None,
) -> Uncertainty | None:
    """Return how uncertain the value of a metric is over these examples.

    A value that is the same in every resample, as an accuracy of 1, has a standard
    error of 0: the bootstrap knows nothing of examples unlike all of these.

    A metric that does not say what each example adds, as one of a course, is called 200
    times: one that takes 20 ms costs each criterion and submission 4 s more. Above
    500 000 values of targets and predictions it is called less often, and above
    2 000 000 not at all. Set ``examples``, or ``resampled=False``, where that is slow.

    Args:
        metric: The measure; it has a value for these arrays.
        y_true: Targets ``(n, ...)``.
        y_pred: Predictions ``(n, ...)``.
        options: Keyword arguments of the metric.

    Returns:
        None for fewer than two rows, for a metric that resampling says nothing of, for
        too many values, and where more than a tenth of the resamples have no finite
        value, or the metric raises whatever it is.
    """
    true, pred, chosen = np.asarray(y_true), np.asarray(y_pred), dict(options or {})
    if not metric.resampled or true.ndim == 0 or len(true) < FEWEST_ROWS:
        return None
    try:
        with np.errstate(all="ignore"):
            blocks = list(_values(metric, true, pred, chosen))
        values = np.concatenate([np.empty(0), *blocks])
    except Exception:  # the value itself is fine
        return None  # as where a class has a single example, whose spread nothing tells
    known = values[np.isfinite(values)]
    if not len(values) or len(known) < KNOWN * len(values):
        return None
    low, high = np.quantile(known, LEVELS)
    return Uncertainty(
        n=len(true),
        standard_error=_rounded(known.std(ddof=1)),
        interval=(_rounded(low), _rounded(high)),
    )


def _values(
    metric: Metric, true: NDArray[Any], pred: NDArray[Any], options: dict[str, Any]
) -> Iterator[Numbers]:
    """Yield the metric's values of blocks of resamples; none if they are not known."""
    if metric.examples is None:
        for counts in _draws(len(true), _resamples(true.size + pred.size)):
            yield np.array([_value(metric, true, pred, options, c) for c in counts])
        return
    examples = metric.examples(true, pred, **options)
    for counts in _draws(len(true)):
        means = _means(counts, examples)
        yield metric.finish(means, **options) if metric.finish else means


def _value(
    metric: Metric,
    true: NDArray[Any],
    pred: NDArray[Any],
    options: dict[str, Any],
    counts: Numbers,
) -> float:
    rows = np.repeat(np.arange(len(true)), counts.astype(np.int64))
    try:
        return float(metric.function(true[rows], pred[rows], **options))
    except Exception:
        return np.nan  # as where all rows are of one class


def _resamples(values: int) -> int:
    """Return for how many resamples of so many values a metric is called.

    The number of values decides, and no clock, so that results do not depend on how
    busy a machine is.

    >>> [_resamples(values) for values in (500_000, 1_000_000, 2_000_000, 2_100_000)]
    [200, 100, 50, 0]
    """
    affordable = MOST_VALUES // max(values, 1)
    return 0 if affordable < FEWEST_RESAMPLES else min(affordable, RESAMPLES)


def _means(counts: Numbers, examples: NDArray[Any]) -> Numbers:
    """Return the mean over the rows of each resample, ``(r,)`` or ``(r, k)``."""
    n = len(examples)
    sums = np.zeros((len(counts), *examples.shape[1:]))
    for start in range(0, n, CHUNK):
        rows = slice(start, start + CHUNK)
        sums += counts[:, rows] @ examples[rows].astype(np.float64, copy=False)
    return sums / n


def _draws(n: int, resamples: int = RESAMPLES) -> Iterator[Numbers]:
    """Yield how often each of n rows is in each resample, blocks of ``(r, n)``."""
    if n <= KEPT_ROWS:
        yield _kept_draws(n)[:resamples]
        return
    rng = np.random.Generator(np.random.PCG64(SEED))
    size = max(1, BLOCK // n)
    for start in range(0, resamples, size):
        yield _drawn(rng, n, min(size, resamples - start))


@lru_cache(maxsize=4)
def _kept_draws(n: int) -> Numbers:
    draws = _drawn(np.random.Generator(np.random.PCG64(SEED)), n, RESAMPLES)
    draws.flags.writeable = False
    return draws


def _drawn(rng: np.random.Generator, n: int, resamples: int) -> Numbers:
    counts = [np.bincount(rng.integers(0, n, n), minlength=n) for _ in range(resamples)]
    return np.array(counts, dtype=np.float64)


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
