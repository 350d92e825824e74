"""Landlock: a process takes from itself all files but those it names.

The kernel's page is landlock(7). What it does not cover, and other layers must:

* descriptors that are open already, also those of other layers' making;
* ``stat``, ``readlink``, ``access``, ``chdir``; ``chmod``, ``chown``, ``utime``,
  ``setxattr`` (only the owner of a file matters to them);
* before version 3 (Linux 6.2), truncation: ``truncate``, and ``open`` with ``O_TRUNC``
  and an access mode of 0 or 3, which shortens even files that are named nowhere;
* UDP and other sockets, and before version 4 (Linux 6.7) TCP as well;
* ``mmap`` with ``PROT_EXEC``, so that shared libraries still load.
"""

import ctypes
import errno
import os
import stat
import struct
import sys
from collections.abc import Iterable, Sequence

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # on every machine
_VERSION_PLEASE = 1
_PATH_BENEATH = 1
_PR_SET_NO_NEW_PRIVS = 38

_EXECUTE = 1 << 0
_WRITE_FILE = 1 << 1
_READ_FILE = 1 << 2
_READ_DIR = 1 << 3
_REMOVE_DIR = 1 << 4
_REMOVE_FILE = 1 << 5
_MAKE_DIR = 1 << 7
_MAKE_REG = 1 << 8
_MAKE_SYM = 1 << 12
_REFER = 1 << 13
_TRUNCATE = 1 << 14
_IOCTL_DEV = 1 << 15

_FIRST_RIGHTS = (1 << 13) - 1
"""All rights of version 1, among them those to make devices, sockets and fifos."""

_LATER_RIGHTS = ((2, _REFER), (3, _TRUNCATE), (5, _IOCTL_DEV))
"""Rights over files that later versions know, with the version."""

_TCP = 0b11  # bind, connect
_SCOPES = 0b11  # abstract Unix sockets, signals
_FEWER_LOGS = 1  # what a model tries is no entry in the audit log of its host

_LIST = _READ_DIR
_READ = _READ_FILE | _READ_DIR
_USE_DEVICE = _READ_FILE | _WRITE_FILE
_WRITE = (
    _READ
    | (_WRITE_FILE | _TRUNCATE | _REFER)
    | (_REMOVE_DIR | _REMOVE_FILE)
    | (_MAKE_DIR | _MAKE_REG | _MAKE_SYM)
)
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
"""Rights that a rule on something else than a folder may name."""

_LIBC = ctypes.CDLL(None, use_errno=True)


def version() -> int:
    """Return the version of Landlock that the kernel offers, 0 for none.

    Anything that keeps it from us counts as none: too old a kernel, one that was
    started without it, a container that does not let the question through.
    """
    if not sys.platform.startswith("linux"):
        return 0  # the numbers mean other calls there
    try:
        return _system_call(_CREATE_RULESET, None, 0, _VERSION_PLEASE)
    except OSError:
        return 0


def restrict(
    readable: Sequence[str],
    writable: Sequence[str] = (),
    *,
    listable: Sequence[str] = (),
    devices: Sequence[str] = (),
) -> "tuple[int, ...]":
    """Take all files but these from this thread, and from all that it will start.

    For good. Call it before the process has a second thread. No file can be started
    as a program, and no device, socket or fifo be made. The kernel's version decides
    what is refused besides: moving files between folders whose rights differ (2),
    truncation (3), TCP (4), ``ioctl`` on devices (5), signals and abstract Unix
    sockets to processes outside (6). Sets ``no_new_privs``, which Landlock wants.

    Args:
        readable: files, and folders to list and read with all beneath them.
        writable: files to write, and folders to read, write, fill and empty.
        listable: folders to list with all beneath them, without reading a file.
        devices: character devices to read and write, such as ``/dev/null``.

    Every path must exist; links are followed, and what they lead to is named.

    Returns:
        Descriptors that must stay open. What is under ``/proc`` is forgotten by the
        kernel when nobody uses it, and made anew without its rule: so it is held open.

    Raises:
        OSError: The kernel has no Landlock, or a path cannot be opened, or is not of
            the kind it should be. Nothing is restricted then.
    """
    known = version()
    if not known:
        raise OSError(errno.EOPNOTSUPP, "the kernel offers no Landlock")
    grants = (
        (_READ, readable),
        (_WRITE, writable),
        (_LIST, listable),
        (_USE_DEVICE, devices),
    )
    return _restrict(known, grants)


def _restrict(
    known: int, grants: "Iterable[tuple[int, Sequence[str]]]"
) -> "tuple[int, ...]":
    """Restrict this thread by what version ``known`` of Landlock can do."""
    handled = _handled(known)
    attributes = _attributes(known)
    ruleset = _system_call(_CREATE_RULESET, attributes, len(attributes), 0)
    kept: list[int] = []
    try:
        for rights, paths in grants:
            for path in paths:
                _allow(ruleset, path, rights & handled, kept)
        _LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)  # else the next call is refused
        logs = _FEWER_LOGS if known >= 7 else 0  # noqa: PLR2004
        _system_call(_RESTRICT_SELF, ruleset, logs)
    except BaseException:
        for descriptor in kept:
            os.close(descriptor)
        raise
    finally:
        os.close(ruleset)
    return tuple(kept)


def _handled(known: int) -> int:
    """Return the rights over files that a version of Landlock can refuse."""
    return _FIRST_RIGHTS | sum(
        right for since, right in _LATER_RIGHTS if known >= since
    )


def _attributes(known: int) -> bytes:
    """Return ``struct landlock_ruleset_attr``, as long as the version knows it."""
    attributes = struct.pack("=Q", _handled(known))
    if known >= 4:  # noqa: PLR2004
        attributes += struct.pack("=Q", _TCP)
    if known >= 6:  # noqa: PLR2004
        attributes += struct.pack("=Q", _SCOPES)
    return attributes


def _allow(ruleset: int, path: str, rights: int, kept: "list[int]") -> None:
    """Add a rule; put the descriptor into ``kept`` where it must stay open."""
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        mode = os.fstat(descriptor).st_mode
        if rights == _LIST and not stat.S_ISDIR(mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
        if rights == _USE_DEVICE and not stat.S_ISCHR(mode):
            raise OSError(errno.ENOTTY, "not a character device", path)
        if not stat.S_ISDIR(mode):
            rights &= _OF_FILES
        if path.startswith("/proc/"):
            kept.append(os.dup(descriptor))
        rule = struct.pack("=Qi", rights, descriptor)
        _system_call(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0)
    finally:
        os.close(descriptor)


def _system_call(number: int, *arguments: "int | bytes | None") -> int:
    words = (ctypes.c_long(a) if isinstance(a, int) else a for a in arguments)
    result: int = _LIBC.syscall(ctypes.c_long(number), *words)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"Landlock: {os.strerror(code)}")
    return result
