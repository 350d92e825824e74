"""Predictions of a run, kept while there is room."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final

from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.engine.answering import Answers

MOST_BYTES: Final = 256 << 20

Key = tuple[str, str, str]
"""The sha256 of an artifact, the task, and the evaluation dataset."""


class PredictionStore:
    """Runs each model once for each task and dataset, however many ask at once.

    Findings about an artifact are kept like predictions; faults of the machine are
    not, so that the next to ask tries again.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        """Keep predictions up to so many bytes; the least recently used go first."""
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[Key, Future[Answers]] = OrderedDict()

    def get(self, key: Key, run: Callable[[], Answers]) -> Answers:
        """Return what is kept under a key, or run the model and keep the result."""
        with self._lock:
            future = self._kept.get(key)
            mine = future is None
            if future is None:
                future = self._kept[key] = Future()
            self._kept.move_to_end(key)
        if mine:
            self._fill(key, future, run)
        return future.result()

    def _fill(
        self, key: Key, future: Future[Answers], run: Callable[[], Answers]
    ) -> None:
        try:
            future.set_result(run())
        except BaseException as error:
            future.set_exception(error.with_traceback(None))  # it would keep frames
            if not isinstance(error, Ungradable):
                self._forget(key)
        self._make_room()

    def _forget(self, key: Key) -> None:
        with self._lock:
            self._kept.pop(key, None)

    def _make_room(self) -> None:
        with self._lock:
            sizes = {key: _size(future) for key, future in self._kept.items()}
            excess = sum(sizes.values()) - self._most_bytes
            for key, size in sizes.items():
                if excess <= 0:
                    break
                if size:
                    del self._kept[key]
                    excess -= size


def _size(future: Future[Answers]) -> int:
    if not future.done() or future.exception() is not None:
        return 0
    return future.result().nbytes
