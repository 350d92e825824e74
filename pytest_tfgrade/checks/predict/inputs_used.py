"""``predict.inputs_used``: every input changes the predictions."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pytest_tfgrade.checks.interface import Arrays, Check, Evaluation, Needs
from pytest_tfgrade.checks.predict.difference import difference
from pytest_tfgrade.checks.predict.sample import Sample, sampled_predictions
from pytest_tfgrade.checks.predict.wording import unknown
from pytest_tfgrade.core.call import Call
from pytest_tfgrade.core.contract import Contract
from pytest_tfgrade.core.criterion import Measured
from pytest_tfgrade.core.errors import CheckFailed
from pytest_tfgrade.transforms import PermuteInput

ROWS: Final = 256
"""Rows of each call, at most."""

HINT: Final = (
    "Connect each input to the outputs, and scale the inputs alike, so that training "
    "does not leave one aside."
)


def inputs_used(
    run: Evaluation,
    *,
    inputs: Sequence[str] | None = None,
    share: float = 0.5,
    tolerance: float = 1e-3,
) -> Measured:
    """The predictions depend on every input.

    The rows of one input are exchanged, those of the others stay; then the predictions
    must change. Rows that got equal values do not count. At most 256 rows are tried.

    Args:
        run: Inputs, predictions, and the model to be called again.
        inputs: Which inputs; default: each of the contract.
        share: In how large a share of the rows an output must change.
        tolerance: What is no change, as a share of how far the values of the output
            lie apart.
    """
    names = tuple(run.contract.inputs) if inputs is None else tuple(inputs)
    plain = sampled_predictions(run, ROWS)
    found, enough = [], True
    answers = run.answers([_call(name) for name in names])
    for name, answer in zip(names, answers, strict=True):
        exchanged = _exchanged(run, name)
        count = int(np.sum(_changed(plain, answer, tolerance) & exchanged))
        of = int(np.sum(exchanged))
        text = f"other values of {name!r} change {count} of {of} rows"
        required = math.ceil(share * of)
        if count < required:
            text, enough = f"{text}, required {required}", False
        found.append(text)
    if not enough:
        raise CheckFailed("; ".join(found), hint=HINT)
    return Measured(rationale="; ".join(found))


def _exchange(name: str) -> Sample:
    return Sample(rows=ROWS, then=PermuteInput(input=name))


def _call(name: str) -> Call:
    return Call(transform=_exchange(name))


def _exchanged(run: Evaluation, name: str) -> NDArray[np.bool_]:
    """Return which of the rows that are tried got another value of an input.

    Raises:
        ValueError: None did, for the dataset holds one value only.
    """
    before = Sample(rows=ROWS).apply(run.inputs)[name]
    after = _exchange(name).apply(run.inputs)[name]
    differs = (before != after).reshape(len(before), -1).any(axis=1)
    if not differs.any():
        text = f"all rows of {name!r} are equal, so nobody can tell whether it is used"
        raise ValueError(f"{text}; leave it out of inputs")
    return np.asarray(differs, np.bool_)


def _changed(plain: Arrays, answer: Arrays, tolerance: float) -> NDArray[np.bool_]:
    """Return which rows differ in any output."""
    found = [difference(plain[name], answer[name], tolerance) for name in plain]
    changed: NDArray[np.bool_] = np.any([item.changed for item in found], axis=0)
    return changed


def _problems(
    parameters: Mapping[str, Any], contract: Contract
) -> Iterator[tuple[str, str]]:
    for name in parameters["inputs"] or ():
        if name not in contract.inputs:
            yield "inputs", unknown("input", name, contract.inputs)
    if parameters["inputs"] is not None and not parameters["inputs"]:
        yield "inputs", "names no input; name one, or leave inputs out"
    if not 0 < parameters["share"] <= 1:
        text = f"must be above 0 and at most 1, got {parameters['share']:g}"
        yield "share", text
    if parameters["tolerance"] < 0:
        yield "tolerance", f"must be at least 0, got {parameters['tolerance']:g}"


def _calls(parameters: Mapping[str, Any], contract: Contract) -> list[Call]:
    return [_call(name) for name in parameters["inputs"] or contract.inputs]


INPUTS_USED: Final = Check(
    name="predict.inputs_used",
    needs=Needs.PREDICTIONS,
    function=inputs_used,
    problems=_problems,
    calls=_calls,
)
