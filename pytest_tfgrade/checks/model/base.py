"""``model.base``: whether a model was built on another one (transfer learning)."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NamedTuple

from pytest_tfgrade.checks.interface import Check, Model, Needs
from pytest_tfgrade.core.contract import Contract
from pytest_tfgrade.core.criterion import Measured
from pytest_tfgrade.core.errors import CheckFailed
from pytest_tfgrade.core.facts import Facts, Layer, Part, StoredVariable
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.core.threshold import Direction, Threshold

_MOST_NAMED: Final = 3


def base(
    model: Model,
    *,
    base: Path,
    shared: Decimal = Decimal("0.9"),
    frozen: bool = False,
    changed: Decimal = Decimal(0),
) -> Measured:
    """The model is built on the weights of a given one.

    Weights are compared as whole arrays: one that training changed in a single number
    is no longer shared. Where they stand does not matter, as long as a layer between
    input and output holds them.

    Args:
        model: The facts and digests of the stored weights.
        base: The model file to build on; the path is relative to the rubric.
        shared: The least share of the base's parameters that must be in the model
            unchanged; a base without its last layers has fewer.
        frozen: Whether the layers that hold them must be frozen (``trainable`` is
            false, of the layer or of a model around it).
        changed: The least share of the base's parameters that must not be in the model
            unchanged, as after fine-tuning or with another head.
    """
    wanted = model.open_reference(base).weights.model
    places = dict(_places(model.facts))
    used = [
        (variable, place)
        for variable in model.weights.model
        if (place := places.get(_address(variable))) is not None and place.used
    ]
    anywhere = _share(wanted, model.weights.model)
    share = _share(wanted, [variable for variable, _ in used])
    _require_shared(share, anywhere, shared)
    if frozen:
        _require_frozen(wanted, used, shared)
    _require_changed(anywhere, changed)
    return Measured(rationale=f"{_percent(share)} of the base kept", value=share)


class _Place(NamedTuple):
    """What becomes of a layer's weights."""

    used: bool
    """Whether the layer may lie between an input and an output."""

    frozen: bool
    """Whether it, or a model around it, is not trainable."""


def _places(facts: Facts) -> Iterator[tuple[tuple[str, ...], _Place]]:
    waiting: list[tuple[tuple[str, ...], bool, Layer]]
    waiting = [((), False, layer) for layer in facts.layers]
    while waiting:
        around, frozen, layer = waiting.pop()
        address = (*around, layer.name)
        frozen = frozen or layer.config.get("trainable") is False
        yield address, _Place(layer.on_path is not False, frozen)
        waiting.extend((address, frozen, inner) for inner in layer.layers)


def _address(variable: StoredVariable) -> tuple[str, ...]:
    return () if variable.layer is None else (*variable.within, variable.layer)


def _share(wanted: Iterable[StoredVariable], found: Iterable[StoredVariable]) -> float:
    """Return the share of the wanted numbers that are found, arrays as a whole."""
    left = Counter(map(_content, wanted))
    total = sum(math.prod(shape) * count for (shape, _, _), count in left.items())
    if not total:
        raise ValueError("the base holds no weights; give another file as base")
    both = left & Counter(map(_content, found))
    kept = sum(math.prod(shape) * count for (shape, _, _), count in both.items())
    return kept / total


def _content(variable: StoredVariable) -> tuple[tuple[int, ...], str, str]:
    return variable.shape, variable.dtype, variable.sha256


def _require_shared(share: float, anywhere: float, shared: Decimal) -> None:
    enough = Threshold(shared, Direction.HIGHER_IS_BETTER)
    if enough.admits(share):
        return
    if enough.admits(anywhere):
        raise CheckFailed(
            "the base is in the file, but not between the model's input and output",
            hint="Call the base on the model's input and build on what it returns.",
            value=share,
        )
    raise CheckFailed(
        f"{_percent(share)} of the base kept, required >= {_percent(shared)}",
        hint="Build on the given base with its weights, and keep them as they are.",
        value=share,
    )


def _require_frozen(
    wanted: Iterable[StoredVariable],
    used: Iterable[tuple[StoredVariable, _Place]],
    shared: Decimal,
) -> None:
    used = list(used)
    share = _share(wanted, [variable for variable, place in used if place.frozen])
    if Threshold(shared, Direction.HIGHER_IS_BETTER).admits(share):
        return
    contents = set(map(_content, wanted))
    names = [
        repr(printable(variable.layer or "", limit=80))
        for variable, place in used
        if _content(variable) in contents and not place.frozen
    ]
    named = list(dict.fromkeys(names))
    more = ", ..." if len(named) > _MOST_NAMED else ""
    raise CheckFailed(
        f"layers of the base are not frozen: {', '.join(named[:_MOST_NAMED])}{more}",
        hint="Set base.trainable = False before you compile the model.",
        value=share,
    )


def _require_changed(share: float, changed: Decimal) -> None:
    if Threshold(1 - changed, Direction.LOWER_IS_BETTER).admits(share):
        return
    raise CheckFailed(
        f"{_percent(share)} of the base kept, required <= {_percent(1 - changed)}",
        hint="Train some layers of the base too: fine-tune them.",
        value=share,
    )


def _percent(share: float | Decimal) -> str:
    """Return a share as a percentage.

    >>> _percent(0.9), _percent(0.12345)
    ('90%', '12.345%')
    """
    return f"{float(share) * 100:.6g}%"


def _problems(
    parameters: Mapping[str, Any],
    contract: Contract,
) -> Iterator[tuple[str, str]]:
    shared, changed = parameters["shared"], parameters["changed"]
    if not 0 < shared <= 1:
        yield "shared", f"shared {shared} is no share; write more than 0, at most 1"
    elif not 0 <= changed <= 1 - shared:
        room = 1 - shared
        yield (
            "changed",
            f"changed {changed} leaves no model that can pass; write 0 to {room}",
        )


def _reads(parameters: Mapping[str, Any]) -> frozenset[Part]:
    return frozenset({Part.LAYERS, Part.WEIGHTS})


BASE: Final = Check(
    name="model.base",
    needs=Needs.FACTS,
    function=base,
    problems=_problems,
    reads=_reads,
)
