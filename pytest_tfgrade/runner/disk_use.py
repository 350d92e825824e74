"""For the watchdog of profile `strong`: what a child holds on disk, seen or not."""

import os
import stat
from pathlib import Path
from typing import NamedTuple


class Held(NamedTuple):
    """Bytes and files."""

    size: int
    files: int
    hidden: bool
    """Whether there is a folder that cannot be listed; then the rest is unknown."""


def held_on_disk(pid: int, folder: Path, most_files: int) -> Held:
    """Return what a child has on disk; stop counting at so many files."""
    size, files, hidden = 0, 0, False
    try:
        device = os.lstat(folder).st_dev
    except FileNotFoundError:
        return Held(0, 0, hidden=False)
    waiting = [os.fspath(folder)]
    while waiting and files <= most_files:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    files += 1
                    if files > most_files:
                        break
                    try:
                        size += entry.stat(follow_symlinks=False).st_blocks * 512
                        if entry.is_dir(follow_symlinks=False):
                            waiting.append(entry.path)
                    except FileNotFoundError:
                        continue
        except FileNotFoundError:
            continue
        except OSError:  # no rights, or a path that is too long
            hidden = True
    return Held(size + _unlinked(pid, device), files, hidden)


def _unlinked(pid: int, device: int) -> int:
    """Return the bytes of open files that no folder shows any more."""
    seen: dict[int, int] = {}
    try:
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            try:
                about = descriptor.stat()
            except OSError:
                continue
            is_gone = stat.S_ISREG(about.st_mode) and not about.st_nlink
            if is_gone and about.st_dev == device:
                seen[about.st_ino] = about.st_blocks * 512
    except OSError:
        return 0
    return sum(seen.values())
