"""``predict.transform``: a metric on inputs that were changed."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pytest_tfgrade.checks.interface import Check, Evaluation, Needs
from pytest_tfgrade.checks.predict.changes import NamedChanges, change_problems
from pytest_tfgrade.checks.predict.metric import measurement
from pytest_tfgrade.checks.predict.named import chosen_output, named_problems
from pytest_tfgrade.core.call import Call
from pytest_tfgrade.core.contract import Contract
from pytest_tfgrade.core.measurement import Measurement
from pytest_tfgrade.metrics import Metric

HINT: Final = "Train on inputs that are changed in this way, too: data augmentation."


def transform(
    run: Evaluation,
    *,
    change: NamedChanges,
    metric: Metric,
    options: Mapping[str, Any] | None = None,
    output: str | None = None,
) -> Measurement:
    """The metric is good enough on inputs that were changed.

    Each example is changed by an amount of its own, decided by a seed: every submission
    gets the same.

    Args:
        run: Targets, and the model to be called on changed inputs.
        change: What is done to the inputs, as ``{rotate: 15}`` or
            ``{scale: {low: 0.8, high: 1.2}}``. Several changes are made one after
            another.
        metric: The measure; its direction decides what is better.
        options: Keyword arguments of the metric.
        output: Which output is measured; may be left out if there is one.
    """
    name = chosen_output(run, output)
    (answer,) = run.answers([Call(transform=change)])
    found = _measured(run, metric, options, name, answer[name])
    return replace(found, context=change.describe(), hint=HINT)


def _measured(
    run: Evaluation,
    metric: Metric,
    options: Mapping[str, Any] | None,
    output: str,
    predictions: NDArray[Any],
) -> Measurement:
    """Return the value of the metric; NaN, which earns nothing, if a prediction is."""
    if not np.isfinite(predictions).all():
        return Measurement(name=metric.name, value=math.nan, direction=metric.direction)
    return measurement(metric, options, run.targets[output], predictions, run.public)


def _problems(
    parameters: Mapping[str, Any], contract: Contract
) -> Iterator[tuple[str, str]]:
    yield from named_problems(parameters, contract)
    yield from change_problems(parameters["change"], contract)


def _calls(parameters: Mapping[str, Any], contract: Contract) -> list[Call]:
    return [Call(transform=parameters["change"])]


TRANSFORM: Final = Check(
    name="predict.transform",
    needs=Needs.PREDICTIONS,
    function=transform,
    problems=_problems,
    measures=True,
    calls=_calls,
)
