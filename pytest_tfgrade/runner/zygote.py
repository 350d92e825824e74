"""Starting a zygote, and asking it for children."""

import contextlib
import errno
import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pytest_tfgrade.core.errors import RunnerError
from pytest_tfgrade.core.isolation import Mode

_BOOT: Final = (
    "import sys; "
    "sys.path += [p for p in sys.argv.pop(2).split(':') if p not in sys.path]; "
    "sys.path.insert(0, sys.argv.pop(1)); "
    "from worker.main import main; del sys.path[0]; main()"
)

SECONDS_TO_START: Final = 180.0
"""Importing TensorFlow takes four seconds, a minute from a cold network disk."""

ONEDNN: Final = "TF_ENABLE_ONEDNN_OPTS"
"""The variable that says whether TensorFlow uses oneDNN."""

_PASSED_ON: Final = ("LD_LIBRARY_PATH",)

_ENVIRONMENT: Final = {
    "PATH": os.defpath,
    "LANG": "C.UTF-8",
    "LOGNAME": "model",  # a child's user has no name
    "CUDA_VISIBLE_DEVICES": "-1",  # a GPU does not survive a fork
    "HDF5_USE_FILE_LOCKING": "FALSE",  # one child locks nothing for another
    "KERAS_BACKEND": "tensorflow",
    "MALLOC_ARENA_MAX": "2",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_DETERMINISTIC_OPS": "1",
    ONEDNN: "0",  # the same numbers on every x86-64 processor
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """A Python with libraries in it that can do what a program of the worker does."""

    name: str
    """As reports call it."""

    program: str
    """As the worker's table of programs calls it."""

    modules: tuple[str, ...]
    """What must be importable."""

    remedy: str
    """How to get it where it is missing."""

    python: str = sys.executable
    """The interpreter."""

    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables beside those that every zygote gets."""

    @property
    def is_this_python(self) -> bool:
        """Whether it is the interpreter of this process."""
        return self.python == sys.executable


@dataclass(frozen=True, slots=True)
class Child:
    """The trusted ends of what joins us to one child."""

    channel: socket.socket
    """Frames come from here."""

    life: socket.socket
    """Says how the child ended; closing it ends the child."""

    log: int
    """File descriptor of what the child prints."""

    def close(self) -> None:
        """Let go; the zygote ends the child if it still lives."""
        self.channel.close()
        self.life.close()
        os.close(self.log)


class ZygoteGone(RunnerError):  # noqa: N818 - what happened, not what went wrong
    """A zygote, or its canary, ended before its time: another may do better."""


class ChildLost(RunnerError):  # noqa: N818 - what happened, not what went wrong
    """A child was not had, or ended by no fault of the model; its zygote is well."""


class Zygote:
    """One process with a runtime loaded, which forks a child for each order."""

    missing: Mapping[str, str | None]
    """For each layer of the sandbox why it is not there, None if it is."""

    def __init__(
        self, runtime: Runtime, scratch: Path, *, warm: bool, mode: Mode
    ) -> None:
        """Start the process without waiting for it.

        Args:
            runtime: What to load.
            scratch: An empty folder for it alone, in the runner's.
            warm: Whether children start from a process that has run a model.
            mode: How its children are to be confined.

        Raises:
            RunnerError: The interpreter cannot be run.
        """
        self.runtime = runtime
        self.scratch = scratch
        self.missing = {}
        environment = {**_environment(scratch), **runtime.environment}
        self.variables = frozenset(environment)
        self._log = scratch / "zygote.log"
        self._order_lock = threading.Lock()
        self._ready = False
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        folders = _folders(runtime)
        told = {
            "program": runtime.program,
            "control": theirs.fileno(),
            "scratch": str(scratch),
            "warm": warm,
            "sandbox": {
                "mode": mode.value,
                "folder": str(scratch.parent),
                "folders": folders,
            },
        }
        arguments = (
            *(runtime.python, "-I", "-B", "-c", _BOOT, str(Path(__file__).parent)),
            *(":".join(folders), json.dumps(told)),
        )
        try:
            with self._log.open("wb") as log, theirs:
                self._process = subprocess.Popen(  # noqa: S603 - our own worker
                    arguments,
                    cwd=scratch,
                    env=environment,
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
        except OSError as error:
            self._control.close()
            text = f"the runtime {runtime.name!r} cannot be started: {error}"
            raise RunnerError(text) from None

    def wait_until_ready(self) -> Mapping[str, str] | None:
        """Return the versions of its libraries; None if its self-test failed.

        Raises:
            RunnerError: Its libraries cannot be loaded; ``ZygoteGone`` if it ended.
        """
        self._control.settimeout(SECONDS_TO_START)
        try:
            greeting = self._control.recv(1 << 16)
        except TimeoutError:
            raise self._failed(f"did not start in {SECONDS_TO_START:.0f} s") from None
        if not greeting:
            raise ZygoteGone(str(self._failed("ended while it was starting")))
        said = json.loads(greeting)
        if "error" in said:
            raise self._failed(f"could not be loaded:\n{said['error']}")
        self._control.settimeout(None)
        self.missing = said["missing"]
        self._ready = True
        return dict(said["versions"]) if said["ready"] else None

    def fork(self, order: Mapping[str, Any], files: Sequence[int]) -> Child:
        """Ask for a child and return what joins us to it.

        Raises:
            RunnerError: The zygote is gone, or no more files can be opened.
        """
        with contextlib.ExitStack() as ours, contextlib.ExitStack() as theirs:
            try:
                channel, their_channel = socket.socketpair()
                ours.enter_context(channel)
                theirs.enter_context(their_channel)
                life, their_life = socket.socketpair()
                ours.enter_context(life)
                theirs.enter_context(their_life)
                log, their_log = os.pipe()
                ours.callback(os.close, log)
                theirs.callback(os.close, their_log)
                own = [_opened_anew(file) for file in files]
                for file in own:
                    theirs.callback(os.close, file)
                given = [their_channel.fileno(), their_life.fileno(), their_log, *own]
                with self._order_lock:
                    message = json.dumps(order).encode()
                    socket.send_fds(self._control, [message], given)
            except OSError as error:
                text = f"the {self.runtime.name} zygote cannot be reached: {error}"
                is_ours = error.errno in {errno.EMFILE, errno.ENFILE, errno.ENOMEM}
                raise (ChildLost if is_ours else RunnerError)(text) from error
            ours.pop_all()
        return Child(channel, life, log)

    def close(self) -> None:
        """End the process and all its children; may be called twice."""
        if not self._ready:
            self._kill_group()  # it does not listen yet; its self-test may be running
        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._control.close()

    def _kill_group(self) -> None:
        """End the process and its self-test: it leads a session of its own."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    @property
    def pid(self) -> int:
        """The process' number."""
        return self._process.pid

    def _failed(self, how: str) -> RunnerError:
        self.close()
        printed = self._log.read_bytes()[-2000:].decode("utf-8", "replace").strip()
        lines = [f"the runtime {self.runtime.name!r} of {self.runtime.python} {how}"]
        lines += [printed] if printed else []
        return RunnerError("\n".join([*lines, self.runtime.remedy]))


def _opened_anew(descriptor: int) -> int:
    """Return an open file for one child: offset and flags are shared with nobody."""
    path = f"/proc/self/fd/{descriptor}"
    if not Path(path).exists():  # not Linux
        return os.dup(descriptor)
    return os.open(path, os.O_RDONLY | os.O_CLOEXEC)


def _folders(runtime: Runtime) -> list[str]:
    """Return where this process finds a runtime's modules.

    The zygote is started in isolated mode, which leaves out a user's own packages.
    Another interpreter finds its own.
    """
    if not runtime.is_this_python:
        return []
    specs = (importlib.util.find_spec(module) for module in runtime.modules)
    origins = (spec.origin for spec in specs if spec is not None and spec.origin)
    return sorted({str(Path(origin).parents[1]) for origin in origins})


def _environment(scratch: Path) -> dict[str, str]:
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    private = dict.fromkeys(("HOME", "TMPDIR", "KERAS_HOME"), str(scratch))
    return {**_ENVIRONMENT, **passed_on, **private}
