"""What a transform is: a described change of inputs, the same whenever it is made."""

from collections.abc import Mapping
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]


class NotApplicable(ValueError):  # noqa: N818 - a finding, not a fault
    """A transform makes no sense for these inputs."""


class Transform(Protocol):
    """A frozen dataclass whose fields say all about the change.

    Equal ones make equal bytes, so predictions may be kept by it. Its fields hold
    numbers, words and None only; the first field is what a rubric may write alone, as
    ``{rotate: 15}``. Values that make no sense are a ValueError when it is made.
    """

    def __hash__(self) -> int:
        """Return a hash; equal descriptions have equal ones."""
        ...

    def apply(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Return changed inputs, by the same names, in the same order.

        Args:
            inputs: ``(rows, ...)``; never written to.

        Returns:
            New arrays of the same shapes, dtypes and classes; those that are not
            changed are the same objects.

        Raises:
            NotApplicable: No input is of the kind that this changes.
            ValueError: There is no input of that name, or several could be meant.
        """
        ...

    def describe(self) -> str:
        """Return what is done, to go on with after "inputs"; candidates see it."""
        ...


class Reordering(Transform, Protocol):
    """A transform that takes rows of all inputs in another order, or some of them."""

    def order(self, rows: int) -> NDArray[np.int64]:
        """Return the numbers of the rows taken, in their new order."""
        ...
