"""Running models on a Dask cluster; reading files on this machine."""

import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from pytest_tfgrade.core.contract import OutputSpec
from pytest_tfgrade.core.errors import RunnerError
from pytest_tfgrade.core.isolation import Isolation, Profile
from pytest_tfgrade.core.limits import Limits
from pytest_tfgrade.core.runtime import BUILT_IN, ChosenRuntime, KnownRuntime
from pytest_tfgrade.core.setup import AS_IT_IS, Setup
from pytest_tfgrade.core.submission import Artifact
from pytest_tfgrade.runner.cluster import far
from pytest_tfgrade.runner.cluster.crew import SECONDS_FOR_ANOTHER, Crew, Member
from pytest_tfgrade.runner.cluster.dask_cluster import (
    DaskCluster,
    SchedulerGone,
    Worker,
    WorkerLost,
)
from pytest_tfgrade.runner.cluster.fitness import Kind, Problem, listed
from pytest_tfgrade.runner.cluster.messages import (
    Answer,
    RunGone,
    answer_from_bytes,
    order_to_bytes,
)
from pytest_tfgrade.runner.cluster.muster import Muster, require_none
from pytest_tfgrade.runner.cluster.received import chunks_of
from pytest_tfgrade.runner.inputs import SharedInputs
from pytest_tfgrade.runner.interface import Pass, Predictions
from pytest_tfgrade.runner.kept import ISOLATED, Confinement
from pytest_tfgrade.runner.local import LocalRunner

MOST_LOST: Final = 3
"""Workers that may be lost over one model; then it is not tried on the others."""

MOST_FAILURES: Final = 2
"""Workers on which a model is tried that fail, and do not fail the model."""

SECONDS_TO_END: Final = 15.0
"""For workers to end a run; after that it ends when the connection does."""


