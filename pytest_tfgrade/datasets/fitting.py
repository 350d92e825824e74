"""Whether an array is what its description says; values never change on the way."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pytest_tfgrade.datasets.blocks import Blocks, InMemory, Keeper
from pytest_tfgrade.datasets.fields import ArrayDescription
from pytest_tfgrade.datasets.hidden import Array, bytes_of, head_of
from pytest_tfgrade.datasets.interface import Unfit
from pytest_tfgrade.documents import Document, Invalid, Problem
from pytest_tfgrade.documents.document import KeyPath

_REMEDY: Final = "correct the data or this value"

Keep = Callable[[str], Keeper | None]
"""Takes an input's name; None leaves the input to be checked and forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Fitted:
    """Arrays that are what their descriptions say."""

    inputs: dict[str, Array]
    """By name; those that a keeper took are not among them."""

    targets: dict[str, Array]
    """By name."""

    sha256: str
    """Of all of them, as ``hidden.digest`` defines it."""


class Fitting:
    """Holds arrays against their descriptions and gathers what is wrong."""

    def __init__(self, document: Document, rows: int, keep: Keep | None = None) -> None:
        """Fit arrays of so many rows; problems stand in the document.

        Args:
            document: The description.
            rows: Of each array.
            keep: Says who keeps an input; without it, it is kept as described.
        """
        self._document = document
        self._rows = rows
        self._keep = keep
        self._problems: list[Problem] = []
        self._arrays: dict[str, dict[str, Array]] = {"inputs": {}, "targets": {}}
        self._digest = hashlib.sha256()

    def add(self, keys: KeyPath, text: str, *, at_key: bool = False) -> None:
        """Note a problem, at a place of the description."""
        place = self._document.locate(keys, at_key=at_key)
        self._problems.append(Problem(place, text))

    def fit(
        self,
        blocks: Blocks,
        keys: tuple[str, str],
        part: ArrayDescription,
        subject: str,
    ) -> None:
        """Keep an array as described, or note why it is not.

        Args:
            blocks: ``(rows, *shape)``, of any dtype.
            keys: ``inputs`` or ``targets``, and the name.
            part: What it should be.
            subject: What holds the array, for messages.

        Raises:
            Unfit: It cannot be read to its end.
        """
        role, name = keys
        try:
            look = _Look(blocks, part, finite=role == "targets")
        except Unfit as unfit:
            self.add((*keys, unfit.key), f"{subject}: {unfit}")
            return
        keeper = self._keeper(keys)
        is_kept = look.has_shape(self._rows) and keeper is not None
        if is_kept and keeper is not None:
            keeper.begin(look.dtype, blocks.shape, part.range)
        self._digest.update(head_of(role, name, look.dtype, blocks.shape))
        for block in blocks.parts:
            fitted = look.converted(block)
            self._digest.update(bytes_of(fitted))
            if is_kept and keeper is not None:
                keeper.take(fitted)
        for misfit in look.misfits(self._rows):
            at = ("rows",) if misfit.key is None else (*keys, misfit.key)
            self.add(at, f"{subject}: {misfit.text}")
        if isinstance(keeper, InMemory):
            self._arrays[role][name] = keeper.array

    def _keeper(self, keys: tuple[str, str]) -> Keeper | None:
        role, name = keys
        if self._keep is None or role == "targets":
            return InMemory()
        return self._keep(name)

    def result(self) -> Fitted:
        """Return inputs and targets, in the order of fitting.

        Raises:
            Invalid: With every problem that was noted.
        """
        if self._problems:
            raise Invalid(self._problems)
        sha256 = self._digest.hexdigest()
        return Fitted(sha256=sha256, **self._arrays)


@dataclass(frozen=True, slots=True)
class Misfit:
    """One thing that an array is not."""

    key: str | None
    """The key of the field that says otherwise; None for ``rows``."""

    text: str
    """What is wrong; after a semicolon, the remedy."""


class _Bad:
    """Rows with a bad value: how many, and which is the first, from 1."""

    def __init__(self) -> None:
        self._count = 0
        self._first = 0

    def add(self, bad: NDArray[np.bool_], before: int) -> None:
        """Look for bad values in a block that has so many rows before it."""
        if not bad.any():
            return
        rows = (
            np.flatnonzero(bad.reshape(len(bad), -1).any(axis=1)) if bad.ndim else [0]
        )
        self._first = self._first or before + int(rows[0]) + 1
        self._count += len(rows)

    def __bool__(self) -> bool:
        return self._count > 0

    def __str__(self) -> str:
        first = f"row {self._first}"
        return first if self._count == 1 else f"{self._count} rows, the first {first}"


