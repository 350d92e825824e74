"""``predict.metric``: a metric over hidden targets."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pytest_tfgrade.checks.interface import Check, Evaluation, Needs
from pytest_tfgrade.checks.predict.named import chosen_output, measured, named_problems
from pytest_tfgrade.core.measurement import Measurement
from pytest_tfgrade.metrics import Metric
from pytest_tfgrade.metrics.uncertainty import estimate

HINT: Final = "Compare with your own validation score, on data the model never saw."


def metric(
    run: Evaluation,
    *,
    metric: Metric,
    options: Mapping[str, Any] | None = None,
    output: str | None = None,
) -> Measurement:
    """The metric is good enough on the evaluation dataset.

    Args:
        run: Targets and predictions.
        metric: The measure; its direction decides what is better.
        options: Keyword arguments of the metric.
        output: Which output is measured; may be left out if there is one.
    """
    name = chosen_output(run, output)
    return measurement(
        metric, options, run.targets[name], run.predictions[name], run.public
    )


def measurement(
    metric: Metric,
    options: Mapping[str, Any] | None,
    targets: NDArray[Any],
    predictions: NDArray[Any],
    public: NDArray[Any] | None,
) -> Measurement:
    """Return the value of a metric, with its uncertainty.

    Args:
        metric: The measure.
        options: Its keyword arguments.
        targets: ``(rows, ...)``.
        predictions: ``(rows, ...)``.
        public: Which rows are of the public part, ``(rows,)`` of bool; the others are
            the final part, which counts. None: all rows count.

    Raises:
        Ungradable: ``E_OUTPUT_SHAPE`` if the two cannot be compared.
    """
    if public is None:
        return _of_rows(metric, options, targets, predictions, None)
    shown = _of_rows(metric, options, targets[public], predictions[public], None)
    rest = np.logical_not(public)
    return _of_rows(metric, options, targets[rest], predictions[rest], shown)


def _of_rows(
    metric: Metric,
    options: Mapping[str, Any] | None,
    targets: NDArray[Any],
    predictions: NDArray[Any],
    public: Measurement | None,
) -> Measurement:
    value = measured(metric, targets, predictions, options)
    return Measurement(
        name=metric.name,
        value=value,
        direction=metric.direction,
        uncertainty=estimate(metric, targets, predictions, options or {}),
        public=public,
        hint=HINT,
    )


METRIC: Final = Check(
    name="predict.metric",
    needs=Needs.PREDICTIONS,
    function=metric,
    problems=named_problems,
    measures=True,
)
