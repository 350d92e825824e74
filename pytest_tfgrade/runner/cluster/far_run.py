"""One run on one worker: its runner, its inputs, and how it ends."""

import contextlib
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from pytest_tfgrade.core.errors import RunnerError
from pytest_tfgrade.core.runtime import BUILT_IN, ChosenRuntime
from pytest_tfgrade.runner.cluster.fitness import Description
from pytest_tfgrade.runner.cluster.messages import (
    Order,
    RunGone,
    order_from_bytes,
    predictions_to_bytes,
)
from pytest_tfgrade.runner.cluster.parcel import unwrap
from pytest_tfgrade.runner.cluster.received import Chunk, Received
from pytest_tfgrade.runner.folder import RunnerFolder
from pytest_tfgrade.runner.interface import Pass
from pytest_tfgrade.runner.kept import Confinement
from pytest_tfgrade.runner.local import LocalRunner


class FarRun:
    """What a worker keeps for one run of a grader: zygotes, sandbox and inputs."""

    def __init__(
        self, chosen: Sequence[ChosenRuntime] | None, confinement: Confinement
    ) -> None:
        """Start nothing yet.

        Args:
            chosen: What may run models; None where the exam names nothing.
            confinement: How models are isolated.

        Raises:
            RunnerError: There is no room for a folder.
        """
        self._runner = LocalRunner(
            BUILT_IN if chosen is None else chosen, confinement=confinement
        )
        self._received = Received()
        self._lock = threading.Lock()
        self._is_closed = False

    def describe(self) -> Description:
        """Return what this machine has; starts the process that reads files."""
        failed: list[str] = []
        found: dict[str, Any] = {}
        with _noting(failed):
            found["runtimes"] = tuple(self._runner.runtimes)
        with _noting(failed):
            found["isolation"] = self._runner.isolation()
        description = Description(**found, failed=tuple(failed))
        if failed:
            return description
        return Description(
            **found,
            unavailable=_said(self._runner.require_available),
            not_isolated=_said(self._runner.require_isolated),
        )

    def start(self) -> None:
        """Begin to load the preferred runtime."""
        self._runner.start()

    def take(self, chunk: Chunk, data: bytes | memoryview) -> None:
        """Add bytes of inputs.

        Raises:
            RunnerError: They cannot be kept.
        """
        self._received.take(chunk, data)

    def predict(self, message: bytes | memoryview) -> bytes:
        """Carry out an order and return its answer.

        Raises:
            Ungradable: The model is at fault.
            RunnerError: This machine is.
            RunGone: The run was ended meanwhile, or inputs never came here.
        """
        order, contents = order_from_bytes(message)
        folder = self._runner.staging / uuid4().hex
        try:
            folder.mkdir(mode=0o700)
            return self._predict(order, contents, folder)
        except OSError as error:
            if self._is_closed:
                raise RunGone from None
            raise RunnerError(f"a model cannot be copied: {error}") from None
        except RunnerError:
            if self._is_closed:
                raise RunGone from None
            raise
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _predict(
        self, order: Order, contents: Sequence[memoryview], folder: Path
    ) -> bytes:
        artifact = unwrap(order.artifact, contents, folder)
        try:
            passes = [
                Pass(**{**one, "inputs": self._received[one["inputs"]]})
                for one in order.passes
            ]
        except KeyError:
            raise RunGone from None
        done = self._runner.predict(
            artifact, passes, order.outputs, order.limits, order.setup
        )
        return predictions_to_bytes(done, self.versions)

    @property
    def versions(self) -> Mapping[str, Mapping[str, str]]:
        """Versions of the libraries that were started here, by runtime."""
        return self._runner.versions

    def close(self) -> None:
        """End every process, remove every folder; those of killed workers, too."""
        with self._lock:
            self._is_closed = True
            self._runner.close()
            self._received.close()
            with contextlib.suppress(RunnerError):
                RunnerFolder().remove()  # making one removes what nobody holds


@contextlib.contextmanager
def _noting(failed: list[str]) -> Iterator[None]:
    """Note that a machine fails, so that all that is wrong with it is told at once."""
    try:
        yield
    except RunnerError as error:
        failed.append(str(error))


def _said(require: Callable[[], None]) -> str | None:
    try:
        require()
    except RunnerError as error:
        return str(error)
    return None
