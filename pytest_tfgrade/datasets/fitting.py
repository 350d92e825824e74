"""Whether an array is what its description says; values never change on the way."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pytest_tfgrade.datasets.fields import ArrayDescription
from pytest_tfgrade.datasets.hidden import Array
from pytest_tfgrade.datasets.interface import Unfit
from pytest_tfgrade.documents import Document, Invalid, Problem
from pytest_tfgrade.documents.document import KeyPath

_REMEDY: Final = "correct the data or this value"


def converted(array: Array, field: ArrayDescription) -> Array:
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


class Fitting:
    """Holds arrays against their descriptions and gathers what is wrong."""

    def __init__(self, document: Document, rows: int) -> None:
        """Fit arrays of so many rows; problems stand in the document."""
        self._document = document
        self._rows = rows
        self._problems: list[Problem] = []
        self._arrays: dict[str, dict[str, Array]] = {"inputs": {}, "targets": {}}

    def add(self, keys: KeyPath, text: str, *, at_key: bool = False) -> None:
        """Note a problem, at a place of the description."""
        place = self._document.locate(keys, at_key=at_key)
        self._problems.append(Problem(place, text))

    def fit(
        self, array: Array, keys: tuple[str, str], part: ArrayDescription, subject: str
    ) -> None:
        """Keep an array as described, or note why it is not.

        Args:
            array: ``(rows, *shape)``, of any dtype.
            keys: ``inputs`` or ``targets``, and the name.
            part: What it should be.
            subject: What holds the array, for messages.
        """
        role, name = keys
        try:
            fitted = converted(array, part)
        except Unfit as unfit:
            self.add((*keys, unfit.key), f"{subject}: {unfit}")
            return
        for misfit in misfits(fitted, part, self._rows, finite=role == "targets"):
            at = ("rows",) if misfit.key is None else (*keys, misfit.key)
            self.add(at, f"{subject}: {misfit.text}")
        self._arrays[role][name] = fitted

    def result(self) -> tuple[dict[str, Array], dict[str, Array]]:
        """Return inputs and targets, in the order of fitting.

        Raises:
            Invalid: With every problem that was noted.
        """
        if self._problems:
            raise Invalid(self._problems)
        return self._arrays["inputs"], self._arrays["targets"]


@dataclass(frozen=True, slots=True)
class Misfit:
    """One thing that an array is not."""

    key: str | None
    """The key of the field that says otherwise; None for ``rows``."""

    text: str
    """What is wrong; after a semicolon, the remedy."""


def misfits(
    array: Array, field: ArrayDescription, rows: int, *, finite: bool
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


def _not_labels(array: Array, field: ArrayDescription) -> Iterator[Misfit]:
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
