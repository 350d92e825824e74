"""Calling a model: inputs in, in parts of a size that is borne; arrays out."""

import mmap
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any, Callable, Iterator, Mapping, Union  # noqa: UP035 - Python 3.9

import numpy as np

from . import frames
from .opening import Opened

ROWS_PER_CALL = 512
"""Rows of inputs in one call of a model, if they are small."""

BYTES_PER_CALL = 4 << 20
"""Bytes of inputs in one call of a model, at most; one row in any case."""

BYTES_PER_GRAPH_CALL = 1 << 20
"""The same of a graph, which is called at little cost: what a part computes should stay
in the processor's cache (a small CNN: 1.18 s so, 1.37 s with four times as much)."""

GRAPH_BYTES = 64 << 20
"""Of inputs: from here on, tracing a graph (about 0.13 s) costs less than it saves."""

GRAPH_BYTES_IF_REUSED = 8 << 20
"""The same of a model that uses its weights again and again, as convolutions do.

10 000 images of 28x28, a small CNN: 1.9 s eagerly, 1.1 s as a graph; an MLP: 0.08 s and
0.26 s.
"""

GRAPH_CALLS = 8
"""The same, where a pass says how many rows to take at a time.

A call costs at least 4 ms eagerly (an LSTM: 110 ms), 0.3 to 2 ms as a graph.
"""


class DtypeError(TypeError):
    """A model returns something that is not an array of numbers."""


class Rows:
    """An input, of which the rows that are taken become what the model wants.

    Only they are cast, so that a large input never lies in memory a second time.
    """

    def __init__(
        self, array: "np.ndarray[Any, Any]", feed: "dict[str, Any]", text: bool = False
    ) -> None:
        """Take an input as it is shared.

        Args:
            array: ``(rows, ...)``.
            feed: ``axes`` and ``dtype`` as in ``core.setup.Feed``; the trusted side saw
                that nothing is lost.
            text: Whether it holds texts, as UTF-8.
        """
        axes, dtype = feed.get("axes"), feed.get("dtype")
        if axes is not None:
            row = [1 if axis is None else array.shape[1 + axis] for axis in axes]
            array = array.reshape([len(array), *row])
        self._array = array
        self._held = np.dtype(object) if text else array.dtype
        self.dtype = np.dtype(dtype or self._held)

    @property
    def nbytes(self) -> int:
        """Bytes of the whole, if it were cast."""
        return self._array.size * self.dtype.itemsize

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self._array)

    def __getitem__(self, rows: slice) -> "np.ndarray[Any, Any]":
        """Return some rows as the model wants them."""
        array = self._array[rows].astype(self._held, copy=False)
        if array.dtype.kind == "f" and self.dtype.kind in "iu":
            array = np.rint(array)  # whole numbers already, unless a check added noise
        return array.astype(self.dtype, copy=False)


Inputs = Mapping[str, Union[Rows, "np.ndarray[Any, Any]"]]
"""Inputs ``(rows, ...)``, of which a part at a time is taken."""


def mapped(
    described: "list[dict[str, Any]]", descriptors: "list[int]", chosen: "list[int]"
) -> "dict[str, Rows]":
    """Return some inputs of an order, over pages that the trusted side shares.

    They are mapped for one pass at a time, so that many passes take no more memory.
    Their names are those of the task, or the model's own where it has others.

    Args:
        described: ``name``, ``dtype``, ``shape``, ``width`` and ``feed`` of each input.
        descriptors: A file descriptor of each.
        chosen: The positions of those that are wanted.
    """
    arrays = {}
    for place in chosen:
        item = described[place]
        feed = item["feed"] or {}
        array = _mapped(descriptors[place], item)
        rows = Rows(array, feed, text=item["dtype"] == "string")
        arrays[feed.get("key") or item["name"]] = rows
    return arrays


def _mapped(descriptor: int, item: dict[str, Any]) -> "np.ndarray[Any, Any]":
    text = item["dtype"] == "string"
    dtype = np.dtype(f"S{item['width']}" if text else item["dtype"])
    size = dtype.itemsize * int(np.prod(item["shape"]))
    pages = mmap.mmap(descriptor, size, prot=mmap.PROT_READ) if size else b""
    return np.frombuffer(pages, dtype).reshape(item["shape"])


