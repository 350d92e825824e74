"""Reading a TensorFlow Lite file, inside a confined process, without TensorFlow.

Runs under the interpreter of the graded course: standard library and NumPy only.
Returns plain values that JSON can hold.
"""

from __future__ import annotations

import math
import mmap
from typing import Any, Iterator, NamedTuple  # noqa: UP035 - Python 3.9

import numpy as np

from .flatbuffer import Reader, Table, Tables
from .malformed import MalformedError, TooLargeError
from .tflite_fields import (
    Buffer,
    Model,
    Operator,
    OperatorCode,
    QuantizationParameters,
    SignatureDef,
    SubGraph,
    Tensor,
    TensorMap,
)
from .tflite_names import CUSTOM, OPERATORS, TYPES
from .weight_sketch import MOST_BYTES, prints_of

IDENTIFIER = b"TFL3"
BOMB = 16 * 2**30  # bytes of one tensor; no sandbox allows as much
MAX_RANK = 32

_PLAIN = frozenset({"float16", "float32", "float64", "int8", "int16", "int32", "uint8"})
"""What NumPy calls the same."""


def read_tflite(path: str) -> dict[str, Any]:
    """Return what a ``.tflite`` file says of its model.

    ``inputs`` and ``outputs`` describe the tensors of the first subgraph as ``[name,
    dtype, shape, shape signature, quantization]``. The shape is None if not even its
    rank is known; the signature has -1 for axes of any size, or is None; the
    quantization is ``[scale, zero point]``, or None. ``signatures`` holds for each key
    ``inputs`` and ``outputs``: tensors, described in the same way, by the names that
    the signature gives them, inputs in the order of their subgraph. ``operators``
    are names, sorted. ``parameters`` is ``[count, bytes]`` of constants: floating-point
    and quantized ones, for plain integers are axes and shapes. ``constants`` holds the
    ``[name, dtype, shape]`` of those that NumPy has a dtype for, and ``prints`` what
    ``prints_of`` returns of them.

    ``problems`` holds ``[kind, what]``, where kind is ``external`` (data in another
    file), ``bomb`` (a tensor beyond any memory), ``large`` (more parts than any model
    has) or ``unreadable``.
    """
    result: dict[str, Any] = {
        "version": 0,
        "description": "",
        "inputs": [],
        "outputs": [],
        "operators": [],
        "signatures": {},
        "parameters": [0, 0],
        "constants": [],
        "prints": [],
        "problems": [],
    }
    try:
        with open(path, "rb") as file, _as_bytes(file) as data:
            _File(Reader(data)).describe(result)
            if not result["problems"]:
                _print(_File(Reader(data)), result)
    except TooLargeError as error:
        result["problems"].append(["large", str(error)])
    except (OSError, ValueError) as error:  # ValueError of mmap: an empty file
        result["problems"].append(["unreadable", f"{type(error).__name__}: {error}"])
    return result


def _print(file: _File, result: dict[str, Any]) -> None:
    """Fill in what tells constants from others; nothing, if they are too many."""
    try:
        constants = list(file.constants())
        result["prints"] = prints_of(constants)
    except ValueError:
        return
    result["constants"] = [
        [name, array.dtype.name, list(array.shape)] for name, array in constants
    ]


def _as_bytes(file: Any) -> mmap.mmap:
    """Return a file as bytes of which only those are fetched that are read."""
    return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


class _Graph(NamedTuple):
    """One of the graphs of a file."""

    tensors: Tables
    """All that it computes with."""

    inputs: tuple[int, ...]
    """Which of them it takes, by their numbers."""

    outputs: tuple[int, ...]
    """Which of them it returns."""

    operators: Tables
    """What it does."""


