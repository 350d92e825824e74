"""What a file stores of each variable: digests and counts, read when asked for."""

from collections.abc import Iterator
from typing import Any, Protocol

from pytest_tfgrade.core.facts import Facts, StoredVariable, StoredWeights
from pytest_tfgrade.core.submission import Artifact
from pytest_tfgrade.facts.hdf5 import MAX_VARIABLES, PROBLEMS, Variable
from pytest_tfgrade.facts.owners import Owners
from pytest_tfgrade.facts.problems import require_none, unexpected
from pytest_tfgrade.facts.summaries import parse_described, stored_variables
from pytest_tfgrade.facts.weights import Part, part_of


class ReadValues(Protocol):
    """Has a confined process read an artifact; returns claims about it."""

    def __call__(self, artifact: Artifact, *, values: bool) -> object:
        """Return what it returns."""
        ...


def read_hdf5_weights(
    artifact: Artifact, read: ReadValues, facts: Facts
) -> StoredWeights:
    """Go through all values that an HDF5 or ``.keras`` file stores.

    Args:
        artifact: The staged copy.
        read: Called once, with ``values=True``.
        facts: What ``read_facts`` returned for the same artifact.

    Raises:
        Ungradable: ``E_FORMAT`` if the data are damaged; ``E_LOAD`` if they lie in
            other files; ``E_PROTOCOL`` if the process answers in another form.
    """
    owners = Owners(facts.layers, facts.format)
    model: list[StoredVariable] = []
    optimizer: list[StoredVariable] = []
    for variable, summary in _parsed(read(artifact, values=True)):
        match part_of(variable.path):
            case Part.MODEL:
                owner = owners.of(variable.path)
                model.extend(stored_variables(variable, summary, owner))
            case Part.OPTIMIZER:
                optimizer.extend(stored_variables(variable, summary, ()))
            case Part.STATE:
                pass
    return StoredWeights(model=tuple(model), optimizer=tuple(optimizer))


def _parsed(raw: object) -> Iterator[tuple[Variable, list[Any]]]:
    match raw:
        case {"variables": list(variables), "problems": list(problems)}:
            require_none(problems, PROBLEMS)
            if len(variables) > MAX_VARIABLES:
                raise unexpected("too many variables")
            yield from map(parse_described, variables)
        case _:
            raise unexpected(repr(type(raw)))