def predict(  # noqa: PLR0913 - a pass, and what it is made on
    model: Opened,
    arrays: "Inputs",
    outputs: "list[dict[str, Any]]",
    *,
    batch_rows: "int | None",
    least_rows: int = 1,
    fixed_rows: "int | None" = None,
    at_once: int = 1,
) -> "dict[str, np.ndarray[Any, Any]]":
    """Call a model on all rows and return its outputs by name, or by position.

    Args:
        model: What was loaded.
        arrays: Inputs ``(rows, ...)`` as the model wants them.
        outputs: Of the task: ``name``, ``axes`` (how many, with the rows), and
            ``last_step``, whether of one axis more the last step counts.
        batch_rows: Rows in one call; None: as many as are well borne.
        least_rows: Rows in one call, at least, if there are as many.
        fixed_rows: Rows that the model takes, no more and no fewer. What is missing in
            a part is made up of copies of its last row, whose outputs are dropped.
        at_once: Parts that may be computed at a time, if none can change another.
    """
    step = max(batch_rows or _step(arrays, BYTES_PER_CALL), least_rows)
    if fixed_rows is not None:
        step, least_rows = min(step, fixed_rows) if batch_rows else fixed_rows, 1
    asked = batch_rows is not None or fixed_rows is not None
    is_graph = _pays_to_trace(arrays, step if asked else None, model.reuses_weights())
    if is_graph and not asked:
        step = max(_step(arrays, BYTES_PER_GRAPH_CALL), least_rows)
    call = model.traced() if is_graph else model.call

    def called(batch: "dict[str, np.ndarray[Any, Any]]") -> "dict[str, Any]":
        rows = _rows(batch)
        found = call(_filled(batch, fixed_rows))
        wholes = {n: _last_step(n, _plain(v), outputs) for n, v in found.items()}
        return {n: whole[:rows] if fixed_rows else whole for n, whole in wholes.items()}

    parts: dict[str, list[Any]] = {}
    for found in _each(called, _batches(arrays, step, least_rows), model, at_once):
        for name, whole in found.items():
            parts.setdefault(name, []).append(whole)
    return {
        name: chunks[0] if len(chunks) == 1 else np.concatenate(np.atleast_1d(*chunks))
        for name, chunks in parts.items()
    }


def _each(
    called: "Callable[[Any], dict[str, Any]]",
    batches: "Iterator[Any]",
    model: Opened,
    at_once: int,
) -> "Iterator[dict[str, Any]]":
    """Yield what is returned for each part, in order; several at a time if that may be.

    Each part is computed by one thread, so that predictions are the same bytes.
    """
    first = next(batches, None)
    if first is None:
        return
    yield called(first)
    if at_once == 1 or not model.is_pure():
        yield from map(called, batches)
        return
    with ThreadPoolExecutor(at_once) as pool:
        running = deque(pool.submit(called, one) for one in islice(batches, at_once))
        while running:  # no more parts are cut out than are computed
            yield running.popleft().result()
            running.extend(pool.submit(called, one) for one in islice(batches, 1))


def _filled(
    batch: "dict[str, np.ndarray[Any, Any]]", rows: "int | None"
) -> "dict[str, np.ndarray[Any, Any]]":
    """Return a part with copies of its last row at the end, so that it has so many."""
    missing = 0 if rows is None else rows - _rows(batch)
    if missing <= 0 or not _rows(batch):
        return batch
    return {
        name: np.concatenate([array, np.repeat(array[-1:], missing, axis=0)])
        for name, array in batch.items()
    }


def _last_step(
    name: str, array: "np.ndarray[Any, Any]", outputs: "list[dict[str, Any]]"
) -> "np.ndarray[Any, Any]":
    """Return the last step of a sequence where the task asks for it."""
    places = (str(place) for place in range(len(outputs)))
    for place, output in zip(places, outputs):
        if name in (place, output["name"]) and output["last_step"]:
            is_sequence = array.ndim == output["axes"] + 1 and array.shape[1]
            return array[:, -1] if is_sequence else array
    return array


def _pays_to_trace(arrays: "Inputs", step: "int | None", is_reused: bool) -> bool:
    """Return whether to trace; the same for any machine.

    Args:
        arrays: Inputs.
        step: How many rows at a time somebody demands.
        is_reused: Whether weights are used for each place in a row.
    """
    size = sum(array.nbytes for array in arrays.values())
    many = step is not None and _rows(arrays) >= step * GRAPH_CALLS
    return many or size >= (GRAPH_BYTES_IF_REUSED if is_reused else GRAPH_BYTES)


def _rows(arrays: "Inputs") -> int:
    return len(next(iter(arrays.values())))


def _step(arrays: "Inputs", most_bytes: int) -> int:
    """Return how many rows to take at a time, the same for any model and machine."""
    row_bytes = sum(array.nbytes for array in arrays.values()) // max(_rows(arrays), 1)
    return max(1, min(ROWS_PER_CALL, most_bytes // max(row_bytes, 1)))


def _batches(
    arrays: "Inputs", step: int, least: int
) -> "Iterator[dict[str, np.ndarray[Any, Any]]]":
    """Yield parts of so many rows; what is too few for a part joins the one before."""
    rows = _rows(arrays)
    starts = [0, *range(step, rows - least + 1, step)] if rows else []
    for start, end in zip(starts, [*starts[1:], rows]):
        yield {name: array[start:end] for name, array in arrays.items()}


def _plain(value: Any) -> "np.ndarray[Any, Any]":
    """Return a tensor as an array of a dtype that may cross the channel."""
    array = np.asarray(value)
    if array.dtype.name == "bfloat16":
        array = array.astype(np.float32)
    if array.dtype.name not in frames.DTYPES:
        message = f"the model returns {array.dtype.name}, not numbers"
        raise DtypeError(message)
    return array
