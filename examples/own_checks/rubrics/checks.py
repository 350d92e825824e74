"""What this course asks beyond the built-in checks and metrics.

``stars.yaml``, beside this file, names ``checks:has_skip`` and ``checks:within_one``.
"""

from collections import Counter

import numpy as np
from numpy.typing import ArrayLike

from pytest_tfgrade.api import (
    CheckFailed,
    Direction,
    Measured,
    Model,
    metric,
    paired,
)


def has_skip(model: Model, *, at_least: int = 1) -> Measured:
    """The model has skip connections: layers whose output goes to several others.

    Args:
        model: The facts.
        at_least: How many such layers there must be.
    """
    layers = list(model.facts.walk())
    uses = Counter(source for layer in layers for source in set(layer.inbound))
    found = sum(1 for layer in layers if uses[layer.name] > 1)
    if found < at_least:
        rationale = f"{found} outputs skip a layer, required >= {at_least}"
        raise CheckFailed(rationale, hint="Add a layer's input to its output.")
    return Measured(rationale=f"{found} outputs skip a layer")


@metric(direction=Direction.HIGHER_IS_BETTER)
def within_one(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Share of ratings predicted to within one star.

    >>> within_one([1, 2, 3, 4], [1, 3, 5, 4])
    0.75
    """
    true, pred = paired(y_true, y_pred)
    return float(np.mean(np.abs(true - pred) <= 1))
