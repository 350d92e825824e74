"""Bytes by key in an SQLite database: bounded, checked, shared by runs.

Every ``put`` is a transaction of its own, so that what was put is there after the
process was killed. Two runs may use one folder at the same time.
"""

import contextlib
import hashlib
import os
import sqlite3
import stat
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from pytest_tfgrade.cache.claims import Claims
from pytest_tfgrade.core.errors import UsageError

FILE_NAME: Final = "kept-1.sqlite"
"""The number changes with the table, so that no run reads another's format."""

_TABLE: Final = """
create table if not exists kept (
    key text primary key, value blob not null, sha256 blob not null, used real not null
)
"""

_SUM: Final = "select coalesce(sum(length(value)), 0) from kept"

_SECONDS_TO_WAIT: Final = 30.0
"""For another process that is writing."""

_ROOM: Final = 0.9
"""Share of the bound that is left filled when room is made."""

_LARGEST: Final = 0.25
"""Share of the bound that one value may take; larger ones are not kept."""


class Store:
    """Keeps values until they are the ones not used for longest.

    Whatever goes wrong with the disk makes a value unknown, and no more: what is kept
    here can always be found out again.
    """

    def __init__(self, folder: Path, most_bytes: int) -> None:
        """Open the database, or make one.

        Args:
            folder: An existing folder that belongs to us alone.
            most_bytes: Of all values.

        Raises:
            sqlite3.Error: It cannot be opened, even after one that was damaged has been
                put aside.
        """
        self.folder = folder
        self.set_aside: Path | None = None
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._used: set[str] = set()
        self._claims = Claims(folder / "claims")
        try:
            self._database = self._opened()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            self._set_aside()
            self._database = self._opened()
        self._bytes = self._counted()

    def get(self, key: str) -> bytes | None:
        """Return the value of a key, as it was put; None if there is none."""
        try:
            with self._lock:
                query = "select value, sha256 from kept where key = ?"
                row = self._database.execute(query, (key,)).fetchone()
        except sqlite3.Error:
            return None
        if row is None:
            return None
        value, digest = row
        if not isinstance(value, bytes) or digest != _digest(key, value):
            self._forget(key)
            return None
        self._used.add(key)
        return value

    def put(self, key: str, value: bytes) -> None:
        """Keep a value, in place of one that is there; not one that is too large."""
        if len(value) > self._most_bytes * _LARGEST:
            return
        row = (key, value, _digest(key, value), time.time())
        with contextlib.suppress(sqlite3.Error), self._lock:  # a full disk, perhaps
            self._database.execute("replace into kept values (?, ?, ?, ?)", row)
            self._bytes += len(value)
            if self._bytes > self._most_bytes:
                self._make_room()

    @contextlib.contextmanager
    def claimed(self, key: str) -> Iterator[None]:
        """Wait until no other process is finding out the value of a key."""
        with self._claims.claimed(key):
            yield

    def stop_waiting(self) -> None:
        """Wait for no other process from now on; it may be stopped, or take an hour."""
        self._claims.stop_waiting()

    def close(self) -> None:
        """Note what was used, and close; may be called twice."""
        with contextlib.suppress(sqlite3.Error), self._lock:
            self._note_used()
        with self._lock:
            self._database.close()
        self._claims.close()

    def _opened(self) -> sqlite3.Connection:
        path = self.folder / FILE_NAME
        _require_own(path)
        database = sqlite3.connect(
            path,
            timeout=_SECONDS_TO_WAIT,
            isolation_level=None,  # each statement is a transaction
            check_same_thread=False,
        )
        try:
            path.chmod(0o600)
            database.execute("pragma journal_mode = wal")
            database.execute("pragma synchronous = normal")
            database.execute(_TABLE)
            database.execute("select key, sha256, used from kept limit 1").fetchone()
            database.execute(_SUM).fetchone()  # looks at every page of the table
        except BaseException:
            database.close()
            raise
        return database

    def _set_aside(self) -> None:
        """Move a database that is none out of the way, for somebody to look at."""
        path = self.folder / FILE_NAME
        self.set_aside = path.with_name(f"{FILE_NAME}.damaged")
        path.replace(self.set_aside)
        for ending in ("-wal", "-shm"):
            path.with_name(f"{FILE_NAME}{ending}").unlink(missing_ok=True)

    def _counted(self) -> int:
        return int(self._database.execute(_SUM).fetchone()[0])

    def _forget(self, key: str) -> None:
        with contextlib.suppress(sqlite3.Error), self._lock:
            self._database.execute("delete from kept where key = ?", (key,))

    def _make_room(self) -> None:
        """Delete what was not used for longest, until there is some room."""
        self._note_used()
        excess = self._counted() - int(self._most_bytes * _ROOM)
        query = "select key, length(value) from kept order by used, key"
        gone = []
        for key, size in self._database.execute(query):
            if excess <= 0:
                break
            gone.append((key,))
            excess -= size
        self._write_many("delete from kept where key = ?", gone)
        self._bytes = self._counted()

    def _note_used(self) -> None:
        now = time.time()
        used, self._used = self._used, set()
        rows = [(now, key) for key in sorted(used)]
        self._write_many("update kept set used = ? where key = ?", rows)

    def _write_many(self, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        if not rows:
            return
        self._database.execute("begin immediate")
        try:
            self._database.executemany(statement, rows)
        finally:
            self._database.execute("commit")


def open_store(folder: Path, most_bytes: int) -> Store:
    """Open the store in a folder, which is made if it is not there.

    Raises:
        UsageError: The folder cannot be used, or others could change what is in it.
    """
    way_out = "give another folder with --tfgrade-cache, or off"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _require_own(folder)
        return Store(folder.resolve(), most_bytes)
    except (OSError, sqlite3.Error) as error:
        what = error.strerror if isinstance(error, OSError) else error
        text = f"the cache {folder}: cannot be used: {what}; {way_out}"
        raise UsageError(text) from None


def _require_own(path: Path) -> None:
    """Do nothing if a file or folder is not there, or only we can change it.

    Raises:
        OSError: Somebody else could: grades would be theirs to give.
    """
    with contextlib.suppress(FileNotFoundError):
        found = path.stat(follow_symlinks=False)
        if stat.S_ISLNK(found.st_mode):
            raise OSError(None, "it is a link")
        if hasattr(os, "geteuid") and found.st_uid != os.geteuid():
            raise OSError(None, "it belongs to another user")
        if found.st_mode & stat.S_IWOTH:
            raise OSError(None, "everybody may write to it")


def _digest(key: str, value: bytes) -> bytes:
    return hashlib.sha256(key.encode() + b"\0" + value).digest()
