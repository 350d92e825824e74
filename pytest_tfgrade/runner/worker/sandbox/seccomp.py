"""The system call filter: an allow list, by number and by argument.

Calls of ``syscalls.FORBIDDEN``, and checked ones with other arguments than ``_CHECKS``
admits, fail with EPERM, which Python raises as ``PermissionError``. Calls of no table
fail with ENOSYS, as on an older kernel. A call by the rules of another machine (32 bit,
x32), which has other numbers, ends the process.

The filter is a program of classic BPF (``linux/filter.h``, ``linux/seccomp.h``): it
finds the number by bisection, as the kernel itself runs it once for each number when it
is installed, and ends in the answer. A pointer is never followed: what an argument
points to may change between the check and the call.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import os
import struct
import sys
from collections.abc import Mapping
from typing import Final, NamedTuple, NoReturn

from . import syscalls

_LIBC = ctypes.CDLL(None, use_errno=True)

_PR_SET_NO_NEW_PRIVS = 38
_SET_MODE_FILTER = 1
_GET_ACTION_AVAIL = 2
_ALL_THREADS = 1

_LOAD, _AND, _GO, _IF_EQUAL, _IF_LEAST, _ANSWER = 0x20, 0x54, 0x05, 0x15, 0x35, 0x06
_INSTRUCTION = struct.Struct("<HBBI")
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # bytes into struct seccomp_data

_ALLOW: Final = 0x7FFF0000
_KILL: Final = 0x80000000
_FAIL: Final = 0x00050000  # and the errno
_REFUSE: Final = _FAIL | errno.EPERM
_UNKNOWN: Final = _FAIL | errno.ENOSYS

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32 = 0x40000000

_PID = -1  # stands for the process' own number until it is known
_WORD = 0xFFFFFFFF

Instruction = tuple[int, int, int, int]
Block = list[Instruction]


class _Only(NamedTuple):
    """A check: the bits of ``mask`` in half an argument are one of ``values``."""

    argument: int
    values: tuple[int, ...]
    mask: int = _WORD
    half: int = 0  # 1: the upper one, which the kernel ignores in an int
    otherwise: int = _REFUSE


class _Not(NamedTuple):
    """A check: an argument is another value."""

    argument: int
    value: int


_OWN_PROCESS = (_Only(0, (_PID,)),)
_SIGKILL = 9
_OWN_THREAD = (_Only(0, (0, _PID)),)

_CLONE_THREAD = 0x00010000
_CLONE_NEW = 0x7E020000  # mount, cgroup, uts, ipc, user, pid, net

_MAP_SHARED, _MAP_ANONYMOUS, _MAP_GROWSDOWN = 0x01, 0x20, 0x100

_O_WRONLY, _O_RDWR, _O_TRUNC = 0x1, 0x2, 0x200
_OPEN_FLAGS = (0, _O_WRONLY, _O_RDWR, _O_WRONLY | _O_TRUNC, _O_RDWR | _O_TRUNC)
_OPEN_MASK = 0x3 | _O_TRUNC

_AF_UNIX, _SOCK_STREAM, _SOL_SOCKET = 1, 1, 1
_SOCK_FLAGS = 0x80800  # SOCK_CLOEXEC, SOCK_NONBLOCK

_MSG_OOB = 0x1
_SOCKET_FACTS = (3, 4, 7, 8, 20, 21, 30, 38, 39)  # type, error, buffers, times, ...
_SOCKET_OPTIONS = (7, 8, 20, 21)  # SO_SNDBUF, SO_RCVBUF, SO_RCVTIMEO, SO_SNDTIMEO

_FCNTL = (
    *range(8),  # F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GETLK, F_SETLK(W)
    *(36, 37, 38),  # F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW
    *(1030, 1032, 1034),  # F_DUPFD_CLOEXEC, F_GETPIPE_SZ, F_GET_SEALS
)
_IOCTL = (
    *(0x5401, 0x5413),  # TCGETS, TIOCGWINSZ: what isatty and the like ask
    *(0x541B, 0x5421, 0x5450, 0x5451),  # FIONREAD, FIONBIO, FIONCLEX, FIOCLEX
)
_PRCTL = (
    *(15, 16, 0x53564D41),  # PR_SET_NAME, PR_GET_NAME, PR_SET_VMA: names
    *(3, 23),  # PR_GET_DUMPABLE, PR_CAPBSET_READ
    *(51, 64),  # PR_SVE_GET_VL, PR_SME_GET_VL: oneDNN on aarch64
)

_CHECKS: Final[Mapping[str, tuple[_Only | _Not, ...]]] = {
    "clone": (_Only(0, (_CLONE_THREAD,), mask=_CLONE_THREAD | _CLONE_NEW),),
    # Who is killed was killed by another: a score stays open then.
    "kill": (*_OWN_PROCESS, _Not(1, _SIGKILL)),
    "tgkill": (*_OWN_PROCESS, _Not(2, _SIGKILL)),
    "rt_sigqueueinfo": (*_OWN_PROCESS, _Not(1, _SIGKILL)),
    "rt_tgsigqueueinfo": (*_OWN_PROCESS, _Not(2, _SIGKILL)),
    "open": (_Only(1, _OPEN_FLAGS, mask=_OPEN_MASK),),
    "openat": (_Only(2, _OPEN_FLAGS, mask=_OPEN_MASK),),
    # It takes more disk in a moment than a watchdog can see; writing does as well.
    "fallocate": (_Only(0, (), otherwise=_FAIL | errno.EOPNOTSUPP),),
    "fcntl": (_Only(1, _FCNTL),),
    "ioctl": (_Only(1, _IOCTL, otherwise=_FAIL | errno.ENOTTY),),
    "prctl": (_Only(0, _PRCTL),),
    # Neither shared memory nor a stack that grows counts as data (RLIMIT_DATA).
    "mmap": (
        _Only(
            3,
            (0, _MAP_SHARED, _MAP_ANONYMOUS),
            mask=_MAP_SHARED | _MAP_ANONYMOUS | _MAP_GROWSDOWN,
        ),
    ),
    "socketpair": (
        _Only(0, (_AF_UNIX,)),
        _Only(1, (_SOCK_STREAM,), mask=_WORD & ~_SOCK_FLAGS),
    ),
    # Not who is at the other end: SO_PEERPIDFD is a handle of the grader's process.
    "getsockopt": (_Only(1, (_SOL_SOCKET,)), _Only(2, _SOCKET_FACTS)),
    # What lies in the page cache outlives a model, and another could see it.
    "preadv2": (_Only(5, (0,), otherwise=_FAIL | errno.EOPNOTSUPP),),
    "setsockopt": (_Only(1, (_SOL_SOCKET,)), _Only(2, _SOCKET_OPTIONS)),
    # No address; no urgent data, for which a reader that is told of them waits.
    "sendto": (
        *(_Only(3, (0,), mask=_MSG_OOB), _Only(4, (0,)), _Only(4, (0,), half=1)),
    ),
    "sendmsg": (_Only(2, (0,), mask=_MSG_OOB),),
    "prlimit64": (*_OWN_THREAD, _Only(2, (0,)), _Only(2, (0,), half=1)),  # only ask
    "sched_setaffinity": _OWN_THREAD,
    "sched_setparam": _OWN_THREAD,
    "sched_setscheduler": _OWN_THREAD,
    "sched_setattr": _OWN_THREAD,
}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def available() -> str | None:
    """Return why the filter cannot be installed here, or None; change nothing.

    Call it before a fork: it also prepares what ``install`` then needs.
    """
    if not sys.platform.startswith("linux"):
        return "seccomp is a part of Linux; this is " + sys.platform
    try:
        _template(_machine())
    except NotImplementedError as problem:
        return str(problem)
    for action in (_KILL, _FAIL, _ALLOW):
        try:
            _seccomp(_GET_ACTION_AVAIL, 0, ctypes.byref(ctypes.c_uint32(action)))
        except OSError as problem:
            return f"the kernel does not offer seccomp filters: {problem.strerror}"
    return None


def install(pid: int) -> None:
    """Filter the system calls of this process from now on, with all its threads.

    Args:
        pid: The process' own number.

    Raises:
        NotImplementedError: The machine's system calls are not known here.
        OSError: The kernel refused.
    """
    code = program(_machine(), pid)
    memory = ctypes.create_string_buffer(code, len(code))
    length = len(code) // _INSTRUCTION.size
    whole = _Program(length, ctypes.cast(memory, ctypes.c_void_p))
    if _LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        _fail("no_new_privs")
    thread = _seccomp(_SET_MODE_FILTER, _ALL_THREADS, ctypes.byref(whole))
    if thread:
        raise OSError(errno.EBUSY, f"seccomp: thread {thread} has another filter")


def program(machine: str, pid: int) -> bytes:
    """Return the filter as an array of ``struct sock_filter``.

    Args:
        machine: One of ``syscalls.MACHINES``.
        pid: The process that the filter is for.

    Raises:
        NotImplementedError: The machine's system calls are not known here.
    """
    code, places = _template(machine)
    own = bytearray(code)
    for place in places:
        struct.pack_into("<I", own, place, pid)
    return bytes(own)


@functools.cache
def _template(machine: str) -> tuple[bytes, tuple[int, ...]]:
    """Return the filter for process 0, and where in it the process' number goes."""
    if machine not in syscalls.MACHINES:
        known = " and ".join(syscalls.MACHINES)
        raise NotImplementedError(f"the filter knows {known}; this is {machine}")
    block: Block = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_IF_EQUAL, 1, 0, _ARCHITECTURES[machine]),
        (_ANSWER, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        *_found(_cases(machine)),
    ]
    places = [
        at * _INSTRUCTION.size + 4 for at, it in enumerate(block) if it[3] == _PID
    ]
    code = b"".join(_INSTRUCTION.pack(*it[:3], max(it[3], 0)) for it in block)
    return code, tuple(places)


