"""Whether an array is what its description says; values never change on the way."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pytest_tfgrade.datasets.description import FieldDescription
from pytest_tfgrade.datasets.hidden import Array
from pytest_tfgrade.datasets.interface import Unfit

_REMEDY: Final = "correct the file or this value"


def converted(array: Array, field: FieldDescription) -> Array:
    """Return an array in the described dtype.

    Raises:
        Unfit: A value would change.
    """
    if field.dtype == "string":
        if array.dtype.kind != "U":
            raise Unfit(f"holds {array.dtype}, not texts; {_REMEDY}", key="dtype")
        return array
    dtype = np.dtype(field.dtype)
    if array.dtype.kind not in "biuf":
        what = "texts" if array.dtype.kind == "U" else array.dtype
        reason = f"holds {what}, not {dtype}; {_REMEDY}"
        raise Unfit(reason, key="dtype")
    if array.dtype == dtype:
        return array.astype(dtype, copy=False)  # in this machine's byte order
    with np.errstate(invalid="ignore", over="ignore"):
        result = array.astype(dtype)
        back = result.astype(array.dtype)
    same = (back == array) & (result == array)
    same |= (array != array) & (result != result)  # noqa: PLR0124 - NaN stays NaN
    if not same.all():
        reason = f"{dtype} cannot hold the {array.dtype} of {_where(~same)}"
        raise Unfit(f"{reason}; {_REMEDY}", key="dtype")
    return result


@dataclass(frozen=True, slots=True)
class Misfit:
    """One thing that an array is not."""

    key: str | None
    """The key of the field that says otherwise; None for ``rows``."""

    text: str
    """What is wrong; after a semicolon, the remedy."""


def misfits(
    array: Array, field: FieldDescription, rows: int, *, finite: bool
) -> Iterator[Misfit]:
    """Yield what an array of the right dtype is not.

    Args:
        array: ``(rows, *shape)``.
        field: What it should be.
        rows: How many examples it should have.
        finite: Whether NaN and infinity are mistakes.
    """
    if array.ndim == 0:
        yield Misfit("field", "holds a single value; write one for each example")
        return
    if array.shape[1:] != field.shape:
        shapes = f"{array.shape[1:]}, described as {field.shape}"
        yield Misfit("shape", f"examples have the shape {shapes}; {_REMEDY}")
    if len(array) != rows:
        yield Misfit(None, f"holds {len(array)} rows, not {rows}; {_REMEDY}")
    if field.dtype == "string":
        return
    if finite and not (good := np.isfinite(array)).all():
        where = _where(~good)
        yield Misfit("field", f"NaN or infinite in {where}; leave those rows out")
    if field.range is not None:
        low, high = field.range
        inside = (array >= low) & (array <= high)
        if not inside.all():
            bounds = f"{low:g} to {high:g}"
            yield Misfit("range", f"outside {bounds} in {_where(~inside)}; {_REMEDY}")
    yield from _not_labels(array, field)


def _not_labels(array: Array, field: FieldDescription) -> Iterator[Misfit]:
    if field.classes is None:
        return
    count = len(field.classes)
    one_hot = field.shape[-1:] == (count,)
    allowed = np.arange(2 if one_hot else count)
    good = np.isin(array, allowed)
    if not good.all():
        what = "0 or 1" if one_hot else f"a label in 0..{count - 1}"
        yield Misfit("classes", f"not {what} in {_where(~good)}; {_REMEDY}")


def _where(bad: NDArray[np.bool_]) -> str:
    """Return how many rows have a bad value, and which is the first, from 1."""
    rows = np.flatnonzero(bad.reshape(len(bad), -1).any(axis=1)) if bad.ndim else [0]
    first = f"row {rows[0] + 1}"
    return first if len(rows) == 1 else f"{len(rows)} rows, the first {first}"
