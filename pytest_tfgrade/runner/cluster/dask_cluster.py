"""A Dask cluster as far as it is needed: who is there, and a call to one of them."""

import json
import re
import threading
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from distributed import Client
from distributed.versions import VersionMismatchWarning

from pytest_tfgrade.core.errors import RunnerError, UsageError
from pytest_tfgrade.runner.cluster.waiting import within

LARGEST_BY_SCHEDULER: Final = 1 << 20
"""Bytes of an argument; what is larger goes straight to the worker."""

SECONDS_BETWEEN_LOOKS: Final = 0.5
"""A lost worker is missed after so long."""

SECONDS_TO_SEND: Final = 60
"""For a worker to take what is sent to it, once there is a connection."""

_SPARE: Final = 3.0
"""Seconds that a client may take beyond those that it was given."""

_ALIVE: Final = frozenset({"running", "paused"})

_ADDRESS: Final = re.compile(r"(tcp|tls)://[^/\s]+|[^/\s]+:\d+")

Result = TypeVar("Result")


class WorkerLost(Exception):  # noqa: N818 - what happened, not what went wrong
    """The worker that was asked is gone, and with it what it did."""


class SchedulerGone(RunnerError):  # noqa: N818 - what happened, not what went wrong
    """The scheduler does not answer any more: nobody is left to ask."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """A process that takes orders."""

    address: str
    """Where it listens."""

    threads: int
    """Models that it may have at a time."""


def address_of(where: str) -> str:
    """Return the address of a scheduler.

    Args:
        where: The address, or the path of a scheduler file.

    Raises:
        UsageError: It is neither.
    """
    if _ADDRESS.fullmatch(where):
        return where
    path = Path(where)
    remedy = "give tcp://HOST:PORT, tls://HOST:PORT, or the scheduler's file"
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["address"])
    except OSError as error:
        text = f"{where}: no scheduler file can be read there: {error.strerror}"
    except (ValueError, KeyError, TypeError):
        text = f"{where}: no scheduler file; it names no address"
    raise UsageError(f"{text}; {remedy}")


class DaskCluster:
    """A connection to a scheduler and, straight, to its workers."""

    def __init__(self, address: str, *, seconds: float) -> None:
        """Connect.

        Args:
            address: Of the scheduler. What TLS needs comes from Dask's configuration.
            seconds: To wait for an answer.

        Raises:
            RunnerError: There is none.
        """
        self.address = address
        self._looks = threading.Lock()
        self._looked = -1.0
        self._seen: dict[str, Worker] = {}
        came, failed = within(seconds + _SPARE, lambda: _connected(address, seconds))
        if came is None:
            text = f"{address}: no Dask scheduler answers within {seconds:g} s"
            why = failed or "something else listens there"
            remedy = (
                "start dask scheduler, and see that this machine can reach its port"
            )
            raise RunnerError(f"{text}: {why}; {remedy}")
        self._client = came

    def workers(self, *, anew: bool = False) -> Mapping[str, Worker]:
        """Return who is there, by address; known for half a second, or asked ``anew``.

        Raises:
            SchedulerGone: Nobody can say.
        """
        self._require_running()
        with self._looks:
            now = time.monotonic()
            if anew or now - self._looked > SECONDS_BETWEEN_LOOKS:
                found = self._in_time(
                    SECONDS_TO_SEND, lambda: self._client.scheduler_info(n_workers=-1)
                )
                self._require_running()
                self._seen = {
                    address: Worker(address=address, threads=said["nthreads"])
                    for address, said in found["workers"].items()
                    if said["status"] in _ALIVE
                }
                self._looked = time.monotonic()
            return self._seen

    def versions(self, packages: Sequence[str]) -> dict[str, dict[str, str | None]]:
        """Return what workers have installed, as their packages say; loads nothing.

        Args:
            packages: Names of distributions.

        Returns:
            By address: versions by name, also of ``python``, and ``machine``.

        Raises:
            SchedulerGone: Nobody can say.
        """
        said = self._in_time(
            SECONDS_TO_SEND, lambda: self._client.get_versions(packages=packages)
        )
        return {
            address: {**one["packages"], "machine": one["host"]["machine"]}
            for address, one in said["workers"].items()
        }

    def everywhere(
        self,
        function: Callable[..., Any],
        *arguments: object,
        workers: Sequence[str],
        seconds: float,
    ) -> dict[str, Any]:
        """Have workers call a coroutine function beside what they do otherwise.

        Returns:
            What each returned, or the exception that it raised, by address.

        Raises:
            RunnerError: They do not answer in time, or nobody can ask them.
        """
        said: dict[str, Any] = self._in_time(
            seconds,
            lambda: self._client.run(
                function, *arguments, workers=list(workers), on_error="return"
            ),
        )
        return said

    def held_by(self, worker: str, value: object) -> object:
        """Put a value into a worker's memory; it stays while what is returned lives.

        Raises:
            WorkerLost: The worker is gone.
            SchedulerGone: Nobody is left to ask.
        """
        try:
            return self._client.scatter(
                value,
                workers=[worker],
                direct=True,
                hash=False,
                timeout=SECONDS_TO_SEND,
            )
        except Exception as error:
            raise self._why(worker, error) from None

    def call(
        self,
        worker: str,
        function: Callable[..., bytes],
        *arguments: object,
        is_over: Callable[[], bool] = lambda: False,
    ) -> bytes:
        """Have one worker call a function in a thread of its own; return the result.

        Args:
            worker: Its address; no other does.
            function: Raises nothing.
            arguments: Plain values, and bytes.
            is_over: Says whether to give up.

        Raises:
            WorkerLost: The worker is gone, or going.
            RunnerError: The call failed otherwise, or was given up; ``SchedulerGone``
                if nobody is left to ask.
        """
        self._require_running()
        sent = [
            self.held_by(worker, argument)
            if isinstance(argument, bytes) and len(argument) > LARGEST_BY_SCHEDULER
            else argument
            for argument in arguments
        ]
        try:
            future = self._client.submit(
                function, *sent, workers=[worker], allow_other_workers=False, pure=False
            )
            while not is_over():
                try:
                    return bytes(future.result(timeout=SECONDS_BETWEEN_LOOKS))
                except TimeoutError:
                    self._require_there(worker)
        except (Exception, CancelledError) as error:
            raise self._why(worker, error) from None
        raise RunnerError("the run was ended")

    def close(self, seconds: float = 10.0) -> None:
        """Let go of everything; may be called twice."""
        self._client.close(timeout=seconds)

    def _require_there(self, worker: str) -> None:
        if worker not in self.workers():
            raise WorkerLost(worker)

    def _require_running(self) -> None:
        if self._client.status != "running":
            raise self._gone()

    def _gone(self) -> SchedulerGone:
        text = f"{self.address}: the Dask scheduler went away during the run"
        return SchedulerGone(f"{text}; start it and its workers, and grade again")

    def _why(self, worker: str, error: BaseException) -> Exception:
        """Return what became of a call that brought no result."""
        if isinstance(error, WorkerLost | SchedulerGone):
            return error
        if self._client.status != "running":
            return self._gone()
        try:
            is_there = worker in self.workers(anew=True)
        except RunnerError as gone:
            return gone
        moved = isinstance(error, CancelledError | OSError | TimeoutError)
        if not is_there or moved:
            return WorkerLost(worker)
        return RunnerError(f"{worker}: {type(error).__name__}: {error}")

    def _in_time(self, seconds: float, work: Callable[[], Result]) -> Result:
        """Return what Dask says.

        Raises:
            RunnerError: It says nothing in time, or fails.
        """
        said, failed = within(seconds, work)
        if said is not None:
            return said
        if self._client.status != "running":
            raise self._gone()
        why = failed or f"no answer within {seconds:g} s"
        remedy = "see what the logs of its scheduler and workers say"
        raise RunnerError(f"{self.address}: the Dask cluster fails: {why}; {remedy}")


def _connected(address: str, seconds: float) -> Any:  # noqa: ANN401 - a Client, untyped
    with warnings.catch_warnings():  # what must be alike is compared by us
        warnings.simplefilter("ignore", VersionMismatchWarning)
        return Client(  # type: ignore[no-untyped-call]
            address,
            timeout=seconds,
            set_as_default=False,
            direct_to_workers=True,
            name="tfgrade",
        )
