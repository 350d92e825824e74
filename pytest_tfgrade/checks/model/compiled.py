"""``model.compile``: how a model was trained, by its compile settings."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pytest_tfgrade.checks.interface import Check, Model, Needs
from pytest_tfgrade.checks.model.agreement import find_conflict
from pytest_tfgrade.checks.model.compile_problems import compile_problems
from pytest_tfgrade.checks.model.compile_settings import (
    Optimizer,
    OutputLoss,
    canonical,
    compile_settings,
    has_metric,
    is_named,
    losses_of,
    metric_names,
    optimizer_of,
)
from pytest_tfgrade.checks.model.ends import certain_activation
from pytest_tfgrade.checks.model.naming import is_saved, listed, name_of, settings_of
from pytest_tfgrade.checks.model.where import described, find, meets
from pytest_tfgrade.core.criterion import Measured
from pytest_tfgrade.core.errors import CheckFailed
from pytest_tfgrade.core.facts import Part
from pytest_tfgrade.core.text import printable

Names = str | Sequence[str]
"""A name, or several of which any will do."""

_CLIPPING: Final = ("clipnorm", "clipvalue", "global_clipnorm")


def compiled(  # noqa: PLR0913 - its parameters are what a rubric can write
    model: Model,
    *,
    optimizer: Names | None = None,
    optimizer_config: Mapping[str, Any] | None = None,
    schedule: bool | Names | None = None,
    clipping: bool | None = None,
    loss: Names | None = None,
    losses: Mapping[str, Names] | None = None,
    loss_weights: Mapping[str, Any] | None = None,
    metrics: Sequence[str] | None = None,
    agree: bool = False,
) -> Measured:
    """The model was compiled with the required settings.

    Args:
        model: The facts. They are what the candidate's program said when it saved the
            model, which is no proof of how it was trained.
        optimizer: A class, or several of which any will do.
        optimizer_config: Conditions on its settings, as ``{learning_rate: "<= 0.01"}``,
            in the forms of ``where`` in ``model.layers``. Of a schedule the initial
            learning rate counts.
        schedule: ``true`` for any learning rate schedule, ``false`` for none, or the
            class of one. Callbacks leave no trace in a file.
        clipping: Whether gradients are clipped: ``clipnorm``, ``clipvalue`` or
            ``global_clipnorm`` is set.
        loss: A loss by class, function or alias (``mse``), or several of which any will
            do; of every output.
        losses: The same for each output by its name in the contract.
        loss_weights: Conditions on the weights of outputs by their names; 1 unless set.
        metrics: Metrics that must be among those compiled. ``accuracy`` is any of
            Keras' accuracies.
        agree: Fail if loss, ``from_logits`` and the last activation cannot belong
            together, as ``from_logits=True`` behind a softmax.
    """
    settings = compile_settings(model)
    used = optimizer_of(settings)
    _require_optimizer(used, optimizer, optimizer_config or {})
    _require_schedule(used, schedule)
    _require_clipping(used, clipping)
    ends = losses_of(model, settings)
    for end in ends:
        wanted = (losses or {}).get(end.output, loss)
        _require_loss(end, None if wanted is None else listed(wanted), len(ends) > 1)
        _require_weight(end, loss_weights or {})
    _require_metrics(metric_names(settings), metrics or ())
    if agree:
        _require_agreement(model, ends)
    compiled_with = dict.fromkeys(_said(end.loss) for end in ends)
    text = f"compiled with {_shown(used.name)}, {', '.join(compiled_with) or 'no loss'}"
    return Measured(rationale=text)


def _require_optimizer(
    used: Optimizer, asked: Names | None, config: Mapping[str, Any]
) -> None:
    if asked is not None and not any(
        is_named(name, used.name) for name in listed(asked)
    ):
        wanted = " or ".join(listed(asked))
        rationale = f"the optimizer is {_shown(used.name)}, required {wanted}"
        raise CheckFailed(rationale, hint=f"Compile the model with {wanted}.")
    for key, wanted in config.items():
        found = _initial(find(used.settings, key))
        if not meets(wanted, found):
            text = _shown(_value(found))
            rationale = (
                f"{key} of the optimizer is {text}, required "
                f"{described({key: wanted})[0].removeprefix(key + ' ')}"
            )
            raise CheckFailed(rationale, hint=f"Set {key} of the optimizer.")


def _require_schedule(used: Optimizer, asked: bool | Names | None) -> None:
    rate = used.settings["learning_rate"]
    found = name_of(rate) if is_saved(rate) else None
    said = "the learning rate is constant" if found is None else _shown(found)
    match asked:
        case None:
            return
        case False if found is not None:
            rationale = f"the learning rate follows {said}, required a constant one"
            raise CheckFailed(rationale, hint="Give the optimizer a number.")
        case True if found is None:
            rationale = f"{said}, required a schedule"
            raise CheckFailed(rationale, hint=_SCHEDULE)
        case bool():
            return
        case _:
            names = listed(asked)
            if found is None or not any(is_named(name, found) for name in names):
                what = said if found is None else f"the learning rate follows {said}"
                rationale = f"{what}, required {' or '.join(names)}"
                raise CheckFailed(rationale, hint=_SCHEDULE)


_SCHEDULE: Final = "Give the optimizer a schedule of keras.optimizers.schedules."


def _require_clipping(used: Optimizer, asked: bool | None) -> None:
    found = [key for key in _CLIPPING if used.settings.get(key) is not None]
    if asked is True and not found:
        rationale = "gradients are not clipped"
        raise CheckFailed(rationale, hint="Set clipnorm or clipvalue of the optimizer.")
    if asked is False and found:
        rationale = f"gradients are clipped: {', '.join(found)}"
        raise CheckFailed(rationale, hint=f"Leave out {' and '.join(found)}.")


def _require_loss(end: OutputLoss, asked: Sequence[str] | None, several: bool) -> None:
    if asked is None:
        return
    found, wanted = name_of(end.loss), " or ".join(asked)
    which = f" of {end.output!r}" if several else ""
    hint = f"Compile the model with loss={asked[0]!r}{' for it' if several else ''}."
    if found is None:
        raise CheckFailed(f"there is no loss{which}, required {wanted}", hint=hint)
    if not any(is_named(name, found) for name in asked):
        rationale = f"the loss{which} is {_said(end.loss)}, required {wanted}"
        raise CheckFailed(rationale, hint=hint)


def _require_weight(end: OutputLoss, asked: Mapping[str, Any]) -> None:
    if end.output in asked and not meets(asked[end.output], end.weight):
        wanted = described({"": asked[end.output]})[0].strip()
        found = _shown(_value(end.weight))
        rationale = f"the loss weight of {end.output!r} is {found}, required {wanted}"
        raise CheckFailed(rationale, hint="Set loss_weights in model.compile(...).")


def _require_metrics(found: list[str], asked: Sequence[str]) -> None:
    missing = [name for name in asked if not has_metric(name, found)]
    if missing:
        among = _shown(", ".join(found) or "no metric")
        rationale = f"compiled with {among}, required {', '.join(missing)}"
        hint = f"Compile the model with metrics={list(asked)}."
        raise CheckFailed(rationale, hint=hint)


def _require_agreement(model: Model, ends: Sequence[OutputLoss]) -> None:
    for end in ends:
        if end.loss is None:
            continue
        shape = end.tensor.shape
        conflict = find_conflict(
            end.loss,
            activation=certain_activation(model.facts, end.tensor),
            units=shape[-1] if shape is not None and len(shape) > 1 else None,
            kind=model.contract.outputs[end.output].kind,
        )
        if conflict is not None:
            which = f"{end.output!r}: " if len(ends) > 1 else ""
            raise CheckFailed(which + conflict.rationale, hint=conflict.hint)
    if all(end.loss is None for end in ends):
        hint = "Compile the model with a loss."
        raise CheckFailed("the model was compiled without a loss", hint=hint)


def _initial(value: object) -> object:
    """Return a setting; of a learning rate schedule where it starts."""
    if is_saved(value):
        return settings_of(value).get("initial_learning_rate", value)
    return value


def _said(loss: object) -> str:
    name = name_of(loss)
    return "no loss" if name is None else _shown(canonical(name))


def _value(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return name_of(value) or ("not set" if value is None else str(value))


def _shown(text: str) -> str:
    return printable(text, limit=80)


def _reads(parameters: Mapping[str, Any]) -> frozenset[Part]:
    agree = parameters["agree"]  # the loss, with the activation of the last layer
    return frozenset({Part.COMPILE, Part.LAYERS} if agree else {Part.COMPILE})


COMPILE: Final = Check(
    name="model.compile",
    needs=Needs.FACTS,
    function=compiled,
    problems=compile_problems,
    reads=_reads,
)
