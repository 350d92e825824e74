"""The contract of a model by its file alone, where no task states one."""

import math
from collections.abc import Iterator, Sequence
from typing import Final, get_args

from pytest_tfgrade.core.contract import Contract, DtypeName, InputSpec, OutputSpec
from pytest_tfgrade.core.facts import Facts, Tensor
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.engine.made_up_rows import MOST_VALUES, sizes_of

_LIKELY_RANKS: Final = (2, 3, 4, 1, 5)
"""Of outputs of which the file says nothing."""


class NotDeclared(Exception):  # noqa: N818 - a finding
    """A file does not say what is needed to call its model; the text says what."""


def declared_contracts(facts: Facts) -> Iterator[Contract]:
    """Yield what a model may take and return, the likeliest first.

    Where the file does not declare the shape of outputs, there are several: an output
    is taken for one if it declares none.

    Raises:
        NotDeclared: Inputs cannot be made up by what the file says.
    """
    taken = {name: _input(name, tensor) for name, tensor in _named(facts.inputs)}
    if not taken:
        raise NotDeclared("the file does not declare the inputs of its model")
    outputs = dict(_named(facts.outputs)) or {
        "output": Tensor(name="output", shape=None, dtype=None)
    }
    all_known = all(tensor.shape is not None for tensor in outputs.values())
    for rank in _LIKELY_RANKS[:1] if all_known else _LIKELY_RANKS:
        specs = {
            name: OutputSpec(shape=tensor.shape or (None,) * rank)
            for name, tensor in outputs.items()
        }
        yield Contract(inputs=taken, outputs=specs)


def _named(tensors: Sequence[Tensor]) -> Iterator[tuple[str, Tensor]]:
    """Yield tensors with names that differ, printable."""
    seen: set[str] = set()
    for number, tensor in enumerate(tensors):
        name = printable(tensor.name, limit=60) or f"number {number}"
        if name in seen:
            name = f"{name} ({number})"
        seen.add(name)
        yield name, tensor


def _input(name: str, tensor: Tensor) -> InputSpec:
    if tensor.shape is None:
        raise NotDeclared(f"the file does not declare the shape of the input {name!r}")
    dtype = tensor.dtype or "float32"
    if dtype not in get_args(DtypeName):
        what = printable(dtype, limit=40)
        raise NotDeclared(f"the input {name!r} is {what}, which cannot be made up")
    if math.prod(sizes_of(tensor.shape)) > MOST_VALUES:
        raise NotDeclared(f"the input {name!r} is too large to be made up")
    return InputSpec(shape=(None, *tensor.shape[1:]), dtype=dtype)
