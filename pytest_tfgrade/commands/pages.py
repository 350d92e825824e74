"""Building the pages of the reference from what the code says of itself."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from pytest_tfgrade.checks import Check, Needs
from pytest_tfgrade.commands import docstrings
from pytest_tfgrade.commands.examples import EXAMPLES
from pytest_tfgrade.commands.keys import KEYS
from pytest_tfgrade.commands.page import Page
from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.scale import compared
from pytest_tfgrade.core.threshold import Direction, Threshold
from pytest_tfgrade.metrics import Metric
from pytest_tfgrade.predictors import Predictor


def check_page(check: Check) -> Page:
    """Return the page of a check."""
    example = EXAMPLES.get(check.name)
    page = Page(
        name=check.name,
        title=check.title,
        notes=tuple(_check_notes(check)),
        paragraphs=docstrings.paragraphs(check.function),
        parameters=docstrings.parameters(check.function),
        example=example.yaml if example else None,
        sample=example.sample if example else None,
    )
    if check.informs:
        return replace(page, sample_title="it reports, as for a model trained on 0..1")
    return page


_NEEDS: Final[Mapping[Needs, str]] = {
    Needs.ARTIFACT: "the file alone",
    Needs.FACTS: "what the file says; the model is not run",
    Needs.PREDICTIONS: "predictions, so the model is run",
}


def _check_notes(check: Check) -> Iterator[str]:
    yield f"Needs {_NEEDS[check.needs]}."
    if check.needs is Needs.PREDICTIONS:
        yield "``dataset`` names another evaluation dataset than the rubric's."
    if check.measures:
        yield "Measures: ``threshold``, ``bands``, ``curve`` or ``cases`` gives points."
    if check.informs:
        yield "Never scores: it informs."


def metric_page(metric: Metric) -> Page:
    """Return the page of a metric."""
    better = "Higher" if metric.direction is Direction.HIGHER_IS_BETTER else "Lower"
    best = "" if metric.best is None else f"; {metric.best:g} is the best there is"
    notes = [f"{better} is better{best}."]
    if metric.aliases:
        notes.append(f"Also called {', '.join(f'``{a}``' for a in metric.aliases)}.")
    bound = _bound(metric)
    return Page(
        name=metric.name,
        title=f"{metric.title}.",
        notes=tuple(notes),
        paragraphs=docstrings.paragraphs(metric.function),
        parameters=docstrings.parameters(metric.function),
        example=_metric_example(metric, bound),
        sample=compared(metric.name, _worse(metric, bound), bound),
    )


_BOUNDS: Final[Mapping[str, str]] = {
    **{"mape": "5", "smape": "10", "perplexity": "12", "bits_per_character": "2.2"},
    **{"mase": "0.8", "roc_auc": "0.9"},
}
"""Bounds of examples, where a fifth from the best value would be odd."""

_OPTIONS: Final[Mapping[str, str]] = {"mase": "{scale: 2.6}", "step_mae": "{step: 3}"}
"""Options of examples, of metrics that need some."""


def _bound(metric: Metric) -> Threshold:
    higher = metric.direction is Direction.HIGHER_IS_BETTER
    fifth = "0.8" if higher else "0.2"
    return Threshold(Decimal(_BOUNDS.get(metric.name, fifth)), metric.direction)


def _worse(metric: Metric, bound: Threshold) -> float:
    higher = metric.direction is Direction.HIGHER_IS_BETTER
    return float(bound.bound) * (0.9 if higher else 1.25)


def _metric_example(metric: Metric, bound: Threshold) -> str:
    options = _OPTIONS.get(metric.name)
    return (
        f"- id: {metric.name.replace('_', '-')}\n"
        "  check: predict.metric\n"
        f"  metric: {metric.name}\n"
        + (f"  options: {options}\n" if options else "")
        + f"  threshold: {bound.bound}\n  points: 5\n"
    )


def predictor_page(predictor: Predictor) -> Page:
    """Return the page of a trivial predictor."""
    options = {"seasonal_naive": "{period: 24}"}.get(predictor.name)
    most = f"{{points: 0, options: {options}}}" if options else "0"
    return Page(
        name=predictor.name,
        title=f"{predictor.title}.",
        paragraphs=docstrings.paragraphs(predictor.function),
        parameters=docstrings.parameters(predictor.function),
        example=f"selftest:\n  predictors:\n    {predictor.name}: {most}\n",
    )


_CHANGES: Final[Mapping[str, str]] = {
    "rotate": "{rotate: 15}",
    "shift": "{shift: 2}",
    "scale": "{scale: [0.8, 1.2]}",
    "noise": "{noise: 0.1}",
    "brightness": "{brightness: [0.7, 1.3]}",
    "series_shift": "{series_shift: 3}",
    "series_scale": "{series_scale: [0.9, 1.1]}",
    "series_noise": "{series_noise: 0.1}",
    "typos": "{typos: 0.05}",
    "word_drop": "{word_drop: 0.1}",
    "drop_ids": "{drop_ids: 0.1}",
}
"""Examples of changes that have to be given a setting."""


def change_page(name: str, change: type[Any]) -> Page:
    """Return the page of a change of inputs."""
    title, *_ = (change.__doc__ or name).splitlines()
    return Page(
        name=name,
        title=title,
        paragraphs=docstrings.paragraphs(change),
        parameters=docstrings.fields(change),
        example=(
            f"- id: {name.replace('_', '-')}\n"
            "  check: predict.transform\n"
            f"  change: {_CHANGES.get(name, name)}\n"
            "  metric: accuracy\n  threshold: 0.8\n  points: 2\n"
        ),
    )


def rule_page(rule: Page) -> Page:
    """Return the page of a rule of groups, completed."""
    group = next(page for page in KEYS if page.name == "group")
    points = "  points: 2\n" if rule.name in {"any", "all"} else ""
    own = "" if points else ", points: 2"
    criteria = (
        "  criteria:\n"
        f"    - {{id: lstm, check: model.layers, class: LSTM{own}}}\n"
        f"    - {{id: gru, check: model.layers, class: GRU{own}}}\n"
    )
    example = f"- id: recurrent\n  group: {rule.name}\n{points}{criteria}"
    return replace(rule, paragraphs=group.paragraphs, example=example)


def code_page(code: Code) -> Page:
    """Return the page of a code."""
    if code is Code.INFRA:
        fault = "The grader or the machine is at fault; the score stays open."
    else:
        fault = "The artifact is at fault; criteria that need it earn nothing."
    return Page(
        name=code.value,
        title=f"{code.text[0].upper()}{code.text[1:]}.",
        paragraphs=(fault, "A reason that is more exact stands in its place if known."),
        sample=f"{code.text}. {code.hint}",
        sample_title="a candidate reads",
    )
