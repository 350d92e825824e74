"""``predict.future``: what a model says of a step depends on earlier steps only."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pytest_tfgrade.checks.interface import Check, Evaluation, Needs
from pytest_tfgrade.checks.predict.difference import TOLERANCE, difference
from pytest_tfgrade.checks.predict.named import chosen_output, output_problems
from pytest_tfgrade.checks.predict.sample import Sample, sampled_predictions
from pytest_tfgrade.checks.predict.wording import unknown
from pytest_tfgrade.core.call import Call
from pytest_tfgrade.core.contract import (
    Contract,
    InputSpec,
    OutputSpec,
    Shape,
    shape_text,
)
from pytest_tfgrade.core.criterion import Measured
from pytest_tfgrade.core.errors import CheckFailed
from pytest_tfgrade.transforms import ChangeFuture

ROWS: Final = 256
"""Rows of the call, at most."""

HINT: Final = (
    "Let each step see only what came before it: causal padding, no bidirectional "
    "layer, a causal mask for attention."
)


def future(
    run: Evaluation,
    *,
    input_: str | None = None,
    start: int | None = None,
    output: str | None = None,
    tolerance: float = TOLERANCE,
) -> Measured:
    """Later inputs do not change what the model predicts for earlier steps.

    For models with an output for each step of a series. The values from one step on
    are replaced by those of other examples; the outputs before that step must stay.
    Each example has another step from which its values are replaced, so that every step
    has its turn if there are as many examples. At most 256 examples are tried.

    Args:
        run: Inputs, predictions, and the model to be called again.
        input_: Which input holds the series, time on its second axis; may be left out
            if there is one.
        start: The first step that is replaced, counted from 0, the same for all
            examples; default: another one for each, spread over the series.
        output: Which output is watched, time on its second axis; may be left out if
            there is one.
        tolerance: What is no change, as a share of how far the values of the output
            lie apart at the steps that are compared.
    """
    given = input_ or next(iter(run.contract.inputs))
    change = ChangeFuture(input=given, start=start)
    name = chosen_output(run, output)
    (answer,) = run.answers([_call(change)])
    before = sampled_predictions(run, ROWS)[name]
    starts = change.starts(len(before), run.inputs[given].shape[1])
    past = _before(before, starts), _before(answer[name], starts)
    found = difference(*past, tolerance)
    if found.count:
        text = f"with other inputs from {_shown(starts)} on, the steps before it differ"
        raise CheckFailed(f"{text}: {found.text_of(name)}", hint=HINT)
    return Measured(rationale=f"inputs from {_shown(starts)} on change no earlier step")


def _call(change: ChangeFuture) -> Call:
    return Call(transform=Sample(rows=ROWS, then=change))


def _before(values: NDArray[Any], starts: NDArray[np.int64]) -> NDArray[Any]:
    """Return ``(rows, steps, ...)`` with NaN from the start of each row on."""
    watched = np.arange(values.shape[1]) < starts[:, None]
    return np.where(
        watched.reshape(*watched.shape, *(1,) * (values.ndim - 2)), values, np.nan
    )


def _shown(starts: NDArray[np.int64]) -> str:
    first, last = starts.min(), starts.max()
    if first == last:
        return f"step {first}"
    return f"a step between {first} and {last}"


def _problems(
    parameters: Mapping[str, Any], contract: Contract
) -> Iterator[tuple[str, str]]:
    yield from output_problems(parameters["output"], sorted(contract.outputs))
    yield from _input_problems(parameters["input_"], contract)
    if parameters["tolerance"] < 0:
        yield "tolerance", f"must be at least 0, got {parameters['tolerance']:g}"
    steps = _steps(parameters, contract)
    start = parameters["start"]
    if start is not None and start < 1:
        yield "start", f"must be at least 1, got {start}; no step comes before it"
    if start is not None and steps is not None and start >= steps:
        text = f"must be below {steps}, the steps of the input, got {start}"
        yield "start", f"{text}; nothing comes after it"
    yield from _axis_problems(parameters, contract, steps)


def _input_problems(name: str | None, contract: Contract) -> Iterator[tuple[str, str]]:
    names = sorted(contract.inputs)
    if name is None and len(names) > 1:
        yield "check", f"the task has several inputs; add input: {' or '.join(names)}"
    if name is not None and name not in contract.inputs:
        yield "input", unknown("input", name, names)


def _axis_problems(
    parameters: Mapping[str, Any], contract: Contract, steps: int | None
) -> Iterator[tuple[str, str]]:
    """Find inputs and outputs that have no step in common."""
    given = _shape(parameters["input_"], contract.inputs)
    if given is not None and (len(given) < 2 or given[1] == 1):  # noqa: PLR2004
        text = f"the input of shape {shape_text(given)} has no series of steps"
        yield "input", f"{text}; name another"
    returned = _shape(parameters["output"], contract.outputs)
    if returned is None:
        return
    if len(returned) < 2:  # noqa: PLR2004 - rows and steps
        text = f"the output of shape {shape_text(returned)} has no steps"
        yield "output", f"{text}; name another"
    elif steps is not None and returned[1] not in {None, steps}:
        text = f"the output has {returned[1]} steps, the input {steps}"
        yield "output", f"{text}; they must have the same"


def _steps(parameters: Mapping[str, Any], contract: Contract) -> int | None:
    """Return the steps of the input, if the contract says how many."""
    shape = _shape(parameters["input_"], contract.inputs)
    return None if shape is None or len(shape) < 2 else shape[1]  # noqa: PLR2004


def _shape(
    name: str | None, specs: Mapping[str, InputSpec | OutputSpec]
) -> Shape | None:
    """Return the shape of the input or output that is meant, if it is clear."""
    if name is None and len(specs) == 1:
        (name,) = specs
    spec = None if name is None else specs.get(name)
    return None if spec is None else spec.shape


def _calls(parameters: Mapping[str, Any], contract: Contract) -> list[Call]:
    """Name the call, unless the dataset decides whether there are steps to change."""
    start = parameters["start"]
    if start is None and _steps(parameters, contract) is None:
        return []
    given = parameters["input_"] or next(iter(contract.inputs))
    return [_call(ChangeFuture(input=given, start=start))]


FUTURE: Final = Check(
    name="predict.future",
    needs=Needs.PREDICTIONS,
    function=future,
    problems=_problems,
    calls=_calls,
)
