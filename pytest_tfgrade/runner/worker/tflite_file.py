"""Reading a TensorFlow Lite file, inside a confined process, without TensorFlow.

Runs under the interpreter of the graded course: standard library only. Returns plain
values that JSON can hold. Numbers of fields are those of TensorFlow's ``schema.fbs``.
"""

from __future__ import annotations

import math
import mmap
from typing import Any

from .flatbuffer import MalformedError, Reader, Table, Tables, TooLargeError
from .tflite_names import CUSTOM, OPERATORS, TYPES

IDENTIFIER = b"TFL3"
BOMB = 16 * 2**30  # bytes of one tensor; no sandbox allows as much
MAX_RANK = 32


def read_tflite(path: str) -> dict[str, Any]:
    """Return what a ``.tflite`` file says of its model.

    ``inputs`` and ``outputs`` describe the tensors of the first subgraph as ``[name,
    dtype, shape, shape signature, quantization]``. The shape is None if not even its
    rank is known; the signature has -1 for axes of any size, or is None; the
    quantization is ``[scale, zero point]``, or None. ``signatures`` holds for each key
    ``inputs`` and ``outputs``: tensors, described in the same way, by the names that
    the signature gives them, inputs in the order of their subgraph. ``operators``
    are names, sorted. ``parameters`` is ``[count, bytes]`` of constants: floating-point
    and quantized ones, for plain integers are axes and shapes.

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
        "problems": [],
    }
    try:
        with open(path, "rb") as file, _mapped_file(file) as data:
            _File(Reader(data)).describe(result)
    except TooLargeError as error:
        result["problems"].append(["large", str(error)])
    except (OSError, ValueError) as error:  # ValueError of mmap: an empty file
        result["problems"].append(["unreadable", f"{type(error).__name__}: {error}"])
    return result


def _mapped_file(file: Any) -> mmap.mmap:
    """Return a file as bytes of which only those are fetched that are read."""
    return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


class _File:
    """The parts of a file that all steps of reading need."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._model = reader.root(IDENTIFIER)
        self._buffers = self._model.tables(4)
        self._graphs = [
            (graph.tables(0), graph.numbers(1, "i"), graph.numbers(2, "i"), graph)
            for graph in self._model.tables(2)
        ]

    def describe(self, result: dict[str, Any]) -> None:
        """Fill in what ``read_tflite`` returns, step by step."""
        result["version"] = self._model.number(0, "I")
        result["description"] = self._model.text(3)
        if not self._graphs:
            raise MalformedError("the file holds no graph")
        tensors, inputs, outputs, _ = self._graphs[0]
        result["inputs"] = [described(tensors[index]) for index in inputs]
        result["outputs"] = [described(tensors[index]) for index in outputs]
        result["operators"] = self._operators()
        result["signatures"] = self._signatures()
        self._weigh(result)

    def _operators(self) -> list[str]:
        """Return the names of the operators that the graphs use, each once."""
        codes = self._model.tables(1)
        used = {
            operator.number(0, "I")
            for *_, graph in self._graphs
            for operator in graph.tables(3)
        }
        return sorted({_operator_name(codes[index]) for index in used})

    def _signatures(self) -> dict[str, Any]:
        signatures: dict[str, Any] = {}
        for signature in self._model.tables(7):
            key, place = signature.text(2), signature.number(4, "I")
            if place >= len(self._graphs) or key in signatures:
                raise MalformedError("a signature without a graph or a name of its own")
            tensors, inputs, *_ = self._graphs[place]
            order = {index: position for position, index in enumerate(inputs)}
            taken = sorted(
                _mapped(signature.tables(0)),
                key=lambda pair: order.get(pair[1], len(order)),
            )
            signatures[key] = {
                "inputs": {name: described(tensors[index]) for name, index in taken},
                "outputs": {
                    name: described(tensors[index])
                    for name, index in _mapped(signature.tables(1))
                },
            }
        return signatures

    def _weigh(self, result: dict[str, Any]) -> None:
        """Add up the constants, each once, and look for what is not as it should be."""
        seen: set[int] = set()
        for tensors, *_ in self._graphs:
            for tensor in tensors:
                dtype, bits = _dtype(tensor)
                numbers = math.prod(map(abs, _sizes(tensor.numbers(0, "i"))))
                if numbers * bits > 8 * BOMB:
                    what = f"{tensor.text(3)} declares {numbers * bits // 8} bytes"
                    result["problems"].append(["bomb", what])
                if tensor.number(10, "I"):
                    result["problems"].append(["external", tensor.text(3)])
                start, size = self._data(tensor.number(2, "I"))
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
        start, size = buffer.vector(0, 1)
        if not size:
            start, size = buffer.number(1, "Q"), buffer.number(2, "Q")
            size = size if start > 1 else 0  # 1 is what the converter fills in later
        self._reader.require(start, size)
        return start, size


def described(tensor: Table) -> list[Any]:
    """Return ``[name, dtype, shape, shape signature, quantization]`` of a tensor."""
    dtype, _ = _dtype(tensor)
    shape = _sizes(tensor.numbers(0, "i"))
    has_rank = bool(shape) or tensor.number(8, "B") == 1
    signature = _sizes(tensor.numbers(7, "i"))
    return [
        tensor.text(3),
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
    number = tensor.number(1, "b")
    return TYPES[number] if 0 <= number < len(TYPES) else (f"type_{number}", 8)


def _quantization(tensor: Table, dtype: str) -> list[Any] | None:
    """Return scale and zero point, if integers have one pair for the whole tensor."""
    saved = tensor.table(4)
    if saved is None or not _is_integer(dtype):
        return None
    scales, zeros = saved.numbers(2, "f"), saved.numbers(3, "q")
    if len(scales) != 1 or len(zeros) > 1 or scales[0] == 0:
        return None
    if not (math.isfinite(scales[0]) and scales[0] > 0):
        raise MalformedError("a tensor has no proper scale")
    return [scales[0], zeros[0] if zeros else 0]


def _is_parameter(tensor: Table, dtype: str) -> bool:
    """Return whether a constant holds what training found, and not axes or shapes."""
    if not _is_integer(dtype):
        return dtype.startswith(("float", "bfloat", "complex"))
    saved = tensor.table(4)
    return saved is not None and saved.vector(2, 4)[1] > 0


def _is_integer(dtype: str) -> bool:
    return dtype.startswith(("int", "uint"))


def _mapped(tensors: Tables) -> list[tuple[str, int]]:
    """Return the names that a signature gives to tensors, and their numbers."""
    pairs = [(tensor.text(0), tensor.number(1, "I")) for tensor in tensors]
    if len({name for name, _ in pairs}) < len(pairs):
        raise MalformedError("a signature uses a name twice")
    return pairs


def _operator_name(code: Table) -> str:
    """Return the name of an operator; ``BUILTIN_n`` for one of a later schema.

    Files of before TensorFlow 2.4 have the number in a field of one byte; later ones
    have 127 there if it does not fit.
    """
    number = max(code.number(0, "b"), code.number(3, "i"))
    if number == CUSTOM:
        return code.text(1)
    return OPERATORS[number] if 0 <= number < len(OPERATORS) else f"BUILTIN_{number}"
