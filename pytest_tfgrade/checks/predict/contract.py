"""``predict.contract``: the predictions are of the kind that the task asks for."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Context
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pytest_tfgrade.checks.interface import Check, Evaluation, Needs
from pytest_tfgrade.checks.model.pairing import output_pairs
from pytest_tfgrade.checks.predict.difference import TOLERANCE
from pytest_tfgrade.checks.predict.steady import (
    MOST_ROWS,
    REVERSED,
    TWICE,
    in_batches,
    listed,
    require_any_batches,
    require_any_order,
    require_deterministic,
)
from pytest_tfgrade.core.call import Call
from pytest_tfgrade.core.contract import Contract, OutputKind
from pytest_tfgrade.core.criterion import Measured
from pytest_tfgrade.core.errors import CheckFailed

Range: TypeAlias = tuple[float | None, float | None]
"""The least and the largest value; None is no bound."""

SLACK: Final = 1e-3
"""How far a value may stray, as a share of its range: half precision rounds to 5e-4."""

_SOFTMAX_HINT: Final = "End the model with a softmax activation."
_SIGMOID_HINT: Final = "End the model with a sigmoid activation."
_UNIT_HINT: Final = "Train on targets in the unit that the task states, and predict it."


def contract(  # noqa: PLR0913 - its parameters are what a rubric can write
    run: Evaluation,
    *,
    range_: Range | Mapping[str, Range] | None = None,
    deterministic: bool = False,
    batch_sizes: Sequence[int] = (),
    row_order: bool = False,
    tolerance: float = TOLERANCE,
) -> Measured:
    """The predictions have the rows, shape and kind of numbers that the task states.

    Rows, shape and finite values are settled before any check runs, for nothing can
    be measured without them; what is left is whether probabilities are probabilities,
    and what this check is told to try. The extra calls take 64 rows, spread over the
    dataset, and compare values, never targets.

    Probabilities lie between 0 and 1. Those of a row must also sum to 1 where the
    targets are class labels or one-hot. They need not where several labels of an
    example may be true, each a target of 0 or 1: there, a sigmoid for each is right.

    Args:
        run: Predictions, and the model to be called again.
        range_: The least and the largest value of an output, as ``[0, 16]``; null is
            no bound. Several outputs: a mapping of their names to ranges.
        deterministic: Whether the same inputs must give exactly the same predictions
            twice.
        batch_sizes: Rows given to the model at a time, as ``[1, 7, 32]``; at most 64.
            The predictions must not depend on it.
        row_order: Whether other rows before a row must leave its predictions as they
            are.
        tolerance: What ``batch_sizes`` and ``row_order`` may change, as a share of
            how far the values of the output lie apart.
    """
    steps = _steps(run)
    for name, spec in run.contract.outputs.items():
        if spec.kind is OutputKind.PROBABILITIES:
            step = max(steps.get(name, 0.0), _step_of(run.predictions[name]))
            slack = SLACK + step / 2
            _require_probabilities(
                name, run.targets[name], run.predictions[name], slack
            )
    for name, bounds in _ranges(range_, run.contract).items():
        _require_within(name, run.predictions[name], bounds)
    shapes = ", ".join(str(array.shape) for array in run.predictions.values())
    found = [f"predictions of shape {shapes}, all finite"]
    if deterministic:
        require_deterministic(run)
        found.append("the same when asked twice")
    if batch_sizes:
        require_any_batches(run, batch_sizes, tolerance)
        found.append(f"the same in batches of {listed(batch_sizes)}")
    if row_order:
        require_any_order(run, tolerance)
        found.append("the same in another order")
    return Measured(rationale=", ".join(found))


def _steps(run: Evaluation) -> dict[str, float]:
    """Return how far apart the numbers are that a quantized output can have."""
    ends = output_pairs(run.model.facts, run.contract)
    return {
        name: tensor.quantization[0] for name, _, tensor in ends if tensor.quantization
    }


def _step_of(predictions: NDArray[Any]) -> float:
    """Return how far apart the numbers of bfloat16 lie below 1; 0 of finer numbers.

    A model in mixed precision may compute with it, and the worker sends float32.
    """
    if predictions.dtype != np.float32:
        return 0.0
    is_coarse = not (np.ascontiguousarray(predictions).view(np.uint32) & 0xFFFF).any()
    return 2.0**-8 if is_coarse else 0.0


def _require_probabilities(
    name: str, targets: NDArray[Any], predictions: NDArray[Any], slack: float
) -> None:
    """Do nothing if the values of an output are probabilities.

    Each value may be off by the slack, and so may each part of a sum beyond ``SLACK``.
    """
    values = predictions.astype(np.float64)
    of_classes = _are_of_classes(targets, values)
    outside = int(np.sum((values < -slack) | (values > 1 + slack)))
    if outside:
        share = f"{outside} of {values.size} values of {name!r} lie outside 0 to 1"
        hint = _SOFTMAX_HINT if of_classes else _SIGMOID_HINT
        raise CheckFailed(f"{share}; probabilities are required", hint=hint)
    if not of_classes:
        return
    sums = values.sum(axis=-1)
    most = SLACK + (slack - SLACK) * values.shape[-1]
    wrong = int(np.sum(np.abs(sums - 1) > most))
    if wrong:
        rationale = f"{wrong} of {sums.size} rows of {name!r} do not sum to 1"
        hint = "End the model with one softmax over the classes."
        raise CheckFailed(rationale, hint=hint)


def _are_of_classes(targets: NDArray[Any], values: NDArray[np.float64]) -> bool:
    """Return whether the values of a row are of classes that exclude each other.

    So they are for class labels, which have another shape, and for one-hot targets,
    whose rows sum to 1; not for several labels of 0 or 1 each.
    """
    if values.ndim == 1 or values.shape[-1] == 1:
        return False  # the probability of one class; the other has the rest
    if targets.shape != values.shape:
        return True
    sums = targets.sum(axis=-1, dtype=np.float64)
    return bool((np.abs(sums - 1) <= SLACK).all())


def _ranges(
    range_: Range | Mapping[str, Range] | None, contract: Contract
) -> Mapping[str, Range]:
    match range_:
        case None:
            return {}
        case Mapping():
            return range_
        case _:
            return dict.fromkeys(contract.outputs, range_)


def _require_within(name: str, array: NDArray[Any], bounds: Range) -> None:
    low, high = bounds
    slack = 0.0 if low is None or high is None else SLACK * (high - low)
    values = array.astype(np.float64)
    below = values < (-np.inf if low is None else low - slack)
    above = values > (np.inf if high is None else high + slack)
    outside = int(np.sum(below | above))
    if outside:
        least, largest = float(values.min()), float(values.max())
        raise CheckFailed(
            f"{outside} of {values.size} values of {name!r} lie outside "
            f"{_bounds_text(bounds)}; all are between {_roughly(least, largest)}",
            detail=f"the least is {least!r}, the largest {largest!r}",
            hint=_SIGMOID_HINT if low == 0 and high == 1 else _UNIT_HINT,
        )


def _roughly(least: float, largest: float) -> str:
    """Return two digits of each end, rounded outwards: a model chose these numbers.

    >>> _roughly(-28.26, 105.1), _roughly(0.0, 1.004)
    ('-29 and 110', '0 and 1.1')
    """
    below = Context(prec=2, rounding=ROUND_FLOOR).create_decimal(least)
    above = Context(prec=2, rounding=ROUND_CEILING).create_decimal(largest)
    return f"{float(below):g} and {float(above):g}"


def _bounds_text(bounds: Range) -> str:
    match bounds:
        case None, high:
            return f"the range up to {high:g}"
        case low, None:
            return f"the range from {low:g}"
        case low, high:
            return f"{low:g} to {high:g}"


def _calls(parameters: Mapping[str, Any], contract: Contract) -> list[Call]:
    return [
        *(TWICE if parameters["deterministic"] else ()),
        *in_batches(parameters["batch_sizes"]),
        *((REVERSED,) if parameters["row_order"] else ()),
    ]


def _problems(
    parameters: Mapping[str, Any], contract: Contract
) -> Iterator[tuple[str, str]]:
    given = parameters["range_"]
    if isinstance(given, Mapping):
        for name in sorted(given.keys() - contract.outputs.keys()):
            use = " or ".join(sorted(contract.outputs))
            yield "range", f"no output {name!r} in the contract; use {use}"
    for bounds in dict.fromkeys(_ranges(given, contract).values()):
        low, high = bounds
        if low is None and high is None:
            yield "range", "has no bound; give one, as [0, null]"
        if low is not None and high is not None and high < low:
            yield "range", f"{high:g} is below {low:g}; no value can lie between them"
    for size in parameters["batch_sizes"]:
        if not 1 <= size <= MOST_ROWS:
            text = f"a batch has 1 to {MOST_ROWS} rows here, got {size}"
            yield "batch_sizes", f"{text}; correct it"
    if parameters["tolerance"] < 0:
        yield "tolerance", f"must be at least 0, got {parameters['tolerance']:g}"


CONTRACT: Final = Check(
    name="predict.contract",
    needs=Needs.PREDICTIONS,
    function=contract,
    problems=_problems,
    calls=_calls,
)
