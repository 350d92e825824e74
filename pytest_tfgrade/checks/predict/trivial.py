"""What trivial predictors predict: computed once for all submissions."""

import hashlib
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pytest_tfgrade.core.contract import OutputSpec
from pytest_tfgrade.predictors import Predictor, predict

MOST_KEPT: Final = 16
"""Predictions that are kept, each of one predictor on one dataset."""


Key: TypeAlias = tuple[Predictor, bytes]
"""A predictor, and a hash of what it was given."""


class Kept:
    """The latest results, by what they were computed from."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        """Keep so many; the least recently used goes first."""
        self._most = most
        self._lock = threading.Lock()
        self._results: OrderedDict[Key, Future[NDArray[Any]]] = OrderedDict()

    def get(self, key: Key, compute: Callable[[], NDArray[Any]]) -> NDArray[Any]:
        """Return what is kept under a key; otherwise compute it.

        Who asks for the same meanwhile waits for it, and gets the same error if there
        is one; who asks for something else does not wait.
        """
        with self._lock:
            future = self._results.get(key)
            mine = future is None
            if future is None:
                future = self._results[key] = Future()
            self._results.move_to_end(key)
            while len(self._results) > self._most:
                self._results.popitem(last=False)
        if mine:
            self._fill(key, future, compute)
        return future.result()

    def _fill(
        self,
        key: Key,
        future: Future[NDArray[Any]],
        compute: Callable[[], NDArray[Any]],
    ) -> None:
        try:
            future.set_result(compute())
        except BaseException as error:  # whoever waits must hear of any
            with self._lock:
                self._results.pop(key, None)
            future.set_exception(error)


class Digests:
    """Hashes of arrays; that of a read-only one is computed once while it lives.

    Hidden data is read-only, and all submissions are given the same arrays, of which
    hashing takes a tenth of a second for each 100 MB.
    """

    def __init__(self) -> None:
        """Know nothing yet."""
        self._known: dict[int, tuple[weakref.ref[NDArray[Any]], bytes]] = {}

    def of(self, array: NDArray[Any]) -> bytes:
        """Return a hash of dtype, shape and values."""
        if array.flags.writeable:
            return _digest(array)
        name = id(array)
        reference, found = self._known.get(name, (None, b""))
        if reference is None or reference() is not array:
            found = _digest(array)
            forget = weakref.ref(array, lambda _: self._known.pop(name, None))
            self._known[name] = forget, found
        return found


_KEPT: Final = Kept()
_DIGESTS: Final = Digests()


def trivial_predictions(  # noqa: PLR0913 - all that predictions follow from
    predictor: Predictor,
    inputs: Mapping[str, NDArray[Any]],
    targets: NDArray[Any],
    spec: OutputSpec,
    options: Mapping[str, Any],
    *,
    rows: NDArray[np.int64],
) -> NDArray[Any]:
    """Return what a trivial predictor predicts: ``(rows, ...)``, float64, read-only.

    A linear model of texts takes seconds to fit, and is the same for each submission.

    Args:
        predictor: Which one.
        inputs: Of the whole dataset.
        targets: Of the whole dataset, of one output.
        spec: That output.
        options: Of the predictor.
        rows: Indexes of the rows that it sees and predicts, each once and in order.

    Raises:
        ValueError: The predictor makes no sense here.
    """

    def compute() -> NDArray[Any]:
        given = {name: _chosen(array, rows) for name, array in inputs.items()}
        found = predict(predictor, given, _chosen(targets, rows), spec, **options)
        found.setflags(write=False)
        return found

    said = repr((spec, sorted(options.items()), list(inputs)))
    whole = hashlib.sha256(said.encode())
    for array in (*inputs.values(), targets, rows):
        whole.update(_DIGESTS.of(array))
    return _KEPT.get((predictor, whole.digest()), compute)


def _chosen(array: NDArray[Any], rows: NDArray[np.int64]) -> NDArray[Any]:
    """Return some of the rows; of all of them, no copy."""
    return array if len(rows) == len(array) else array[rows]


def _digest(array: NDArray[Any]) -> bytes:
    found = hashlib.sha256(repr((array.dtype, array.shape)).encode())
    found.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return found.digest()
