"""Inputs in another unit or layout: what a model may have been trained on instead.

They draw nothing at random. Probes apply them to find out why a model is wrong.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pytest_tfgrade.transforms.choice import (
    COLOURS,
    FRACTIONS,
    STEPS,
    changed,
    chosen,
    named,
    replaced,
)
from pytest_tfgrade.transforms.interface import Array, NotApplicable
from pytest_tfgrade.transforms.settings import require_above_0, require_whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Divide:
    """Divide all values: from 0..255 to 0..1."""

    by: float = 255
    """The divisor, above 0."""

    input: str | None = None
    """Which input; None is the only one whose dtype holds fractions."""

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        require_above_0("by", self.by)

    def apply(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Divide them."""
        return changed(inputs, self.input, FRACTIONS, lambda values: values / self.by)

    def describe(self) -> str:
        """Return what is done."""
        return named(f"divided by {self.by:g}", self.input)


@dataclass(frozen=True, slots=True, kw_only=True)
class Multiply:
    """Multiply all values: from 0..1 to 0..255."""

    by: float = 255
    """The factor, above 0."""

    input: str | None = None
    """Which input; None is the only one whose dtype holds fractions."""

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        require_above_0("by", self.by)

    def apply(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Multiply them."""
        return changed(inputs, self.input, FRACTIONS, lambda values: values * self.by)

    def describe(self) -> str:
        """Return what is done."""
        return named(f"multiplied by {self.by:g}", self.input)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReverseChannels:
    """Put the channels of images the other way round: from RGB to BGR."""

    input: str | None = None
    """Which input; None is the only one that holds images with several channels."""

    def apply(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Reverse them."""
        return changed(
            inputs, self.input, COLOURS, lambda images: images[..., ::-1].copy()
        )

    def describe(self) -> str:
        """Return what is done."""
        return named("with the channels reversed", self.input)


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapAxes:
    """Swap two axes of one size, as height and width of square images."""

    a: int = 1
    """One of them, at least 1: axis 0 counts the rows."""

    b: int = 2
    """The other."""

    input: str | None = None
    """Which input; None is the only one with an axis besides the rows'."""

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        require_whole("a", self.a, least=1)
        require_whole("b", self.b, least=1)
        if self.a == self.b:
            raise ValueError(f"a and b must differ, got {self.a} twice")

    def apply(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Swap them."""
        name = chosen(inputs, self.input, STEPS)
        shape = inputs[name].shape
        if len(shape) <= max(self.a, self.b) or shape[self.a] != shape[self.b]:
            text = f"{name!r} of shape {shape} has no axes {self.a} and {self.b}"
            raise NotApplicable(f"{text} of one size")
        return replaced(inputs, name, inputs[name].swapaxes(self.a, self.b).copy())

    def describe(self) -> str:
        """Return what is done."""
        return named(f"with axes {self.a} and {self.b} swapped", self.input)
