"""The folder of a runner, and those that killed runs left behind."""

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pytest_tfgrade.core.errors import RunnerError
from pytest_tfgrade.runner.removal import remove

PREFIX: Final = "tfgrade-"

_PASSABLE: Final = 0o711
"""Others find what lies in such a folder only if they know its name."""

_LOCK: Final = "lock"
_FLAGS: Final = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC


class RunnerFolder:
    """A folder for copies and scratch, which is ours as long as its lock is held."""

    def __init__(self) -> None:
        """Make it in the temporary folder; remove those there that nobody holds.

        Raises:
            RunnerError: There is no room for it.
        """
        try:
            self.path = Path(tempfile.mkdtemp(prefix=PREFIX)).resolve()
        except OSError as error:
            text = "no folder can be made for the copies that are graded"
            raise RunnerError(f"{text}: {error}; {_WAY_OUT}") from None
        self.staging = self.path / "staging"
        self._lock = -1
        try:
            self.path.chmod(_PASSABLE)
            self.staging.mkdir()
            self.staging.chmod(_PASSABLE)
            self._lock = held(self.path)
        except OSError as error:
            remove(self.path)
            raise RunnerError(f"{self.path}: {error}; {_WAY_OUT}") from None
        for folder in _left_behind(self.path.parent):
            remove(folder)

    def remove(self) -> None:
        """Remove all of it; may be called twice."""
        remove(self.path)
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


_WAY_OUT: Final = "point TMPDIR to one with room"


def held(folder: Path) -> int:
    """Return the open lock of a new folder, to be closed once it is removed.

    Until then it is ours: the next runner removes what nobody holds. Nobody sees the
    lock before it is held.
    """
    unseen = folder / f".{_LOCK}"
    descriptor = os.open(unseen, _FLAGS | os.O_CREAT | os.O_EXCL, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    unseen.rename(folder / _LOCK)
    return descriptor


def _left_behind(parent: Path) -> Iterator[Path]:
    """Yield folders of ours whose run was killed before it could remove them."""
    with os.scandir(parent) as entries:
        own = [
            Path(entry.path)
            for entry in entries
            if entry.name.startswith(PREFIX)
            and entry.is_dir(follow_symlinks=False)
            and entry.stat(follow_symlinks=False).st_uid == os.geteuid()
        ]
    for folder in own:
        with contextlib.suppress(OSError):  # no lock; somebody holds it; it is gone
            descriptor = os.open(folder / _LOCK, _FLAGS)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                yield folder
            finally:
                os.close(descriptor)
