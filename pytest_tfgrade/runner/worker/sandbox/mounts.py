"""Mounting, by the system calls that Python does not offer."""

import ctypes
import os

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000

READ_ONLY = 0x1
NO_SETUID = 0x2
NO_DEVICES = 0x4
NO_PROGRAMS = 0x8
"""Attributes of mounts, as mount_setattr(2) has them."""

_MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 0x2, 0x4, 0x8
_MS_BIND, _MS_REC, _MS_PRIVATE = 0x1000, 0x4000, 0x40000
_MNT_DETACH = 2
_AT_FDCWD = -100
_AT_RECURSIVE = 0x8000
_AT_EMPTY_PATH = 0x1000
_OPEN_TREE_CLONE = 1
_MOVE_MOUNT_F_EMPTY_PATH = 4

_OPEN_TREE, _MOVE_MOUNT, _MOUNT_SETATTR = 428, 429, 442  # on every machine
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}

_LIBC = ctypes.CDLL(None, use_errno=True)
_LIBC.syscall.restype = ctypes.c_long


class _MountAttributes(ctypes.Structure):
    _fields_ = [
        ("attr_set", ctypes.c_uint64),
        ("attr_clr", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("userns_fd", ctypes.c_uint64),
    ]


def unshare(flags: int) -> None:
    """Give this process namespaces of its own; it must have one thread."""
    _checked(_LIBC.unshare(flags), "unshare")


def make_private(path: str) -> None:
    """Let no mount beneath a path be seen elsewhere."""
    _mount(None, path, None, _MS_REC | _MS_PRIVATE, None)


def bind(path: str, target: str, *, recursive: bool = True) -> None:
    """Show a file or folder at another place, too."""
    _mount(path, target, None, _MS_BIND | (_MS_REC if recursive else 0), None)


def mount_memory(target: str, size: int, files: int, mode: str = "755") -> None:
    """Mount a folder that lives in memory; no program in it can be run.

    Args:
        target: An existing folder.
        size: Bytes that it can hold.
        files: Files that it can hold.
        mode: Its permissions, in octal digits.
    """
    options = f"size={size},nr_inodes={files},mode={mode}"
    flags = _MS_NOSUID | _MS_NODEV | _MS_NOEXEC
    _mount("tmpfs", target, "tmpfs", flags, options)


def restrict(target: str, attributes: int, *, recursive: bool = False) -> None:
    """Add attributes to a mount; needs Linux 5.12."""
    wanted = _MountAttributes(attr_set=attributes)
    _call(
        _MOUNT_SETATTR,
        *(_AT_FDCWD, os.fsencode(target), _AT_RECURSIVE if recursive else 0),
        *(ctypes.byref(wanted), ctypes.sizeof(wanted)),
    )


def picked(path: str) -> int:
    """Return a descriptor of a mount of a file or folder that is mounted nowhere."""
    return _call(_OPEN_TREE, _AT_FDCWD, os.fsencode(path), _OPEN_TREE_CLONE)


def place(mount: int, target: str) -> None:
    """Put what ``picked`` returned at a place, and close it."""
    empty = b""
    _call(
        _MOVE_MOUNT, mount, empty, _AT_FDCWD, os.fsencode(target),
        _MOVE_MOUNT_F_EMPTY_PATH,
    )  # fmt: skip
    os.close(mount)


def make_root(folder: str) -> None:
    """Make a mount the root of this process' world, and let go of the old one."""
    os.chdir(folder)
    _call(_PIVOT_ROOT[os.uname().machine], b".", b".")
    _checked(_LIBC.umount2(b".", _MNT_DETACH), "umount")
    os.chdir("/")


def _mount(
    source: "str | None", target: str, kind: "str | None", flags: int,
    options: "str | None",
) -> None:  # fmt: skip
    encoded = [None if s is None else os.fsencode(s) for s in (source, kind, options)]
    done = _LIBC.mount(
        encoded[0], os.fsencode(target), encoded[1], ctypes.c_ulong(flags), encoded[2]
    )
    _checked(done, "mount", target)


def _call(number: int, *arguments: object) -> int:
    wide = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    return _checked(_LIBC.syscall(ctypes.c_long(number), *wide), f"call {number}")


def _checked(result: int, what: str, path: "str | None" = None) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}", path)
    return result
