"""Acts that start or become something."""

import ctypes
import errno
import os
import sys

from .answers import LIBC, Act, Order, checked


def _spawn(_: Order) -> None:
    """Start this Python, which is there in any case, to say its version."""
    quiet = [(os.POSIX_SPAWN_CLOSE, 1), (os.POSIX_SPAWN_CLOSE, 2)]
    pid = os.posix_spawn(sys.executable, [sys.executable, "-V"], {}, file_actions=quiet)
    os.waitpid(pid, 0)


def _fork(_: Order) -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


def _execute(_: Order) -> None:
    """Ask for this Python with arguments at no address: EFAULT says it was allowed."""
    nowhere = ctypes.c_void_p(1)
    try:
        checked(LIBC.execve(os.fsencode(sys.executable), nowhere, nowhere))
    except OSError as error:
        if error.errno != errno.EFAULT:
            raise


ACTS: "dict[str, Act]" = {
    "spawn": _spawn,
    "fork": _fork,
    "execute": _execute,
}
"""By name, in the order in which they are tried."""
