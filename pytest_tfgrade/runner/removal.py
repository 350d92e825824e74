"""Removing a folder that a model could write into, whatever it made of it.

Folders may be too deep for recursion, for a path and for open files, and their modes
may shut their owner out. The model may not be quite dead yet: no link is followed.
"""

import contextlib
import os
import stat
from pathlib import Path

_FOLDER = os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def remove(folder: Path) -> None:
    """Remove a folder and what is in it, as far as the system lets us."""
    with contextlib.suppress(OSError):
        _empty(str(folder))
    with contextlib.suppress(OSError):
        folder.rmdir()


def _empty(folder: str) -> None:
    """Go down into each inner folder, and up again when it is empty."""
    here = _opened(folder, None)
    way: list[tuple[str, tuple[int, int], list[str]]] = []
    try:
        inner = _unlinked(here)
        while True:
            if inner:
                below = _opened(inner[-1], here)
                way.append((inner.pop(), _identity(here), inner))
                here, above = below, here
                os.close(above)
                inner = _unlinked(here)
            elif way:
                name, identity, inner = way.pop()
                here, below = os.open("..", os.O_RDONLY | _FOLDER, dir_fd=here), here
                os.close(below)
                if _identity(here) != identity:
                    return  # moved by somebody who still lives
                with contextlib.suppress(OSError):
                    os.rmdir(name, dir_fd=here)
            else:
                return
    finally:
        os.close(here)


def _unlinked(folder: int) -> list[str]:
    """Unlink the files of a folder; return the names of the folders in it."""
    inner = []
    for name in os.listdir(folder):
        with contextlib.suppress(OSError):
            if stat.S_ISDIR(os.lstat(name, dir_fd=folder).st_mode):
                inner.append(name)
            else:
                os.unlink(name, dir_fd=folder)
    return inner


def _identity(folder: int) -> tuple[int, int]:
    about = os.fstat(folder)
    return about.st_dev, about.st_ino


def _opened(name: str, within: int | None) -> int:
    """Open a folder; give its owner all rights to it first."""
    here = os.open(name, os.O_PATH | _FOLDER, dir_fd=within)
    try:
        path = f"/proc/self/fd/{here}"  # the folder itself, not what took its name
        with contextlib.suppress(OSError):  # another's, who may let us
            Path(path).chmod(0o700)
        return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    finally:
        os.close(here)
