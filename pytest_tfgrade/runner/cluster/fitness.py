"""Which machines may run models: all alike, isolated, and of the grader's version.

Predictions differ between versions of TensorFlow, Keras and NumPy, and between kinds of
processors. A grade must not depend on which machine a model came to, so a difference is
an error, not a worker less: who of two is right is not ours to say, and a cluster half
of which idles unseen is worse than one that does not start.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pytest_tfgrade.core.isolation import Isolation
from pytest_tfgrade.core.runtime import KnownRuntime

_MISSING: Final = "not installed"

Installed = Mapping[str, str | None]
"""What a worker has, by name; None is what it lacks."""


class Kind(StrEnum):
    """When a problem matters."""

    CLUSTER = "cluster"  # always
    ISOLATION = "isolation"  # always, if it was asked for
    RUNTIME = "runtime"  # if models are run


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why workers cannot be used."""

    kind: Kind
    """When it matters."""

    text: str
    """Where, what, and the way out; may have several lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What one worker says of itself."""

    runtimes: tuple[KnownRuntime, ...] = ()
    """What may run models there, the preferred first."""

    isolation: Isolation | None = None
    """How they are isolated; None if that could not be found out."""

    failed: tuple[str, ...] = ()
    """What did not even work."""

    unavailable: str | None = None
    """Why it has no runtime."""

    not_isolated: str | None = None
    """Why it does not isolate models as was asked for."""


def strangers(version: str, installed: Mapping[str, str | None]) -> list[Problem]:
    """Return what is wrong with workers that have not the grader's version.

    Args:
        version: Of the grader's pytest-tfgrade.
        installed: That of each worker, by its address.
    """
    said = {
        worker: "no pytest-tfgrade"
        if theirs is None
        else f"pytest-tfgrade {theirs}, the grader has {version}"
        for worker, theirs in installed.items()
        if theirs != version
    }
    remedy = f"; pip install 'pytest-tfgrade[dask]=={version}' there"
    return [
        Problem(kind=Kind.CLUSTER, text=f"{listed(workers)}: {text}{remedy}")
        for text, workers in _together(said).items()
    ]


def unfit(descriptions: Mapping[str, Description]) -> list[Problem]:
    """Return what is wrong with each worker, those with the same fault together."""
    found: list[Problem] = []
    ways: tuple[tuple[Kind, Callable[[Description], str | None]], ...] = (
        (Kind.CLUSTER, lambda one: "\n".join(one.failed)),
        (Kind.ISOLATION, lambda one: one.not_isolated),
        (Kind.RUNTIME, lambda one: one.unavailable),
    )
    for kind, said_by in ways:
        said = {worker: text for worker, one in descriptions.items()
                if (text := said_by(one))}  # fmt: skip
        for text, workers in _together(said).items():
            found.append(Problem(kind=kind, text=f"{listed(workers)}: {text}"))
    return found


def disagreements(installed: Mapping[str, Installed]) -> list[Problem]:
    """Return in what workers differ, though all must be alike.

    >>> there = {"a": {"keras": "3.15"}, "b": {"keras": None}}
    >>> print(disagreements(there)[0].text.partition(";")[0])
    workers differ in keras: 3.15 on a, not installed on b
    """
    names = dict.fromkeys(name for one in installed.values() for name in one)
    remedy = "install the same on all, or use only workers that are alike"
    found = []
    for name in names:
        said = {worker: one.get(name) or _MISSING for worker, one in installed.items()}
        groups = _together(said)
        if len(groups) > 1:
            parts = (f"{what} on {listed(workers)}" for what, workers in groups.items())
            text = f"workers differ in {name}: {', '.join(parts)}; {remedy}"
            found.append(Problem(kind=Kind.RUNTIME, text=text))
    return found


def libraries(runtimes: Sequence[KnownRuntime]) -> dict[str, str | None]:
    """Return what decides what models predict, by the name of runtime and library."""
    return dict(_libraries(runtimes))


def _libraries(runtimes: Sequence[KnownRuntime]) -> Iterator[tuple[str, str | None]]:
    for runtime in runtimes:
        for name, version in runtime.libraries:
            yield f"{name} of the runtime {runtime.name!r}", version or None


def listed(workers: Sequence[str], most: int = 5) -> str:
    """Return names in one phrase.

    >>> listed(["a", "b", "c"]), listed(["a", "b", "c"], most=2)
    ('a, b and c', 'a, b and 1 more')
    """
    shown = list(workers[:most])
    if len(workers) > most:
        return f"{', '.join(shown)} and {len(workers) - most} more"
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))


def _together(said: Mapping[str, str]) -> dict[str, list[str]]:
    """Return who says each of several things, in the order of the first."""
    found: dict[str, list[str]] = {}
    for worker, text in said.items():
        found.setdefault(text, []).append(worker)
    return found
