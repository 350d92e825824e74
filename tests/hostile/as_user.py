"""Runs a command as another user; a program for root.

    python as_user.py UID FOLDER... -- COMMAND

Python may lie in a folder that only root may pass, as ``/root``. The command gets a
view of its own of the files, in which such a folder holds nothing but the way to the
folders named.
"""

import ctypes
import os
import sys
from collections.abc import Sequence
from pathlib import Path

_CLONE_NEWNS = 0x00020000
_MS_BIND, _MS_REC, _MS_PRIVATE = 0x1000, 0x4000, 0x40000

_LIBC = ctypes.CDLL(None, use_errno=True)


def become(uid: int, folders: Sequence[Path]) -> None:
    """Become another user, who can pass to these folders.

    Raises:
        OSError: The system does not allow it.
    """
    hidden = {folder: closed for folder in folders if (closed := _closed_above(folder))}
    if hidden:
        _checked(_LIBC.unshare(_CLONE_NEWNS), "unshare")
        _mount(None, "/", None, _MS_REC | _MS_PRIVATE)
        _open_the_way(hidden)
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def _closed_above(folder: Path) -> Path | None:
    """Return the outermost folder on the way that only its owner may pass."""
    for parent in reversed(folder.parents):
        if not parent.stat().st_mode & 0o001:
            return parent
    return None


def _open_the_way(hidden: dict[Path, Path]) -> None:
    inner = {folder: os.open(folder, os.O_PATH) for folder in hidden}
    for closed in sorted(set(hidden.values())):
        _mount("tmpfs", str(closed), "tmpfs", 0, "mode=755,size=1m")
    for folder, descriptor in sorted(inner.items()):
        if not folder.exists():
            folder.mkdir(parents=True)
            shown = f"/proc/self/fd/{descriptor}"
            _mount(shown, str(folder), None, _MS_BIND | _MS_REC)
        os.close(descriptor)


def _mount(
    source: str | None, target: str, kind: str | None, flags: int, options: str = ""
) -> None:
    words = [None if w is None else os.fsencode(w) for w in (source, target, kind)]
    done = _LIBC.mount(*words, ctypes.c_ulong(flags), os.fsencode(options))
    _checked(done, f"mount on {target}")


def _checked(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


if __name__ == "__main__":
    end = sys.argv.index("--")
    become(int(sys.argv[1]), [Path(word).resolve() for word in sys.argv[2:end]])
    os.execv(sys.argv[end + 1], sys.argv[end + 1 :])  # noqa: S606 - what this is for
