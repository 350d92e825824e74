"""A Dask scheduler and its workers, in processes of their own on this machine."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

pytest.importorskip("distributed", reason="needs the extra dask")

SECONDS_TO_START = 60


@dataclass
class FarSide:
    """A scheduler, and workers that can be started and killed one by one."""

    folder: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def scheduler_file(self) -> Path:
        """What the scheduler writes."""
        return self.folder / "scheduler.json"

    def temporary(self, name: str) -> Path:
        """Return the TMPDIR of a process."""
        return self.folder / f"{name}.tmp"

    def start_scheduler(self, *arguments: str) -> None:
        """Start it on a free port, and wait until it says which."""
        self._start(
            "scheduler",
            "from distributed.cli.dask_scheduler import main; main()",
            *("--port", "0", "--host", "127.0.0.1", "--no-dashboard", "--no-show"),
            *("--scheduler-file", str(self.scheduler_file), *arguments),
        )
        wait_for(self.scheduler_file.exists)

    def start_worker(
        self,
        name: str,
        *arguments: str,
        threads: int = 1,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Start a worker; ``await_workers`` waits for it.

        Args:
            name: Of our own.
            arguments: Where it listens; by default on a free port.
            threads: Models that it may have.
            environment: Variables beside ours.
        """
        self._start(
            name,
            "from distributed.cli.dask_worker import main; main()",
            *("--scheduler-file", str(self.scheduler_file), "--name", name),
            *("--nthreads", str(threads), "--no-nanny", "--no-dashboard"),
            *("--memory-limit", "0", *(arguments or ("--host", "127.0.0.1"))),
            environment=environment,
        )

    def kill(self, name: str) -> None:
        """End a process as a power cut does."""
        self.processes[name].send_signal(signal.SIGKILL)
        self.processes.pop(name).wait()

    def await_workers(self, count: int) -> None:
        """Wait until so many workers have joined."""
        from distributed import Client

        address = json.loads(self.scheduler_file.read_text(encoding="utf-8"))["address"]
        with Client(address, set_as_default=False, timeout=SECONDS_TO_START) as client:
            client.wait_for_workers(count, timeout=SECONDS_TO_START)

    def log(self, name: str) -> str:
        """Return what a process printed."""
        return (self.folder / f"{name}.log").read_text(encoding="utf-8")

    def descendants(self, name: str) -> set[int]:
        """Return the processes below one of ours."""
        return set(_below(self.processes[name].pid))

    def runs_a_model(self, name: str) -> bool:
        """Return whether a worker has a copy of a model, and a child to run it in."""
        copies = self.temporary(name).glob("tfgrade-*/staging/*/*")
        return any(copies) and sum(map(_loads_models, self.descendants(name))) > 1

    def wait_for(self, is_so: Callable[[], bool]) -> None:
        """Wait until something is so."""
        wait_for(is_so)

    def close(self) -> None:
        """End all processes: workers first, else they wait for the scheduler."""
        for name in reversed(self.processes):
            process = self.processes[name]
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _start(
        self,
        name: str,
        code: str,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.temporary(name).mkdir(exist_ok=True)
        own = {"TMPDIR": str(self.temporary(name)), "DASK_CONFIG": str(self.folder)}
        with (self.folder / f"{name}.log").open("wb") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-c", code, *arguments],
                cwd=self.folder,
                env={**os.environ, **own, **(environment or {})},
                stdout=log,
                stderr=subprocess.STDOUT,
            )


def _below(pid: int) -> Iterator[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        listed = [(task / "children").read_text(encoding="ascii") for task in tasks]
    except OSError:
        return
    for child in " ".join(listed).split():
        yield int(child)
        yield from _below(int(child))


def _loads_models(pid: int) -> bool:
    """Return whether a process is a zygote with TensorFlow, or a child of one."""
    try:
        return b'"program": "keras"' in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def wait_for(is_so: Callable[[], bool], seconds: float = SECONDS_TO_START) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.05)


@pytest.fixture
def far_side(tmp_path: Path) -> Iterator[FarSide]:
    """A scheduler with two workers, ``one`` and ``two``, of one thread each."""
    folder = tmp_path / "far"
    folder.mkdir()
    far_side = FarSide(folder)
    try:
        far_side.start_scheduler()
        for name in ("one", "two"):
            far_side.start_worker(name)
        far_side.await_workers(2)
        yield far_side
    finally:
        far_side.close()


class Recorder:
    """Passes bytes on between a port and a server, and keeps what went to it."""

    def __init__(self) -> None:
        """Listen; nothing is passed on before ``target`` is set."""
        self._received: list[bytearray] = []
        self._target: tuple[str, int] | None = None
        self._server = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = [self._server]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"tcp://127.0.0.1:{self._server.getsockname()[1]}"

    @property
    def bytes(self) -> bytes:
        """All that went to the server, one connection after the other."""
        return b"".join(map(bytes, self._received))

    def pass_on_to(self, address: str) -> None:
        """Set the server."""
        host, _, port = address.removeprefix("tcp://").partition(":")
        self._target = host, int(port)

    def close(self) -> None:
        """End all connections."""
        for one in self._open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._server.accept()
                wait_for(lambda: self._target is not None)
                server = socket.create_connection(self._target or ("", 0))
                self._open += [client, server]
                kept = bytearray()
                self._received.append(kept)
                for pair in ((client, server, kept), (server, client, bytearray())):
                    threading.Thread(target=_pass_on, args=pair, daemon=True).start()


def _pass_on(from_: socket.socket, to: socket.socket, kept: bytearray) -> None:
    with contextlib.suppress(OSError):
        while data := from_.recv(1 << 20):
            kept += data
            to.sendall(data)
        to.shutdown(socket.SHUT_WR)


@pytest.fixture(scope="session")
def far_side_class() -> type[FarSide]:
    """The class of what is started on this machine."""
    return FarSide


@pytest.fixture(scope="session")
def recorder_class() -> type[Recorder]:
    """The class of what records bytes."""
    return Recorder


@pytest.fixture(scope="session")
def free_port() -> Callable[[], str]:
    """Return the address of a port where nobody listens just now."""

    def free() -> str:
        with socket.create_server(("127.0.0.1", 0)) as server:
            return f"tcp://127.0.0.1:{server.getsockname()[1]}"

    return free
