"""The world that a zygote and its children live in: only what TensorFlow needs.

The zygote enters once namespaces of its own (user, if it is not root; network, IPC,
host name, mounts) and a root folder that holds its Python, a few libraries of the
system, harmless devices and the runner's folder. All of it is read-only but the
latter. Each child then hides the runner's folder behind a private one in memory, in
which there are its artifact, read-only, and its scratch; and all processes but itself.
"""

import os
import socket
import sys
import sysconfig
from typing import Iterable, Sequence  # noqa: UP035 - Python 3.9

from . import mounts

SCRATCH_BYTES = 64 << 20
"""What a child may write in all."""

SCRATCH_FILES = 4096

DEVICES = ("/dev/null", "/dev/urandom", "/dev/random")
"""Devices that do no harm; a shared mapping of ``/dev/zero`` is memory uncounted."""

OF_THE_SYSTEM = (
    *("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib"),
    *("/nix/store", "/gnu/store", "/usr/share/zoneinfo"),
    *("/etc/ld.so.cache", "/etc/localtime"),
    *("/sys/devices/system/cpu", "/sys/devices/system/node"),
)
"""What libraries look for; what of it there is."""

OF_PROCESSES = ("/proc/cpuinfo", "/proc/meminfo")
"""What is to be seen in ``/proc`` beside the process itself."""

OF_ITSELF = (
    *("maps", "status", "stat", "statm", "auxv", "limits", "cmdline", "comm"),
    *("environ", "fd"),
)
"""What of a process' own folder in ``/proc`` it can read: not the host's network."""

_MOUNTS_OF_A_CHILD = 256  # files in folders that hold only mount points
_SMALL = 1 << 20
_PACKAGES = ("site-packages", "dist-packages")


def readable(folders: Iterable[str]) -> "list[str]":
    """Return what children may read: this Python, packages, libraries of the system.

    Args:
        folders: Where else packages lie.
    """
    of_python = sysconfig.get_paths()
    paths = [of_python[key] for key in ("stdlib", "platstdlib", "purelib", "platlib")]
    paths += [p for p in sys.path if os.path.basename(p) in _PACKAGES]
    paths += [str(sysconfig.get_config_var("LIBDIR") or "")]
    paths += os.environ.get("LD_LIBRARY_PATH", "").split(":")
    paths += [os.path.dirname(os.path.dirname(os.path.abspath(__file__)))]
    paths += [*folders, *OF_THE_SYSTEM]
    there = {os.path.normpath(p) for p in paths if os.path.isabs(p)}
    both = there | {os.path.realpath(p) for p in there}
    return _outermost(p for p in both if os.path.exists(p) and os.access(p, os.R_OK))


def enter(paths: Sequence[str], folder: str, scratch: str) -> None:
    """Bring this process, which has one thread, into a world of its own.

    Args:
        paths: What can be read in it, as ``readable`` returns it.
        folder: The runner's; the one thing that can be written.
        scratch: A folder of the zygote's own beneath it.

    Raises:
        OSError: The system does not allow it; this process is of no more use.
    """
    shared = (
        mounts.CLONE_NEWNS
        | mounts.CLONE_NEWNET
        | mounts.CLONE_NEWIPC
        | mounts.CLONE_NEWUTS
    )
    _unshare(shared)
    socket.sethostname("sandbox")
    mounts.make_private("/")
    root = os.path.join(scratch, "root")
    os.mkdir(root)
    mounts.mount_memory(root, _SMALL, _MOUNTS_OF_A_CHILD * 16)
    for path in paths:
        attributes = mounts.READ_ONLY | mounts.NO_SETUID | mounts.NO_DEVICES
        _show(path, root, attributes)
    for path in DEVICES:
        _show(path, root, mounts.NO_SETUID | mounts.NO_PROGRAMS)
    target = _made(root + folder, folder)
    mounts.bind(folder, target, recursive=False)
    target = _made(root + "/proc", "/proc")
    mounts.bind("/proc", target)
    mounts.make_root(root)
    mounts.restrict("/", mounts.READ_ONLY)
    os.rmdir(root)  # it was the place of a mount, in the runner's folder
    os.chdir(scratch)


def enter_private(folder: str, shown: str, scratch: str) -> None:
    """Bring a child, which has one thread, into a world with one artifact.

    Args:
        folder: The runner's; hidden from now on, but for what follows.
        shown: The artifact's own folder beneath it, or the artifact.
        scratch: A folder beneath it, empty; made anew in memory.

    Raises:
        OSError: The system does not allow it; this process is of no more use.
    """
    pid = str(os.getpid())
    own = {f"/proc/{pid}": f"/proc/{pid}", **{path: path for path in OF_PROCESSES}}
    _unshare(mounts.CLONE_NEWNS)
    artifact = mounts.picked(shown)
    processes = {path: mounts.picked(path) for path in own if os.path.exists(path)}
    is_folder = os.path.isdir(shown)
    mounts.mount_memory(folder, SCRATCH_BYTES, SCRATCH_FILES)
    _make(shown, is_folder=is_folder)
    mounts.place(artifact, shown)
    mounts.restrict(shown, 0xF)
    os.makedirs(scratch, mode=0o700)
    mounts.mount_memory("/proc", _SMALL, _MOUNTS_OF_A_CHILD)
    os.symlink(pid, "/proc/self")
    for path, mount in processes.items():
        _make(path, is_folder=path not in OF_PROCESSES)
        mounts.place(mount, path)
    mounts.restrict("/proc", mounts.READ_ONLY)


def _unshare(flags: int) -> None:
    """Get namespaces of one's own; who is not root, in a user namespace."""
    uid, gid = os.getuid(), os.getgid()
    if uid == 0:
        return mounts.unshare(flags)
    mounts.unshare(flags | mounts.CLONE_NEWUSER)
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{uid} {uid} 1"),
        ("gid_map", f"{gid} {gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)
    return None


def _show(path: str, root: str, attributes: int) -> None:
    target = _made(root + path, path)
    mounts.bind(path, target)
    mounts.restrict(target, attributes, recursive=True)


def _made(target: str, like: str) -> str:
    """Make a place for a mount of a file or a folder; return it."""
    _make(target, is_folder=os.path.isdir(like))
    return target


def _make(target: str, *, is_folder: bool) -> None:
    if is_folder:
        os.makedirs(target, exist_ok=True)
        return
    os.makedirs(os.path.dirname(target), exist_ok=True)
    os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o600))


def _outermost(paths: Iterable[str]) -> "list[str]":
    """Leave out what lies in a folder that is there already."""
    kept: list[str] = []
    for path in sorted(paths):
        if not any(path == other or path.startswith(other + "/") for other in kept):
            kept.append(path)
    return kept
