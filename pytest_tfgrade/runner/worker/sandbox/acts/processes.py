"""Acts on the trusted process."""

import ctypes
import errno
import os

from .answers import LIBC, Act, Order, Refused, checked, read

_PTRACE_DETACH, _PTRACE_SEIZE, _PTRACE_INTERRUPT = 17, 0x4206, 0x4207
_WALL = 0x40000000


def _read_environ(order: Order) -> None:
    read(f"/proc/{order['parent']}/environ")


def _read_cmdline(order: Order) -> None:
    read(f"/proc/{order['parent']}/cmdline")


def _read_maps(order: Order) -> None:
    read(f"/proc/{order['parent']}/maps")


def _list_descriptors(order: Order) -> None:
    os.listdir(f"/proc/{order['parent']}/fd")


def _list_processes(_: Order) -> None:
    others = {name for name in os.listdir("/proc") if name.isdigit()}
    if others <= {str(os.getpid())}:
        raise Refused("none in sight")


def _read_memory(order: Order) -> None:
    """Read from address 0: EFAULT says that only the address was wrong."""
    into, unmapped = ctypes.create_string_buffer(1), 0
    local = _Piece(ctypes.addressof(into), 1)
    remote = _Piece(unmapped, 1)
    where = (
        ctypes.c_ulong(1),
        ctypes.byref(remote),
        ctypes.c_ulong(1),
        ctypes.c_ulong(0),
    )
    try:
        checked(LIBC.process_vm_readv(order["parent"], ctypes.byref(local), *where))
    except OSError as error:
        if error.errno != errno.EFAULT:
            raise


class _Piece(ctypes.Structure):
    """A struct iovec."""

    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


def _trace(order: Order) -> None:
    """Seize the process without stopping it; then stop it, as letting go asks for."""
    parent = order["parent"]
    _ptrace(_PTRACE_SEIZE, parent)
    try:
        _ptrace(_PTRACE_INTERRUPT, parent)
        os.waitpid(parent, _WALL)
    finally:
        _ptrace(_PTRACE_DETACH, parent)


def _ptrace(request: int, pid: int) -> None:
    LIBC.ptrace.restype = ctypes.c_long
    checked(LIBC.ptrace(request, pid, None, None))


def _signal_parent(order: Order) -> None:
    os.kill(order["parent"], 0)


def _signal_group(order: Order) -> None:
    try:
        group = os.getpgid(order["parent"])
    except OSError:
        group = order["parent"]
    os.killpg(group, 0)


ACTS: "dict[str, Act]" = {
    "read_environ": _read_environ,
    "read_cmdline": _read_cmdline,
    "read_maps": _read_maps,
    "list_descriptors": _list_descriptors,
    "list_processes": _list_processes,
    "read_memory": _read_memory,
    "trace": _trace,
    "signal_parent": _signal_parent,
    "signal_group": _signal_group,
}
"""By name, in the order in which they are tried."""
