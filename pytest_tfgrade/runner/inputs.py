"""Inputs in pages that every child may read and none can change."""

import contextlib
import hashlib
import json
import os
import threading
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from pytest_tfgrade.core.errors import RunnerError
from pytest_tfgrade.core.pages import Pages

_CHUNK: Final = 1 << 20
"""Bytes read at a time."""

_NONE: Final[Mapping[str, Pages]] = {}


class SharedInputs:
    """The inputs of an evaluation dataset, laid out once for all models."""

    def __init__(
        self,
        arrays: Mapping[str, NDArray[Any]],
        pages: Mapping[str, Pages] = _NONE,
    ) -> None:
        """Copy arrays into sealed memory, but for those that lie in pages already.

        Args:
            arrays: By input name, all with the same number of rows; numbers, or
                ``str_`` of any width, which children see as UTF-8.
            pages: By input name, what holds the bytes of an array, row by row. They
                may be closed, and used by others.
        """
        held: list[Pages] = []
        described: list[dict[str, Any]] = []
        with contextlib.ExitStack() as undo:
            for name, array in arrays.items():
                there = pages.get(name)
                encoded = _encoded(array) if there is None else array
                held.append(_filled(encoded) if there is None else there.again())
                undo.callback(held[-1].close)
                described.append(_described(name, encoded))
            undo.pop_all()
        self._keep(held, described, len(next(iter(arrays.values()))))

    @classmethod
    def of_pages(
        cls,
        pages: Sequence[Pages],
        description: Sequence[Mapping[str, Any]],
        rows: int,
    ) -> Self:
        """Return inputs that lie in sealed pages, as ``description`` says of others.

        Args:
            pages: Of each input; closed with the inputs.
            description: Of each input, of ``SharedInputs`` of the same bytes.
            rows: Of each input.
        """
        inputs = cls.__new__(cls)
        inputs._keep(pages, [dict(item) for item in description], rows)
        return inputs

    def _keep(
        self, pages: Sequence[Pages], described: Sequence[dict[str, Any]], rows: int
    ) -> None:
        self.rows = rows
        self.description = tuple(described)
        self.descriptors = tuple(one.descriptor for one in pages)
        self._pages = tuple(pages)
        self._lock = threading.Lock()
        self._digest: str | None = None

    @property
    def digest(self) -> str:
        """The SHA-256, in hexadecimal, of all that children see of these inputs.

        Of ``description`` and bytes of each input, in order. Computed when it is first
        asked for, which must be before ``close``.
        """
        with self._lock:
            if self._digest is None:
                self._digest = self._hashed()
            return self._digest

    def _hashed(self) -> str:
        whole = hashlib.sha256()
        for item, descriptor in zip(self.description, self.descriptors, strict=True):
            whole.update(f"{json.dumps(item, sort_keys=True)}\n".encode())
            offset = 0
            while chunk := os.pread(descriptor, _CHUNK, offset):
                whole.update(chunk)
                offset += len(chunk)
        return whole.hexdigest()

    def close(self) -> None:
        """Give the memory back once the last child has ended."""
        for pages in self._pages:
            pages.close()
        self.descriptors = ()

    def require_unchanged(self) -> None:
        """Do nothing if these are still the inputs that were given.

        Memory is sealed; of a file on disk it is looked at, where a model may run as
        the same user without a sandbox.

        Raises:
            RunnerError: Somebody changed a file, or the rights to it.
        """
        if not all(pages.is_as_written() for pages in self._pages):
            what = "the hidden inputs, which lie in a file on disk, were changed"
            remedy = "run models in the sandbox (--tfgrade-sandbox=auto)"
            raise RunnerError(f"{what} while models ran; {remedy}")

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


def _described(name: str, array: NDArray[Any]) -> dict[str, Any]:
    return {
        "name": name,
        "dtype": "string" if array.dtype.kind == "S" else array.dtype.name,
        "shape": list(array.shape),
        "width": array.dtype.itemsize,
    }


def _filled(array: NDArray[Any]) -> Pages:
    """Return pages with an array's bytes."""
    pages = Pages(array.nbytes)
    try:
        if array.size:
            pages.write(array.reshape(-1).view(np.uint8).data)
        pages.seal()
    except BaseException:
        pages.close()
        raise
    return pages