class _File:
    """The parts of a file that all steps of reading need."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._model = reader.root(IDENTIFIER)
        self._buffers = self._model.tables(Model.BUFFERS)
        self._graphs = [
            _Graph(
                tensors=graph.tables(SubGraph.TENSORS),
                inputs=graph.numbers(SubGraph.INPUTS, "i"),
                outputs=graph.numbers(SubGraph.OUTPUTS, "i"),
                operators=graph.tables(SubGraph.OPERATORS),
            )
            for graph in self._model.tables(Model.SUBGRAPHS)
        ]

    def describe(self, result: dict[str, Any]) -> None:
        """Fill in what ``read_tflite`` returns, step by step."""
        result["version"] = self._model.number(Model.VERSION, "I")
        result["description"] = self._model.text(Model.DESCRIPTION)
        if not self._graphs:
            raise MalformedError("the file holds no graph")
        first = self._graphs[0]
        result["inputs"] = [described(first.tensors[index]) for index in first.inputs]
        result["outputs"] = [described(first.tensors[index]) for index in first.outputs]
        result["operators"] = self._operators()
        result["signatures"] = self._signatures()
        self._weigh(result)

    def _operators(self) -> list[str]:
        """Return the names of the operators that the graphs use, each once."""
        codes = self._model.tables(Model.OPERATOR_CODES)
        used = {
            operator.number(Operator.OPCODE_INDEX, "I")
            for graph in self._graphs
            for operator in graph.operators
        }
        return sorted({_operator_name(codes[index]) for index in used})

    def _signatures(self) -> dict[str, Any]:
        """Return what each signature takes and returns, by its key."""
        signatures: dict[str, Any] = {}
        for signature in self._model.tables(Model.SIGNATURE_DEFS):
            key = signature.text(SignatureDef.SIGNATURE_KEY)
            place = signature.number(SignatureDef.SUBGRAPH_INDEX, "I")
            if place >= len(self._graphs) or key in signatures:
                raise MalformedError("a signature without a graph or a name of its own")
            tensors, inputs, *_ = self._graphs[place]
            order = {index: position for position, index in enumerate(inputs)}
            returned = _named(signature.tables(SignatureDef.OUTPUTS))
            taken = sorted(
                _named(signature.tables(SignatureDef.INPUTS)),
                key=lambda pair: order.get(pair[1], len(order)),
            )
            signatures[key] = {
                "inputs": {name: described(tensors[i]) for name, i in taken},
                "outputs": {name: described(tensors[i]) for name, i in returned},
            }
        return signatures

    def constants(self) -> Iterator[tuple[str, np.ndarray[Any, Any]]]:
        """Yield the name and a copy of each constant that holds what training found."""
        seen: set[int] = set()
        room = MOST_BYTES
        for graph in self._graphs:
            for tensor in graph.tensors:
                dtype, _ = _dtype(tensor)
                start, size = self._data(tensor.number(Tensor.BUFFER, "I"))
                if not size or start in seen or not _is_parameter(tensor, dtype):
                    continue
                seen.add(start)
                room -= size
                shape = _sizes(tensor.numbers(Tensor.SHAPE, "i"))
                if room < 0 or dtype not in _PLAIN or min(shape, default=1) < 0:
                    continue
                if math.prod(shape) * np.dtype(dtype).itemsize == size:
                    data = self._reader.data[start : start + size]
                    array = np.frombuffer(data, np.dtype(dtype).newbyteorder("<"))
                    yield tensor.text(Tensor.NAME), array.reshape(shape)

    def _weigh(self, result: dict[str, Any]) -> None:
        """Add up the constants, each once, and look for what is not as it should be."""
        seen: set[int] = set()
        for graph in self._graphs:
            for tensor in graph.tensors:
                dtype, bits = _dtype(tensor)
                sizes = _sizes(tensor.numbers(Tensor.SHAPE, "i"))
                numbers = math.prod(map(abs, sizes))
                if numbers * bits > 8 * BOMB:
                    name = tensor.text(Tensor.NAME)
                    what = f"{name} declares {numbers * bits // 8} bytes"
                    result["problems"].append(["bomb", what])
                if tensor.number(Tensor.EXTERNAL_BUFFER, "I"):
                    name = tensor.text(Tensor.NAME)
                    result["problems"].append(["external", name])
                start, size = self._data(tensor.number(Tensor.BUFFER, "I"))
                if size and start not in seen and _is_parameter(tensor, dtype):
                    seen.add(start)
                    result["parameters"][0] += min(numbers, size * 8 // bits)
                    result["parameters"][1] += size

    def _data(self, index: int) -> tuple[int, int]:
        """Return where the data of a buffer lie and how many bytes they are.

        A file of more than 2 GB keeps them behind the FlatBuffer.
        """
        if index == 0:  # by convention empty; the buffer of all that is no constant
            return 0, 0
        buffer = self._buffers[index]
        start, size = buffer.vector(Buffer.DATA, 1)
        if not size:
            start = buffer.number(Buffer.OFFSET, "Q")
            size = buffer.number(Buffer.SIZE, "Q")
            size = size if start > 1 else 0  # 1 is what the converter fills in later
        self._reader.require(start, size)
        return start, size


def described(tensor: Table) -> list[Any]:
    """Return ``[name, dtype, shape, shape signature, quantization]`` of a tensor."""
    dtype, _ = _dtype(tensor)
    shape = _sizes(tensor.numbers(Tensor.SHAPE, "i"))
    has_rank = bool(shape) or tensor.number(Tensor.HAS_RANK, "B") == 1
    signature = _sizes(tensor.numbers(Tensor.SHAPE_SIGNATURE, "i"))
    return [
        tensor.text(Tensor.NAME),
        dtype,
        shape if has_rank else None,
        signature or None,
        _quantization(tensor, dtype),
    ]


def _sizes(shape: tuple[int, ...]) -> list[int]:
    if len(shape) > MAX_RANK or any(size < -1 for size in shape):
        raise MalformedError(f"a tensor of {len(shape)} axes, or of negative size")
    return list(shape)


def _dtype(tensor: Table) -> tuple[str, int]:
    """Return the name of a type and its bits; of what has no numbers, 8."""
    number = tensor.number(Tensor.TYPE, "b")
    return TYPES[number] if 0 <= number < len(TYPES) else (f"type_{number}", 8)


def _quantization(tensor: Table, dtype: str) -> list[Any] | None:
    """Return scale and zero point, if integers have one pair for the whole tensor."""
    saved = tensor.table(Tensor.QUANTIZATION)
    if saved is None or not _is_integer(dtype):
        return None
    scales = saved.numbers(QuantizationParameters.SCALE, "f")
    zeros = saved.numbers(QuantizationParameters.ZERO_POINT, "q")
    if len(scales) != 1 or len(zeros) > 1 or scales[0] == 0:
        return None
    if not (math.isfinite(scales[0]) and scales[0] > 0):
        raise MalformedError("a tensor has no proper scale")
    return [scales[0], zeros[0] if zeros else 0]


def _is_parameter(tensor: Table, dtype: str) -> bool:
    """Return whether a constant holds what training found, and not axes or shapes."""
    if not _is_integer(dtype):
        return dtype.startswith(("float", "bfloat", "complex"))
    saved = tensor.table(Tensor.QUANTIZATION)
    return saved is not None and saved.vector(QuantizationParameters.SCALE, 4)[1] > 0


def _is_integer(dtype: str) -> bool:
    return dtype.startswith(("int", "uint"))


def _named(tensors: Tables) -> list[tuple[str, int]]:
    """Return the names that a signature gives to tensors, and their numbers."""
    pairs = [
        (each.text(TensorMap.NAME), each.number(TensorMap.TENSOR_INDEX, "I"))
        for each in tensors
    ]
    if len({name for name, _ in pairs}) < len(pairs):
        raise MalformedError("a signature uses a name twice")
    return pairs


def _operator_name(code: Table) -> str:
    """Return the name of an operator; ``BUILTIN_n`` for one of a later schema.

    Files of before TensorFlow 2.4 have the number in a field of one byte; later ones
    have 127 there if it does not fit.
    """
    number = max(
        code.number(OperatorCode.DEPRECATED_BUILTIN_CODE, "b"),
        code.number(OperatorCode.BUILTIN_CODE, "i"),
    )
    if number == CUSTOM:
        return code.text(OperatorCode.CUSTOM_CODE)
    return OPERATORS[number] if 0 <= number < len(OPERATORS) else f"BUILTIN_{number}"
