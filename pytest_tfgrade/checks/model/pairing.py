"""Which end of a model stands for which of a task: by name, by position, by shape."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice, permutations
from typing import Final, TypeVar

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.contract import Contract, OutputSpec, Shape, fits, shape_text
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.facts import Facts, Tensor
from pytest_tfgrade.core.text import printable

Spec = TypeVar("Spec")

Fitting = Callable[[str, Spec, Tensor], bool]
"""Says whether an end of a model could stand for one of a task."""

_MOST_TRIED: Final = 6
"""Ends of which every order is tried: 720 ways."""


class AmbiguousError(ValueError):
    """Neither names nor shapes tell which end is which."""


def paired(
    specs: Mapping[str, Spec],
    tensors: Sequence[Tensor],
    *,
    in_order: bool = True,
    fittings: Iterable[Fitting[Spec]] = (),
) -> list[tuple[str, Spec, Tensor]]:
    """Return the model's end for each of the contract's, in the contract's order.

    By name where one agrees, capitals apart. What is left goes by position if the model
    has an order, or if there is no choice; else in the one way in which all fit.

    Args:
        specs: The contract's ends by name.
        tensors: The model's.
        in_order: Whether the model takes or returns them in this order.
        fittings: From the strictest on; the first that leaves one way decides.

    Raises:
        AmbiguousError: There is no order, and not one such way.
    """
    found = _by_name(specs, tensors)
    rest = {name: spec for name, spec in specs.items() if name not in found}
    free = [
        tensor for tensor in tensors if all(tensor is not t for t in found.values())
    ]
    if in_order or len(rest) != len(free) or len(rest) <= 1:
        found |= dict(zip(rest, free, strict=False))
    else:
        found |= _only_way(rest, free, fittings)
    return [(name, spec, found[name]) for name, spec in specs.items() if name in found]


def plain_name(tensor: Tensor) -> str:
    """Return the name of an end as its model had it.

    >>> plain_name(Tensor(name="serving_default_num:0", shape=None, dtype=None))
    'num'
    """
    name = tensor.name if tensor.key is None else tensor.key
    return name.removeprefix("serving_default_").partition(":")[0]


def _by_name(specs: Mapping[str, Spec], tensors: Sequence[Tensor]) -> dict[str, Tensor]:
    found: dict[str, Tensor] = {}
    for same in (str, str.casefold):
        for name in specs:
            bearers = [
                tensor
                for tensor in tensors
                if same(plain_name(tensor)) == same(name)
                and all(tensor is not taken for taken in found.values())
            ]
            if name not in found and len(bearers) == 1:
                found[name] = bearers[0]
    return found


def _only_way(
    specs: Mapping[str, Spec],
    tensors: Sequence[Tensor],
    fittings: Iterable[Fitting[Spec]],
) -> dict[str, Tensor]:
    for fitting in fittings if len(specs) <= _MOST_TRIED else ():
        ways = (
            way
            for way in permutations(tensors)
            if all(
                fitting(name, spec, tensor)
                for (name, spec), tensor in zip(specs.items(), way, strict=True)
            )
        )
        found = list(islice(ways, 2))
        if len(found) == 1:
            return dict(zip(specs, found[0], strict=True))
    raise AmbiguousError("neither names nor shapes tell which is which")


def output_pairs(
    facts: Facts, contract: Contract
) -> list[tuple[str, OutputSpec, Tensor]]:
    """Return the model's output for each of the contract's.

    Fewer, or none, if the model declares fewer.

    Raises:
        Ungradable: ``E_OUTPUT_SHAPE``: nobody can say which is which.
    """
    try:
        return paired(
            contract.outputs,
            declared_outputs(facts, contract),
            in_order=facts.outputs_in_order,
            fittings=[_may_be],
        )
    except AmbiguousError:
        theirs = listed((tensor.name, tensor.shape) for tensor in facts.outputs)
        ours = listed((name, spec.shape) for name, spec in contract.outputs.items())
        raise Ungradable(
            Code.OUTPUT_SHAPE,
            f"the model returns {theirs}, the task asks for {ours}; "
            "neither names nor shapes tell which is which",
            hint="Give the last layers the names that the task states.",
        ) from None


def declared_outputs(facts: Facts, contract: Contract) -> Sequence[Tensor]:
    """Return what counts of a model's outputs.

    A signature gives its outputs by name, and may give more than anybody asks for.
    """
    asked = [t for t in facts.outputs if plain_name(t) in contract.outputs]
    is_chosen = facts.signature is not None and len(asked) == len(contract.outputs)
    return asked if is_chosen else facts.outputs


def counted_shape(shape: Shape, spec: OutputSpec) -> Shape:
    """Return the shape of what counts of an output: of a sequence, its last step."""
    is_sequence = spec.last_step and len(shape) == len(spec.shape) + 1
    return (*shape[:1], *shape[2:]) if is_sequence else shape


def _may_be(_: str, spec: OutputSpec, tensor: Tensor) -> bool:
    shape = tensor.shape
    return shape is None or fits(counted_shape(shape, spec), spec.shape)


def listed(ends: Iterable[tuple[str, Shape | None]]) -> str:
    """Name ends and their shapes in a sentence."""
    texts = [
        f"{printable(repr(name), limit=40)} {shape_text(shape)}" for name, shape in ends
    ]
    return f"{', '.join(texts[:-1])} and {texts[-1]}" if texts[1:] else texts[0]
