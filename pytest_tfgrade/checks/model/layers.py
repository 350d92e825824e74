"""``model.layers`` and ``model.forbid``: which layers a model is made of."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pytest_tfgrade.checks.interface import Check, Model, Needs, reads_layers
from pytest_tfgrade.checks.model.naming import (
    layer_problems,
    listed,
    settings_named,
)
from pytest_tfgrade.checks.model.order import Flow
from pytest_tfgrade.checks.model.search import holding_weights, named_layers
from pytest_tfgrade.checks.model.where import described, meets_all, where_problems
from pytest_tfgrade.core.contract import Contract
from pytest_tfgrade.core.criterion import Measured
from pytest_tfgrade.core.errors import CheckFailed
from pytest_tfgrade.core.facts import Layer
from pytest_tfgrade.core.text import printable


def layers(  # noqa: PLR0913 - its parameters are what a rubric can write
    model: Model,
    *,
    class_: str | Sequence[str] | None = None,
    min_: int = 1,
    max_: int | None = None,
    exact: int | None = None,
    where: Mapping[str, Any] | None = None,
    on_path: bool = True,
    nested: bool = True,
    with_weights: bool = False,
    order: Sequence[str] | None = None,
) -> Measured:
    """The model has the required layers.

    Args:
        model: The facts.
        class_: A class name or glob, or several of which any counts. ``"*"`` is every
            layer, but no input, no nested model and no operation on tensors.
        min_: How many there must be.
        max_: How many there may be.
        exact: How many there must be, no more and no less.
        where: Conditions on the settings of a layer that counts, as
            ``{units: ">= 16", activation: relu, kernel_size: [3, 3]}``: a value that
            must be equal, a comparison in quotes, several of them with commas, or
            ``{any: [relu, elu]}``. A number equals a list of the same numbers.
        on_path: Count a layer only if it lies between an input and an output.
        nested: Count layers of nested models and of wrappers, too.
        with_weights: Count a layer only if the file stores weights of it.
        order: Classes or globs that must follow one another on the way of the data,
            other layers in between or not.
    """
    counted = _Wanted(
        patterns=listed(class_ or ()),
        where=where or {},
        on_path=on_path,
        nested=nested,
        with_weights=with_weights,
    )
    found = []
    if class_ is not None:
        found.append(_require_count(model, counted, min_, max_, exact))
    if order is not None:
        found.append(_require_order(model, order, on_path=on_path, nested=nested))
    return Measured(rationale="; ".join(found))


def forbid(
    model: Model, *, layers: Sequence[str], where: Mapping[str, Any] | None = None
) -> Measured:
    """The model has no layer of a forbidden kind.

    Args:
        model: The facts; nested and wrapped layers count, and operations on tensors.
        layers: Class names or globs.
        where: Conditions on the settings of a forbidden layer, as in ``model.layers``;
            without them every such layer is forbidden.
    """
    found = [
        layer
        for layer in named_layers(model.facts, layers, operations=True)
        if meets_all(where or {}, layer.config)
    ]
    conditions = _with(described(where or {}))
    if found:
        named = ", ".join(f"{item.class_name} ({item.name})" for item in found)
        rationale = f"the model uses {printable(named, limit=200)}{conditions}"
        hint = "Change these settings." if where else _REPLACE
        raise CheckFailed(rationale, hint=hint)
    return Measured(rationale=f"no {' or '.join(layers)} layers{conditions}")


_REPLACE: Final = "Replace it by other built-in layers."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """Which layers count."""

    patterns: tuple[str, ...]
    where: Mapping[str, Any]
    on_path: bool
    nested: bool
    with_weights: bool

    @property
    def kind(self) -> str:
        """The classes, as a word before "layer"; empty for every class."""
        return "" if "*" in self.patterns else " or ".join(self.patterns) + " "

    @property
    def conditions(self) -> str:
        """What else is asked of a layer; may be empty."""
        return _with([*["weights"] * self.with_weights, *described(self.where)])

    def text(self, count: int) -> str:
        """Return ``2 Conv2D layers with filters >= 16``."""
        return f"{count} {self.kind}layer{'' if count == 1 else 's'}{self.conditions}"


def _require_count(
    model: Model, wanted: _Wanted, lowest: int, highest: int | None, exact: int | None
) -> str:
    found, others = _counted(model, wanted)
    count = len(found)
    bounds = f">= {lowest}", f"<= {highest}"
    if exact is not None:
        lowest, highest, bounds = exact, exact, (f"exactly {exact}",) * 2
    if count < lowest:
        what = f"{wanted.text(count)}, required {bounds[0]}"
        reason, hint = others or ("", f"Add a {wanted.kind}layer{wanted.conditions}.")
        raise CheckFailed(what + reason, hint=hint)
    if highest is not None and count > highest:
        hint = f"Use fewer {wanted.kind}layers{wanted.conditions}."
        raise CheckFailed(f"{wanted.text(count)}, required {bounds[1]}", hint=hint)
    return wanted.text(count)


def _counted(
    model: Model, wanted: _Wanted
) -> tuple[list[Layer], tuple[str, str] | None]:
    """Return the layers that count; and why others of the class do not, with a hint."""
    every = named_layers(model.facts, wanted.patterns, nested=wanted.nested)
    fitting = [layer for layer in every if meets_all(wanted.where, layer.config)]
    holding = holding_weights(model, fitting) if wanted.with_weights else fitting
    found = [x for x in holding if x.on_path is not False or not wanted.on_path]
    for some, fewer, reason, hint in (
        (holding, found, "not on the way from an input to an output", _CONNECT),
        (fitting, holding, "without weights", "Use layers that learn something."),
        (every, fitting, "with other settings", _settings_hint(wanted)),
    ):
        if len(some) > len(fewer):
            return found, (f"; {len(some) - len(fewer)} more {reason}", hint)
    return found, None


_CONNECT: Final = "Connect the layer, so that the output depends on it."


def _settings_hint(wanted: _Wanted) -> str:
    return f"Set {' and '.join(described(wanted.where))}."


def _require_order(
    model: Model, order: Sequence[str], *, on_path: bool, nested: bool
) -> str:
    flow = Flow(model.facts.layers)
    reached: list[Layer] = []
    for at, pattern in enumerate(order):
        found = [
            layer
            for layer in named_layers(model.facts, [pattern], nested=nested)
            if layer.on_path is not False or not on_path
        ]
        reached = flow.downstream(reached, found) if at else found
        if not reached:
            before = ", ".join(order[:at])
            what = f"no {pattern} layer"
            raise CheckFailed(
                f"{what} follows {before}" if found and at else f"there is {what}",
                hint=f"Use these layers in this order: {', '.join(order)}.",
            )
    return f"{', '.join(order)} in this order"


def _with(conditions: Sequence[str]) -> str:
    return f" with {' and '.join(conditions)}" if conditions else ""


def _layers_problems(
    parameters: Mapping[str, Any],
    contract: Contract,
) -> Iterator[tuple[str, str]]:
    class_, order = parameters["class_"], parameters["order"]
    if class_ is None and order is None:
        yield "check", "model.layers asks for no layer; add class or order"
    if class_ is not None:
        patterns = listed(class_)
        for text in layer_problems(patterns):
            yield "class", text
        yield from _settings_problems(parameters["where"], patterns)
    if class_ is None and any(parameters[key] for key in ("where", "with_weights")):
        yield "check", "where and with_weights choose layers of a class; add class"
    if order is not None:
        if len(order) < _FEWEST_IN_ORDER:
            yield "order", "names fewer than two layers; add one, or use class"
        for text in layer_problems(order) if order else ():
            yield "order", text
    yield from _bounds_problems(parameters)


_FEWEST_IN_ORDER: Final = 2


def _settings_problems(
    where: Mapping[str, Any] | None, patterns: Sequence[str]
) -> Iterator[tuple[str, str]]:
    if where is not None and not list(layer_problems(patterns)):
        known = settings_named(patterns)
        of = " or ".join(patterns)
        yield from where_problems(where, known, of=of, at="where")


def _bounds_problems(parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    lowest, highest, exact = (parameters[key] for key in ("min_", "max_", "exact"))
    for key, bound in (("min", lowest), ("exact", exact)):
        if bound is not None and bound < 0:
            yield key, f"must be at least 0, got {bound}"
    if exact == 0:
        yield "exact", "exact 0 forbids the layer; use the check model.forbid"
    if exact is not None and (highest is not None or lowest != 1):
        yield "exact", "says it all; remove min and max"
    if highest is not None and highest < lowest:
        way_out = "use the check model.forbid" if highest == 0 else "no model can pass"
        yield "max", f"max {highest} is below min {lowest}; {way_out}"


def _forbid_problems(
    parameters: Mapping[str, Any],
    contract: Contract,
) -> Iterator[tuple[str, str]]:
    if not parameters["layers"]:
        yield "layers", "names no layer; write a class, as [Lambda]"
        return
    for text in layer_problems(parameters["layers"]):
        yield "layers", text
    yield from _settings_problems(parameters["where"], parameters["layers"])


LAYERS: Final = Check(
    name="model.layers",
    needs=Needs.FACTS,
    function=layers,
    problems=_layers_problems,
    reads=reads_layers,
)
FORBID: Final = Check(
    name="model.forbid",
    needs=Needs.FACTS,
    function=forbid,
    problems=_forbid_problems,
    reads=reads_layers,
)
