"""Rows made up for a contract, and checks of what a model returns for them."""

import math
from dataclasses import replace
from typing import Final

import numpy as np

from pytest_tfgrade.checks import Check, Evaluation
from pytest_tfgrade.core.contract import Contract, Shape
from pytest_tfgrade.datasets import EvaluationDataset
from pytest_tfgrade.datasets.fields import ArrayDescription
from pytest_tfgrade.engine.made_up import inputs

MOST_VALUES: Final = 1 << 24
"""Numbers of one made-up input; of large ones there are fewer rows."""

_ROWS: Final = 16
_ANY_SIZE: Final = 32
"""Of an axis that may have any: what pools and strides divide well."""


def made_up_dataset(name: str, contract: Contract) -> EvaluationDataset:
    """Return rows of made-up inputs as a contract wants them; targets are all 0.

    There are 16 rows, or fewer of large inputs, but at least 2. An axis of any size is
    32 long in inputs, and 1 in targets.

    Args:
        name: Of the dataset.
        contract: What the model takes and returns.
    """
    parts = {
        key: ArrayDescription(dtype=spec.dtype, shape=sizes_of(spec.shape))  # type: ignore[arg-type]
        for key, spec in contract.inputs.items()
    }
    largest = max(math.prod(part.shape) for part in parts.values())
    rows = max(2, min(_ROWS, MOST_VALUES // max(largest, 1)))
    targets = {
        key: np.zeros((rows, *(size or 1 for size in spec.shape[1:])), np.float32)
        for key, spec in contract.outputs.items()
    }
    return EvaluationDataset.of(name, inputs(contract.inputs, parts, rows), targets)


def sizes_of(shape: Shape) -> tuple[int, ...]:
    """Return the sizes of the axes behind the batch axis, each fixed."""
    return tuple(size or _ANY_SIZE for size in shape[1:])


def made_up_check(check: Check, **changed: object) -> Check:
    """Return a check of predictions for made-up inputs, some parameters set.

    Its targets are 0 in the shape of the predictions: of made-up inputs nobody knows
    them.
    """

    def ask(run: Evaluation, **parameters: object) -> object:
        targets = {key: np.zeros_like(array) for key, array in run.predictions.items()}
        return check.function(
            replace(run, targets=targets), **{**parameters, **changed}
        )

    return replace(check, function=ask)  # type: ignore[arg-type]
