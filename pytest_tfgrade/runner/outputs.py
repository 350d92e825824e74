"""Which arrays a model may return: the contract, kept before data are read."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.contract import OutputSpec, fits, shape_text
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.runner.worker.frames import ArrayHeader

MOST_BYTES: Final = 1 << 30
"""Of one output, where the contract leaves a size open."""


LARGEST_TOLD: Final = 100_000
"""Values of a row of a shape that is told to a candidate, and rows.

A child says of which shape its predictions are, so it could hide inputs in numbers:
with each axis up to a million, 140 bits at a time; with all axes together up to this,
17 where there is one axis, 31 where there are seven.
"""


@dataclass(frozen=True, slots=True)
class ContractOutputs:
    """The outputs of a contract: each must come, and no others may.

    They come under their names, where the model knows these, else by position.
    """

    outputs: Mapping[str, OutputSpec]
    """By name, in the contract's order."""

    rows: int
    """Rows of the inputs; each output must have as many."""

    def admit(self, header: ArrayHeader) -> str:
        """Return the contract's name of an array that is to come.

        Raises:
            Ungradable: ``E_OUTPUT_SHAPE``: the contract asks for another array.
        """
        name = _name(header.name, tuple(self.outputs))
        spec, rows = self.outputs[name], self.rows
        if not fits(header.shape, (rows, *spec.shape[1:])):
            of = f" of {name!r}" if len(self.outputs) > 1 else ""
            raise Ungradable(Code.OUTPUT_SHAPE, _mismatch(header, spec, rows, of))
        if rows and not math.prod(header.shape):
            raise Ungradable(Code.OUTPUT_SHAPE, "the predictions are empty")
        if header.size > MOST_BYTES:
            text = f"the predictions are larger than {MOST_BYTES >> 20} MiB"
            raise Ungradable(Code.OUTPUT_SHAPE, text)
        return name

    def require_all(self, arrived: Collection[str]) -> None:
        """Do nothing if every output has arrived.

        Raises:
            Ungradable: ``E_OUTPUT_SHAPE``: one has not.
        """
        missing = [name for name in self.outputs if name not in arrived]
        if missing:
            count = f"{len(arrived)} of {len(self.outputs)}"
            text = f"the model returns {count} outputs; missing: {', '.join(missing)}"
            raise Ungradable(Code.OUTPUT_SHAPE, text)


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


def _mismatch(header: ArrayHeader, spec: OutputSpec, rows: int, of: str) -> str:
    if header.shape[:1] != (rows,):
        got = _rows_text(header.shape[0]) if header.shape else "a single number"
        return f"the model returns {got} for {rows} rows of inputs"
    if math.prod(max(size, 1) for size in header.shape[1:]) > LARGEST_TOLD:
        return f"the predictions{of} are far larger than the task asks for"
    got = shape_text((None, *header.shape[1:]))
    required = shape_text(spec.shape)
    return f"the predictions{of} have shape {got}, the task asks for {required}"


def _rows_text(rows: int) -> str:
    return f"{rows} rows" if rows <= LARGEST_TOLD else "far too many rows"
