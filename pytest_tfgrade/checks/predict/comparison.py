"""One metric of two predictions: by how much one is better than the other."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pytest_tfgrade.checks.interface import Arrays, Evaluation
from pytest_tfgrade.checks.predict.named import measured
from pytest_tfgrade.core.threshold import Direction
from pytest_tfgrade.metrics import Metric


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A metric of one output, on some of the rows."""

    run: Evaluation
    """With the targets."""

    metric: Metric
    """The measure."""

    options: Mapping[str, Any] | None
    """Its keyword arguments."""

    output: str
    """Whose targets."""

    rows: NDArray[np.int64]
    """Indexes of the rows that are measured."""

    def of(self, predictions: NDArray[Any]) -> float:
        """Return the metric of predictions for ``rows``; NaN if one is not finite.

        Raises:
            Ungradable: ``E_OUTPUT_SHAPE`` if the predictions cannot be compared.
            ValueError: The targets or the options are at fault.
        """
        if not np.isfinite(predictions).all():
            return math.nan
        targets = self.run.targets[self.output][self.rows]
        return measured(self.metric, targets, predictions, self.options)

    def of_model(self) -> float:
        """Return the metric of the model's plain predictions."""
        return self.of(self.run.predictions[self.output][self.rows])

    def of_answer(self, answer: Arrays) -> float:
        """Return the metric of what the model says of ``rows`` in another call."""
        return self.of(answer[self.output])


def _all_rows(run: Evaluation) -> NDArray[np.int64]:
    """Return the indexes of the whole dataset."""
    return np.arange(len(next(iter(run.predictions.values()))), dtype=np.int64)


def open_rows(run: Evaluation) -> NDArray[np.int64]:
    """Return the indexes of the public part, or of all rows where there is no split."""
    return _all_rows(run) if run.public is None else np.flatnonzero(run.public)


def final_rows(run: Evaluation) -> NDArray[np.int64]:
    """Return the indexes of the rows that decide: all but those of the public part."""
    return _all_rows(run) if run.public is None else np.flatnonzero(~run.public)


def examples_text(run: Evaluation, measured: int) -> str:
    """Say which of the rows that candidates may know were measured, if not all rows.

    Args:
        run: Whose dataset may have a public part.
        measured: How many rows.
    """
    sampled = measured < len(open_rows(run))
    if run.public is None:
        return f" ({measured} examples)" if sampled else ""
    of = " of the public part"
    return f" ({measured} examples{of})" if sampled else ", on the public part"


@dataclass(frozen=True, slots=True)
class Gain:
    """How much better a value of a metric is than another; below 0 it is worse.

    Both are rounded first, as values are that meet a bound. So float noise decides
    nothing, and 0.31 is better than 0.11 by exactly 0.2.

    >>> gain = Gain(0.31, 0.11, Direction.HIGHER_IS_BETTER)
    >>> gain.amount, gain.text(Decimal("0.2"))
    (Decimal('0.20'), 'better by 0.2')
    """

    value: float
    """What may be better; finite."""

    other: float
    """What it is held against; finite."""

    direction: Direction
    """Which values are better."""

    @property
    def amount(self) -> Decimal:
        """The difference, in the metric's unit."""
        value = self.direction.rounded(self.value)
        other = self.direction.rounded(self.other)
        match self.direction:
            case Direction.HIGHER_IS_BETTER:
                return value - other
            case Direction.LOWER_IS_BETTER:
                return other - value

    def text(self, required: Decimal) -> str:
        """Write ``better by 0.7`` or ``worse by 0.1``.

        Args:
            required: What the digits that are shown do not contradict.
        """
        if self.amount == 0:
            return "no better"
        word = "better" if self.amount > 0 else "worse"
        return f"{word} by {shown(abs(self.amount), abs(required))}"


def shown(amount: Decimal, required: Decimal) -> str:
    """Write an amount with as few digits as do not contradict a comparison.

    >>> shown(Decimal("0.199996"), Decimal("0.2")), shown(Decimal("0.70"), Decimal(0))
    ('0.199996', '0.7')
    """
    for digits in (4, 5):
        text = f"{float(amount):.{digits}g}"
        if (Decimal(text) >= required) is (amount >= required):
            return text
    return f"{amount.normalize():f}"
