"""The plug point for file formats, and what becomes of a dataset once it is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from pytest_tfgrade.datasets.fields import FieldDescription
from pytest_tfgrade.datasets.hidden import Array, HiddenArrays, digest

if TYPE_CHECKING:
    from pytest_tfgrade.datasets.blocks import Blocks


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class EvaluationDataset:
    """Hidden inputs and targets; printing it shows none of them."""

    name: str
    """As its folder is called."""

    rows: int
    """Number of examples."""

    inputs: HiddenArrays
    """What models are given: ``(rows, ...)``, in the order of the description."""

    targets: HiddenArrays
    """What predictions are measured against: ``(rows, ...)``."""

    sha256: str
    """Of names, dtypes, shapes and bytes of inputs and targets, in hexadecimal."""

    public: NDArray[np.bool_] | None = None
    """Which rows are public, ``(rows,)``; the others are final. None: no split."""

    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """The least and the greatest value of inputs of which this is told, by name."""

    classes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What the labels 0, 1, 2, ... of targets mean, where this is told, by name."""

    @classmethod
    def of(  # noqa: PLR0913 - what a description may say
        cls,
        name: str,
        inputs: Mapping[str, Array],
        targets: Mapping[str, Array],
        *,
        public: NDArray[np.bool_] | None = None,
        ranges: Mapping[str, tuple[float, float]] | None = None,
        classes: Mapping[str, tuple[str, ...]] | None = None,
    ) -> Self:
        """Return a dataset of arrays that come from elsewhere than from files.

        Args:
            name: As the rubric names it.
            inputs: ``(rows, ...)``, by the names of the rubric's contract.
            targets: The same.
            public: Which rows are public, ``(rows,)``; None: they are not split.
            ranges: The least and the greatest value of inputs, where this is told.
            classes: What the labels of targets mean, where this is told; for pictures.

        Raises:
            ValueError: There are none, or they do not have as many rows each; or the
                mask is not one, or leaves no row for one of the two parts.
        """
        rows = {len(array) for array in (*inputs.values(), *targets.values())}
        if len(rows) != 1 or not inputs or not targets:
            found = ", ".join(map(str, sorted(rows))) or "none"
            text = "inputs and targets must have as many rows each"
            raise ValueError(f"{name}: {text}, got {found}")
        count = rows.pop()
        return cls(
            name=name,
            rows=count,
            inputs=HiddenArrays(inputs),
            targets=HiddenArrays(targets),
            sha256=digest(inputs, targets),
            public=None if public is None else frozen_mask(public, count, name),
            ranges=ranges or {},
            classes=classes or {},
        )

    def __repr__(self) -> str:
        """Return the name and the size."""
        return f"<EvaluationDataset {self.name!r}, {self.rows} examples>"


def frozen_mask(public: NDArray[np.bool_], rows: int, name: str) -> NDArray[np.bool_]:
    """Return a mask over the rows of a dataset that nobody can write to.

    Raises:
        ValueError: It is none, or leaves no row for one of the two parts.
    """
    mask = np.array(public)
    if mask.dtype != np.bool_ or mask.shape != (rows,):
        found = f"{mask.dtype} of shape {mask.shape}"
        raise ValueError(f"{name}: public must be bool of shape ({rows},), got {found}")
    if mask.all() or not mask.any():
        what = "all rows" if mask.all() else "no row"
        raise ValueError(f"{name}: public must leave a row for each part, got {what}")
    mask.setflags(write=False)
    return mask


class Unfit(Exception):  # noqa: N818 - becomes a DatasetError with a place
    """A file does not hold what its description says.

    The message names rows (counted from 1) and columns, never a value.
    """

    def __init__(self, text: str, *, key: str = "field") -> None:
        """Say what is wrong; ``key`` is the key of the field that says otherwise."""
        self.key = key
        super().__init__(text)


class Source(Protocol):
    """One opened file, from which several fields can be read."""

    def read(self, field: FieldDescription) -> "Array | Blocks":
        """Return a field as the file has it: ``(rows, ...)``, any dtype.

        A large one is best returned as ``Blocks``, some rows at a time.

        Raises:
            Unfit: There is no such field, or it cannot be an array.
        """
        ...


class Loader(Protocol):
    """Opens the files of one format."""

    def __call__(self, path: Path) -> Source:
        """Read the file, whose checksum is known to be right.

        Raises:
            Unfit: It is not a file of this format.
        """
        ...
