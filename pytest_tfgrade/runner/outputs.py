"""Which arrays a model may return: the contract, kept before data are read."""

import math
from collections.abc import Collection, Mapping
from typing import Final

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.contract import OutputSpec, fits, shape_text
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.runner.decoder import Admit
from pytest_tfgrade.runner.worker.frames import ArrayHeader

MOST_BYTES: Final = 1 << 30
"""Of one output, where the contract leaves a size open."""


LONGEST_AXIS: Final = 1_000_000
"""Of a shape that is told to a candidate: a model could hide inputs in numbers."""


def admit_outputs(outputs: Mapping[str, OutputSpec], rows: int) -> Admit:
    """Return a function that admits the outputs of a contract and no others.

    Args:
        outputs: The contract's outputs by name, in its order.
        rows: Rows of the inputs; each output must have as many.

    A model returns a single tensor or a list (known by position) or a dict (by name).
    """
    names = tuple(outputs)

    def admit(header: ArrayHeader) -> str:
        name = _name(header.name, names)
        required = (rows, *outputs[name].shape[1:])
        if not fits(header.shape, required):
            raise Ungradable(Code.OUTPUT_SHAPE, _mismatch(header, outputs[name], rows))
        if rows and not math.prod(header.shape):
            raise Ungradable(Code.OUTPUT_SHAPE, "the predictions are empty")
        if header.size > MOST_BYTES:
            text = f"the predictions are larger than {MOST_BYTES >> 20} MiB"
            raise Ungradable(Code.OUTPUT_SHAPE, text)
        return name

    return admit


def require_all(outputs: Collection[str], arrived: Collection[str]) -> None:
    """Raise ``Ungradable`` if an output of the contract has not arrived."""
    missing = [name for name in outputs if name not in arrived]
    if missing:
        text = f"the model returns {len(arrived)} of {len(outputs)} outputs; missing: "
        raise Ungradable(Code.OUTPUT_SHAPE, text + ", ".join(missing))


def _name(sent: str, names: tuple[str, ...]) -> str:
    if sent in names:
        return sent
    if sent.isdecimal() and int(sent) < len(names):
        return names[int(sent)]
    wanted = ", ".join(names)
    raise Ungradable(
        Code.OUTPUT_SHAPE,
        "the model returns an output that the task does not name; "
        f"it asks for: {wanted}",
        detail=f"the output is called {printable(sent, limit=60)!r}",
    )


def _mismatch(header: ArrayHeader, spec: OutputSpec, rows: int) -> str:
    if header.shape[:1] != (rows,):
        got = f"{header.shape[0]} rows" if header.shape else "a single number"
        return f"the model returns {got} for {rows} rows of inputs"
    if any(size > LONGEST_AXIS for size in header.shape):
        return "the predictions are far larger than the task asks for"
    got = shape_text((None, *header.shape[1:]))
    required = shape_text(spec.shape)
    return f"the predictions have shape {got}, the task asks for {required}"
