"""Whether the numbers of a task stay what they are, cast to what a model takes."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.contract import InputSpec
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.setup import Feeding
from pytest_tfgrade.datasets.blocks import blocks_of
from pytest_tfgrade.datasets.hidden import Array


def require_lossless(
    arrays: Mapping[str, Array], inputs: Mapping[str, InputSpec], feeding: Feeding
) -> None:
    """Do nothing if every cast of a feeding keeps every value of these arrays.

    Args:
        arrays: ``(rows, ...)``, by the contract's names.
        inputs: The contract's.
        feeding: How a model gets them.

    Raises:
        Ungradable: ``E_DTYPE``: the first that does not; no value is told.
    """
    for name, dtype in casts(feeding):
        if name in arrays:
            loss = loss_of(arrays[name], dtype)
            if loss is not None:
                raise lossy(name, inputs[name], dtype, loss)


def casts(feeding: Feeding) -> Iterable[tuple[str, str]]:
    """Yield each input whose numbers are cast, and to what; quantizing is meant so."""
    for name, feed in feeding.feeds.items():
        if feed.dtype and not feed.as_ids and feed.quantization is None:
            yield name, feed.dtype


def lossy(name: str, spec: InputSpec, dtype: str, loss: str) -> Ungradable:
    """Return what is wrong with a model that takes a dtype which loses something."""
    text = f"the model takes {dtype} inputs for {name!r}, the task gives {loss}"
    hint = f"Build the model with Input(..., dtype={spec.dtype!r})."
    return Ungradable(Code.DTYPE, f"{text} ({spec.dtype})", hint=hint)


def loss_of(array: Array, dtype: str) -> str | None:
    """Say what of an array's values another dtype cannot hold; None if it holds all.

    Keras computes in float32 unless told otherwise, so float64 may become float32.

    >>> loss_of(np.array([0.5]), "int32"), loss_of(np.array([2.0]), "int32")
    ('fractions', None)
    >>> loss_of(np.array([200], np.uint8), "int8")
    'numbers that int8 cannot hold'
    """
    to = np.dtype(dtype)
    if np.can_cast(array.dtype, to, casting="safe") or not array.size:
        return None
    losses = {_loss_of(block, to) for block in blocks_of(array)}
    worst_first = (_NO_FLAGS, _FRACTIONS, _TOO_LARGE)
    found = next((loss for loss in worst_first if loss in losses), None)
    return found and found.format(dtype)


_NO_FLAGS: Final = "numbers other than 0 and 1"
_FRACTIONS: Final = "fractions"
_TOO_LARGE: Final = "numbers that {} cannot hold"


def _loss_of(array: Array, to: "np.dtype[Any]") -> str | None:
    """Return what is lost of some rows."""
    if to.kind == "b":
        return None if bool(np.isin(array, (0, 1)).all()) else _NO_FLAGS
    if array.dtype.kind == "f" and to.kind == "f":
        is_kept = not _differs(array, to)
    elif array.dtype.kind == "f" and _has_fractions(array):
        return _FRACTIONS
    else:
        is_kept = _is_within(array, to)
    return None if is_kept else _TOO_LARGE


def _has_fractions(array: Array) -> bool:
    numbers = array[np.isfinite(array)]
    return bool((numbers != np.rint(numbers)).any())


def _is_within(array: Array, to: "np.dtype[Any]") -> bool:
    """Return whether a type has all whole numbers from an array's least to its most.

    A floating-point type has them up to two to the power of its digits.
    """
    if not np.isfinite(array).all():
        return False
    if to.kind == "f":
        most: int = 1 << (np.finfo(to).nmant + 1)
        least = -most
    else:
        least, most = int(np.iinfo(to).min), int(np.iinfo(to).max)
    return least <= int(array.min()) and int(array.max()) <= most


def _differs(array: Array, to: "np.dtype[Any]") -> bool:
    """Return whether a smaller floating-point type changes a value."""
    with np.errstate(over="ignore", under="ignore"):
        cast = array.astype(to)
    if to == np.float32:
        return bool((np.isfinite(array) & ~np.isfinite(cast)).any())
    return not np.array_equal(cast.astype(array.dtype), array, equal_nan=True)
