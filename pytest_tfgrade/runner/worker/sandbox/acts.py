"""What a model must not be able to do, each tried for real in a confined child.

``core/acts.py`` has the same names, with what each means. Whatever succeeds here does
no harm and is undone, but for the last ones: the child that tried them is thrown away.
"""

import _thread
import contextlib
import ctypes
import errno
import fcntl
import mmap
import os
import signal
import socket
import stat
import sys
import threading
from typing import Any, Callable, Iterator, Mapping  # noqa: UP035 - Python 3.9

Order = Mapping[str, Any]

REFUSED, DONE, NOT_TRIED = "refused", "done", "not tried"

_LIBC = ctypes.CDLL(None, use_errno=True)
_SECONDS = 0.5  # for whom does not answer at once
_MIB = 1 << 20
_MORE = 16 * _MIB  # than a limit
_PIECE = 16 * _MIB  # less than the largest file that a child may write
_PR_SET_PDEATHSIG = 1
_PTRACE_DETACH, _PTRACE_SEIZE, _PTRACE_INTERRUPT = 17, 0x4206, 0x4207
_WALL = 0x40000000
_IPC_PRIVATE, _IPC_CREAT, _IPC_RMID = 0, 0o1000, 0
_CLONE_NEWUSER = 0x10000000
_CAPABILITIES_VERSION_3 = 0x20080522
_PATH_ONLY = 0o10000000  # O_PATH, which opens nothing
_DESCRIPTORS = 256
_NAME = "tfgrade-canary-%d"


class _Refused(Exception):  # noqa: N818 - an answer, not a fault
    """An act was refused otherwise than by an error of the system."""


class _NotTried(Exception):  # noqa: N818 - an answer, not a fault
    """An act makes no sense here; the text says why."""


def try_acts(order: Order) -> "dict[str, str]":
    """Try every act and return what came of it, by name.

    Args:
        order: ``secret``, a file of the trusted side, and ``folder``, a folder of it;
            ``hidden``, its files and folders of data; ``home``, its home folder;
            ``parent``, its process id; ``memory`` in bytes and ``threads``, the limits;
            ``port``, on which it listens at 127.0.0.1; ``socket``, the file of a Unix
            socket on which it listens; ``scratch_bytes``, what the current folder may
            hold; ``environment``, names of variables that must not be there;
            ``profile``. An act whose part is missing is not tried. Beside these
            ``descriptors``, numbers of open files that are this process' own; without
            them one socket is, the channel.

    Returns:
        For each act ``refused: NAME`` with the name of the error; ``done``, perhaps
        with a colon and what was seen; or ``not tried: why``.
    """
    return {name: _tried(act, order) for name, act in ACTS.items()}


def _tried(act: "Callable[[Order], str | None]", order: Order) -> str:
    try:
        seen = act(order)
    except OSError as error:
        name = errno.errorcode.get(error.errno or 0, str(error))
        return f"{REFUSED}: {name}"
    except _Refused as refusal:
        return f"{REFUSED}: {refusal}"
    except _NotTried as why:
        return f"{NOT_TRIED}: {why}"
    except KeyError as missing:
        return f"{NOT_TRIED}: the order has no {missing}"
    except AttributeError as missing:  # the system's library lacks a call
        return f"{NOT_TRIED}: {missing}"
    return f"{DONE}: {seen}" if seen else DONE


# Files of the trusted side.


def _read_secret(order: Order) -> None:
    _read(order["secret"])


def _see_secret(order: Order) -> None:
    os.stat(order["secret"])


def _read_hidden(order: Order) -> None:
    for path in order["hidden"]:
        with contextlib.suppress(OSError):
            os.listdir(path) if os.path.isdir(path) else _read(path)
            return
    raise _Refused("none can be read")


def _list_folder(order: Order) -> None:
    os.listdir(order["folder"])


def _write_folder(order: Order) -> None:
    _write_into(order["folder"])


def _change_secret(order: Order) -> None:
    os.close(os.open(order["secret"], os.O_WRONLY))


def _chmod_secret(order: Order) -> None:
    os.chmod(order["secret"], 0o600)


def _touch_secret(order: Order) -> None:
    os.utime(order["secret"])


def _write_home(order: Order) -> None:
    _write_into(order["home"])


def _write_temporary(_: Order) -> None:
    _write_into("/tmp")  # noqa: S108 - just that one


def _write_shm(_: Order) -> None:
    _write_into("/dev/shm")  # noqa: S108 - just that one


def _read(path: str) -> None:
    with open(path, "rb") as file:
        file.read(1)


def _write_into(folder: str) -> None:
    path = os.path.join(folder, _NAME % os.getpid())
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    os.unlink(path)


# The trusted process.


def _read_environ(order: Order) -> None:
    _read(f"/proc/{order['parent']}/environ")


def _read_cmdline(order: Order) -> None:
    _read(f"/proc/{order['parent']}/cmdline")


def _read_maps(order: Order) -> None:
    _read(f"/proc/{order['parent']}/maps")


def _list_descriptors(order: Order) -> None:
    os.listdir(f"/proc/{order['parent']}/fd")


def _list_processes(_: Order) -> None:
    others = {name for name in os.listdir("/proc") if name.isdigit()}
    if others <= {str(os.getpid())}:
        raise _Refused("none in sight")


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
        _checked(_LIBC.process_vm_readv(order["parent"], ctypes.byref(local), *where))
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
    _LIBC.ptrace.restype = ctypes.c_long
    _checked(_LIBC.ptrace(request, pid, None, None))