def _cases(machine: str) -> list[tuple[int, Block]]:
    """Return what is done from which number on, until the next; in order."""
    answers: dict[int, Block] = {}
    for table, answer in ((syscalls.ALLOWED, _ALLOW), (syscalls.FORBIDDEN, _REFUSE)):
        for number in syscalls.numbers(table, machine).values():
            answers[number] = [(_ANSWER, 0, 0, answer)]
    for name, number in syscalls.numbers(syscalls.CHECKED, machine).items():
        answers[number] = _checked(_CHECKS[name])
    unknown: Block = [(_ANSWER, 0, 0, _UNKNOWN)]
    cases: list[tuple[int, Block]] = []
    for number in range(max(answers) + 2):
        block = answers.get(number, unknown)
        if not cases or cases[-1][1] != block:
            cases.append((number, block))
    if machine == "x86_64":
        cases.append((_X32, [(_ANSWER, 0, 0, _KILL)]))
    return cases


def _found(cases: list[tuple[int, Block]]) -> Block:
    """Return the block that goes to the case of the number that is loaded."""
    if len(cases) == 1:
        return cases[0][1]
    middle = len(cases) // 2
    lower, upper = _found(cases[:middle]), _found(cases[middle:])
    # A conditional jump reaches 255 instructions only.
    return [
        (_IF_LEAST, 0, 1, cases[middle][0]),
        (_GO, 0, 0, len(lower)),
        *lower,
        *upper,
    ]


