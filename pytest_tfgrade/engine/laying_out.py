"""Inputs laid out as a contract wants them, once, for models and checks alike."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from pytest_tfgrade.core.contract import InputSpec, fits
from pytest_tfgrade.core.errors import DatasetError
from pytest_tfgrade.core.pages import Pages
from pytest_tfgrade.datasets.blocks import blocks_of
from pytest_tfgrade.datasets.hidden import Array, HiddenArrays, bytes_of
from pytest_tfgrade.documents import shown
from pytest_tfgrade.engine.stated_range import Range, are_pixels, mapped, outside

Inputs = Mapping[str, InputSpec]
"""What a contract says of inputs, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaidOut:
    """Inputs of a dataset in the form of a contract."""

    arrays: HiddenArrays
    """By name; of numbers, views of ``pages``."""

    pages: Mapping[str, Pages]
    """What holds the numbers; texts are not among them."""

    def close(self) -> None:
        """Let go of the pages; arrays that somebody holds stay as they are."""
        for pages in self.pages.values():
            pages.close()


class LayingOut:
    """Takes inputs as they are read; of what a contract does not name, nothing."""

    def __init__(self, dataset: str, inputs: Inputs) -> None:
        """Begin with nothing.

        Args:
            dataset: Its name, for messages.
            inputs: Of the contract.
        """
        self._dataset = dataset
        self._inputs = {n: _Input(dataset, n, spec) for n, spec in inputs.items()}

    def keeper(self, name: str) -> "_Input | None":
        """Return who keeps an input."""
        return self._inputs.get(name)

    def take_all(
        self, arrays: Mapping[str, Array], ranges: Mapping[str, Range]
    ) -> None:
        """Take inputs that are there already; ``ranges`` are those that are told."""
        for name in self._inputs.keys() & arrays.keys():
            array, keeper = arrays[name], self._inputs[name]
            keeper.begin(array.dtype, array.shape, ranges.get(name))
            for block in blocks_of(array):
                keeper.take(block)

    def done(self) -> LaidOut:
        """Return the inputs, in the order of the contract.

        Raises:
            DatasetError: There is no such input, or it is of another type, or holds
                values outside of the range that the contract states.
        """
        try:
            found = {name: keeper.done() for name, keeper in self._inputs.items()}
        except BaseException:
            self.close()
            raise
        return LaidOut(
            arrays=HiddenArrays({name: array for name, (array, _) in found.items()}),
            pages={n: pages for n, (_, pages) in found.items() if pages is not None},
        )

    def close(self) -> None:
        """Give up what was taken."""
        for keeper in self._inputs.values():
            keeper.close()


class _Input:
    """One input, on its way from a dataset's form to a contract's."""

    def __init__(self, dataset: str, name: str, spec: InputSpec) -> None:
        self._dataset, self._name, self._spec = dataset, name, spec
        self._problem: str | None = f"the dataset {dataset!r} has no input {name!r}"
        self._shape: tuple[int, ...] = ()
        self._are_pixels = False
        self._pages: Pages | None = None
        self._texts: list[Array] = []
        self._extremes: list[Any] = []

    def begin(
        self, dtype: "np.dtype[Any]", shape: tuple[int, ...], within: Range | None
    ) -> None:
        """Make room for an array of a dataset."""
        spec = self._spec
        self._problem = self._misfit(dtype, shape)
        if self._problem is not None:
            return
        if spec.dtype == "string":
            self._texts = [np.empty((0, *shape[1:]), dtype)]
            return
        self._are_pixels = are_pixels(dtype.name, within, spec)
        size = math.prod(self._shape) * np.dtype(spec.dtype).itemsize
        try:
            self._pages = Pages(size)
        except OSError as error:
            raise self._no_room(size, error) from None

    def _misfit(self, dtype: "np.dtype[Any]", given: tuple[int, ...]) -> str | None:
        """Return why an array cannot be a contract's, or settle its shape there."""
        spec, dataset = self._spec, self._dataset
        is_text = dtype.kind == "U"
        if is_text != (spec.dtype == "string") or not (
            is_text or np.can_cast(dtype, spec.dtype, casting="same_kind")
        ):
            held = "string" if is_text else dtype.name
            text = f"the dataset {dataset!r} holds {self._name!r} as {held}, "
            return f"{text}which does not fit {spec.dtype}; correct one"
        axes = len(spec.shape)
        extra = axes - len(given)
        self._shape = given + (1,) * extra if extra > 0 else given[:axes]
        if math.prod(self._shape) != math.prod(given) or not fits(
            self._shape, spec.shape
        ):
            text = f"one example of {self._name!r} in the dataset {dataset!r} has the "
            found, required = shown(list(given[1:])), shown(list(spec.shape[1:]))
            return f"{text}shape {found}, the contract says {required}; correct one"
        return None

    def take(self, block: Array) -> None:
        """Keep the next rows, with the contract's dtype."""
        if self._problem is not None:
            return
        if self._pages is None:
            self._texts.append(np.array(block))
            return
        spec = self._spec
        if self._are_pixels and spec.range is not None:
            numbers = mapped(block, spec.range, spec.dtype)
        else:
            numbers = block.astype(spec.dtype, copy=False)
            if spec.range is not None and numbers.size:
                self._extremes += [numbers.min(), numbers.max()]
        try:
            self._pages.write(bytes_of(numbers))
        except OSError as error:
            raise self._no_room(self._pages.size, error) from None

    def done(self) -> tuple[Array, Pages | None]:
        """Return the whole, and what holds it if it is numbers."""
        if self._problem is None and self._spec.range is not None:
            self._problem = self._out_of_range(self._spec.range)
        if self._problem is not None:
            raise DatasetError(self._problem)
        if self._pages is None:
            return np.concatenate(self._texts).reshape(self._shape), None
        self._pages.seal()
        array = np.frombuffer(self._pages.view(), self._spec.dtype)
        return array.reshape(self._shape), self._pages

    def _out_of_range(self, within: Range) -> str | None:
        extreme = outside(np.array(self._extremes), within)
        if extreme is None:
            return None
        low, high = within
        text = f"the dataset {self._dataset!r} holds {extreme:g} in {self._name!r}"
        return f"{text}, the contract promises {low:g} to {high:g}; correct one"

    def _no_room(self, size: int, error: OSError) -> DatasetError:
        text = f"there is no room for {self._name!r} of the dataset {self._dataset!r}"
        return DatasetError(
            f"{text}, {size} bytes: {error.strerror}; point TMPDIR to a disk with room"
        )

    def close(self) -> None:
        if self._pages is not None:
            self._pages.close()
