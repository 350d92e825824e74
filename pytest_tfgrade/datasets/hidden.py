"""Hidden arrays, and hidden arrays only, by name."""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]


if TYPE_CHECKING:
    _Mapping: TypeAlias = Mapping[str, Array]
else:
    # pytest explains a failed comparison of two instances of Mapping by printing
    # their items; so this is a mapping in all but the class.
    _Mapping = object


class HiddenArray(np.ndarray[Any, np.dtype[Any]]):
    """An array that shows no value when printed; in all else like any other.

    What is computed from it element by element is hidden as well; numbers are not.

    >>> digits = np.array([7, 1]).view(HiddenArray)
    >>> digits, digits == 7, float(np.mean(digits == 7))
    (<hidden int64 (2,)>, <hidden bool (2,)>, 0.5)
    """

    def __repr__(self) -> str:
        """Return dtype and shape."""
        return f"<hidden {self.dtype} {self.shape}>"

    __str__ = __repr__


class HiddenArrays(_Mapping):
    """A read-only mapping of read-only arrays that shows no value when printed.

    At run time it is no instance of ``collections.abc.Mapping``.

    >>> HiddenArrays({"digit": np.array([7, 1])})
    <HiddenArrays digit: int64 (2,)>
    """

    __slots__ = ("_kept", "_lock", "_read")

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        """Keep the arrays, contiguous; nobody can write to them from now on."""
        self._kept: dict[str, Array] | None = _all_frozen(arrays)
        self._read: Callable[[], Mapping[str, Array]] = dict
        self._lock = threading.Lock()

    @classmethod
    def later(cls, read: Callable[[], Mapping[str, Array]]) -> Self:
        """Return arrays that are read when one of them is first asked for."""
        arrays = cls({})
        arrays._kept, arrays._read = None, read
        return arrays

    @property
    def _arrays(self) -> dict[str, Array]:
        with self._lock:
            if self._kept is None:
                self._kept = _all_frozen(self._read())
            return self._kept

    def __getitem__(self, name: str) -> Array:
        """Return the array of this name."""
        return self._arrays[name]

    def __iter__(self) -> Iterator[str]:
        """Yield the names, in the order of the description."""
        return iter(self._arrays)

    def __len__(self) -> int:
        """Return how many arrays there are."""
        return len(self._arrays)

    __contains__ = Mapping.__contains__
    get = Mapping.get
    keys = Mapping.keys
    values = Mapping.values
    items = Mapping.items

    def __eq__(self, other: object) -> bool:
        """Return whether it is the same object: arrays have no single answer."""
        return self is other

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        """Return names, dtypes and shapes, if they are read already."""
        if self._kept is None:
            return "<HiddenArrays, not read yet>"
        shown = (f"{name}: {a.dtype} {a.shape}" for name, a in self._kept.items())
        return f"<HiddenArrays {', '.join(shown)}>"


def digest(inputs: Mapping[str, Array], targets: Mapping[str, Array]) -> str:
    """Return the sha256 of names, dtypes, shapes and bytes, in hexadecimal.

    The order of the names counts, since models may take their inputs by position.
    """
    whole = hashlib.sha256()
    for role, arrays in (("inputs", inputs), ("targets", targets)):
        for name, array in arrays.items():
            whole.update(head_of(role, name, array.dtype, array.shape))
            whole.update(bytes_of(array))
    return whole.hexdigest()


def head_of(
    role: str, name: str, dtype: "np.dtype[Any]", shape: tuple[int, ...]
) -> bytes:
    """Return what stands before the bytes of an array in ``digest``."""
    return f"{json.dumps([role, name, dtype.str, shape])}\n".encode()


def bytes_of(array: Array) -> memoryview:
    """Return the bytes of an array, row by row; of one that lies so, no copy."""
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data


def _all_frozen(arrays: Mapping[str, Array]) -> dict[str, Array]:
    return {name: _frozen(array) for name, array in arrays.items()}


def _frozen(array: Array) -> Array:
    view = np.ascontiguousarray(array).view(HiddenArray)
    view.setflags(write=False)
    return view
