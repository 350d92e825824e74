"""A zygote that is there when it is wanted."""

import contextlib
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from pytest_tfgrade.core.errors import RunnerError
from pytest_tfgrade.core.limits import Limits
from pytest_tfgrade.runner.decoder import Decoder
from pytest_tfgrade.runner.supervision import Supervision
from pytest_tfgrade.runner.zygote import Runtime, Zygote


class KeptZygote:
    """Starts a runtime's zygote in the background, and again if it dies.

    Warm if the self-test holds, else cold: a child of a cold zygote takes twice as
    long, but relies on nothing private.
    """

    def __init__(self, runtime: Runtime, folder: Path, *, warm: bool) -> None:
        """Start nothing yet; work in a folder that the caller removes."""
        self.runtime = runtime
        self.versions: Mapping[str, str] = {}
        self._folder = folder
        self._warm = warm
        self._lock = threading.Lock()
        self._second_attempts = threading.Lock()
        self._starting: Future[Zygote] | None = None
        self._current: Zygote | None = None
        self._closed = False

    def start(self) -> "Future[Zygote]":
        """Begin to start the zygote, if it has not begun; do not wait."""
        with self._lock:
            if self._starting is None:
                self._starting = Future()
                threading.Thread(
                    target=self._settle, args=(self._starting,), daemon=True
                ).start()
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
            bounds = {"seconds": limits.seconds * passes, "memory": limits.memory}
            whole = {**order, "scratch": str(scratch), "limits": bounds}
            child = zygote.fork(whole, files)
            try:
                supervision = Supervision(child, decoder, limits)
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
            shutil.rmtree(folder, ignore_errors=True)

    def _settle(self, starting: "Future[Zygote]") -> None:
        try:
            starting.set_result(self._started())
        except BaseException as error:
            starting.set_exception(error)

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
            zygote = self._current = Zygote(self.runtime, scratch, warm=warm)
        versions = zygote.wait_until_ready()
        if versions is None:
            zygote.close()
            return None
        self.versions = {**versions, "start": "warm" if warm else "cold"}
        return zygote

    def _discard(self, zygote: Zygote) -> None:
        """Forget a zygote that failed, unless another thread has done so."""
        with self._lock:
            starting = self._starting
            if starting is not None and starting.done():  # else it is not the dead one
                failed = starting.exception() is not None
                if not failed and starting.result() is zygote:
                    self._starting = None
        zygote.close()
