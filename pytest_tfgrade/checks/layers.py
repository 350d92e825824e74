"""``model.layers`` and ``model.forbid``: which layers a model is made of."""

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, Final

from pytest_tfgrade.checks.interface import Check, Model, Needs
from pytest_tfgrade.core.contract import Contract
from pytest_tfgrade.core.criterion import Measured
from pytest_tfgrade.core.errors import CheckFailed
from pytest_tfgrade.core.facts import Facts, Layer
from pytest_tfgrade.core.text import printable


def layers(
    model: Model,
    *,
    class_: str | Sequence[str],
    min_: int = 1,
    max_: int | None = None,
) -> Measured:
    """The model has the required number of layers of a kind.

    Args:
        model: The facts; nested and wrapped layers count.
        class_: A class name or glob, or several of which any counts.
        min_: How many there must be.
        max_: How many there may be.
    """
    patterns = _patterns(class_)
    count = len(_matching(model.facts, patterns))
    kind = " or ".join(patterns)
    if count < min_:
        hint = f"Add a {kind} layer."
        raise CheckFailed(f"{count} {kind} layers, required >= {min_}", hint=hint)
    if max_ is not None and count > max_:
        hint = f"Use fewer {kind} layers."
        raise CheckFailed(f"{count} {kind} layers, required <= {max_}", hint=hint)
    return Measured(rationale=f"{count} {kind} layers")


def forbid(model: Model, *, layers: Sequence[str]) -> Measured:
    """The model has no layer of a forbidden kind.

    Args:
        model: The facts; nested and wrapped layers count.
        layers: Class names or globs.
    """
    found = _matching(model.facts, layers)
    if found:
        named = ", ".join(f"{item.class_name} ({item.name})" for item in found)
        rationale = f"the model uses {printable(named, limit=200)}"
        raise CheckFailed(rationale, hint="Replace it by other built-in layers.")
    return Measured(rationale=f"no {' or '.join(layers)} layers")


def _patterns(class_: str | Sequence[str]) -> tuple[str, ...]:
    return (class_,) if isinstance(class_, str) else tuple(class_)


def _matching(facts: Facts, patterns: Sequence[str]) -> list[Layer]:
    return [
        layer
        for layer in facts.walk()
        if any(fnmatchcase(layer.class_name, pattern) for pattern in patterns)
    ]


def _bounds_problems(
    parameters: Mapping[str, Any],
    contract: Contract,
) -> Iterator[tuple[str, str]]:
    lowest, highest = parameters["min_"], parameters["max_"]
    if not parameters["class_"]:
        yield "class", "names no layer; write a class, as Conv2D"
    if highest is not None and highest < lowest:
        way_out = "use the check model.forbid" if highest == 0 else "no model can pass"
        yield "max", f"max {highest} is below min {lowest}; {way_out}"


def _forbid_problems(
    parameters: Mapping[str, Any],
    contract: Contract,
) -> Iterator[tuple[str, str]]:
    if not parameters["layers"]:
        yield "layers", "names no layer; write a class, as [Lambda]"


LAYERS: Final = Check(
    name="model.layers",
    needs=Needs.FACTS,
    function=layers,
    problems=_bounds_problems,
)
FORBID: Final = Check(
    name="model.forbid",
    needs=Needs.FACTS,
    function=forbid,
    problems=_forbid_problems,
)
