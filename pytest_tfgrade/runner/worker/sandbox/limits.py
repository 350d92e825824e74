"""Bounds on what a child may use, and its end with its zygote's."""

import ctypes
import os
import resource
import signal
from typing import Any, Mapping  # noqa: UP035 - Python 3.9

from ..frames import MOST_INPUTS  # noqa: TID252 - its package is no other's

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38

_LIBC = ctypes.CDLL(None, use_errno=True)

OPEN_FILES = 64 + 2 * MOST_INPUTS
"""File descriptors that a child may hold; an input in use takes two."""

LARGEST_FILE = 32 << 20
"""Bytes of the largest file that a child may write."""

MOST_THREADS = 64 + 4 * (os.cpu_count() or 1)
"""Threads that a child may have; TensorFlow makes some for each core."""


def adopt_orphans() -> None:
    """Become the parent of processes that outlive a child, so they can be ended."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent() -> None:
    """Have the kernel end this process with its parent; forgotten with a change of uid.

    Raises:
        OSError: The parent is gone already.
    """
    parent = os.getppid()
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise OSError("the zygote is gone")


def gain_nothing() -> None:
    """Let no program give this process more rights; what follows asks for it."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def bound(limits: "Mapping[str, Any]") -> None:
    """Bound this process' memory, CPU and files.

    Args:
        limits: ``memory`` in bytes beyond what the process has mapped already,
            and ``seconds`` of CPU time.
    """
    seconds = int(limits["seconds"]) + 1
    memory = _mapped_bytes() + limits["memory"]
    for kind, soft, hard in (
        (resource.RLIMIT_AS, memory, memory),
        (resource.RLIMIT_CPU, seconds, seconds + 1),
        (resource.RLIMIT_NOFILE, OPEN_FILES, OPEN_FILES),
        (resource.RLIMIT_FSIZE, LARGEST_FILE, LARGEST_FILE),
        # Not 0: where core dumps go to a program, 1 alone keeps the kernel from it.
        (resource.RLIMIT_CORE, 1, 1),
    ):
        _lower(kind, soft, hard)


def bound_threads() -> None:
    """Bound the threads of this user; only for a user that no other process has."""
    _lower(resource.RLIMIT_NPROC, MOST_THREADS, MOST_THREADS)


def _lower(kind: int, soft: int, hard: int) -> None:
    _, ceiling = resource.getrlimit(kind)
    if ceiling != resource.RLIM_INFINITY:
        soft, hard = min(soft, ceiling), min(hard, ceiling)
    resource.setrlimit(kind, (soft, hard))


def _mapped_bytes() -> int:
    """Return the size of this process' address space in bytes."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:
            return int(statm.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0  # no /proc, as on macOS: the limit is then on the whole process


def private_bytes() -> int:
    """Return how much this process has in memory that a fork hands on; 0 if unknown.

    Pages of files are not: a child maps its libraries afresh.
    """
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:
            _, resident, shared = statm.read().split()[:3]
    except OSError:
        return 0
    return (int(resident) - int(shared)) * os.sysconf("SC_PAGE_SIZE")


def _prctl(option: int, value: int) -> None:
    """Call Linux' prctl(2); elsewhere there is none, and the report says so."""
    if hasattr(_LIBC, "prctl"):
        _LIBC.prctl(option, value, 0, 0, 0)
