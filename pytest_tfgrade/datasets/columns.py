"""Columns of texts and numbers made into arrays; rows are counted from 1."""

import difflib
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pytest_tfgrade.datasets.fields import FieldDescription
from pytest_tfgrade.datasets.hidden import Array
from pytest_tfgrade.datasets.interface import Unfit


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Columns:
    """A table by columns; the source of CSV and JSON files."""

    columns: Mapping[str, Sequence[Any]]
    """Texts, numbers or nested lists of them, one for each row."""

    parses_numbers: bool
    """Whether numbers are written as texts, as in CSV."""

    def read(self, field: FieldDescription) -> Array:
        """Return one column, or several side by side, as an array.

        Decimal fractions become the nearest number of the described dtype. Columns
        of single values fill the described shape, if there are as many.

        Raises:
            Unfit: There is no such column, or a value is not of the described kind.
        """
        arrays = [self._column(name, field.dtype) for name in field.names]
        if isinstance(field.field, str):
            array = arrays[0]
        elif any(len(a) != len(arrays[0]) or a.ndim != 1 for a in arrays):
            raise Unfit("columns side by side must hold one value a row")
        else:
            array = np.stack(arrays, axis=1)
        if arrays[0].ndim == 1 and math.prod(array.shape[1:]) == math.prod(field.shape):
            array = array.reshape(len(array), *field.shape)
        return array

    def _column(self, name: str, dtype: str) -> Array:
        if name not in self.columns:
            raise Unfit(f"has no column {name!r}; {_way_out(name, self.columns)}")
        values = self.columns[name]
        where = f"column {name!r}"
        if dtype == "string":
            return _texts(values, where)
        return _numbers(values, where, dtype, parse=self.parses_numbers)


def _way_out(name: str, names: Collection[str]) -> str:
    """Suggest a name, but list none: without a header the "names" are hidden values."""
    close = difflib.get_close_matches(name, names, n=1)
    return f"did you mean {close[0]!r}?" if close else "name one that it has"


def _texts(values: Sequence[Any], where: str) -> Array:
    for row, leaf in _leaves(values):
        if not isinstance(leaf, str):
            reason = f"{where}, row {row}: is not a text; correct one of them"
            raise Unfit(reason, key="dtype")
        if leaf.endswith("\0"):
            raise Unfit(f"{where}, row {row}: ends with a NUL character; remove it")
    return _array(values, where, np.dtype(np.str_))


def _numbers(values: Sequence[Any], where: str, dtype: str, *, parse: bool) -> Array:
    if parse:
        values = _parsed(values, where)
    else:
        _require_numbers(values, where, dtype)
    array = _array(values, where, None)
    if array.dtype.kind == "O":
        reason = f"{where}: holds a whole number of more than 64 bits; correct it"
        raise Unfit(reason)
    return _nearest(array, dtype) if dtype.startswith("float") else array


def _nearest(array: Array, dtype: str) -> Array:
    """Return the nearest numbers of a float dtype; the array itself on overflow."""
    with np.errstate(over="ignore"):
        nearest = array.astype(dtype)
    overflowed = np.isinf(nearest) & np.isfinite(array)
    return array if overflowed.any() else nearest


def _parsed(texts: Sequence[str], where: str) -> list[int] | list[float]:
    """Return whole numbers if all are, otherwise floats."""
    try:
        return [int(text) for text in texts]
    except ValueError:
        pass
    numbers = []
    for row, text in enumerate(texts, start=1):
        try:
            numbers.append(float(text))
        except ValueError:
            what = "is not a number" if text.strip() else "is empty"
            reason = f"{where}, row {row}: {what}; write a number, or nan for none"
            raise Unfit(reason) from None
    return numbers


def _require_numbers(values: Sequence[Any], where: str, dtype: str) -> None:
    """Check that all values are numbers, or all are true or false for ``bool``."""
    for row, leaf in _leaves(values):
        if not isinstance(leaf, int | float) or isinstance(leaf, bool) != (
            dtype == "bool"
        ):
            reason = f"{where}, row {row}: is not of dtype {dtype}; correct one of them"
            raise Unfit(reason, key="dtype")


def _array(values: Sequence[Any], where: str, dtype: np.dtype[Any] | None) -> Array:
    try:
        return np.array(values, dtype=dtype)
    except ValueError:
        reason = f"{where}: rows differ in shape; give each row the same"
        raise Unfit(reason, key="shape") from None


def _leaves(values: Sequence[Any]) -> Iterator[tuple[int, Any]]:
    """Yield every single value with the number of its row."""
    for row, value in enumerate(values, start=1):
        pending = [value]
        while pending:
            leaf = pending.pop()
            if isinstance(leaf, list):
                pending.extend(leaf)
            else:
                yield row, leaf
