"""``predict.contract``: the predictions are of the kind that the task asks for."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pytest_tfgrade.checks.interface import Check, Evaluation, Needs
from pytest_tfgrade.core.contract import OutputKind
from pytest_tfgrade.core.criterion import Measured
from pytest_tfgrade.core.errors import CheckFailed

TOLERANCE: Final = 1e-3
"""How far probabilities may stray: half-precision models round to about 5e-4."""


def contract(run: Evaluation) -> Measured:
    """The predictions have the rows, shape and kind of numbers that the task states.

    Rows, shape and finite values are settled before any check runs, for nothing can
    be measured without them; what is left is whether probabilities are probabilities.
    """
    for name, spec in run.contract.outputs.items():
        match spec.kind:
            case OutputKind.PROBABILITIES:
                _require_probabilities(name, run.predictions[name])
            case OutputKind.ANY:
                pass
    shapes = ", ".join(str(array.shape) for array in run.predictions.values())
    return Measured(rationale=f"predictions of shape {shapes}, all finite")


def _require_probabilities(name: str, array: NDArray[Any]) -> None:
    values = array.astype(np.float64)
    outside = int(np.sum((values < -TOLERANCE) | (values > 1 + TOLERANCE)))
    if outside:
        share = f"{outside} of {values.size} values of {name!r} lie outside 0 to 1"
        hint = "End the model with a softmax or sigmoid activation."
        raise CheckFailed(f"{share}; probabilities are required", hint=hint)
    if values.ndim == 1 or values.shape[-1] == 1:
        return  # the probability of one class; the other has the rest
    sums = values.sum(axis=-1)
    wrong = int(np.sum(np.abs(sums - 1) > TOLERANCE))
    if wrong:
        rationale = f"{wrong} of {sums.size} rows of {name!r} do not sum to 1"
        hint = "End the model with one softmax over the classes."
        raise CheckFailed(rationale, hint=hint)


CONTRACT: Final = Check(
    name="predict.contract", needs=Needs.PREDICTIONS, function=contract
)