class DaskRunner:
    """Runs models on the workers of a cluster, as many at a time as it has threads.

    What a worker gets is what ``Runner.predict`` takes: the artifact, inputs, and how
    to call it. Files are read here, without TensorFlow.
    """

    def __init__(
        self,
        cluster: DaskCluster,
        chosen: Sequence[ChosenRuntime] = BUILT_IN,
        *,
        confinement: Confinement = ISOLATED,
        seconds_for_another: float = SECONDS_FOR_ANOTHER,
    ) -> None:
        """Ask all workers what they have; what is wrong is raised when it matters.

        Args:
            cluster: Closed with this runner.
            chosen: What may run models, the preferred first.
            confinement: How models are isolated; the same here and there.
            seconds_for_another: How long to wait for a worker once none is left.

        Raises:
            RunnerError: The cluster does not answer, or has no worker.
        """
        self._cluster = cluster
        self._local = LocalRunner(chosen, confinement=confinement)
        self._muster = Muster(cluster, chosen, confinement)
        self._lock = threading.Lock()
        self._notices: list[str] = []
        self._versions: dict[str, Mapping[str, Mapping[str, str]]] = {}
        self._is_started = False
        workers = list(cluster.workers(anew=True).values())
        self._problems = self._muster.call_up(workers)
        self._crew = Crew(cluster, workers, self._admit, seconds=seconds_for_another)

    @property
    def threads(self) -> int:
        """Models that the cluster can have in flight now."""
        return self._crew.threads

    @property
    def notices(self) -> tuple[str, ...]:
        """What whoever started the run should know; more may come while it lasts."""
        with self._lock:
            notices = list(dict.fromkeys(self._notices))  # one may join again
        if lost := tuple(self._crew.lost):
            again = "what they had was run again elsewhere"
            notices.append(f"workers lost during the run: {listed(lost)}; {again}")
        return tuple(notices)

    @property
    def runtimes(self) -> Sequence[KnownRuntime]:
        """What can run models there, the preferred first; nothing is loaded.

        Raises:
            RunnerError: No worker can say.
        """
        for said in self._muster.descriptions.values():
            if said.runtimes:
                return said.runtimes
        require_none(self._problems)
        raise RunnerError(f"{self._cluster.address}: no worker says what it has")

    @property
    def staging(self) -> Path:
        """Where copies of artifacts go on this machine."""
        return self._local.staging

    @property
    def versions(self) -> Mapping[str, Mapping[str, str]]:
        """Versions of the libraries that ran models, by runtime; all that were met."""
        met: dict[str, dict[str, set[str]]] = {}
        with self._lock:
            everywhere = [*self._versions.values(), self._local.versions]
        for one in everywhere:
            for runtime, libraries in one.items():
                for name, version in libraries.items():
                    met.setdefault(runtime, {}).setdefault(name, set()).add(version)
        return {
            runtime: {
                name: ", ".join(sorted(found)) for name, found in libraries.items()
            }
            for runtime, libraries in met.items()
        }

    def isolation(self) -> Isolation:
        """Return how models are isolated: the least of all machines, this one too.

        Raises:
            RunnerError: A machine is at fault.
        """
        found = [self._local.isolation()]
        for said in tuple(self._muster.descriptions.values()):
            found += [said.isolation] if said.isolation else []
        order = list(Profile)
        return max(found, key=lambda one: (order.index(one.profile), len(one.leaks())))

    def require_isolated(self) -> None:
        """Do nothing if all machines are fit and isolate models as was asked for.

        Raises:
            RunnerError: Tells all that is wrong with any.
        """
        here = self._wrong_here()
        if here or any(one.kind is not Kind.RUNTIME for one in self._problems):
            require_none([*here, *self._problems])

    def require_available(self) -> None:
        """Do nothing if all machines have the same runtimes, and one with TensorFlow.

        Raises:
            RunnerError: Tells all that is wrong with any.
        """
        require_none(self._problems)

    def start(self) -> None:
        """Begin to load the preferred runtime everywhere, without waiting for it."""
        with self._lock:
            was_started, self._is_started = self._is_started, True
        if not was_started:  # it is asked for before each model
            self._start(self._crew.addresses)

    def predict(
        self,
        artifact: Artifact,
        passes: Sequence[Pass],
        outputs: Mapping[str, OutputSpec],
        limits: Limits,
        setup: Setup = AS_IT_IS,
    ) -> tuple[Predictions, ...]:
        """Return a model's predictions for each pass, in order, from some worker.

        If that is lost, or fails, another one tries.

        Raises:
            Ungradable: The model is at fault at the first pass, as ``Runner`` says.
            RunnerError: No worker is left, or too many were lost or failed.
        """
        if not passes:
            raise ValueError("no pass was asked for; the plain one goes first")
        message = order_to_bytes(artifact, passes, outputs, limits, setup)
        inputs = list(dict.fromkeys(one.inputs for one in passes))
        lost: list[str] = []
        failed: dict[str, RunnerError] = {}
        while len(lost) < MOST_LOST:
            with self._crew.place(avoid=failed) as member:
                if member.address in failed:  # there is no other
                    raise failed[member.address]
                try:
                    return self._predicted(member, message, inputs)
                except (WorkerLost, RunGone):
                    self._crew.lose(member)
                    lost.append(member.address)
                except SchedulerGone:
                    raise
                except RunnerError as error:
                    failed[member.address] = error
                    if len(failed) == MOST_FAILURES or self._crew.is_closed:
                        raise
        raise RunnerError(f"workers were lost while they ran it: {listed(lost)}")

    def read(self, artifact: Artifact, *, values: bool = False) -> object:
        """Return what an artifact holds, as plain values; reads it on this machine.

        Raises:
            Ungradable: The file cannot be read.
            RunnerError: This machine is at fault.
        """
        return self._local.read(artifact, values=values)

    def close(self) -> None:
        """End the run on every worker, let go of the cluster, remove folders here."""
        self._crew.close()
        with self._lock:
            with suppress(RunnerError):
                self._muster.end(SECONDS_TO_END)
            self._cluster.close()
        self._local.close()

    def _predicted(
        self, member: Member, message: bytes, inputs: Sequence[SharedInputs]
    ) -> tuple[Predictions, ...]:
        for one in inputs:
            self._send(member, one)
        answer = self._asked(member, far.predict, message)
        with self._lock:
            self._versions[member.address] = answer.versions
        return answer.predictions

    def _send(self, member: Member, inputs: SharedInputs) -> None:
        """Send inputs to a worker that has not got them."""
        with member.sending:
            if inputs.digest not in member.has:
                for chunk, data in chunks_of(inputs):
                    self._asked(member, far.take, chunk, data)
                member.has.add(inputs.digest)

    def _asked(self, member: Member, function: far.Told, *values: object) -> Answer:
        run, is_over = self._muster.run, lambda: self._crew.is_closed
        came = self._cluster.call(
            member.address, function, run, *values, is_over=is_over
        )
        try:
            return answer_from_bytes(came)
        except (ValueError, KeyError, TypeError) as error:
            text = f"{member.address}: its answer makes no sense: {error}"
            raise RunnerError(text) from None

    def _admit(self, workers: Sequence[Worker]) -> set[str]:
        """Have workers that joined late begin; return those that are fit."""
        found = self._muster.call_up_late(workers)
        fit = {address for address, problems in found.items() if not problems}
        texts = [one.text for problems in found.values() for one in problems]
        with self._lock:
            self._notices += [f"joined, but was left out: {text}" for text in texts]
        if self._is_started:
            self._start(tuple(fit))
        return fit

    def _start(self, addresses: Sequence[str]) -> None:
        with suppress(RunnerError):  # told where a model is to be run
            self._cluster.everywhere(
                far.start, self._muster.run, workers=addresses, seconds=SECONDS_TO_END
            )

    def _wrong_here(self) -> list[Problem]:
        try:
            self._local.require_isolated()
        except RunnerError as error:
            text = f"this machine, which reads files: {error}"
            return [Problem(kind=Kind.ISOLATION, text=text)]
        return []
