"""Inputs in pages that every child may read and none can change."""

import fcntl
import os
import tempfile
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray


class SharedInputs:
    """The inputs of an evaluation dataset, laid out once for all models."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Copy arrays into sealed memory.

        Args:
            arrays: By input name, all with the same number of rows; numbers, or
                ``str_`` of any width, which children see as UTF-8.
        """
        encoded = {name: _encoded(array) for name, array in arrays.items()}
        self.rows = len(next(iter(arrays.values())))
        self.descriptors = tuple(_sealed(array) for array in encoded.values())
        self.description = tuple(
            {
                "name": name,
                "dtype": "string" if array.dtype.kind == "S" else array.dtype.name,
                "shape": list(array.shape),
                "width": array.dtype.itemsize,
            }
            for name, array in encoded.items()
        )

    def close(self) -> None:
        """Give the memory back once the last child has ended."""
        for descriptor in self.descriptors:
            os.close(descriptor)
        self.descriptors = ()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()

    def __repr__(self) -> str:
        """Return names, no values."""
        names = [item["name"] for item in self.description]
        return f"<SharedInputs {names}, {self.rows} rows>"


def _encoded(array: NDArray[Any]) -> NDArray[Any]:
    if array.dtype.kind != "U":
        return np.ascontiguousarray(array)
    return np.strings.encode(array, "utf-8") if array.size else array.astype("S1")


def _sealed(array: NDArray[Any]) -> int:
    """Return a file descriptor of an array's bytes that nobody can write through."""
    data = array.reshape(-1).view(np.uint8) if array.size else np.empty(0, np.uint8)
    if not hasattr(os, "memfd_create"):  # not Linux
        return _unlinked_file(data)
    descriptor = os.memfd_create("inputs", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.truncate(descriptor, data.nbytes)
    _write(descriptor, data)
    seals = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals | fcntl.F_SEAL_SEAL)
    return descriptor


def _unlinked_file(data: NDArray[np.uint8]) -> int:
    with tempfile.NamedTemporaryFile() as file:
        file.write(data.tobytes())
        file.flush()
        return os.open(file.name, os.O_RDONLY)


def _write(descriptor: int, data: NDArray[np.uint8]) -> None:
    rest = data.data
    while rest:
        rest = rest[os.write(descriptor, rest) :]
