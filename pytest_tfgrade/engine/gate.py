"""Letting models run side by side, except while one is timed."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Gate:
    """Admits many at a time, or one alone; who wants to be alone goes first."""

    def __init__(self) -> None:
        """Admit everybody."""
        self._changed = threading.Condition()
        self._inside = 0
        self._is_alone = False
        self._waiting = 0

    @contextmanager
    def passed(self, *, alone: bool) -> Iterator[None]:
        """Wait to be admitted; nobody else is inside if ``alone``."""
        with self._changed:
            self._waiting += alone
            self._changed.wait_for(lambda: self._admits(alone))
            self._waiting -= alone
            self._inside += 1
            self._is_alone = alone
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                self._is_alone = False
                self._changed.notify_all()

    def _admits(self, alone: bool) -> bool:
        if alone:
            return self._inside == 0
        return not (self._is_alone or self._waiting)
