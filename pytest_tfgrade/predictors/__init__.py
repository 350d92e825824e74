"""Trivial predictors by name: what a model gets that learned nothing, or next to it.

To add one: write the function into the module of its kind, and add a row to that
module's ``PREDICTORS``.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from pytest_tfgrade.core.contract import OutputSpec
from pytest_tfgrade.predictors import constants, forecasting, linear
from pytest_tfgrade.predictors.examples import Examples, Meaning, read_examples
from pytest_tfgrade.predictors.interface import Array, NotApplicable, Predictor

__all__ = [
    "PREDICTORS",
    "Examples",
    "Meaning",
    "NotApplicable",
    "Predictor",
    "predict",
    "read_examples",
]

PREDICTORS: Final[Mapping[str, Predictor]] = MappingProxyType(
    {
        predictor.name: predictor
        for predictor in (
            *constants.PREDICTORS,
            *forecasting.PREDICTORS,
            *linear.PREDICTORS,
        )
    }
)
"""Every built-in predictor by its name."""


def predict(
    predictor: str | Predictor,
    inputs: Mapping[str, Array],
    targets: Array,
    spec: OutputSpec,
    **options: Any,  # noqa: ANN401 - whatever the predictor takes
) -> Array:
    """Return what a trivial predictor predicts for an output.

    Args:
        predictor: Itself, or its name.
        inputs: ``(rows, ...)``, by the names of the contract.
        targets: ``(rows, ...)`` of that output.
        spec: The output, as the contract says.
        options: The predictor's own.

    Returns:
        float64 of the contract's shape: ``(rows, ...)``. Where the targets are labels,
        probabilities, also if the contract's kind is ``any``: a metric that reads
        logits must be told that these are none.

    Raises:
        NotApplicable: The predictor makes no sense here.
        ValueError: There is no such predictor, its options are wrong, or the arrays do
            not fit the output.
    """
    if isinstance(predictor, str):
        if predictor not in PREDICTORS:
            names = ", ".join(PREDICTORS)
            raise ValueError(f"unknown predictor {predictor!r}; use one of {names}")
        predictor = PREDICTORS[predictor]
    for problem in predictor.option_problems(options):
        raise ValueError(problem)
    return predictor.function(read_examples(inputs, targets, spec), **options)
