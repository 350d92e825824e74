"""``model.params``: how large a model is."""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pytest_tfgrade.checks.interface import Check, Model, Needs
from pytest_tfgrade.checks.model.search import Address, addressed, owner
from pytest_tfgrade.core.contract import Contract
from pytest_tfgrade.core.criterion import Measured
from pytest_tfgrade.core.errors import CheckFailed
from pytest_tfgrade.core.facts import Layer, Part

_SIZE: Final = re.compile(r"(\d{1,15}(?:\.\d{1,6})?) ?([kMG]i?)?B?")
_UNITS: Final[Mapping[str | None, int]] = {
    **{None: 1, "k": 10**3, "M": 10**6, "G": 10**9},
    **{"ki": 2**10, "Mi": 2**20, "Gi": 2**30},
}


def params(  # noqa: PLR0913 - its parameters are what a rubric can write
    model: Model,
    *,
    min_: int | None = None,
    max_: int | None = None,
    trainable_min: int | None = None,
    trainable_max: int | None = None,
    max_bytes: int | str | None = None,
) -> Measured:
    """The number of the model's parameters lies within bounds.

    Every stored weight counts, optimizer state does not. The numbers of arrays that
    operations compute with, as in ``keras.ops.matmul(x, array)``, count as well, though
    ``count_params`` leaves them out; the rationale says how many there are.

    Args:
        model: The facts.
        min_: The fewest parameters.
        max_: The most parameters.
        trainable_min: The fewest parameters that training changes: not those of a
            frozen layer, and no running means.
        trainable_max: The most parameters that training changes.
        max_bytes: How large all parameters may be, as ``5 MB``, optimizer state apart.
    """
    weights = model.facts.weights
    count = weights.parameters + weights.constants
    arrays = f" ({weights.constants} in arrays of operations)"
    every = "parameters" + (arrays if weights.constants else "")
    _require_bounds(count, every, min_, max_, count)
    texts = [f"{count} {every}"]
    if trainable_min is not None or trainable_max is not None:
        trainable = _trainable(model)
        what = "trainable parameters"
        _require_bounds(trainable, what, trainable_min, trainable_max, count)
        texts.append(f"{trainable} of them trainable")
    if max_bytes is not None:
        texts.append(_require_size(model, max_bytes, count))
    return Measured(rationale=", ".join(texts), value=count)


def _require_bounds(
    found: int, what: str, lowest: int | None, highest: int | None, count: int
) -> None:
    frozen = what == "trainable parameters"
    if lowest is not None and found < lowest:
        hint = "Freeze fewer layers." if frozen else "Use a larger model."
        rationale = f"{found} {what}, required >= {lowest}"
        raise CheckFailed(rationale, hint=hint, value=count)
    if highest is not None and found > highest:
        smaller = "Use a smaller model."
        hint = "Freeze more layers, or use fewer." if frozen else smaller
        rationale = f"{found} {what}, required <= {highest}"
        raise CheckFailed(rationale, hint=hint, value=count)


def _require_size(model: Model, most: int | str, count: int) -> str:
    size = model.facts.weights.model_bytes + model.facts.weights.constant_bytes
    text = f"{max(1, round(size / 1000))} kB of weights"
    if size > (_bytes(most) or 0):
        hint = "Use a smaller model, or layers of a smaller dtype."
        raise CheckFailed(f"{text}, required <= {most}", hint=hint, value=count)
    return text


def _trainable(model: Model) -> int:
    """Count what training would change in the model, loaded from its file.

    A layer says for itself whether it is frozen: freezing a nested model or a wrapper
    freezes each layer in it, and files keep no more than that. Of BatchNormalization
    scale and offset are trained, and of Normalization nothing.
    """
    layers: dict[Address, Layer] = {}
    for address, layer in addressed(model.facts.layers):
        layers.setdefault(address, layer)
    total = 0
    seen: dict[Address, int] = {}
    for variable in model.weights.model:
        address = owner(variable)
        number = seen[address] = seen.get(address, 0) + 1
        if number <= _learned(layers.get(address)):
            total += math.prod(variable.shape)
    return total


def _learned(layer: Layer | None) -> float:
    """Return how many variables of a layer, the first ones, can be trained at all."""
    if layer is not None and layer.config.get("trainable") is False:
        return 0
    match layer:
        case Layer(class_name="BatchNormalization" | "SyncBatchNormalization"):
            parts = ("scale", "center")
            return sum(layer.config.get(part) is not False for part in parts)
        case Layer(class_name="Normalization"):
            return 0
        case _:
            return math.inf


def _bytes(size: int | str) -> int | None:
    """Return a size in bytes; None if a text is none.

    >>> _bytes("5 MB"), _bytes("1.5 kiB"), _bytes("five")
    (5000000, 1536, None)
    """
    found = _SIZE.fullmatch(str(size))
    return None if found is None else round(float(found[1]) * _UNITS[found[2]])


def _problems(
    parameters: Mapping[str, Any],
    contract: Contract,
) -> Iterator[tuple[str, str]]:
    if all(bound is None for bound in parameters.values()):
        yield "check", "model.params needs a bound; add min or max"
    for low, high in (("min", "max"), ("trainable_min", "trainable_max")):
        lowest, highest = (parameters[_parameter(key)] for key in (low, high))
        if lowest is not None and highest is not None and highest < lowest:
            yield high, f"{high} {highest} is below {low} {lowest}; no model can pass"
    fewest, most = parameters["trainable_min"], parameters["max_"]
    if fewest is not None and most is not None and most < fewest:
        yield "max", f"max {most} is below trainable_min {fewest}; no model can pass"
    size = parameters["max_bytes"]
    if size is not None and not _bytes(size):
        yield "max_bytes", f"must be a number and a unit, as 5 MB, got {size!r}"


def _parameter(key: str) -> str:
    """Return the parameter behind a key; some would hide a function of Python."""
    return f"{key}_" if key in {"min", "max"} else key


def _reads(parameters: Mapping[str, Any]) -> frozenset[Part]:
    bounds = (parameters["trainable_min"], parameters["trainable_max"])
    is_of_all = bounds == (None, None)
    return frozenset({Part.WEIGHTS} if is_of_all else {Part.WEIGHTS, Part.LAYERS})


PARAMS: Final = Check(
    name="model.params",
    needs=Needs.FACTS,
    function=params,
    problems=_problems,
    reads=_reads,
)