def _signal_parent(order: Order) -> None:
    os.kill(order["parent"], 0)


def _signal_group(order: Order) -> None:
    try:
        group = os.getpgid(order["parent"])
    except OSError:
        group = order["parent"]
    os.killpg(group, 0)


# Network and sockets.


def _connect_tcp(order: Order) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp:
        tcp.settimeout(_SECONDS)
        tcp.connect(("127.0.0.1", order["port"]))


def _send_udp(order: Order) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.sendto(b"\0", ("127.0.0.1", order["port"]))


def _connect_unix(order: Order) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as unix:
        unix.settimeout(_SECONDS)
        unix.connect(order["socket"])


def _bind_abstract(_: Order) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as unix:
        unix.bind("\0" + _NAME % os.getpid())
        unix.listen(1)


def _open_netlink(_: Order) -> None:
    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).close()


# Processes and programs.


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
        _checked(_LIBC.execve(os.fsencode(sys.executable), nowhere, nowhere))
    except OSError as error:
        if error.errno != errno.EFAULT:
            raise


# Memory, threads, disk.


def _share_memory(_: Order) -> None:
    mmap.mmap(-1, mmap.PAGESIZE, flags=mmap.MAP_SHARED | mmap.MAP_ANONYMOUS).close()


def _make_memfd(_: Order) -> None:
    os.close(os.memfd_create("canary"))


def _make_shm(_: Order) -> None:
    kept = _checked(_LIBC.shmget(_IPC_PRIVATE, mmap.PAGESIZE, _IPC_CREAT | 0o600))
    _LIBC.shmctl(kept, _IPC_RMID, None)


def _exceed_memory(order: Order) -> None:
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS  # no page is touched
    mmap.mmap(-1, order["memory"] + _MORE, flags=flags).close()


def _exceed_threads(order: Order) -> None:
    """Start threads until one is refused; all of them wait for the end of this."""
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
        raise _NotTried("the watchdog ends what writes too much")
    left = order["scratch_bytes"] + _MIB
    name = os.path.join(os.getcwd(), _NAME % os.getpid())
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


# What was inherited, and rights.


def _read_environment(order: Order) -> "str | None":
    seen = [name for name in order["environment"] if name in os.environ]
    if not seen:
        raise _Refused("none is there")
    return ", ".join(seen)


def _use_descriptors(order: Order) -> str:
    """Look for files, folders, pipes and sockets; not for what libraries wait by."""
    found = dict(_open_things())
    sockets = [number for number, kind in found.items() if kind == "socket"]
    own = order.get("descriptors", sockets[:1])
    seen = [f"{number} ({kind})" for number, kind in found.items() if number not in own]
    if not seen:
        raise _Refused("none is there")
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
    _checked(_LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0))


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


_CapabilitySets = ctypes.c_uint32 * 6
"""Effective, permitted and inheritable: the low halves, then the high ones."""


def _gain_capabilities(_: Order) -> "str | None":
    header = _CapabilityHeader(_CAPABILITIES_VERSION_3, 0)
    held = _CapabilitySets()
    _checked(_LIBC.capget(ctypes.byref(header), held))
    if any(held):
        return f"{held[3]:08x}{held[0]:08x}"
    wanted = _CapabilitySets(*(0xFFFFFFFF,) * 3, *(0,) * 3)
    _checked(_LIBC.capset(ctypes.byref(header), wanted))
    return None


def _change_user(_: Order) -> None:
    """Become another user for a moment, by the effective id alone."""
    uid = os.geteuid()
    os.setreuid(-1, uid - 1 if uid else 1)
    os.setreuid(-1, uid)


def _make_namespace(_: Order) -> None:
    _checked(_LIBC.unshare(_CLONE_NEWUSER))


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


ACTS: "dict[str, Callable[[Order], str | None]]" = {
    "read_secret": _read_secret,
    "see_secret": _see_secret,
    "read_hidden": _read_hidden,
    "list_folder": _list_folder,
    "write_folder": _write_folder,
    "change_secret": _change_secret,
    "chmod_secret": _chmod_secret,
    "touch_secret": _touch_secret,
    "write_home": _write_home,
    "write_temporary": _write_temporary,
    "write_shm": _write_shm,
    "read_environ": _read_environ,
    "read_cmdline": _read_cmdline,
    "read_maps": _read_maps,
    "list_descriptors": _list_descriptors,
    "list_processes": _list_processes,
    "read_memory": _read_memory,
    "trace": _trace,
    "signal_parent": _signal_parent,
    "signal_group": _signal_group,
    "connect_tcp": _connect_tcp,
    "send_udp": _send_udp,
    "connect_unix": _connect_unix,
    "bind_abstract": _bind_abstract,
    "open_netlink": _open_netlink,
    "spawn": _spawn,
    "fork": _fork,
    "execute": _execute,
    "share_memory": _share_memory,
    "make_memfd": _make_memfd,
    "make_shm": _make_shm,
    "exceed_memory": _exceed_memory,
    "exceed_threads": _exceed_threads,
    "exceed_scratch": _exceed_scratch,
    "read_environment": _read_environment,
    "use_descriptors": _use_descriptors,
    "outlive": _outlive,
    "gain_capabilities": _gain_capabilities,
    "change_user": _change_user,
    "make_namespace": _make_namespace,  # last: it cannot be undone
}
"""By name, in the order in which they are tried."""
