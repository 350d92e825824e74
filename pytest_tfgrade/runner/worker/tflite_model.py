"""Running a TensorFlow Lite file with TensorFlow's interpreter.

Rows are computed all at once only where the file says that its batch may have any size.
Where it fixes the size, rows go in parts of just that size: a graph that was written
for one row may mix rows, as by dividing by the largest value of its input. Nor is it
slower: a small CNN takes 10 ms for 1000 images one by one, and 21 ms at once.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Sequence  # noqa: UP035 - Python 3.9

import numpy as np

from .calling import DtypeError

if TYPE_CHECKING:
    Array = np.ndarray[Any, Any]
    Arrays = dict[str, Array]


def quantized(values: Array, scale: float, zero_point: int, dtype: Any) -> Array:
    """Return the integers that stand for real numbers; at the ends, the nearest.

    Real numbers are ``scale * (integer - zero_point)``
    (https://www.tensorflow.org/lite/performance/quantization_spec).

    >>> quantized(np.array([0.0, 0.5, 99.0]), 0.5, -128, np.int8).tolist()
    [-128, -127, 70]
    """
    bounds = np.iinfo(dtype)
    steps = np.rint(np.asarray(values, np.float64) / scale) + zero_point
    return np.asarray(np.clip(steps, bounds.min, bounds.max), dtype)


class TfliteModel:
    """One signature of a file, or its first graph, called on any number of rows."""

    def __init__(self, path: str, signature: str | None) -> None:
        """Load the file.

        Args:
            path: Of the file.
            signature: Its key; None: the first graph, by the names of its tensors.

        Raises:
            ValueError: It is no such file, or its inputs have no batch axis in common.
        """
        self._path = path
        self._signature = signature
        self._open()
        details = self._graph.get_input_details()
        self._inputs = dict(sorted(details.items(), key=lambda item: item[1]["index"]))
        self._outputs = self._graph.get_output_details()
        self._fixed = _fixed_rows(self._inputs)

    def input_keys(self) -> list[str]:
        """Return the names of the inputs, in the order of the graph."""
        return list(self._inputs)

    def call(self, batch: Arrays) -> Arrays:
        """Return the outputs ``(rows, ...)`` by their names.

        Where integers stand for real numbers, an output is float32, and an input may be
        given as real numbers; one that has the dtype of the file is taken as it is.

        Args:
            batch: Inputs ``(rows, ...)`` by the names of ``input_keys``; at least one
                row.

        Raises:
            ValueError: An input is missing or has another shape.
            DtypeError: An input has another dtype.
            RuntimeError: TensorFlow Lite cannot compute the graph.
        """
        fed = {key: _fed(key, batch, self._inputs[key]) for key in self._inputs}
        rows = len(next(iter(fed.values())))
        if self._fixed is None:
            found = self._all_at_once(fed, rows)
            if found is not None:
                return found
            self._open()  # what failed once cannot be used again
            self._fixed = 1
        starts = range(0, rows, self._fixed)
        parts = [self._part(fed, start, self._fixed) for start in starts]
        return {
            key: np.concatenate([part[key] for part in parts])[:rows]
            for key in self._outputs
        }

    def _all_at_once(self, fed: Arrays, rows: int) -> Arrays | None:
        """Return the outputs of a batch of any size; None if the graph has but one."""
        try:
            found = self._invoked(fed)
        except RuntimeError:
            return None
        return found if all(_has_rows(found[key], rows) for key in found) else None

    def _part(self, fed: Arrays, start: int, size: int) -> Arrays:
        """Return the outputs of so many rows; copies of the last fill up the last part.

        An output without a batch axis is that of the row, if a part is one row.
        """
        last = len(next(iter(fed.values()))) - 1
        rows = np.minimum(np.arange(start, start + size), last)
        found = self._invoked({key: array[rows] for key, array in fed.items()})
        for key, array in found.items():
            if not _has_rows(array, size):
                if size > 1:
                    message = f"output {key!r} has {array.shape} for {size} rows"
                    raise ValueError(message)
                found[key] = array[np.newaxis]
        return found

    def _invoked(self, fed: Arrays) -> Arrays:
        """Return the outputs of one run of the graph, as real numbers."""
        found = self._graph(**fed)
        self._forget()
        return {key: _real(found[key], self._outputs[key]) for key in self._outputs}

    def _forget(self) -> None:
        """Clear what the graph keeps from call to call.

        A recurrent layer of a TFLite file keeps its state: the next rows would start
        where these ended.
        """
        try:
            self._interpreter.reset_all_variables()
        except RuntimeError:  # another graph of the file keeps state, and never ran
            self._open()

    def _open(self) -> None:
        """Load the graph into a new interpreter; it is allocated when it is called."""
        import tensorflow as tf

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it is to move to another package
            self._interpreter: Any = tf.lite.Interpreter(self._path, num_threads=1)
        self._graph: Any = _FirstGraph(self._interpreter)
        if self._signature is not None:
            self._graph = self._interpreter.get_signature_runner(self._signature)


class _FirstGraph:
    """The first graph of a file, used as TensorFlow's ``SignatureRunner`` is."""

    def __init__(self, interpreter: Any) -> None:
        self._interpreter = interpreter
        self._inputs = {each["name"]: each for each in interpreter.get_input_details()}
        self._outputs = {
            each["name"]: each for each in interpreter.get_output_details()
        }

    def get_input_details(self) -> dict[str, Any]:
        return self._inputs

    def get_output_details(self) -> dict[str, Any]:
        return self._outputs

    def __call__(self, **values: Array) -> Arrays:
        for key, value in values.items():
            index = self._inputs[key]["index"]
            self._interpreter.resize_tensor_input(index, value.shape, strict=False)
        self._interpreter.allocate_tensors()
        for key, value in values.items():
            self._interpreter.set_tensor(self._inputs[key]["index"], value)
        self._interpreter.invoke()
        return {
            key: self._interpreter.get_tensor(details["index"])
            for key, details in self._outputs.items()
        }


def _fixed_rows(inputs: dict[str, Any]) -> int | None:
    """Return how many rows a graph takes; None if any number.

    Raises:
        ValueError: Its inputs do not say so together.
    """
    shapes = [_declared(details) for details in inputs.values()]
    sizes = {shape[0] if shape else 0 for shape in shapes} - {-1}
    if not shapes or 0 in sizes or len(sizes) > 1:
        message = f"the inputs have no batch axis in common: {shapes}"
        raise ValueError(message)
    return sizes.pop() if sizes else None


def _declared(details: Any) -> list[int]:
    """Return the shape of a tensor as the file has it, -1 for any size."""
    return [int(size) for size in details["shape_signature"]]


def _fed(key: str, batch: Arrays, details: Any) -> Array:
    """Return an input as the graph takes it; errors as of ``TfliteModel.call``."""
    if key not in batch:
        message = f"missing data for input {key!r}"
        raise ValueError(message)
    values, declared = batch[key], _declared(details)
    if len(values.shape) != len(declared) or not _fits(values.shape[1:], declared[1:]):
        message = f"input {key!r}: expected shape {declared}, got {values.shape}"
        raise ValueError(message)
    wanted = np.dtype(details["dtype"])
    if values.dtype == wanted or (wanted.kind == "S" and values.dtype.kind in "SO"):
        return values
    if _is_quantized(details) and values.dtype.kind in "fiu":
        scale, zero_point = details["quantization"]
        return quantized(values, scale, zero_point, wanted)
    message = f"input {key!r} takes {wanted.name}, not {values.dtype.name}"
    raise DtypeError(message)


def _fits(sizes: Sequence[int], declared: Sequence[int]) -> bool:
    return all(want in (-1, size) for size, want in zip(sizes, declared))


def _is_quantized(details: Any) -> bool:
    """Return whether integers stand for real numbers, by one scale for all."""
    scale, _ = details["quantization"]
    return bool(scale > 0) and np.dtype(details["dtype"]).kind in "iu"


def _real(values: Array, details: Any) -> Array:
    """Return an output as the numbers that it stands for."""
    if not _is_quantized(details):
        return values
    scale, zero_point = details["quantization"]
    steps: Array = values.astype(np.float64) - zero_point
    return np.asarray(steps * scale, np.float32)


def _has_rows(array: Array, rows: int) -> bool:
    return bool(array.shape) and len(array) == rows
