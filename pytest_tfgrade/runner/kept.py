"""A zygote that is there when it is wanted."""

import contextlib
import os
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pytest_tfgrade.core.errors import RunnerError, Ungradable
from pytest_tfgrade.core.isolation import Isolation, Mode, Profile
from pytest_tfgrade.core.limits import Limits
from pytest_tfgrade.runner import canary
from pytest_tfgrade.runner.decoder import Decoder
from pytest_tfgrade.runner.removal import remove
from pytest_tfgrade.runner.supervision import Supervision
from pytest_tfgrade.runner.watchdog import Watchdog
from pytest_tfgrade.runner.zygote import ChildLost, Runtime, Zygote, ZygoteGone


@dataclass(frozen=True, slots=True, kw_only=True)
class Confinement:
    """How children are confined, and what proves it."""

    mode: Mode = Mode.AUTO
    """What was asked for."""

    hidden: tuple[Path, ...] = ()
    """Files and folders that a child must fail to read."""


ISOLATED: Final = Confinement()
"""All of the sandbox; nothing hidden is known."""


class KeptZygote:
    """Starts a runtime's zygote in the background, and again if it dies.

    Warm if the self-test holds, else cold: a child of a cold zygote takes twice as
    long, but relies on nothing private.
    """

    def __init__(
        self,
        runtime: Runtime,
        folder: Path,
        *,
        warm: bool,
        confinement: Confinement,
    ) -> None:
        """Start nothing yet; work in a folder that the caller removes."""
        self.runtime = runtime
        self.versions: Mapping[str, str] = {}
        self.isolation: Isolation | None = None
        self._folder = folder
        self._warm = warm
        self._confinement = confinement
        self._lock = threading.Lock()
        self._second_attempts = threading.Lock()
        self._starting: Future[Zygote] | None = None
        self._current: Zygote | None = None
        self._closed = False

    def start(self) -> "Future[Zygote]":
        """Begin to start the zygote, if it has not begun; do not wait."""
        with self._lock:
            if self._starting is None:
                starting: Future[Zygote] = Future()
                settle = threading.Thread(
                    target=self._settle, args=(starting,), daemon=True
                )
                try:
                    settle.start()
                except RuntimeError as error:  # else who waits would wait for ever
                    starting.set_exception(self._no_start(error))
                self._starting = starting
            return self._starting

    def run(
        self,
        order: Mapping[str, Any],
        files: Sequence[int],
        limits: Limits,
        make_decoder: Callable[[], Decoder],
    ) -> Supervision:
        """Have a child carry out an order; once more if the zygote died over it.

        Raises:
            Ungradable: The artifact is at fault.
            RunnerError: The machine is at fault, twice.
        """
        try:
            return self._attempt(order, files, limits, make_decoder())
        except RunnerError:
            with self._second_attempts:  # alone: a culprit takes no other along
                return self._attempt(order, files, limits, make_decoder())

    def examine(self) -> Isolation:
        """Start the zygote, and return how it isolates its children, or fails to.

        Raises:
            RunnerError: It cannot be started, or does not work in its sandbox.
        """
        try:
            self.start().result()
        except RunnerError:
            if self.isolation is None:
                raise
        if self.isolation is None:  # none was asked for
            profile = Profile(self._confinement.mode.value)
            self.isolation = Isolation(profile=profile, layers={}, acts={})
        return self.isolation

    def close(self) -> None:
        """End the zygote and its children, also one that is still starting."""
        with self._lock:
            self._closed = True
            current = self._current
        if current is not None:
            current.close()

    def _attempt(
        self,
        order: Mapping[str, Any],
        files: Sequence[int],
        limits: Limits,
        decoder: Decoder,
    ) -> Supervision:
        zygote = self.start().result()
        try:
            return self._run_once(zygote, order, files, limits, decoder)
        except ChildLost:
            raise
        except RunnerError:
            self._discard(zygote)
            raise

    def _run_once(
        self,
        zygote: Zygote,
        order: Mapping[str, Any],
        files: Sequence[int],
        limits: Limits,
        decoder: Decoder,
    ) -> Supervision:
        with self._scratch() as scratch:
            passes = max(len(decoder.expected), 1)  # each may take what it could alone
            mapped = sum(os.fstat(file).st_size for file in files)  # counts as memory
            memory = limits.memory + mapped
            seconds = limits.seconds * passes  # of the processor
            bounds = {"seconds": seconds, "memory": memory}
            shown = order.get("shown", order["artifact"])
            told = {"scratch": str(scratch), "limits": bounds, "shown": shown}
            whole = {**order, **told}
            child = zygote.fork(whole, files)
            watchdog = Watchdog(memory=memory, zygote=zygote.pid, scratch=scratch)
            try:
                supervision = Supervision(
                    child,
                    decoder,
                    limits,
                    watchdog,
                    may_kill_itself=self._confinement.mode is not Mode.AUTO,
                )
                supervision.run()
            finally:
                child.close()
        return supervision

    @contextlib.contextmanager
    def _scratch(self) -> Iterator[Path]:
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        try:
            yield folder
        finally:
            remove(folder)

    def _settle(self, starting: "Future[Zygote]") -> None:
        try:
            starting.set_result(self._started_at_last())
        except OSError as error:  # no room for its folder, no more files to open
            starting.set_exception(self._no_start(error))
        except BaseException as error:
            starting.set_exception(error)

    def _no_start(self, error: Exception) -> RunnerError:
        return RunnerError(f"the runtime {self.runtime.name!r} cannot start: {error}")

    def _started_at_last(self) -> Zygote:
        try:
            return self._started()
        except ZygoteGone:  # such as when memory was short for a moment
            return self._started()

    def _started(self) -> Zygote:
        if self._warm:
            zygote = self._launched(warm=True)
            if zygote is not None:
                return zygote
            self._warm = False
        zygote = self._launched(warm=False)
        if zygote is None:
            raise RunnerError(f"the runtime {self.runtime.name!r} does not work")
        return zygote

    def _launched(self, *, warm: bool) -> Zygote | None:
        with self._lock:
            if self._closed:
                raise RunnerError(f"the runtime {self.runtime.name!r} was closed")
            scratch = Path(tempfile.mkdtemp(prefix="zygote-", dir=self._folder))
            scratch.chmod(0o755)  # children may be of another user
            mode = self._confinement.mode
            zygote = self._current = Zygote(self.runtime, scratch, warm=warm, mode=mode)
        versions = zygote.wait_until_ready()
        if versions is None:
            zygote.close()
            return None
        self.versions = {**versions, "start": "warm" if warm else "cold"}
        if self._confinement.mode is Mode.AUTO:
            try:
                self.isolation = self._examined(zygote)
                canary.require_isolated(self.isolation)
            except RunnerError:
                zygote.close()
                raise
        return zygote

    def _examined(self, zygote: Zygote) -> Isolation:
        """Have a child try what no model may do.

        Raises:
            RunnerError: It could not, and not for lack of a layer.
        """
        profile = canary.profile_of(zygote.missing)
        try:
            document = self._canary(zygote)
        except (RunnerError, Ungradable) as error:
            if not profile.isolated:  # that says enough
                return Isolation(profile=profile, layers=zygote.missing)
            raise _fails_in_sandbox(self.runtime, error) from None
        return canary.isolation_of(zygote.missing, document)

    def _canary(self, zygote: Zygote) -> bytes | None:
        decoder = Decoder(())
        hidden, variables = self._confinement.hidden, zygote.variables
        with canary.aims(zygote.missing, hidden, variables) as aims:
            order = {"acts": aims, "artifact": str(zygote.scratch)}
            self._run_once(zygote, order, (), canary.LIMITS, decoder)
        return decoder.document

    def _discard(self, zygote: Zygote) -> None:
        """Forget a zygote that failed, unless another thread has done so."""
        with self._lock:
            starting = self._starting
            if starting is not None and starting.done():  # else it is not the dead one
                failed = starting.exception() is not None
                if not failed and starting.result() is zygote:
                    self._starting = None
        zygote.close()


def _fails_in_sandbox(runtime: Runtime, error: RunnerError | Ungradable) -> ZygoteGone:
    """Return what to say of libraries that work, but not as models run."""
    text = f"the runtime {runtime.name!r} fails in the sandbox: {error}"
    detail = error.detail if isinstance(error, Ungradable) else None
    return ZygoteGone("\n".join(filter(None, (text, detail))))
