"""``predict.metric``: a metric over hidden targets, against a threshold or bands."""

import inspect
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

_SOME: Final = (0.0, 1.0)
"""Targets that every built-in metric takes, also as predictions."""

_NUMBERS: Final = (int, float, "int", "float")
"""Annotations of options that take numbers."""

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
        return Measured(rationale=_compared(metric, value, threshold), value=rounded)
    raise CheckFailed(_compared(metric, value, threshold), hint=HINT, value=rounded)


def _against_bands(metric: Metric, value: float, bands: Bands) -> Measured:
    points = bands.points(value)
    rounded = _rounded(metric, value)
    better = bands.next_after(points)
    if better is None:
        met = Threshold(bands.bounds[points], bands.direction)
        return Measured(rationale=_compared(metric, value, met), value=rounded)
    _, threshold = better
    missed = _compared(metric, value, threshold)
    raise CheckFailed(missed, hint=HINT, value=rounded, points=points)


def _compared(metric: Metric, value: float, threshold: Threshold) -> str:
    """Write ``accuracy 0.79 < 0.82``, with digits enough to see that it is so."""
    if not math.isfinite(value):
        return f"{metric.name} is {value}, required {threshold}"
    admitted = threshold.admits(value)
    higher = metric.direction is Direction.HIGHER_IS_BETTER
    missed = "<" if higher else ">"
    sign = threshold.direction if admitted else missed
    return f"{metric.name} {_text(value, threshold, admitted)} {sign} {threshold.bound}"


def _text(value: float, threshold: Threshold, admitted: bool) -> str:
    """Write a value with as few digits as do not contradict the outcome."""
    for digits in (4, 5):
        text = f"{value:.{digits}g}"
        if "e+" not in text and _admits(threshold, Decimal(text)) is admitted:
            return text
    return f"{float(threshold.direction.rounded(value)):.6g}"


def _admits(threshold: Threshold, shown: Decimal) -> bool:
    """Compare digits as a reader does, without any rounding."""
    if threshold.direction is Direction.HIGHER_IS_BETTER:
        return shown >= threshold.bound
    return shown <= threshold.bound


def _rounded(metric: Metric, value: float) -> float | None:
    """Return the value as it is compared, so that reports show what counted."""
    return float(metric.direction.rounded(value)) if math.isfinite(value) else None


def _problems(
    parameters: Mapping[str, Any], contract: Contract
) -> Iterator[tuple[str, str]]:
    threshold, bands = parameters["threshold"], parameters["bands"]
    if threshold is None and bands is None:
        yield "check", "predict.metric needs a threshold or bands; add one of them"
    if threshold is not None and bands is not None:
        yield "threshold", "there is a threshold and there are bands; remove one"
    if bands is not None:
        yield from _band_problems(bands, parameters["metric"])
    hardest = bands[max(bands)] if bands else threshold
    if hardest is not None:
        place = "bands" if bands else "threshold"
        yield from _reach_problems(hardest, parameters, place)
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
        yield "bands", "there are no bands; write them as {5: 0.9, 3: 0.7}"
    if any(points <= 0 for points in bands):
        yield "bands", "bands earn points above 0; remove the others"
    better = "higher" if metric.direction is Direction.HIGHER_IS_BETTER else "lower"
    for (less, easy), (more, hard) in pairwise(sorted(bands.items())):
        if _admits(Threshold(hard, metric.direction), easy):
            yield (
                "bands",
                f"the band for {more} points ({hard}) is not harder than the one for "
                f"{less} ({easy}); more points must ask for a {better} {metric.name}",
            )
            return


def _reach_problems(
    bound: Decimal, parameters: Mapping[str, Any], place: str
) -> Iterator[tuple[str, str]]:
    """Find a bound that the metric's value of perfect predictions does not meet."""
    metric: Metric = parameters["metric"]
    try:
        best = metric.function(_SOME, _SOME, **(parameters["options"] or {}))
    except Exception:
        return  # it takes other arrays, or its options are wrong
    if math.isfinite(best) and not Threshold(bound, metric.direction).admits(best):
        text = f"no model can reach {metric.name} {metric.direction} {bound}"
        yield place, f"{text}; {best:g} is the best there is"


def _option_problems(
    metric: Metric, options: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    for name in sorted(options.keys() - set(metric.options)):
        use = f"use {' or '.join(metric.options)}" if metric.options else "it has none"
        yield "options", f"{metric.name} has no option {name!r}; {use}"
    parameters = inspect.signature(metric.function).parameters
    for name, value in options.items():
        wants = parameters[name].annotation if name in parameters else None
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if wants in _NUMBERS and not number:
            yield "options", f"{name} must be a number, got {value!r}"
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
