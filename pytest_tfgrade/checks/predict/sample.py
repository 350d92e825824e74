"""Fewer rows: what a check costs that calls a model in more ways."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pytest_tfgrade.checks.interface import Arrays, Evaluation
from pytest_tfgrade.core.call import Transform


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A change of some of the rows, spread evenly over the dataset."""

    rows: int
    """How many; all, if there are no more."""

    among: tuple[int, ...] | None = None
    """Indexes of the rows that may be chosen, in order; None: every row."""

    then: Transform | None = None
    """What is done to them."""

    def chosen(self, count: int) -> NDArray[np.int64]:
        """Return the indexes of the rows that are chosen of ``count``, in order.

        >>> Sample(rows=2, among=(1, 3, 5, 7)).chosen(8)
        array([1, 5])
        """
        if self.among is None:
            return chosen_rows(count, self.rows)
        among = np.array(self.among, np.int64)
        return among[chosen_rows(len(among), self.rows)]

    def apply(self, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the chosen rows of each input, changed."""
        count = len(next(iter(inputs.values()))) if inputs else 0
        chosen = self.chosen(count)
        sampled = {name: array[chosen] for name, array in inputs.items()}
        return self.then.apply(sampled) if self.then else sampled


def chosen_rows(count: int, rows: int) -> NDArray[np.int64]:
    """Return the indexes of some of ``count`` rows, spread evenly, in order.

    >>> chosen_rows(10, 4), chosen_rows(2, 4)
    (array([0, 2, 5, 7]), array([0, 1]))
    """
    kept = min(count, rows)
    return np.arange(kept, dtype=np.int64) * count // max(kept, 1)


def open_sample(run: Evaluation, rows: int, then: Transform | None = None) -> Sample:
    """Return a sample of the rows whose results candidates may know.

    Where the dataset has a public part, these are the rows of that. A call for it can
    not be named ahead, since only the dataset knows its parts.
    """
    among = None if run.public is None else tuple(np.flatnonzero(run.public).tolist())
    return Sample(rows=rows, among=among, then=then)


def sampled_predictions(run: Evaluation, rows: int) -> Arrays:
    """Return the plain predictions of the rows that a ``Sample`` chooses."""
    return {
        name: array[chosen_rows(len(array), rows)]
        for name, array in run.predictions.items()
    }