class _Look:
    """A look at each block of an array, in the described dtype."""

    def __init__(
        self, blocks: Blocks, field: ArrayDescription, *, finite: bool
    ) -> None:
        """Look at nothing yet.

        Args:
            blocks: ``(rows, *shape)``.
            field: What they should be.
            finite: Whether NaN and infinity are mistakes.

        Raises:
            Unfit: They are of a kind that cannot become the described dtype.
        """
        self._given, self._shape = blocks.dtype, blocks.shape
        self._field = field
        self.dtype = _described(blocks.dtype, field)
        self._finite = finite and field.dtype != "string"
        self._rows = 0
        self._changed, self._not_finite = _Bad(), _Bad()
        self._outside, self._no_labels = _Bad(), _Bad()

    def has_shape(self, rows: int) -> bool:
        """Return whether the whole has so many rows of the described shape."""
        return self._shape == (rows, *self._field.shape)

    def converted(self, block: Array) -> Array:
        """Return the next rows in the described dtype, and note what is wrong."""
        fitted = self._fitted(block)
        if self._field.dtype != "string":
            self._look_at(fitted)
        self._rows += len(block) if block.ndim else 1
        return fitted

    def _fitted(self, block: Array) -> Array:
        if block.dtype == self.dtype:
            return block.astype(self.dtype, copy=False)  # in this machine's byte order
        with np.errstate(invalid="ignore", over="ignore"):
            result = block.astype(self.dtype)
            back = result.astype(block.dtype)
        same = (back == block) & (result == block)
        same |= (block != block) & (result != result)  # noqa: PLR0124 - NaN stays NaN
        self._changed.add(~same, self._rows)
        return result

    def _look_at(self, block: Array) -> None:
        field = self._field
        if self._finite:
            self._not_finite.add(~np.isfinite(block), self._rows)
        if field.range is not None:
            low, high = field.range
            self._outside.add(~((block >= low) & (block <= high)), self._rows)
        if field.classes is not None:
            allowed = np.arange(2 if self._is_one_hot else len(field.classes))
            self._no_labels.add(~np.isin(block, allowed), self._rows)

    @property
    def _is_one_hot(self) -> bool:
        return self._field.shape[-1:] == (len(self._field.classes or ()),)

    def misfits(self, rows: int) -> Iterator[Misfit]:
        """Yield what the array is not, once all blocks were seen.

        Args:
            rows: How many examples it should have.
        """
        field = self._field
        if self._changed:
            text = f"{self.dtype} cannot hold the {self._given} of {self._changed}"
            yield Misfit("dtype", f"{text}; {_REMEDY}")
            return
        if not self._shape:
            yield Misfit("field", "holds a single value; write one for each example")
            return
        if self._shape[1:] != field.shape:
            shapes = f"{self._shape[1:]}, described as {field.shape}"
            yield Misfit("shape", f"examples have the shape {shapes}; {_REMEDY}")
        if self._shape[0] != rows:
            yield Misfit(None, f"holds {self._shape[0]} rows, not {rows}; {_REMEDY}")
        if self._not_finite:
            where = f"NaN or infinite in {self._not_finite}"
            yield Misfit("field", f"{where}; leave those rows out")
        if self._outside and field.range is not None:
            low, high = field.range
            bounds = f"{low:g} to {high:g}"
            yield Misfit("range", f"outside {bounds} in {self._outside}; {_REMEDY}")
        if self._no_labels:
            last = len(field.classes or ()) - 1
            what = "0 or 1" if self._is_one_hot else f"a label in 0..{last}"
            yield Misfit("classes", f"not {what} in {self._no_labels}; {_REMEDY}")


def _described(given: "np.dtype[Any]", field: ArrayDescription) -> "np.dtype[Any]":
    """Return the dtype that a description means, of data of some dtype.

    Raises:
        Unfit: Data of this kind cannot be meant.
    """
    if field.dtype == "string":
        if given.kind != "U":
            raise Unfit(f"holds {given}, not texts; {_REMEDY}", key="dtype")
        return given
    dtype = np.dtype(field.dtype)
    if given.kind not in "biuf":
        what = "texts" if given.kind == "U" else given
        raise Unfit(f"holds {what}, not {dtype}; {_REMEDY}", key="dtype")
    return dtype