def _checked(checks: tuple[_Only | _Not, ...]) -> Block:
    """Return the block that allows a call whose arguments pass all checks."""
    block: Block = []
    for check in checks:
        if isinstance(check, _Not):
            block += [
                (_LOAD, 0, 0, _ARGUMENTS + 8 * check.argument),
                (_IF_EQUAL, 0, 1, check.value),
                (_ANSWER, 0, 0, _REFUSE),
            ]
            continue
        block.append((_LOAD, 0, 0, _ARGUMENTS + 8 * check.argument + 4 * check.half))
        if check.mask != _WORD:
            block.append((_AND, 0, 0, check.mask))
        count = len(check.values)
        for index, value in enumerate(check.values):
            block.append((_IF_EQUAL, count - index, 0, value))
        block.append((_ANSWER, 0, 0, check.otherwise))
    return [*block, (_ANSWER, 0, 0, _ALLOW)]


def _machine() -> str:
    """Return the name of this machine, as the tables call it if they know it."""
    machine = os.uname().machine
    return machine if sys.maxsize > 1 << 32 else f"{machine} with 32 bits"


def _seccomp(operation: int, flags: int, argument: object) -> int:
    """Call seccomp(2); raise OSError if it fails."""
    column = syscalls.MACHINES.index(_machine())
    number = ctypes.c_long(syscalls.FORBIDDEN["seccomp"][column] or 0)
    result = _LIBC.syscall(number, operation, flags, argument)
    if result < 0:
        _fail("seccomp")
    return int(result)


def _fail(what: str) -> NoReturn:
    number = ctypes.get_errno()
    raise OSError(number, f"{what}: {os.strerror(number)}")
