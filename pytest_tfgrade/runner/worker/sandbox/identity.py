"""Who a child is: a user of its own where the zygote is root, and no capabilities.

The kernel's pages are capabilities(7), credentials(7) and user_namespaces(7). Root
without capabilities is still the owner of root's files, so it becomes somebody else.
"""

import ctypes
import errno
import os
import struct
from collections.abc import Iterator, Sequence

_PR_SET_DUMPABLE = 4
_PR_CAPBSET_DROP = 24
_PR_SET_SECUREBITS = 28
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_CLEAR_ALL = 4

_NOROOT_AND_NO_AMBIENT = 0b1110_1011
"""Being root gives no capabilities, none becomes ambient, a change of user takes all.

``SECBIT_NOROOT``, ``SECBIT_NO_CAP_AMBIENT_RAISE`` and the locks of all four bits.
"""

_CAPABILITY_VERSION = 0x20080522  # _LINUX_CAPABILITY_VERSION_3: two words of 32 bits
_CAP_SETUID = 7

_FIRST_OWN_UID = 2_000_000_000
"""Above what systemd, containers and account tools give out (systemd's UIDS-GIDS)."""

_TOO_HIGH = 2**31
"""Numbers from here on are negative to some programs."""

_NOBODYS_OWN = (65_534, 65_535)  # whoever is not mapped; minus one in 16 bits

_LIBC = ctypes.CDLL(None, use_errno=True)


def is_root() -> bool:
    """Return whether this process is root, or may become any user.

    Both also hold for the root of a user namespace, who may have nobody to become:
    ``unused_uid`` tells.
    """
    return os.geteuid() == 0 or bool(_effective_capabilities() & (1 << _CAP_SETUID))


def unused_uid(pid: int) -> int:
    """Return a user and group number that nobody has, one for each process number.

    Two billion and the process number, where this user namespace has such a number;
    else one of the upper half of its longest range, where process numbers that far
    apart share one. Numbers in the password and group files are left out, as long as
    those can be seen.

    Raises:
        OSError: No number is free.
    """
    ranges = _common(_mapped("/proc/self/uid_map"), _mapped("/proc/self/gid_map"))
    accounts = _content("/etc/passwd") + _content("/etc/group")
    own = {*_NOBODYS_OWN, *os.getresuid(), *os.getresgid()}
    for uid in _candidates(_FIRST_OWN_UID + pid, ranges):
        if uid not in own and b":%d:" % uid not in accounts:
            return uid
    raise OSError(
        errno.EPERM,
        "no user number is free for a model's process: this user namespace has too "
        "few (/proc/self/uid_map, /proc/self/gid_map)",
    )


def become(uid: int) -> None:
    """Become a user and group of this number, alone, for good, without capabilities.

    Everything that needs a capability (mounts, the owner of the scratch folder) comes
    before. Files that are open stay open; ``/proc/self`` stays readable.

    Raises:
        OSError: The process may not; its identity may be half changed then, and it
            must end.
    """
    _close_the_bounding_set()
    try:
        if os.getgroups():
            os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    except OSError as error:
        text = f"the process may not become user {uid}: {error.strerror}"
        raise OSError(error.errno, text) from error
    if {*os.getresuid(), *os.getresgid()} != {uid} or os.getgroups():
        raise OSError(errno.EPERM, f"the process did not become user {uid} alone")
    drop_capabilities()


def drop_capabilities() -> None:
    """Give up all capabilities, and the ways to get them back as far as allowed.

    The bounding set is emptied and ``SECBIT_NOROOT`` locked where ``CAP_SETPCAP`` is
    still there to do it; a program started with ``no_new_privs`` gets none either way.

    Raises:
        OSError: A capability was kept.
    """
    _close_the_bounding_set()
    _LIBC.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    _capabilities("capset", bytes(24))
    if any(_capabilities("capget", bytes(24))):
        raise OSError(errno.EPERM, "the process kept a capability")
    # A change of user makes /proc/self root's; TensorFlow aborts if it cannot read it.
    _LIBC.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)


def _close_the_bounding_set() -> None:
    """Let no program started later have a capability, where this process may."""
    _LIBC.prctl(_PR_SET_SECUREBITS, _NOROOT_AND_NO_AMBIENT, 0, 0, 0)
    for capability in range(64):
        if _LIBC.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0):
            return  # past the last capability, or the process may not


def _effective_capabilities() -> int:
    """Return the effective set, a bit for each capability."""
    try:
        low, _, _, high, _, _ = _capabilities("capget", bytes(24))
    except OSError:
        return 0
    return high << 32 | low


def _capabilities(call: str, sets: bytes) -> "tuple[int, ...]":
    """Call capset(2) or capget(2) on this process; return the sets that it left.

    Twice effective, permitted, inheritable: of capabilities 0 to 31, then from 32 on.
    """
    header = ctypes.create_string_buffer(struct.pack("=Ii", _CAPABILITY_VERSION, 0), 8)
    values = ctypes.create_string_buffer(sets, len(sets))
    if getattr(_LIBC, call)(header, values):
        raise OSError(ctypes.get_errno(), f"{call} was refused")
    return struct.unpack("=6I", values.raw)


def _candidates(wanted: int, ranges: "Sequence[range]") -> "Iterator[int]":
    """Yield ``wanted``, then the others, high ones first, in an order of its own."""
    if any(wanted in numbers for numbers in ranges):
        yield wanted
    for numbers in sorted(ranges, key=len, reverse=True):
        lower, upper = numbers[: len(numbers) // 2], numbers[len(numbers) // 2 :]
        turn = wanted % len(upper)
        yield from upper[turn:]
        yield from upper[:turn]
        yield from reversed(lower)


def _mapped(path: str) -> "list[range]":
    """Return the numbers that a user namespace has; without namespaces, all."""
    if not os.path.exists(path):
        return [range(_TOO_HIGH)]
    rows = (line.split() for line in _content(path).splitlines())
    return [range(int(first), int(first) + int(count)) for first, _, count in rows]


def _common(users: "Sequence[range]", groups: "Sequence[range]") -> "list[range]":
    """Return the numbers that are a user's and a group's and positive in 32 bits."""
    pairs = ((user, group) for user in users for group in groups)
    both = (
        range(max(1, u.start, g.start), min(_TOO_HIGH, u.stop, g.stop))
        for u, g in pairs
    )
    return [numbers for numbers in both if numbers]


def _content(path: str) -> bytes:
    """Return what a file holds, nothing where it cannot be seen."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""
