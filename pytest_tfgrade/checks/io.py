"""``model.io``: the inputs and outputs that a file declares."""

from collections.abc import Mapping, Sequence
from typing import Final

from pytest_tfgrade.checks.interface import Check, Model, Needs
from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.contract import InputSpec, fits, shape_text
from pytest_tfgrade.core.criterion import Measured
from pytest_tfgrade.core.errors import CheckFailed, Ungradable
from pytest_tfgrade.core.facts import Facts, Tensor


def io(model: Model, *, activation: str | Sequence[str] | None = None) -> Measured:
    """The file declares the inputs and outputs that the task asks for.

    Args:
        model: The facts and the contract. An output shape that cannot be known
            without running the model is left to ``predict.contract``.
        activation: The last activation, or several of which any will do.
    """
    try:
        require_inputs(model.facts, model.contract.inputs)
    except Ungradable as finding:
        raise CheckFailed(finding.rationale, hint=finding.hint) from None
    _require_outputs(model)
    if activation is not None:
        allowed = (activation,) if isinstance(activation, str) else tuple(activation)
        last = model.facts.last_activation or "unknown"
        if last not in allowed:
            rationale = (
                f"the last activation is {last}, required {' or '.join(allowed)}"
            )
            raise CheckFailed(
                rationale, hint="Change the activation of the last layer."
            )
    return Measured(rationale=_summary(model.facts))


def require_inputs(facts: Facts, inputs: Mapping[str, InputSpec]) -> None:
    """Do nothing if a model can take the inputs of a contract, by what it declares.

    Raises:
        Ungradable: ``E_INPUT_SHAPE`` or ``E_DTYPE``, with both sides.
    """
    if not facts.inputs:
        return  # a model that declares none, as a subclassed one
    if len(facts.inputs) != len(inputs):
        text = (
            f"the model takes {len(facts.inputs)} inputs, the task gives {len(inputs)}"
        )
        raise Ungradable(Code.INPUT_SHAPE, text)
    for (name, spec), tensor in zip(inputs.items(), facts.inputs, strict=True):
        declared = next((t for t in facts.inputs if t.name == name), tensor)
        _require_input(spec, declared)


def _require_input(spec: InputSpec, declared: Tensor) -> None:
    if declared.shape is not None and not fits(declared.shape, spec.shape):
        text = f"the model takes inputs of shape {shape_text(declared.shape)}"
        required = f"{text}, the task gives {shape_text(spec.shape)}"
        raise Ungradable(Code.INPUT_SHAPE, required)
    if declared.dtype is None:
        return
    if (declared.dtype == "string") != (spec.dtype == "string"):
        text = f"the model takes {declared.dtype} inputs, the task gives {spec.dtype}"
        raise Ungradable(Code.DTYPE, text, hint="Build the model for these inputs.")


def _require_outputs(model: Model) -> None:
    declared, required = model.facts.outputs, model.contract.outputs
    if declared and len(declared) != len(required):
        rationale = f"the model has {len(declared)} outputs, required {len(required)}"
        raise CheckFailed(rationale, hint=Code.OUTPUT_SHAPE.hint)
    for tensor, spec in zip(declared, required.values(), strict=False):
        if tensor.shape is not None and not fits(tensor.shape, spec.shape):
            rationale = (
                f"the output has shape {shape_text(tensor.shape)}, "
                f"required {shape_text(spec.shape)}"
            )
            raise CheckFailed(rationale, hint=Code.OUTPUT_SHAPE.hint)


def _summary(facts: Facts) -> str:
    inputs = ", ".join(shape_text(tensor.shape) for tensor in facts.inputs)
    outputs = ", ".join(shape_text(tensor.shape) for tensor in facts.outputs)
    return f"{inputs or 'unknown'} -> {outputs or 'unknown'}"


IO: Final = Check(name="model.io", needs=Needs.FACTS, function=io)
