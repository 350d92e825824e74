"""Calling a model: inputs in, in parts of a size that is borne; arrays out."""

import mmap
from typing import Any, Iterator  # noqa: UP035 - Python 3.9

import numpy as np

from . import frames

ROWS_PER_CALL = 512
"""Rows of inputs in one call of a model, if they are small."""

BYTES_PER_CALL = 4 << 20
"""Bytes of inputs in one call of a model, at most; one row in any case."""

GRAPH_BYTES = 64 << 20
"""From here on, tracing a graph (about 0.13 s) costs less than it saves."""

GRAPH_CALLS = 8
"""The same, where a pass says how many rows to take at a time.

A call costs at least 4 ms eagerly (an LSTM: 110 ms), 0.3 to 2 ms as a graph.
"""


class DtypeError(TypeError):
    """A model returns something that is not an array of numbers."""


def mapped(
    described: "list[dict[str, Any]]", descriptors: "list[int]", chosen: "list[int]"
) -> "dict[str, np.ndarray[Any, Any]]":
    """Return some inputs of an order by name, over pages that the trusted side shares.

    They are mapped for one pass at a time, so that many passes take no more memory.

    Args:
        described: ``name``, ``dtype``, ``shape`` and ``width`` of each input.
        descriptors: A file descriptor of each.
        chosen: The positions of those that are wanted.
    """
    return {
        described[place]["name"]: _mapped(descriptors[place], described[place])
        for place in chosen
    }


def _mapped(descriptor: int, item: dict[str, Any]) -> "np.ndarray[Any, Any]":
    text = item["dtype"] == "string"
    dtype = np.dtype(f"S{item['width']}" if text else item["dtype"])
    size = dtype.itemsize * int(np.prod(item["shape"]))
    pages = mmap.mmap(descriptor, size, prot=mmap.PROT_READ) if size else b""
    array = np.frombuffer(pages, dtype).reshape(item["shape"])
    return array.astype(object) if text else array


def predict(  # noqa: PLR0913 - a pass, and what it is made on
    tf: Any,
    model: Any,
    arrays: dict[str, "np.ndarray[Any, Any]"],
    names: "list[str]",
    *,
    batch_rows: "int | None",
    least_rows: int = 1,
) -> "dict[str, np.ndarray[Any, Any]]":
    """Call a model on all rows and return its outputs by name, or by position.

    Args:
        tf: TensorFlow.
        model: What Keras loaded.
        arrays: Inputs ``(rows, ...)`` by the task's names.
        names: The task's names of the outputs.
        batch_rows: Rows in one call; None: as many as are well borne.
        least_rows: Rows in one call, at least, if there are as many.
    """

    def eager(batch: Any) -> Any:
        return model(batch, training=False)

    call: Any = eager
    step = max(batch_rows or _step(arrays), least_rows)
    if _pays_to_trace(arrays, batch_rows):
        call = tf.function(eager, reduce_retracing=True)
    parts: dict[str, list[Any]] = {}
    by_name = _takes_names(model, arrays)
    own_names = _output_names(model, names)
    for batch in _batches(arrays, step, least_rows):
        tensors = {name: tf.constant(rows) for name, rows in batch.items()}
        fed: Any = tensors if by_name else list(tensors.values())
        if len(tensors) == 1:
            fed = next(iter(tensors.values()))
        for name, value in _named(call(fed), own_names).items():
            parts.setdefault(name, []).append(_plain(value))
    return {
        name: chunks[0] if len(chunks) == 1 else np.concatenate(np.atleast_1d(*chunks))
        for name, chunks in parts.items()
    }


def _takes_names(model: Any, arrays: dict[str, Any]) -> bool:
    """Return whether a model knows its inputs by the task's names; else by position."""
    taken = getattr(model, "input", None)
    if isinstance(taken, dict):
        return True
    names = {tensor.name for tensor in getattr(model, "inputs", None) or ()}
    return set(arrays) <= names


def _pays_to_trace(
    arrays: dict[str, "np.ndarray[Any, Any]"], batch_rows: "int | None"
) -> bool:
    size = sum(array.nbytes for array in arrays.values())
    many = batch_rows is not None and _rows(arrays) >= batch_rows * GRAPH_CALLS
    return many or size >= GRAPH_BYTES


def _rows(arrays: dict[str, "np.ndarray[Any, Any]"]) -> int:
    return len(next(iter(arrays.values())))


def _step(arrays: dict[str, "np.ndarray[Any, Any]"]) -> int:
    """Return how many rows to take at a time, the same for any model and machine."""
    row_bytes = sum(array.nbytes for array in arrays.values()) // max(_rows(arrays), 1)
    return max(1, min(ROWS_PER_CALL, BYTES_PER_CALL // max(row_bytes, 1)))


def _batches(
    arrays: dict[str, "np.ndarray[Any, Any]"], step: int, least: int
) -> "Iterator[dict[str, np.ndarray[Any, Any]]]":
    """Yield parts of so many rows; what is too few for a part joins the one before."""
    rows = _rows(arrays)
    starts = [0, *range(step, rows - least + 1, step)] if rows else []
    for start, end in zip(starts, [*starts[1:], rows]):
        yield {name: array[start:end] for name, array in arrays.items()}


def _output_names(model: Any, names: "list[str]") -> "list[str]":
    """Return the names of a model's last layers if they are the task's; else none.

    Keras returns the tensors of a list in the order in which the model was built, which
    need not be the task's.
    """
    own = list(getattr(model, "output_names", None) or ())
    return own if sorted(own) == sorted(names) else []


def _named(outputs: Any, names: "list[str]") -> dict[str, Any]:
    """Return outputs by the names they have, or that are theirs, or by position."""
    if isinstance(outputs, dict):
        return {str(name): value for name, value in outputs.items()}
    if not isinstance(outputs, (list, tuple)):
        return {"0": outputs}
    if len(outputs) == len(names):
        return dict(zip(names, outputs))
    return {str(index): value for index, value in enumerate(outputs)}


def _plain(value: Any) -> "np.ndarray[Any, Any]":
    """Return a tensor as an array of a dtype that may cross the channel."""
    array = np.asarray(value)
    if array.dtype.name == "bfloat16":
        array = array.astype(np.float32)
    if array.dtype.name not in frames.DTYPES:
        message = f"the model returns {array.dtype.name}, not numbers"
        raise DtypeError(message)
    return array
