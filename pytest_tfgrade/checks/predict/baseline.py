"""``predict.baseline``: better than a predictor that learned next to nothing."""

import math
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, WithJsonSchema

from pytest_tfgrade.checks.interface import Check, Evaluation, Needs
from pytest_tfgrade.checks.predict.comparison import Gain, Measure
from pytest_tfgrade.checks.predict.named import chosen_output, named_problems
from pytest_tfgrade.checks.predict.trivial import trivial_predictions
from pytest_tfgrade.checks.predict.wording import unknown
from pytest_tfgrade.core.contract import Contract
from pytest_tfgrade.core.criterion import Measured
from pytest_tfgrade.core.errors import CheckFailed
from pytest_tfgrade.metrics import Metric
from pytest_tfgrade.predictors import PREDICTORS, Predictor

HINT: Final = (
    "Compare with this predictor on your own validation data: a model that is no "
    "better has learned nothing from the inputs."
)


def _find_predictor(name: object) -> object:
    if isinstance(name, str) and name in PREDICTORS:
        return PREDICTORS[name]
    raise ValueError(unknown("predictor", name, PREDICTORS))


NamedPredictor = Annotated[
    Predictor,
    BeforeValidator(_find_predictor),
    WithJsonSchema({"type": "string", "enum": sorted(PREDICTORS)}),
]
"""A trivial predictor by its name."""


def baseline(  # noqa: PLR0913 - its parameters are what a rubric can write
    run: Evaluation,
    *,
    metric: Metric,
    predictor: NamedPredictor,
    margin: Decimal = Decimal(0),
    options: Mapping[str, Any] | None = None,
    predictor_options: Mapping[str, Any] | None = None,
    output: str | None = None,
) -> Measured:
    """The model is better than a trivial predictor.

    The predictor sees the hidden inputs and targets themselves, so that no constant is
    better than its own.

    Args:
        run: Inputs, targets and predictions.
        metric: The measure; its direction decides what is better.
        predictor: The name of a trivial predictor: ``majority``, ``mean``,
            ``last_value`` and so on.
        margin: By how much the model must be better, in the metric's unit. 0: by
            anything at all.
        options: Keyword arguments of the metric.
        predictor_options: Keyword arguments of the predictor, as ``{period: 7}``.
        output: Which output is measured; may be left out if there is one.
    """
    name = chosen_output(run, output)
    measure = Measure(run=run, metric=metric, options=options, output=name)
    value = measure.of_model()
    if not math.isfinite(value):
        raise CheckFailed(f"{metric.name} is {value}", hint=HINT)
    trivial = _trivial(measure, predictor, predictor_options or {})
    gain = Gain(value, trivial, metric.direction)
    text = (
        f"{metric.name} {value:.4g}, {predictor.name} predictor {trivial:.4g}: "
        f"{gain.text(margin)}"
    )
    if margin:
        text += f", required {'' if gain.amount > 0 else 'better by '}{margin}"
    if gain.amount <= 0 or gain.amount < margin:
        raise CheckFailed(text, hint=HINT, value=float(gain.amount))
    return Measured(rationale=text, value=float(gain.amount))


def _trivial(
    measure: Measure, predictor: Predictor, options: Mapping[str, Any]
) -> float:
    """Return what the metric says of the predictor, on the rows that count.

    Raises:
        ValueError: The predictor makes no sense here, or the metric has no value.
    """
    run, rows = measure.run, measure.rows
    predictions = trivial_predictions(
        predictor,
        {name: array[rows] for name, array in run.inputs.items()},
        run.targets[measure.output][rows],
        run.contract.outputs[measure.output],
        options,
    )
    value = measure.of(predictions)
    if not math.isfinite(value):
        text = f"{measure.metric.name} of the {predictor.name} predictor is {value}"
        raise ValueError(f"{text}; compare by another metric or predictor")
    return value


def _problems(
    parameters: Mapping[str, Any], contract: Contract
) -> Iterator[tuple[str, str]]:
    yield from named_problems(parameters, contract)
    if parameters["margin"] < 0:
        yield "margin", f"must be at least 0, got {parameters['margin']}"
    predictor: Predictor = parameters["predictor"]
    for text in predictor.option_problems(parameters["predictor_options"] or {}):
        yield "predictor_options", text


BASELINE: Final = Check(
    name="predict.baseline",
    needs=Needs.PREDICTIONS,
    function=baseline,
    problems=_problems,
)
