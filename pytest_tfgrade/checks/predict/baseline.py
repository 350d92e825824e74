"""``predict.baseline``: better than a predictor that learned next to nothing."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import islice
from typing import Annotated, Any, Final, NamedTuple

from pydantic import BeforeValidator, WithJsonSchema

from pytest_tfgrade.checks.interface import Check, Evaluation, Needs
from pytest_tfgrade.checks.predict.comparison import (
    Gain,
    Measure,
    final_rows,
    open_rows,
)
from pytest_tfgrade.checks.predict.named import (
    chosen_output,
    named_problems,
    options_of,
)
from pytest_tfgrade.checks.predict.trivial import trivial_predictions
from pytest_tfgrade.checks.predict.wording import unknown
from pytest_tfgrade.core.contract import Contract
from pytest_tfgrade.core.criterion import FINAL_PART, Measured
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


class _Compared(NamedTuple):
    """What came out on some of the rows."""

    text: str
    gain: float | None  # None: the metric of the model is no number
    met: bool


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
    better than its own. Where the dataset has a public part, candidates are told of
    that, and the final part decides.

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
    name, given = chosen_output(run, output), predictor_options or {}
    measure = Measure(
        run=run, metric=metric, options=options, output=name, rows=open_rows(run)
    )
    said = decisive = _compared(measure, predictor, given, margin)
    text, value, detail = said.text, said.gain, None
    if run.public is not None:
        final = replace(measure, rows=final_rows(run))
        decisive = _compared(final, predictor, given, margin)
        text, value = f"{said.text}, on the public part; other rows decide", None
        detail = f"{FINAL_PART}{decisive.text}"
    if not decisive.met:
        raise CheckFailed(text, hint=HINT, value=value, detail=detail)
    return Measured(rationale=text, value=value, detail=detail)


def _compared(
    measure: Measure,
    predictor: Predictor,
    options: Mapping[str, Any],
    margin: Decimal,
) -> _Compared:
    """Compare the model with a predictor, on some of the rows.

    Raises:
        ValueError: As ``_trivial``.
    """
    metric, value = measure.metric, measure.of_model()
    if not math.isfinite(value):
        return _Compared(f"{metric.name} is {value}", None, met=False)
    trivial = _trivial(measure, predictor, options)
    gain = Gain(value, trivial, metric.direction)
    text = (
        f"{metric.name} {value:.4g}, {predictor.name} predictor {trivial:.4g}: "
        f"{gain.text(margin)}"
    )
    if margin:
        text += f", required {'' if gain.amount > 0 else 'better by '}{margin}"
    met = gain.amount > 0 and gain.amount >= margin
    return _Compared(text, float(gain.amount), met=met)


def _trivial(
    measure: Measure, predictor: Predictor, options: Mapping[str, Any]
) -> float:
    """Return what the metric says of the predictor, on the same rows.

    Raises:
        ValueError: The predictor makes no sense here, or the metric has no value.
    """
    run = measure.run
    predictions = trivial_predictions(
        predictor,
        run.inputs,
        run.targets[measure.output],
        run.contract.outputs[measure.output],
        options,
        rows=measure.rows,
    )
    value = measure.of(predictions)
    if not math.isfinite(value):
        text = f"{measure.metric.name} of the {predictor.name} predictor is {value}"
        raise ValueError(f"{text}; compare by another metric or predictor")
    return value


def _problems(
    parameters: Mapping[str, Any], contract: Contract
) -> Iterator[tuple[str, str]]:
    predictor: Predictor = parameters["predictor"]
    options, known = options_of(parameters), parameters["metric"].options
    strayed = [n for n in options if n in predictor.options and n not in known]
    own = {name: value for name, value in options.items() if name not in strayed}
    yield from named_problems({**parameters, "options": own}, contract)
    for name in strayed:
        text = f"{name!r} is an option of the predictor {predictor.name}"
        yield "options", f"{text}; write it in predictor_options"
    if parameters["margin"] < 0:
        yield "margin", f"must be at least 0, got {parameters['margin']}"
    given = {name: options[name] for name in strayed}
    yield from _predictor_problems(
        predictor, given | dict(parameters["predictor_options"] or {})
    )


def _predictor_problems(
    predictor: Predictor, options: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Find options that a predictor lacks, does not have, or that are wrong."""
    missing = [name for name in predictor.required_options if name not in options]
    for name in missing:
        text = f"{predictor.name} needs the option {name!r}"
        yield "predictor", f"{text}; add it to predictor_options"
    found = predictor.option_problems(options)
    for text in islice(found, len(missing), None):  # the first ones: what is missing
        yield "predictor_options", text


BASELINE: Final = Check(
    name="predict.baseline",
    needs=Needs.PREDICTIONS,
    function=baseline,
    problems=_problems,
)
