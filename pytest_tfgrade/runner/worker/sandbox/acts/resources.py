"""Acts that take more than there is to be had."""

import _thread
import contextlib
import errno
import mmap
import os
import resource
import threading

from .answers import LIBC, NAME, Act, NotTried, Order, checked

_MIB = 1 << 20
_MORE = 16 * _MIB  # than a limit
_PIECE = 16 * _MIB  # less than the largest file that a child may write
_IPC_PRIVATE, _IPC_CREAT, _IPC_RMID = 0, 0o1000, 0


def _share_memory(_: Order) -> None:
    mmap.mmap(-1, mmap.PAGESIZE, flags=mmap.MAP_SHARED | mmap.MAP_ANONYMOUS).close()


def _make_memfd(_: Order) -> None:
    os.close(os.memfd_create("canary"))


def _make_shm(_: Order) -> None:
    kept = checked(LIBC.shmget(_IPC_PRIVATE, mmap.PAGESIZE, _IPC_CREAT | 0o600))
    LIBC.shmctl(kept, _IPC_RMID, None)


def _exceed_memory(order: Order) -> None:
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS  # no page is touched
    mmap.mmap(-1, order["memory"] + _MORE, flags=flags).close()


def _exceed_threads(order: Order) -> None:
    """Start threads until one is refused; all of them wait for the end of this."""
    bound, _ = resource.getrlimit(resource.RLIMIT_NPROC)
    counted = bound != resource.RLIM_INFINITY and bound <= order["threads"]
    if not counted and order["profile"] != "full":
        raise NotTried("the watchdog ends what has too many")
    enough, before = threading.Event(), threading.stack_size(64 * 1024)
    ended = []
    try:
        for _ in range(order["threads"]):
            ended.append(_started_thread(enough))
    finally:
        threading.stack_size(before)
        enough.set()
        for lock in ended:
            lock.acquire()


def _started_thread(until: threading.Event) -> "_thread.LockType":
    """Start a thread; return a lock that it releases when it ends."""
    lock = _thread.allocate_lock()
    lock.acquire()

    def wait() -> None:
        until.wait()
        lock.release()

    try:
        _thread.start_new_thread(wait, ())
    except RuntimeError:  # which keeps the number of the error to itself
        raise OSError(errno.EAGAIN, "no thread") from None
    return lock


def _exceed_scratch(order: Order) -> None:
    if order["profile"] != "full":
        raise NotTried("the watchdog ends what writes too much")
    left = order["scratch_bytes"] + _MIB
    name = os.path.join(os.getcwd(), NAME % os.getpid())
    paths: list[str] = []
    try:
        while left > 0:
            paths.append(f"{name}-{len(paths)}")
            _allocate(paths[-1], min(left, _PIECE))
            left -= _PIECE
    finally:
        for path in paths:
            with contextlib.suppress(OSError):
                os.unlink(path)


def _allocate(path: str, size: int) -> None:
    file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        os.posix_fallocate(file, 0, size)
    finally:
        os.close(file)


ACTS: "dict[str, Act]" = {
    "share_memory": _share_memory,
    "make_memfd": _make_memfd,
    "make_shm": _make_shm,
    "exceed_memory": _exceed_memory,
    "exceed_threads": _exceed_threads,
    "exceed_scratch": _exceed_scratch,
}
"""By name, in the order in which they are tried."""
