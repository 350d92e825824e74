"""Runs a command on a machine that lacks something; a program.

    python without.py LACK... -- COMMAND

Names of ``LACKS``. Calls are refused by a system call filter, capabilities are dropped
from the bounding set: what the command and all that it starts ask the kernel for is
really not to be had, as in the container or on the kernel that the docs speak of.
"""

import ctypes
import errno
import os
import struct
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _PR_CAPBSET_DROP = 22, 38, 24
_MODE_FILTER = 2
_CLONE_NEWUSER = 0x10000000

_LOAD, _IF_EQUAL, _IF_ANY_BIT, _ANSWER = 0x20, 0x15, 0x45, 0x06
_ALLOW, _FAIL = 0x7FFF0000, 0x00050000
_NUMBER, _FIRST_ARGUMENT = 0, 16  # bytes into struct seccomp_data

_LIBC = ctypes.CDLL(None, use_errno=True)


class Refused(NamedTuple):
    """A system call that fails."""

    numbers: tuple[int, int]
    """On x86-64 and on aarch64."""

    error: int
    """How it fails."""

    argument: int | None = None
    """The first argument with which it does; with any if None."""

    bits: int = 0
    """Instead: bits of the first argument, with any of which it does."""


_NO_MOUNTS: Final = tuple(
    Refused(numbers, errno.EPERM)
    for numbers in (
        *((165, 40), (166, 39), (155, 41)),  # mount, umount2, pivot_root
        *((428, 428), (429, 429), (442, 442)),  # open_tree, move_mount, mount_setattr
    )
)

CALLS: Final[Mapping[str, tuple[Refused, ...]]] = {
    "landlock": tuple(Refused((n, n), errno.ENOSYS) for n in (444, 445, 446)),
    "seccomp": (
        Refused((317, 277), errno.ENOSYS),
        Refused((157, 167), errno.EINVAL, argument=_PR_SET_SECCOMP),
    ),
    "user-namespaces": (
        Refused((272, 97), errno.EPERM, bits=_CLONE_NEWUSER),  # unshare
        Refused((56, 220), errno.EPERM, bits=_CLONE_NEWUSER),  # clone
        Refused((435, 435), errno.ENOSYS),  # clone3, whose flags no filter sees
    ),
    "mounts": _NO_MOUNTS,  # as by AppArmor on Ubuntu 24.04: the namespace is of no use
}
"""Calls that fail where something is lacking."""

CAPABILITIES: Final[Mapping[str, int]] = {
    "CAP_SETGID": 6,
    "CAP_SETUID": 7,
    "CAP_SETPCAP": 8,
    "CAP_SYS_ADMIN": 21,  # as root has it in a container of Docker's
}
"""What root may lack."""

OTHERS: Final = "other-users"
"""The root of a user namespace has nobody to become."""

LACKS: Final = (*CALLS, *CAPABILITIES, OTHERS)


def lack(names: Sequence[str]) -> None:
    """Take all this from the process and from what it will start.

    Raises:
        OSError: The system does not allow it.
    """
    if OTHERS in names:
        _be_root_alone()
    for name in names:
        if name in CAPABILITIES:
            _call("prctl", _PR_CAPBSET_DROP, CAPABILITIES[name], 0, 0, 0)
    refused = [call for name in names for call in CALLS.get(name, ())]
    if refused:
        _call("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        _install(refused)


def _be_root_alone() -> None:
    uid, gid = os.getuid(), os.getgid()
    _call("unshare", _CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"0 {uid} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"0 {gid} 1", encoding="ascii")


def _install(refused: Sequence[Refused]) -> None:
    """Let these calls fail; the machine's own numbers are assumed."""
    column = ("x86_64", "aarch64").index(os.uname().machine)
    code = b"".join(
        _instruction(*it) for call in refused for it in _test(call, column)
    ) + _instruction(_ANSWER, 0, 0, _ALLOW)
    memory = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("@HP", len(code) // 8, ctypes.addressof(memory))
    _call("prctl", _PR_SET_SECCOMP, _MODE_FILTER, program, 0, 0)


def _test(call: Refused, column: int) -> list[tuple[int, int, int, int]]:
    """Return instructions that answer if this is the call, and else go on."""
    answer = (_ANSWER, 0, 0, _FAIL | call.error)
    number = call.numbers[column]
    if call.argument is None and not call.bits:
        return [(_LOAD, 0, 0, _NUMBER), (_IF_EQUAL, 0, 1, number), answer]
    kind = _IF_ANY_BIT if call.bits else _IF_EQUAL
    return [
        (_LOAD, 0, 0, _NUMBER),
        (_IF_EQUAL, 0, 3, number),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (kind, 0, 1, call.bits or call.argument or 0),
        answer,
    ]


def _instruction(code: int, then: int, otherwise: int, value: int) -> bytes:
    return struct.pack("=HBBI", code, then, otherwise, value)


def _call(name: str, *arguments: "int | bytes") -> None:
    wide = [ctypes.c_ulong(a) if isinstance(a, int) else a for a in arguments]
    if getattr(_LIBC, name)(*wide):
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


if __name__ == "__main__":
    end = sys.argv.index("--")
    unknown = {*sys.argv[1:end]} - {*LACKS}
    if unknown:
        sys.exit(f"nobody lacks {', '.join(sorted(unknown))}")
    lack(sys.argv[1:end])
    os.execvp(sys.argv[end + 1], sys.argv[end + 1 :])  # noqa: S606 - what this is for
