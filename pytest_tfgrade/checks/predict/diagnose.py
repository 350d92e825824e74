"""``predict.diagnose``: what a misunderstanding may have cost; never scores."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final, NamedTuple

from pytest_tfgrade.checks.interface import Check, Evaluation, Needs
from pytest_tfgrade.checks.predict.comparison import (
    Gain,
    Measure,
    examples_text,
    open_rows,
)
from pytest_tfgrade.checks.predict.named import chosen_output, named_problems
from pytest_tfgrade.checks.predict.readings import input_readings, output_readings
from pytest_tfgrade.checks.predict.sample import Sample, open_sample
from pytest_tfgrade.core.call import Call
from pytest_tfgrade.core.criterion import Measured
from pytest_tfgrade.core.errors import CheckFailed, Ungradable
from pytest_tfgrade.core.threshold import Direction, Threshold
from pytest_tfgrade.metrics import Metric

ROWS: Final = 256
"""Rows of each call, at most."""


class _Found(NamedTuple):
    """What the metric says of one reading."""

    name: str
    hint: str
    value: float
    fitted: bool = False


def diagnose(
    run: Evaluation,
    *,
    metric: Metric,
    threshold: Decimal,
    options: Mapping[str, Any] | None = None,
    output: str | None = None,
) -> Measured:
    """What else the inputs or predictions may have been meant to be.

    If the metric is worse than the threshold, the model is tried on images divided and
    multiplied by 255, with their channels reversed and their axes exchanged; and its
    predictions are read as logits, with labels one lower or higher, and in the order
    that fits best. What is much better is reported: what meets the threshold, or comes
    at least half the way. Always passes, so give it no points. Measured on at most 256
    examples; where the dataset has a public part, on rows of that alone.

    Args:
        run: Targets, predictions, and the model to be called on changed inputs.
        metric: The measure; its direction decides what is better.
        threshold: The least that is no cause for concern.
        options: Keyword arguments of the metric.
        output: Which output is measured; may be left out if there is one.
    """
    bound = Threshold(threshold, metric.direction)
    name, every = chosen_output(run, output), open_rows(run)
    measure = Measure(run=run, metric=metric, options=options, output=name, rows=every)
    whole = _value(measure)
    if bound.admits(whole):
        text = f"{metric.name} {whole:.4g} as given{examples_text(run, len(every))}"
        return Measured(rationale=text)
    sample = open_sample(run, ROWS)
    measure = replace(measure, rows=sample.chosen(len(run.targets[name])))
    given = _value(measure)
    found = [
        reading
        for reading in (*_of_inputs(measure, sample), *_of_outputs(measure))
        if not bound.admits(given) and _is_much_better(reading.value, given, bound)
    ]
    plain = [reading for reading in found if not reading.fitted]
    better = _best_first(measure, plain or found)
    return Measured(
        rationale=_text(measure, given, better),
        hint=better[0].hint if better else None,
    )


def _value(measure: Measure) -> float:
    """Return the metric of the plain predictions; NaN where it has no value."""
    try:
        return measure.of_model()
    except (CheckFailed, ValueError):
        return math.nan  # as the log loss of logits


def _of_inputs(measure: Measure, sample: Sample) -> Iterator[_Found]:
    run = measure.run
    readings = list(input_readings(run.contract, run.inputs))
    calls = [Call(transform=replace(sample, then=r.change)) for r in readings]
    try:
        answers = run.answers(calls) if calls else []
    except (CheckFailed, Ungradable):
        return  # what works as given is not at fault for what it makes of the rest
    for reading, answer in zip(readings, answers, strict=True):
        try:
            value = measure.of_answer(answer)
        except (CheckFailed, Ungradable, ValueError):
            continue  # the metric has no value
        yield _Found(reading.name, reading.hint, value)


def _of_outputs(measure: Measure) -> Iterator[_Found]:
    run, name, rows = measure.run, measure.output, measure.rows
    targets, predictions = run.targets[name][rows], run.predictions[name][rows]
    for reading in output_readings(run.contract.outputs[name], targets, predictions):
        try:
            value = measure.of(reading.predictions)
        except (CheckFailed, ValueError):
            continue  # the metric has no value
        yield _Found(reading.name, reading.hint, value, reading.fitted)


def _is_much_better(value: float, given: float, bound: Threshold) -> bool:
    """Return whether a reading meets the bound, or comes half the way to it."""
    if bound.admits(value):
        return True
    if not (math.isfinite(value) and math.isfinite(given)):
        return False
    way = abs(bound.bound - bound.direction.rounded(given))
    return Gain(value, given, bound.direction).amount >= way / 2 > 0


def _best_first(measure: Measure, better: list[_Found]) -> list[_Found]:
    """Return readings by their values; of equals, the one that was tried first."""
    higher = measure.metric.direction is Direction.HIGHER_IS_BETTER
    return sorted(better, key=lambda item: item.value, reverse=higher)


def _text(measure: Measure, given: float, better: list[_Found]) -> str:
    """Write what was found."""
    plain = f"{given:.4g}" if math.isfinite(given) else "has no value"
    text = f"{measure.metric.name} {plain} as given"
    examples = examples_text(measure.run, len(measure.rows))
    if not better:
        return f"{text}{examples}; no other reading is much better"
    others = ", ".join(f"{item.value:.4g} {item.name}" for item in better)
    return f"{text}, {others}{examples}"


DIAGNOSE: Final = Check(
    name="predict.diagnose",
    needs=Needs.PREDICTIONS,
    function=diagnose,
    problems=named_problems,
    informs=True,
)
