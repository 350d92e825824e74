"""What bounds leave to a process, in forked children."""

import ctypes
import errno
import json
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from pytest_tfgrade.runner.worker.sandbox import limits

MIB = 1 << 20
BOUNDS = {"memory": 64 * MIB, "seconds": 1.5}
PR_GET_PDEATHSIG, PR_GET_CHILD_SUBREAPER, PR_GET_NO_NEW_PRIVS = 2, 37, 39

LIBC = ctypes.CDLL(None, use_errno=True)

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="they are Linux'"),
    pytest.mark.filterwarnings("ignore:This process.*fork:DeprecationWarning"),
]

Acts = Mapping[str, Callable[[], object]]


def answers(acts: Acts, *before: Callable[[], object]) -> dict[str, Any]:
    """Do acts in a forked child; return what each came to, by its name."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        said: dict[str, Any] = {}
        try:
            for step in before:
                step()
            said = {name: outcome(act) for name, act in acts.items()}
        except BaseException as error:
            said = {"before": repr(error)}
        finally:
            os.write(writing, json.dumps(said).encode())
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told: dict[str, Any] = json.loads(pipe.read())
    os.waitpid(pid, 0)
    return told


def outcome(act: Callable[[], object]) -> object:
    try:
        return act()
    except MemoryError:
        return "MemoryError"
    except RuntimeError as error:
        return str(error)
    except OSError as error:
        return errno.errorcode[error.errno or 0]


def ended_by(act: Callable[[], object]) -> int:
    """Return the signal that ends a forked child that does something; 0 for none."""
    pid = os.fork()
    if pid == 0:
        try:
            act()
        finally:
            os._exit(0)
    _, status = os.waitpid(pid, 0)
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def bound() -> None:
    limits.bound(BOUNDS)


def test_memory_is_bounded_beyond_what_is_mapped_already() -> None:
    came_to = answers(
        {
            "within": lambda: len(bytearray(32 * MIB)),
            "beyond": lambda: len(bytearray(128 * MIB)),
            "within again": lambda: len(bytearray(32 * MIB)),
        },
        bound,
    )

    assert came_to == {
        "within": 32 * MIB,
        "beyond": "MemoryError",
        "within again": 32 * MIB,
    }


def test_files_are_bounded_in_size_and_number(tmp_path: Path) -> None:
    def write(size: int) -> int:
        path = tmp_path / str(size)
        with path.open("wb", buffering=0) as file:
            return file.write(bytes(1)) if file.truncate(size) else 0

    def open_many() -> int:
        return len([os.dup(0) for _ in range(limits.OPEN_FILES + 1)])

    came_to = answers(
        {
            "within": lambda: write(limits.LARGEST_FILE),
            "beyond": lambda: write(limits.LARGEST_FILE + 1),
            "many": open_many,
        },
        bound,
    )

    assert came_to == {"within": 1, "beyond": "EFBIG", "many": "EMFILE"}


def test_processor_time_ends_in_a_signal_that_tells_why() -> None:
    def spin() -> None:
        limits.bound({**BOUNDS, "seconds": 0})
        while True:
            pass

    assert ended_by(spin) == signal.SIGXCPU


def test_who_ignores_the_signal_is_ended_all_the_same() -> None:
    def spin() -> None:
        limits.bound({**BOUNDS, "seconds": 0})
        signal.signal(signal.SIGXCPU, signal.SIG_IGN)
        while True:
            pass

    assert ended_by(spin) == signal.SIGKILL


def test_no_core_is_written_and_no_bound_can_be_lifted() -> None:
    def lift() -> str:
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 40, 1 << 40))
        except ValueError as error:
            return str(error)
        return "lifted"

    def as_somebody() -> None:
        if os.geteuid() == 0:
            os.setresuid(61_008, 61_008, 61_008)

    came_to = answers(
        {"core": lambda: resource.getrlimit(resource.RLIMIT_CORE)[1], "lift": lift},
        bound,
        as_somebody,
    )

    assert came_to == {"core": 1, "lift": "not allowed to raise maximum limit"}


def test_a_machines_own_lower_bounds_stay() -> None:
    lower = 40

    came_to = answers(
        {"files": lambda: resource.getrlimit(resource.RLIMIT_NOFILE)},
        lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (lower, lower)),
        bound,
    )

    assert came_to == {"files": [lower, lower]}


@pytest.mark.skipif(os.geteuid() != 0, reason="the user of the tests has threads")
def test_threads_are_bounded_for_a_user_that_has_no_others() -> None:
    def start() -> int:
        threading.stack_size(65_536)
        for _ in range(2 * limits.MOST_THREADS):
            threading.Thread(target=threading.Event().wait, daemon=True).start()
        return 0

    came_to = answers(
        {"threads": start, "process": os.fork},
        lambda: os.setresuid(61_009, 61_009, 61_009),
        limits.bound_threads,
    )

    assert came_to == {"threads": "can't start new thread", "process": "EAGAIN"}


def test_a_process_can_gain_nothing() -> None:
    came_to = answers(
        {"flag": lambda: LIBC.prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)},
        limits.gain_nothing,
    )

    assert came_to == {"flag": 1}


def test_a_child_ends_with_its_parent() -> None:
    reading, writing = os.pipe()
    parent = os.fork()
    if parent == 0:
        if os.fork() == 0:
            limits.die_with_parent()
            os.write(writing, b"!")
            time.sleep(30)
            os._exit(0)
        time.sleep(30)
        os._exit(0)
    os.close(writing)
    assert os.read(reading, 1) == b"!"

    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)

    assert os.read(reading, 1) == b""  # the child held the other end
    os.close(reading)


def test_orphans_become_ones_own_children() -> None:
    def make_orphan() -> bool:
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            if os.fork() == 0:
                time.sleep(0.1)
                os.write(writing, str(os.getppid()).encode())
            os._exit(0)
        os.waitpid(child, 0)
        return os.read(reading, 16) == str(os.getpid()).encode()

    assert answers({"adopted": make_orphan}, limits.adopt_orphans) == {"adopted": True}


def test_private_memory_is_what_a_fork_hands_on() -> None:
    def grown() -> bool:
        before = limits.private_bytes()
        held = bytearray(64 * MIB)
        held[::4096] = held[::4096]
        return 60 * MIB < limits.private_bytes() - before < 70 * MIB

    assert answers({"grown": grown}) == {"grown": True}
