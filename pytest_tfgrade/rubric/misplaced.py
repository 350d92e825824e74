"""Keys of a criterion that stand in the wrong place, and the right one."""

from collections.abc import Iterator, Mapping
from typing import Any

from pytest_tfgrade.checks import Check
from pytest_tfgrade.documents import shown
from pytest_tfgrade.metrics import Metric
from pytest_tfgrade.predictors import PREDICTORS, Predictor
from pytest_tfgrade.rubric.code import described, is_own, positional
from pytest_tfgrade.rubric.vocabulary import Place


def misplaced(
    criterion: Mapping[str, Any], check: Check, place: Place
) -> dict[str, str]:
    """Return what to say of keys that a criterion cannot have, by key.

    Args:
        criterion: As written.
        check: The one it names.
        place: Names, and where the rubric lies.
    """
    said = dict(_options(criterion, check, place))
    if is_own(check.name):
        for name in positional(check.function):
            text = f"{name} is no keyword-only parameter of {check.name}"
            said[name] = f"{text}; write '*, ' before it in the function"
    return said


def _options(
    criterion: Mapping[str, Any], check: Check, place: Place
) -> Iterator[tuple[str, str]]:
    """Yield the options of what a criterion names, which stand there by themselves."""
    parameters = described(check.function)
    named: list[tuple[Metric | Predictor | None, str]] = []
    if {"metric", "options"} <= parameters.keys():
        named.append((_metric(criterion.get("metric"), place), "options"))
    if {"predictor", "predictor_options"} <= parameters.keys():
        predictor = criterion.get("predictor")
        known = PREDICTORS.get(predictor) if isinstance(predictor, str) else None
        named.append((known, "predictor_options"))
    for taker, key in named:
        if taker is None:
            continue
        for name in taker.options:
            if name in criterion and name not in parameters:
                value = shown({name: criterion[name]})
                text = f"{name} is an option of {taker.name}"
                yield name, f"{text}; write {key}: {value}"


def _metric(name: object, place: Place) -> Metric | None:
    try:
        return place.vocabulary.metric(name, place.folder)
    except ValueError:
        return None  # which is reported of the metric itself
