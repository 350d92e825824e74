"""What a Dask worker is told to do; the only functions of ours that it calls.

Nothing is raised: an error crosses as a message, with its class and all its texts.
"""

import asyncio
import contextlib
import threading
import weakref
from collections.abc import Callable, Sequence
from typing import Final

from pytest_tfgrade.core.errors import RunnerError
from pytest_tfgrade.core.runtime import ChosenRuntime
from pytest_tfgrade.runner.cluster.far_run import FarRun
from pytest_tfgrade.runner.cluster.fitness import Description
from pytest_tfgrade.runner.cluster.messages import (
    RunGone,
    done_to_bytes,
    raised_to_bytes,
)
from pytest_tfgrade.runner.cluster.received import Chunk
from pytest_tfgrade.runner.kept import Confinement

Told = Callable[..., bytes]
"""A function whose answer, or error, is a message."""

_RUNS: Final[dict[str, FarRun]] = {}
"""The runs that this process works for."""

_LOCK: Final = threading.Lock()


class Lease:
    """Lies in the memory of a worker for as long as the grader holds on to it.

    The scheduler takes it away when the grader lets go or is gone, however it ended;
    then the run ends here, too.
    """

    def __init__(self, run: str) -> None:
        """Name a run; in a process that does not work for it nothing happens."""
        self.run = run
        weakref.finalize(self, _end_soon, run).atexit = False

    def __reduce__(self) -> tuple[type["Lease"], tuple[str]]:
        """Make it anew where it arrives, so that it counts there."""
        return Lease, (self.run,)


async def begin(
    run: str, chosen: Sequence[ChosenRuntime] | None, confinement: Confinement
) -> Description:
    """Make what a run needs, and return what there is; needs no free thread."""
    return await asyncio.to_thread(_begin, run, chosen, confinement)


async def end(run: str) -> None:
    """End every process of a run, and remove its folders; needs no free thread."""
    await asyncio.to_thread(_end, run)


async def start(run: str) -> None:
    """Begin to load the preferred runtime; needs no free thread."""
    with contextlib.suppress(RunGone, RunnerError):  # told again where it is needed
        await asyncio.to_thread(lambda: _run(run).start())


def take(run: str, chunk: Chunk, data: bytes) -> bytes:
    """Keep some bytes of inputs."""

    def taken() -> bytes:
        found = _run(run)
        found.take(chunk, data)
        return done_to_bytes(found.versions)

    return _told(taken)


def predict(run: str, message: bytes) -> bytes:
    """Carry out an order."""
    return _told(lambda: _run(run).predict(message))


def _told(work: Callable[[], bytes]) -> bytes:
    try:
        return work()
    except Exception as error:
        return raised_to_bytes(error)


def _run(run: str) -> FarRun:
    with _LOCK:
        if run not in _RUNS:
            raise RunGone
        return _RUNS[run]


def _begin(
    run: str, chosen: Sequence[ChosenRuntime] | None, confinement: Confinement
) -> Description:
    with _LOCK:
        if run not in _RUNS:
            try:
                _RUNS[run] = FarRun(chosen, confinement)
            except RunnerError as error:
                return Description(failed=(str(error),))
        found = _RUNS[run]
    return found.describe()


def _end(run: str) -> None:
    with _LOCK:
        found = _RUNS.pop(run, None)
    if found is not None:
        found.close()


def _end_soon(run: str) -> None:
    """End a run from a thread that may not wait, such as the worker's event loop."""
    if run in _RUNS:
        with contextlib.suppress(RuntimeError):  # the interpreter is ending
            threading.Thread(target=_end, args=(run,), daemon=True).start()
