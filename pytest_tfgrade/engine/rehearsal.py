"""Trying metrics and trivial predictors on made-up rows, before any model is graded.

Only what fails on all rows that the description of a dataset admits is a mistake.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import numpy as np

from pytest_tfgrade.checks import CHECKS
from pytest_tfgrade.core.contract import OutputSpec
from pytest_tfgrade.datasets import Description
from pytest_tfgrade.documents import Problem
from pytest_tfgrade.engine.made_up import Array, Sample, inputs, sample
from pytest_tfgrade.metrics import Metric
from pytest_tfgrade.predictors import PREDICTORS, Predictor, predict
from pytest_tfgrade.rubric import BoundCriterion, Rubric
from pytest_tfgrade.rubric.criteria import written

_SLOW: Final = PREDICTORS["linear"]
"""It learns, which takes seconds; the self-test tries it."""


def unfit_problems(rubric: Rubric, description: Description) -> Iterator[Problem]:
    """Find metrics and trivial predictors that no data as described can have.

    A course's own checks are left out, since they may make anything of a metric.

    Args:
        rubric: With the criteria and the contract.
        description: Of an evaluation dataset that some of the criteria look at.
    """
    places = {entry.value.get("id"): entry.at for entry in written(rubric.document)}
    for criterion in rubric.checked:
        looks = description.dataset in (criterion.datasets or (rubric.dataset,))
        if looks and CHECKS.get(criterion.check.name) is criterion.check:
            for key, text in _unfit(criterion, rubric, description):
                where = rubric.document.locate((*places[criterion.id], key))
                yield Problem(where, text)


def _unfit(
    criterion: BoundCriterion, rubric: Rubric, description: Description
) -> Iterator[tuple[str, str]]:
    """Yield the key that names a metric or predictor, and why that does not fit."""
    parameters = criterion.parameters
    metric = parameters.get("metric")
    output: str = parameters.get("output") or next(iter(rubric.contract.outputs), "")
    if not isinstance(metric, Metric) or output not in description.targets:
        return
    spec = rubric.contract.outputs[output]
    rows = sample(description.targets[output], spec)
    if rows is None:
        return
    to = f"the target {output!r} of the dataset {description.dataset!r}"
    why = _of_metric(metric, parameters.get("options") or {}, rows)
    if why:
        way_out = "choose another metric, or correct the contract or the description"
        yield "metric", f"{metric.name} does not fit {to}: {why}; {way_out}"
    predictor = parameters.get("predictor")
    if why or not isinstance(predictor, Predictor) or predictor is _SLOW:
        return
    options = parameters.get("predictor_options") or {}
    why = _of_predictor(predictor, options, rows, rubric, description)
    if why:
        way_out = "" if ";" in why else "; choose another predictor, or other options"
        yield "predictor", f"{predictor.name} does not fit {to}: {why}{way_out}"


def _of_metric(metric: Metric, options: Mapping[str, Any], rows: Sample) -> str:
    def value(targets: Array) -> object:
        return metric.function(targets, rows.predictions(), **options)

    return _refusal(value, rows)


def _of_predictor(
    predictor: Predictor,
    options: Mapping[str, Any],
    rows: Sample,
    rubric: Rubric,
    description: Description,
) -> str:
    specs, parts = rubric.contract.inputs, description.inputs
    if not specs.keys() <= parts.keys():
        return ""  # which is reported of the contract
    spec = OutputSpec(shape=(None, *rows.shape), kind=rows.spec.kind)

    def predictions(targets: Array) -> object:
        given = inputs(specs, parts, rows.rows)
        return predict(predictor, given, targets, spec, **options)

    return _refusal(predictions, rows)


def _refusal(attempt: Callable[[Array], object], rows: Sample) -> str:
    """Return why all kinds of targets were refused; empty if one was not.

    What a course's own metric raises otherwise says nothing about the data.
    """
    why = ""
    for targets in rows.targets():
        try:
            with np.errstate(all="ignore"):
                attempt(targets)
        except ValueError as error:
            why = why or str(error)
        except Exception:  # of a course's own code
            return ""
        else:
            return ""
    return why.replace(f"({rows.rows},", "(n,")  # their number is made up, too
