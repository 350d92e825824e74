"""Ways to call a model beside the plain one: what a check may ask of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


class Transform(Protocol):
    """A change of inputs; two that compare equal change them in the same way."""

    def apply(self, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return changed inputs; those given stay as they are.

        Args:
            inputs: Arrays ``(rows, ...)`` by the contract's input names.
        """
        ...

    def __hash__(self) -> int:
        """Return the same for equal changes."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One more way to call a model on the inputs of an evaluation dataset."""

    transform: Transform | None = None
    """Changes the inputs; may leave rows out."""

    batch: int | None = None
    """Rows given to the model at a time; None leaves it to the worker."""

    without: str | None = None
    """Name of a layer whose output is replaced by zeros, wherever it sits."""

    mixed: str | None = None
    """Name of a layer whose output is exchanged between the rows of a batch.

    Each row gets what the layer computes for the row before it, the first that of the
    last.
    """

    repeat: int = 0
    """Tells calls apart that are alike in all else: each is made."""

    @property
    def is_plain(self) -> bool:
        """Whether the model is called on all inputs as they are."""
        ways = (self.transform, self.batch, self.without, self.mixed)
        return all(way is None for way in ways)
