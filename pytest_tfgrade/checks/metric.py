"""``predict.metric``: a metric over hidden targets, against a threshold or bands."""

import math
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from pytest_tfgrade.checks.interface import Check, Evaluation, Needs
from pytest_tfgrade.core.contract import Contract
from pytest_tfgrade.core.criterion import Measured
from pytest_tfgrade.core.errors import CheckFailed
from pytest_tfgrade.core.threshold import Bands, Direction, Threshold
from pytest_tfgrade.metrics import Metric

HINT: Final = "Compare with your own validation score, on data the model never saw."


def metric(  # noqa: PLR0913 - its parameters are what a rubric can write
    run: Evaluation,
    *,
    metric: Metric,
    threshold: Decimal | None = None,
    bands: Mapping[Decimal, Decimal] | None = None,
    options: Mapping[str, Any] | None = None,
    output: str | None = None,
) -> Measured:
    """The metric meets its threshold, or a band, on the evaluation dataset.

    Args:
        run: Targets and predictions.
        metric: The measure; its direction decides what "meets" means.
        threshold: The bound that earns all points.
        bands: Points and the bound that earns them, in place of a threshold.
        options: Keyword arguments of the metric.
        output: Which output is measured; may be left out if there is one.
    """
    name = output or next(iter(run.predictions))
    value = metric.function(run.targets[name], run.predictions[name], **(options or {}))
    if threshold is not None:
        return _against_threshold(metric, value, Threshold(threshold, metric.direction))
    return _against_bands(metric, value, Bands(bands or {}, metric.direction))


def _against_threshold(metric: Metric, value: float, threshold: Threshold) -> Measured:
    rounded = _rounded(metric, value)
    if threshold.admits(value):
        return Measured(
            rationale=f"{metric.name} {_text(value)} {threshold}", value=rounded
        )
    raise CheckFailed(_missed(metric, value, threshold), hint=HINT, value=rounded)


def _against_bands(metric: Metric, value: float, bands: Bands) -> Measured:
    points = bands.points(value)
    rounded = _rounded(metric, value)
    better = bands.next_after(points)
    if better is None:
        met = Threshold(bands.bounds[points], bands.direction)
        return Measured(rationale=f"{metric.name} {_text(value)} {met}", value=rounded)
    _, threshold = better
    missed = _missed(metric, value, threshold)
    raise CheckFailed(missed, hint=HINT, value=rounded, points=points)


def _missed(metric: Metric, value: float, threshold: Threshold) -> str:
    """Write ``accuracy 0.79 < 0.82``, with digits enough to show the difference."""
    if not math.isfinite(value):
        return f"{metric.name} is {value}, required {threshold}"
    sign = "<" if metric.direction is Direction.HIGHER_IS_BETTER else ">"
    text = _text(value)
    if Threshold(threshold.bound, threshold.direction).admits(float(text)):
        text = f"{value:.6g}"
    return f"{metric.name} {text} {sign} {threshold.bound}"


def _text(value: float) -> str:
    return f"{value:.4g}"


def _rounded(metric: Metric, value: float) -> float | None:
    """Return the value as it is compared, so that reports show what counted."""
    return float(metric.direction.rounded(value)) if math.isfinite(value) else None


def _problems(
    parameters: Mapping[str, Any], contract: Contract
) -> Iterator[tuple[str, str]]:
    threshold, bands = parameters["threshold"], parameters["bands"]
    if (threshold is None) == (bands is None):
        yield "check", "predict.metric needs either a threshold or bands; write one"
    if bands is not None:
        yield from _band_problems(bands, parameters["metric"])
    yield from _option_problems(parameters["metric"], parameters["options"] or {})
    yield from _output_problems(parameters["output"], sorted(contract.outputs))


def _output_problems(
    output: str | None, outputs: list[str]
) -> Iterator[tuple[str, str]]:
    named = " or ".join(outputs)
    if output is None and len(outputs) > 1:
        yield "check", f"the task has several outputs; add output: {named}"
    if output is not None and output not in outputs:
        yield "output", f"no output {output!r} in the contract; use {named}"


def _band_problems(
    bands: Mapping[Decimal, Decimal], metric: Metric
) -> Iterator[tuple[str, str]]:
    if not bands:
        yield "bands", "there are no bands; write points: bound"
    if any(points <= 0 for points in bands):
        yield "bands", "bands earn points above 0; remove the others"
    for (less, easy), (more, hard) in pairwise(sorted(bands.items())):
        rises = hard > easy
        if hard == easy or rises != (metric.direction is Direction.HIGHER_IS_BETTER):
            better = "higher" if not rises else "lower"
            yield (
                "bands",
                f"the band for {more} points ({hard}) is not harder than the one for "
                f"{less} ({easy}); more points must ask for a {better} {metric.name}",
            )


def _option_problems(
    metric: Metric, options: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    for name in sorted(options.keys() - set(metric.options)):
        use = f"use {' or '.join(metric.options)}" if metric.options else "it has none"
        yield "options", f"{metric.name} has no option {name!r}; {use}"
    for name in metric.required_options:
        if name not in options:
            yield (
                "metric",
                f"{metric.name} needs the option {name!r}; add it to options",
            )


METRIC: Final = Check(
    name="predict.metric",
    needs=Needs.PREDICTIONS,
    function=metric,
    problems=_problems,
)
