"""``model.io``: the inputs and outputs that a file declares."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from pytest_tfgrade.checks.interface import Check, Model, Needs
from pytest_tfgrade.checks.model.ends import (
    canonical_activation,
    last_activations,
    last_layers,
)
from pytest_tfgrade.checks.model.feeding import feeding_for, input_pairs
from pytest_tfgrade.checks.model.naming import (
    layer_problems,
    listed,
    matches,
    unknown,
)
from pytest_tfgrade.checks.model.pairing import (
    counted_shape,
    declared_outputs,
    output_pairs,
)
from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.contract import (
    Contract,
    Shape,
    fits,
    shape_text,
)
from pytest_tfgrade.core.criterion import Measured
from pytest_tfgrade.core.errors import CheckFailed, Ungradable
from pytest_tfgrade.core.facts import Facts, Part, Tensor
from pytest_tfgrade.core.keras_activations import KERAS_ACTIVATIONS
from pytest_tfgrade.core.setup import Feed
from pytest_tfgrade.core.text import printable

Names = str | Sequence[str]
"""A name, or several of which any will do."""


def io(  # noqa: PLR0913 - its parameters are what a rubric can write
    model: Model,
    *,
    activation: Names | Mapping[str, Names] | None = None,
    last: Names | Mapping[str, Names] | None = None,
    names: bool = False,
    dtypes: bool = False,
    dynamic: bool = False,
) -> Measured:
    """The file declares the inputs and outputs that the task asks for.

    Args:
        model: The facts and the contract. An output shape that cannot be known
            without running the model is left to ``predict.contract``.
        activation: The last activation of every output, or several of which any will
            do; or these for each output by its name in the contract.
        last: The class of the last layer, in the same forms. An activation that is a
            layer of its own may follow it.
        names: Inputs and outputs must have the names of the contract.
        dtypes: Inputs must be declared with the dtypes of the contract; without this
            numbers are cast where that loses nothing, and only text for numbers, or the
            reverse, fails. Of texts with ``ids`` in the contract, ids will do.
        dynamic: Where the contract says ``null``, the model must take and return any
            size; without this it may declare a fixed one.
    """
    try:
        _require_inputs(model)
    except Ungradable as finding:
        raise CheckFailed(finding.rationale, hint=finding.hint) from None
    _require_outputs(model)
    if names:
        _require_names(model)
    if dtypes:
        _require_dtypes(model)
    if dynamic:
        _require_dynamic(model)
    for output, tensor in _outputs(model):
        _require_activation(model, output, tensor, activation)
        _require_last(model, output, tensor, last)
    return Measured(rationale=_summary(model.facts))


def _require_inputs(model: Model) -> None:
    """Raise ``Ungradable`` if the model cannot get the inputs of the contract."""
    feeding_for(model.facts, replace(model.contract, outputs={}))


def _require_outputs(model: Model) -> None:
    declared, required = (
        declared_outputs(model.facts, model.contract),
        model.contract.outputs,
    )
    if declared and len(declared) != len(required):
        rationale = f"the model has {len(declared)} outputs, required {len(required)}"
        hint = Code.OUTPUT_SHAPE.hint
        if len(declared) > len(required):
            names = ", ".join(printable(repr(t.name), limit=60) for t in declared)
            hint = f"Return what the task asks for alone; the outputs are {names}."
        raise CheckFailed(rationale, hint=hint)
    for name, spec, tensor in output_pairs(model.facts, model.contract):
        shape = tensor.shape
        if shape is not None and not fits(counted_shape(shape, spec), spec.shape):
            rationale = (
                f"the output{_which(model, name)} has shape "
                f"{shape_text(shape)}, required {shape_text(spec.shape)}"
            )
            raise CheckFailed(rationale, hint=Code.OUTPUT_SHAPE.hint)


def _require_names(model: Model) -> None:
    for kind, required, tensors in (
        ("inputs", model.contract.inputs, model.facts.inputs),
        (
            "outputs",
            model.contract.outputs,
            declared_outputs(model.facts, model.contract),
        ),
    ):
        declared = [tensor.name for tensor in tensors]
        if tensors and set(declared) != set(required):
            called = printable(", ".join(map(repr, declared)), limit=200)
            wanted = ", ".join(map(repr, required))
            rationale = f"the model calls its {kind} {called}, required {wanted}"
            hint = "Give the Input and the last layers these names."
            raise CheckFailed(rationale, hint=hint)


def _require_dtypes(model: Model) -> None:
    for name, spec, tensor in input_pairs(model.facts, model.contract):
        is_of_ids = spec.ids is not None and tensor.dtype != "string"
        if tensor.dtype not in {None, spec.dtype} and not is_of_ids:
            dtype = printable(str(tensor.dtype), limit=40)
            rationale = f"the input {name!r} is {dtype}, required {spec.dtype}"
            hint = f"Declare it as Input(..., dtype={spec.dtype!r})."
            raise CheckFailed(rationale, hint=hint)


def _require_dynamic(model: Model) -> None:
    for what, required, declared in _ends(model):
        for axis, (asked, size) in enumerate(zip(required, declared, strict=False)):
            if asked is None and size is not None:
                place = f"axis {axis}" if axis else "axis 0, the batch"
                rationale = (
                    f"the {what} is fixed to {size} on {place}; any size is required"
                )
                hint = "Declare the Input with None there, and without a batch size."
                raise CheckFailed(rationale, hint=hint)


def _ends(model: Model) -> Iterator[tuple[str, Shape, Shape]]:
    """Yield inputs and outputs: what is asked, and what is declared, axis by axis."""
    feeds = feeding_for(model.facts, model.contract).feeds
    for name, given, tensor in input_pairs(model.facts, model.contract):
        feed = feeds.get(name, Feed())
        row = given.shape[1:]
        if feed.as_ids:
            row = (given.ids.length,) if given.ids else row
        if feed.axes is not None:
            row = tuple(1 if axis is None else row[axis] for axis in feed.axes)
        yield f"input {name!r}", (None, *row), tensor.shape or ()
    for name, asked, tensor in output_pairs(model.facts, model.contract):
        yield f"output {name!r}", asked.shape, counted_shape(tensor.shape or (), asked)


def _require_activation(
    model: Model,
    output: str,
    tensor: Tensor,
    asked: Names | Mapping[str, Names] | None,
) -> None:
    allowed = _asked(asked, output)
    last = last_activations(model.facts, tensor)
    if allowed is not None and last.isdisjoint(map(canonical_activation, allowed)):
        found = " or ".join(sorted(last)) or "unknown"
        rationale = (
            f"the last activation{_which(model, output, ' of ')} is "
            f"{printable(found, limit=80)}, required {' or '.join(allowed)}"
        )
        hint = "Change the activation of the last layer."
        raise CheckFailed(rationale, hint=hint)


def _require_last(
    model: Model,
    output: str,
    tensor: Tensor,
    asked: Names | Mapping[str, Names] | None,
) -> None:
    allowed = _asked(asked, output)
    if allowed is None:
        return
    found = last_layers(model.facts, tensor)
    if not any(matches(layer, pattern) for layer in found for pattern in allowed):
        last = printable(found[0].class_name, limit=80) if found else "unknown"
        wanted = " or ".join(allowed)
        which = _which(model, output, " of ")
        rationale = f"the last layer{which} is {last}, required {wanted}"
        raise CheckFailed(rationale, hint=f"End the model with a {wanted} layer.")


def _asked(
    asked: Names | Mapping[str, Names] | None, output: str
) -> tuple[str, ...] | None:
    named = asked.get(output) if isinstance(asked, Mapping) else asked
    return None if named is None else listed(named)


def _outputs(model: Model) -> list[tuple[str, Tensor]]:
    """Return the outputs by the contract's names; unknown ones if none is declared."""
    declared = output_pairs(model.facts, model.contract)
    if declared:
        return [(name, tensor) for name, _, tensor in declared]
    unknown = Tensor(name="", shape=None, dtype=None)
    return [(name, unknown) for name in model.contract.outputs]


