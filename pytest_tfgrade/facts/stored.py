"""What a file stores of each variable: digests and counts, read when asked for."""

import math
import re
from collections.abc import Iterator
from typing import Any, Final, Protocol

from pytest_tfgrade.core.facts import Facts, StoredVariable, StoredWeights
from pytest_tfgrade.core.submission import Artifact
from pytest_tfgrade.facts.hdf5 import (
    MAX_VARIABLES,
    Variable,
    parse_variable,
    require_readable,
    unexpected,
)
from pytest_tfgrade.facts.owners import Owners
from pytest_tfgrade.facts.weights import Part, part_of

MAX_VALUES: Final = 16
"""Numbers of a variable whose values are kept."""

_SHA256: Final = re.compile(r"[0-9a-f]{64}")


class ReadValues(Protocol):
    """Runs ``runner.worker.hdf5.read_hdf5`` on an artifact in a confined process."""

    def __call__(self, artifact: Artifact, *, values: bool) -> object:
        """Return what it returns."""
        ...


def read_stored_weights(
    artifact: Artifact, read_hdf5: ReadValues, facts: Facts
) -> StoredWeights:
    """Go through all values that a file stores.

    Args:
        artifact: The staged copy.
        read_hdf5: Called once, with ``values=True``.
        facts: What ``read_facts`` returned for the same artifact.

    Raises:
        Ungradable: ``E_FORMAT`` if the data are damaged; ``E_LOAD`` if they lie in
            other files; ``E_PROTOCOL`` if the process answers in another form.
    """
    owners = Owners(facts.layers, facts.format)
    model: list[StoredVariable] = []
    optimizer: list[StoredVariable] = []
    for variable, summary in _parsed(read_hdf5(artifact, values=True)):
        match part_of(variable.path):
            case Part.MODEL:
                owner = owners.of(variable.path)
                model.extend(_stored(variable, summary, owner))
            case Part.OPTIMIZER:
                optimizer.extend(_stored(variable, summary, ()))
            case Part.STATE:
                pass
    return StoredWeights(model=tuple(model), optimizer=tuple(optimizer))


def _parsed(raw: object) -> Iterator[tuple[Variable, list[Any]]]:
    match raw:
        case {"variables": list(variables), "problems": list(problems)}:
            require_readable(problems)
            if len(variables) > MAX_VARIABLES:
                raise unexpected("too many variables")
            for variable in variables:
                match variable:
                    case [path, dtype, shape, *summary]:
                        yield parse_variable([path, dtype, shape]), summary
                    case _:
                        raise unexpected(f"variable {variable!r}")
        case _:
            raise unexpected(repr(type(raw)))


def _stored(
    variable: Variable, summary: list[Any], owner: tuple[str, ...]
) -> Iterator[StoredVariable]:
    """Yield the variable; nothing if it holds no numbers."""
    size = math.prod(variable.shape)
    match summary:
        case [None, 0, 0, None]:
            return
        case [str(sha256), int(nonfinite), int(zeros), values] if (
            _SHA256.fullmatch(sha256)
            and 0 <= nonfinite <= size
            and 0 <= zeros <= size - nonfinite
        ):
            yield StoredVariable(
                path=variable.path,
                layer=owner[-1] if owner else None,
                within=owner[:-1],
                dtype=variable.dtype,
                shape=variable.shape,
                sha256=sha256,
                nonfinite=nonfinite,
                zeros=zeros,
                values=_values(values, size),
            )
        case _:
            raise unexpected(f"summary {summary!r}")


def _values(raw: object, size: int) -> tuple[float, ...] | None:
    if raw is None:
        return None
    if isinstance(raw, list) and len(raw) == size <= MAX_VALUES:
        try:
            return tuple(float(_number(value)) for value in raw)
        except OverflowError:  # an integer that no variable can hold
            pass
    raise unexpected(f"values {raw!r}")


def _number(value: object) -> float:
    if isinstance(value, int | float):  # bool too: there are variables of them
        return value
    raise unexpected(f"value {value!r}")
