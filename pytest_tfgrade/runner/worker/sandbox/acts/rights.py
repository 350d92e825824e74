"""Acts with what was inherited, and acts to get rights."""

import ctypes
import fcntl
import os
import signal
import stat
from typing import Iterator  # noqa: UP035 - Python 3.9

from .answers import LIBC, Act, Order, Refused, checked

_PR_SET_PDEATHSIG = 1
_CLONE_NEWUSER = 0x10000000
_CAPABILITIES_VERSION_3 = 0x20080522
_PATH_ONLY = 0o10000000  # O_PATH, which opens nothing
_DESCRIPTORS = 256


def _read_environment(order: Order) -> "str | None":
    seen = [name for name in order["environment"] if name in os.environ]
    if not seen:
        raise Refused("none is there")
    return ", ".join(seen)


def _use_descriptors(order: Order) -> str:
    """Look for files, folders, pipes and sockets; not for what libraries wait by."""
    found = dict(_open_things())
    sockets = [number for number, kind in found.items() if kind == "socket"]
    own = order.get("descriptors", sockets[:1])
    seen = [f"{number} ({kind})" for number, kind in found.items() if number not in own]
    if not seen:
        raise Refused("none is there")
    return ", ".join(seen)


def _open_things() -> "Iterator[tuple[int, str]]":
    kinds = (
        (stat.S_ISREG, "file"),
        (stat.S_ISDIR, "folder"),
        (stat.S_ISFIFO, "pipe"),
        (stat.S_ISSOCK, "socket"),
        (stat.S_ISBLK, "disk"),
    )
    for number in range(3, _DESCRIPTORS):
        try:
            mode = os.fstat(number).st_mode
            if fcntl.fcntl(number, fcntl.F_GETFL) & _PATH_ONLY:
                continue
        except OSError:
            continue
        for is_kind, kind in kinds:
            if is_kind(mode):
                yield number, kind


def _outlive(_: Order) -> None:
    """Ask again for what is there already: to end with the parent."""
    checked(LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0))


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


_CapabilitySets = ctypes.c_uint32 * 6
"""Effective, permitted and inheritable: the low halves, then the high ones."""


def _gain_capabilities(_: Order) -> "str | None":
    header = _CapabilityHeader(_CAPABILITIES_VERSION_3, 0)
    held = _CapabilitySets()
    checked(LIBC.capget(ctypes.byref(header), held))
    if any(held):
        return f"{held[3]:08x}{held[0]:08x}"
    wanted = _CapabilitySets(*(0xFFFFFFFF,) * 3, *(0,) * 3)
    checked(LIBC.capset(ctypes.byref(header), wanted))
    return None


def _change_user(_: Order) -> None:
    """Become another user for a moment, by the effective id alone."""
    uid = os.geteuid()
    os.setreuid(-1, uid - 1 if uid else 1)
    os.setreuid(-1, uid)


def _make_namespace(_: Order) -> None:
    checked(LIBC.unshare(_CLONE_NEWUSER))


ACTS: "dict[str, Act]" = {
    "read_environment": _read_environment,
    "use_descriptors": _use_descriptors,
    "outlive": _outlive,
    "gain_capabilities": _gain_capabilities,
    "change_user": _change_user,
    "make_namespace": _make_namespace,
}
"""By name, in the order in which they are tried."""