def _which(model: Model, output: str, before: str = " ") -> str:
    """Return the name of an output where there are several."""
    return f"{before}{output!r}" if len(model.contract.outputs) > 1 else ""


def _summary(facts: Facts) -> str:
    inputs = ", ".join(shape_text(tensor.shape) for tensor in facts.inputs)
    outputs = ", ".join(shape_text(tensor.shape) for tensor in facts.outputs)
    return f"{inputs or 'unknown'} -> {outputs or 'unknown'}"


def _problems(
    parameters: Mapping[str, Any], contract: Contract
) -> Iterator[tuple[str, str]]:
    for key in ("activation", "last"):
        asked = parameters[key]
        each = asked.values() if isinstance(asked, Mapping) else (asked,)
        if isinstance(asked, Mapping):
            for name in asked.keys() - contract.outputs.keys():
                use = " or ".join(contract.outputs)
                yield key, f"no output {name!r} in the contract; use {use}"
        for names in each:
            if names is not None:
                yield from ((key, text) for text in _name_problems(key, listed(names)))


def _name_problems(key: str, names: Sequence[str]) -> Iterator[str]:
    if key == "last":
        yield from layer_problems(names)
    elif not names:
        yield "names no activation; write one, as softmax"
    else:
        for name in names:
            if ">" not in name and canonical_activation(name) not in KERAS_ACTIVATIONS:
                yield unknown("activation", name, KERAS_ACTIVATIONS)


def _reads(parameters: Mapping[str, Any]) -> frozenset[Part]:
    asked = (parameters["activation"], parameters["last"])
    of_layers = frozenset() if asked == (None, None) else frozenset({Part.LAYERS})
    return of_layers | {Part.ENDS}


IO: Final = Check(
    name="model.io",
    needs=Needs.FACTS,
    function=io,
    problems=_problems,
    reads=_reads,
    needs_contract=True,
)
