"""``predict.ablate``: a layer that the predictions depend on."""

import math
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final, Literal

import numpy as np

from pytest_tfgrade.checks.interface import (
    Arrays,
    Check,
    Evaluation,
    Needs,
)
from pytest_tfgrade.checks.model.naming import layer_problems
from pytest_tfgrade.checks.predict.comparison import Gain, Measure, examples_text, shown
from pytest_tfgrade.checks.predict.named import chosen_output, named_problems
from pytest_tfgrade.checks.predict.removable import removable
from pytest_tfgrade.checks.predict.sample import Sample, chosen_rows, open_sample
from pytest_tfgrade.core.call import Call
from pytest_tfgrade.core.contract import Contract
from pytest_tfgrade.core.criterion import Measured
from pytest_tfgrade.core.errors import CheckFailed
from pytest_tfgrade.core.facts import Part
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.metrics import Metric
from pytest_tfgrade.transforms import NotApplicable, PermuteRows

By = Literal["zeros", "rows"]
"""What takes the place of what a layer computes."""

ROWS: Final = 256
"""Rows of each call, at most."""

_MIXED: Final = PermuteRows()
"""Rows of a dataset may be sorted, so that neighbours are of one class."""


def ablate(  # noqa: PLR0913 - its parameters are what a rubric can write
    run: Evaluation,
    *,
    layer: str,
    metric: Metric,
    drop: Decimal = Decimal("0.05"),
    by: By = "zeros",
    options: Mapping[str, Any] | None = None,
    output: str | None = None,
    all_: bool = False,
    most: int = 8,
) -> Measured:
    """A layer matters: without what it computes, the metric is worse.

    What layers of this kind between input and output compute is replaced, one layer at
    a time. A wrapper, as ``Bidirectional``, stands for the layer inside it. The last
    layer is left aside if there are others, since no model does without it. Measured on
    at most 256 examples; where the dataset has a public part, on rows of that alone.

    Args:
        run: Targets, predictions, and the model to be called without a layer.
        layer: A class, as ``LSTM``, a layer's name, or a glob of either.
        metric: The measure; its direction decides what is worse.
        drop: How much worse the metric must get, in its unit.
        by: ``zeros`` replaces by zeros. ``rows`` gives each example what the layer
            computes for another one, and so finds out a layer that computes the same
            for all: a gate that is always 1 does nothing, though no model does without
            it. What is rightly the same for all, as position embeddings, fails too.
        options: Keyword arguments of the metric.
        output: Which output is measured; may be left out if there is one.
        all_: Whether each of the layers must matter; else one is enough.
        most: How many layers are tried; of more, some that are spread evenly.
    """
    names = removable(run.model.facts, layer)
    chosen = [names[index] for index in chosen_rows(len(names), most)]
    named = chosen_output(run, output)
    sample = open_sample(run, ROWS, _MIXED if by == "rows" else None)
    rows = sample.chosen(len(run.targets[named]))
    if by == "rows" and len(rows) < 2:  # noqa: PLR2004 - to exchange
        raise NotApplicable("there is one row only; nothing can be exchanged")
    measure = Measure(run=run, metric=metric, options=options, output=named, rows=rows)
    whole = measure.of_model()
    if not math.isfinite(whole):
        raise CheckFailed(f"{metric.name} is {whole}")
    answers = run.answers([_call(name, by, sample) for name in chosen])
    without = [_value(measure, _in_order(answer, by)) for answer in answers]
    losses = [_loss(whole, value, metric) for value in without]
    loss = min(losses) if all_ else max(losses)
    decisive = losses.index(loss)
    text = (
        f"{metric.name} {whole:.4g}, {_value_text(without[decisive])} "
        f"{_change_text(chosen[decisive], by)}: {_loss_text(loss, drop)}, "
        f"required {drop}{_share_text(len(names), len(chosen))}"
        f"{examples_text(run, len(rows))}"
    )
    if loss < drop:
        raise CheckFailed(text, hint=_hint(layer, by, all_=all_))
    return Measured(rationale=text)


def _call(name: str, by: By, sample: Sample) -> Call:
    match by:
        case "zeros":
            return Call(transform=sample, without=name)
        case "rows":
            return Call(transform=sample, mixed=name)


def _in_order(answer: Arrays, by: By) -> Arrays:
    """Return an answer with its rows in the order of the sample."""
    if by == "zeros":
        return answer
    return {
        name: array[np.argsort(_MIXED.order(len(array)))]
        for name, array in answer.items()
    }


def _value(measure: Measure, answer: Arrays) -> float:
    """Return the metric without a layer; NaN if what is left has none."""
    try:
        return measure.of_answer(answer)
    except CheckFailed:
        return math.nan  # zeros are no probabilities


def _loss(whole: float, without: float, metric: Metric) -> Decimal:
    """Return how much worse it gets; no number at all is the worst."""
    if not math.isfinite(without):
        return Decimal("Infinity")
    return Gain(whole, without, metric.direction).amount


def _change_text(name: str, by: By) -> str:
    shown_name = printable(repr(name), limit=80)
    match by:
        case "zeros":
            return f"without {shown_name}"
        case "rows":
            return f"with {shown_name} of other examples"


def _value_text(value: float) -> str:
    return f"{value:.4g}" if math.isfinite(value) else "no number"


def _loss_text(loss: Decimal, drop: Decimal) -> str:
    if not loss.is_finite():
        return "useless"
    if loss == 0:
        return "no worse"
    return f"{'worse' if loss > 0 else 'better'} by {shown(abs(loss), drop)}"


def _share_text(count: int, tried: int) -> str:
    """Say how many layers were tried, if it was not this one alone."""
    if count == 1:
        return ""
    of = f"{tried} of {count}" if tried < count else f"{count}"
    return f"; {of} layers tried"


def _hint(pattern: str, by: By, *, all_: bool) -> str:
    which = f"every {pattern} layer" if all_ else f"a {pattern} layer"
    of = "computes" if by == "zeros" else "computes of each example"
    return f"Let the predictions depend on what {which} {of}, and train it."


def _problems(
    parameters: Mapping[str, Any], contract: Contract
) -> Iterator[tuple[str, str]]:
    yield from named_problems(parameters, contract)
    layer = parameters["layer"]
    if not layer or layer[0].isupper():  # else it may be a name, which any may be
        for text in layer_problems([layer] if layer else []):
            yield "layer", text
    if parameters["drop"] <= 0:
        yield "drop", f"must be above 0, got {parameters['drop']}"
    if parameters["most"] < 1:
        yield "most", f"must be at least 1, got {parameters['most']}"


def _reads(parameters: Mapping[str, Any]) -> frozenset[Part]:
    return frozenset({Part.LAYERS, Part.CALLS})


ABLATE: Final = Check(
    name="predict.ablate",
    needs=Needs.PREDICTIONS,
    function=ablate,
    problems=_problems,
    reads=_reads,
)
