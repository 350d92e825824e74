"""What the grader sees in one file or folder, found out step by step."""

import math
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.facts import Facts, Layer, Part
from pytest_tfgrade.core.isolation import Mode
from pytest_tfgrade.core.runtime import BUILT_IN, KnownRuntime
from pytest_tfgrade.core.submission import Artifact, ArtifactFormat, HandedIn
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.engine.copying import copied
from pytest_tfgrade.engine.runtime_choice import in_order
from pytest_tfgrade.facts import (
    parse_hdf5_content,
    read_facts,
    read_stored_weights,
    recognise,
)
from pytest_tfgrade.facts.owners import Address, Owners
from pytest_tfgrade.facts.packed import packed_model
from pytest_tfgrade.facts.weights import Part as VariablePart
from pytest_tfgrade.facts.weights import part_of
from pytest_tfgrade.runner import Confinement, LocalRunner

if TYPE_CHECKING:
    from pytest_tfgrade.engine.trial import Trial

_LARGEST: Final = 1 << 40
"""Bytes that are copied at most, as for ``trial.ANYTHING``."""

_RUNTIMES: Final = tuple(
    KnownRuntime(
        name=runtime.name, python=sys.executable, keras=None, library=runtime.library
    )
    for runtime in BUILT_IN
)
"""What may be there; nobody looks."""

MOST_LOOKED_AT: Final = 32 << 20
"""Bytes of a file whose weights are looked at unasked; they take about 0.1 s."""

_DESCRIBED: Final = 3
"""Entries of a variable before those of its values: path, dtype and shape."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLayer:
    """A layer as a row of a table."""

    layer: Layer
    """As the file has it."""

    depth: int
    """How many models and wrappers are around it."""

    parameters: int | None
    """Numbers that the file stores for it and what is inside; None if unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What was found out; a later part is None if an earlier one was refused."""

    name: str
    """The file, printable."""

    artifact: Artifact | None
    """Its format and size."""

    facts: Facts | None
    """What it says of its model."""

    layers: tuple[ShownLayer, ...] = ()
    """Outermost first, each followed by what is inside."""

    nonfinite: Mapping[str, int] | None = None
    """NaN and infinite weights by layer; None if the values were not looked at."""

    runtime: str | None = None
    """Which runtime would be tried first, by what the file says."""

    trial: "Trial | None" = None
    """What became of running it, if it was run."""

    refusal: Ungradable | None = None
    """Why it cannot be graded, as far as is known."""


class _Reader:
    """Has a file read in a confined process, once for all that is asked of it."""

    def __init__(self, runner: LocalRunner, *, values: bool) -> None:
        """Read nothing yet.

        Args:
            runner: Has the process.
            values: Whether to have the values of weights looked at, too.
        """
        self._runner = runner
        self._values = values
        self._raw: object = None

    def read(self, artifact: Artifact) -> object:
        """Return what it says, without values."""
        self._raw = self._runner.read(artifact, values=self._values)
        return self.without_values

    @property
    def without_values(self) -> object:
        """What it said, as if it had not been asked for values."""
        match self._raw:
            case {"variables": list(variables), **rest}:
                return {**rest, "variables": [_without_values(v) for v in variables]}
            case other:
                return other

    def read_values(self, artifact: Artifact, *, values: bool) -> object:
        """Return what it said, with values if they were asked for at first.

        The file is not read again, whatever the arguments are: they are those of
        ``read_stored_weights``.
        """
        return self._raw


def _without_values(variable: object) -> object:
    return variable[:_DESCRIBED] if isinstance(variable, list) else variable


def inspected(
    path: Path, *, all_values: bool = False, sandbox: Mode = Mode.AUTO
) -> Inspection:
    """Return what a file or folder is found to be; it is not run.

    Args:
        path: The file or folder, which is there.
        sandbox: How the process that reads it is isolated.
        all_values: Look at the values of weights however many there are.

    Raises:
        RunnerError: The machine is at fault, or we may not read the file.
    """
    name = printable(str(path))
    with ExitStack() as stack:
        confinement = Confinement(mode=sandbox)
        runner = stack.enter_context(closing(LocalRunner(confinement=confinement)))
        runner.start_reader()
        try:
            artifact = stack.enter_context(_staged(path, runner.staging))
        except Ungradable as refusal:
            return Inspection(name=name, artifact=None, facts=None, refusal=refusal)
        look = all_values or artifact.size <= MOST_LOOKED_AT
        reader = _Reader(runner, values=look)
        try:
            facts = read_facts(artifact, reader.read)
        except Ungradable as refusal:
            return Inspection(name=name, artifact=artifact, facts=None, refusal=refusal)
        return Inspection(
            name=name,
            artifact=artifact,
            facts=facts,
            runtime=in_order(facts, _RUNTIMES)[0].name,
            layers=tuple(_rows(facts, _parameters(facts, reader.without_values))),
            nonfinite=_nonfinite(artifact, reader, facts) if look else None,
        )


@contextmanager
def _staged(path: Path, staging: Path) -> Iterator[Artifact]:
    """Stage a file or folder as a task would that takes everything.

    What has to be unpacked goes the long way: loading what rubrics are made of takes
    longer than all the rest.
    """
    file = HandedIn(name=printable(path.name), path=path.absolute())
    with TemporaryDirectory(dir=staging) as folder:
        copy = Path(folder) / "handed-in"
        copy_of = copied(file, copy, _LARGEST)
        if copy.is_file() and packed_model(copy) is not None:
            from pytest_tfgrade.engine.staging import staged  # noqa: PLC0415
            from pytest_tfgrade.engine.trial import ANYTHING  # noqa: PLC0415

            with staged(file, ANYTHING, Path(folder)) as artifact:
                yield artifact
            return
        form = recognise(copy)
        yield Artifact(
            path=copy.rename(copy.with_suffix(f".{form}")),
            name=file.name,
            format=form,
            sha256=copy_of.sha256,
            size=copy_of.size,
        )


def _parameters(facts: Facts, raw: object) -> Counter[Address] | None:
    """Count the numbers of each layer and of all that is inside; None if unknown."""
    if facts.format not in {ArtifactFormat.KERAS, ArtifactFormat.H5}:
        return None
    owners = Owners(facts.layers, facts.format)
    count: Counter[Address] = Counter()
    for variable in parse_hdf5_content(raw).variables:
        if part_of(variable.path) is VariablePart.MODEL:
            address = owners.of(variable.path)
            for depth in range(len(address)):
                count[address[: depth + 1]] += math.prod(variable.shape)
    return count


def _rows(facts: Facts, count: Counter[Address] | None) -> Iterator[ShownLayer]:
    """Yield all layers in the order of the table."""
    waiting: list[tuple[Address, Layer]] = [((), layer) for layer in facts.layers[::-1]]
    while waiting:
        around, layer = waiting.pop()
        address = (*around, layer.name)
        yield ShownLayer(
            layer=layer,
            depth=len(around),
            parameters=None if count is None else count[address],
        )
        waiting += [(address, inner) for inner in layer.layers[::-1]]


def _nonfinite(
    artifact: Artifact, reader: _Reader, facts: Facts
) -> Mapping[str, int] | None:
    """Count NaN and infinite weights by layer, else by path; None if unknown."""
    if Part.WEIGHTS not in facts.holds:
        return None
    count: Counter[str] = Counter()
    for variable in read_stored_weights(artifact, reader.read_values, facts).model:
        if variable.nonfinite:
            name = variable.path if variable.layer is None else variable.layer
            count[printable(name, limit=80)] += variable.nonfinite
    return count
