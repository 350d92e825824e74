"""Asking workers what they have, before any of them is given a model."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from typing import Any, Final
from uuid import uuid4

from pytest_tfgrade.core.errors import RunnerError
from pytest_tfgrade.core.runtime import BUILT_IN, ChosenRuntime
from pytest_tfgrade.runner.cluster import far
from pytest_tfgrade.runner.cluster.dask_cluster import (
    DaskCluster,
    Worker,
    WorkerLost,
)
from pytest_tfgrade.runner.cluster.fitness import (
    Description,
    Installed,
    Problem,
    disagreements,
    libraries,
    strangers,
    unfit,
)
from pytest_tfgrade.runner.kept import Confinement

SECONDS_TO_BEGIN: Final = 200.0
"""For all workers to say what they have; a cold network disk takes a minute."""

_OURS: Final = "pytest-tfgrade"


@dataclass(slots=True)
class Muster:
    """Enlists workers for one run, and knows what is wrong with them."""

    cluster: DaskCluster
    """Whose workers are asked."""

    chosen: Sequence[ChosenRuntime]
    """What may run models, the preferred first."""

    confinement: Confinement
    """How models are isolated."""

    run: str = field(default_factory=lambda: uuid4().hex)
    """Names the run to workers."""

    descriptions: dict[str, Description] = field(default_factory=dict)
    """What workers said of themselves, by address."""

    _installed: dict[str, Installed] = field(default_factory=dict)
    """What must be alike, by address."""

    _leases: dict[str, Any] = field(default_factory=dict)
    """Futures: workers end the run when these are gone."""

    def call_up(self, workers: Collection[Worker]) -> list[Problem]:
        """Have workers begin the run; return all that is wrong with any of them.

        Raises:
            RunnerError: The cluster does not answer.
        """
        new = self._begin([one.address for one in workers])
        return [*new, *unfit(self.descriptions), *disagreements(self._installed)]

    def call_up_late(self, workers: Sequence[Worker]) -> dict[str, list[Problem]]:
        """Have workers begin that joined late; return what is wrong with each.

        They are compared with those that were there before.

        Raises:
            RunnerError: The cluster does not answer.
        """
        addresses = [one.address for one in workers]
        before = [*self._installed.items()][:1]
        pattern = {f"{name} when the run began": has for name, has in before}
        for address in addresses:  # the process may be another
            for known in (self._leases, self.descriptions, self._installed):
                known.pop(address, None)
        strange = self._begin(addresses)
        found: dict[str, list[Problem]] = {}
        for address in addresses:
            said = self.descriptions.get(address)
            if said is None:
                found[address] = strange
                continue
            own = {k: v for k, v in self._installed.items() if k == address}
            differ = disagreements({**pattern, **own})
            found[address] = [*unfit({address: said}), *differ]
            if found[address]:
                del self.descriptions[address]
                self._installed.pop(address, None)
        return found

    def end(self, seconds: float) -> None:
        """Have all workers end the run.

        Raises:
            RunnerError: The cluster does not answer.
        """
        there = [one for one in self.cluster.workers() if one in self._leases]
        if there:
            self.cluster.everywhere(far.end, self.run, workers=there, seconds=seconds)
        self._leases.clear()

    def _begin(self, addresses: Sequence[str]) -> list[Problem]:
        """Have those of the grader's version begin; return what of the others."""
        installed = self.cluster.versions([_OURS])
        own = metadata.version(_OURS)
        theirs = {one: installed.get(one, {}).get(_OURS) for one in addresses}
        ours = [one for one in addresses if theirs[one] == own]
        for one in ours:
            try:  # first, so that the run ends there whatever happens to us
                self._leases[one] = self.cluster.held_by(one, far.Lease(self.run))
            except WorkerLost:
                continue
        chosen = None if self.chosen is BUILT_IN else tuple(self.chosen)
        said = self.cluster.everywhere(
            far.begin,
            self.run,
            chosen,
            self.confinement,
            workers=ours,
            seconds=SECONDS_TO_BEGIN,
        ) if ours else {}  # fmt: skip
        for one in ours:
            self.descriptions[one] = _description(said.get(one))
            if not self.descriptions[one].failed:
                alike = _alike(installed[one], self.descriptions[one])
                self._installed[one] = dict(alike)
        return strangers(own, theirs)


def _description(said: object) -> Description:
    if isinstance(said, Description):
        return said
    why = "did not answer" if said is None else f"{type(said).__name__}: {said}"
    return Description(failed=(why,))


def _alike(
    installed: Mapping[str, str | None], said: Description
) -> Iterator[tuple[str, str | None]]:
    """Yield what must be the same on all workers."""
    python = installed.get("python") or ""
    yield "Python", ".".join(python.split(".")[:2])
    yield "the kind of processor", installed.get("machine")
    yield from libraries(said.runtimes).items()


def require_none(problems: Sequence[Problem]) -> None:
    """Do nothing if nothing is wrong.

    Raises:
        RunnerError: Tells all that is.
    """
    if problems:
        lines = dict.fromkeys(problem.text for problem in problems)
        raise RunnerError("\n".join(lines))
