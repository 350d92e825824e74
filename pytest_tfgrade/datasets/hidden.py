"""Hidden arrays, and hidden arrays only, by name."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

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

    __slots__ = ("_arrays",)

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        """Keep the arrays, contiguous; nobody can write to them from now on."""
        self._arrays = {name: _frozen(array) for name, array in arrays.items()}

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
        """Return names, dtypes and shapes."""
        shown = (f"{name}: {a.dtype} {a.shape}" for name, a in self._arrays.items())
        return f"<HiddenArrays {', '.join(shown)}>"


def digest(inputs: Mapping[str, Array], targets: Mapping[str, Array]) -> str:
    """Return the sha256 of names, dtypes, shapes and bytes, in hexadecimal.

    The order of the names counts, since models may take their inputs by position.
    """
    whole = hashlib.sha256()
    for role, arrays in (("inputs", inputs), ("targets", targets)):
        for name, array in arrays.items():
            head = json.dumps([role, name, array.dtype.str, array.shape])
            whole.update(f"{head}\n".encode())
            whole.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return whole.hexdigest()


def _frozen(array: Array) -> Array:
    view = np.ascontiguousarray(array).view(HiddenArray)
    view.setflags(write=False)
    return view
