"""``model.finite``: whether a model's weights are numbers at all."""

from typing import Final

from pytest_tfgrade.checks.interface import Check, Model, Needs, reads_weights
from pytest_tfgrade.core.criterion import Measured
from pytest_tfgrade.core.errors import CheckFailed
from pytest_tfgrade.core.facts import StoredWeights
from pytest_tfgrade.core.text import printable

_MOST_NAMED: Final = 3


def finite(model: Model) -> Measured:
    """No weight of the model is NaN or infinite.

    Arrays that operations compute with are not looked at: a file in which one holds
    such a value is refused, as no valid JSON.

    Args:
        model: The stored values of the model; those of its optimizer do not count.
    """
    count = sum(variable.nonfinite for variable in model.weights.model)
    if count:
        where = nonfinite_layers(model.weights)
        what = "1 weight is" if count == 1 else f"{count} weights are"
        raise CheckFailed(
            f"{what} NaN or infinite, in {where}",
            hint="Train with a smaller learning rate or with clipping (clipnorm).",
            value=count,
        )
    return Measured(rationale="all weights are finite", value=0)


def nonfinite_layers(weights: StoredWeights) -> str:
    """Name the layers whose weights are not all numbers; empty if there are none."""
    broken = dict.fromkeys(
        variable.path if variable.layer is None else variable.layer
        for variable in weights.model
        if variable.nonfinite
    )
    names = [repr(printable(name, limit=80)) for name in broken]
    rest = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")


FINITE: Final = Check(
    name="model.finite", needs=Needs.FACTS, function=finite, reads=reads_weights
)
