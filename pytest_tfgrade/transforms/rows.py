"""Rows in another order, and values exchanged between rows.

Probes compare predictions for changed inputs with those for the inputs as they are.
Only values of the same input at the same steps are exchanged, so a model sees nothing
that it could not have seen.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pytest_tfgrade.transforms.choice import STEPS, Kind, chosen, named, replaced
from pytest_tfgrade.transforms.interface import Array, NotApplicable
from pytest_tfgrade.transforms.randomness import generator, other_rows
from pytest_tfgrade.transforms.settings import require_whole

_FEWEST = 2
"""Rows between which anything can be exchanged."""

_ANY = Kind(what="anything", fits=lambda array: array.ndim > 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PermuteRows:
    """Take the rows of all inputs in another order, the same for all."""

    seed: int = 0
    """Decides the order."""

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        require_whole("seed", self.seed, least=0)

    def apply(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Take them."""
        return _taken(inputs, self.order(_rows(inputs)))

    def order(self, rows: int) -> NDArray[np.int64]:
        """Return the numbers of the rows taken."""
        return generator(self.seed, "permute_rows").permutation(rows)

    def describe(self) -> str:
        """Return what is done."""
        return "with the rows in another order"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReverseRows:
    """Take the rows of all inputs from the last to the first."""

    def apply(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Take them."""
        return _taken(inputs, self.order(_rows(inputs)))

    def order(self, rows: int) -> NDArray[np.int64]:
        """Return the numbers of the rows taken."""
        return np.arange(rows)[::-1]

    def describe(self) -> str:
        """Return what is done."""
        return "with the rows in reverse order"


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstRows:
    """Take only the first rows of all inputs; it alone changes how many there are."""

    count: int
    """How many, at least 1; all if there are fewer."""

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        require_whole("count", self.count, least=1)

    def apply(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Take them."""
        return _taken(inputs, self.order(_rows(inputs)))

    def order(self, rows: int) -> NDArray[np.int64]:
        """Return the numbers of the rows taken."""
        return np.arange(min(self.count, rows))

    def describe(self) -> str:
        """Return what is done."""
        if self.count == 1:
            return "of the first row alone"
        return f"of the first {self.count} rows alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class PermuteInput:
    """Give each row the values that one input has in another row."""

    input: str
    """Which input; the others stay as they are."""

    seed: int = 0
    """Decides which row gets whose values; none keeps its own."""

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        require_whole("seed", self.seed, least=0)

    def apply(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Exchange them."""
        name = chosen(inputs, self.input, _ANY)
        others = _other_rows(inputs, self.seed, "permute_input")
        return replaced(inputs, name, inputs[name][others])

    def describe(self) -> str:
        """Return what is done."""
        return f"with the values of {self.input} from other rows"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFuture:
    """Give each row the values that another row has from some step on.

    What comes later in a row has the values that it may have, and fits together; only
    what went before is not its own. Values that both rows share, as padding, stay.
    """

    start: int | None = None
    """The first step that is changed, counted from 0; at least 1.

    None gives each row a step of its own, so that every step is the first one in some
    row, if there are as many rows.
    """

    input: str | None = None
    """Which input; None is the only one with steps."""

    seed: int = 0
    """Decides which row gets whose values; none keeps its own."""

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        if self.start is not None:
            require_whole("start", self.start, least=1)
        require_whole("seed", self.seed, least=0)

    def apply(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Exchange them."""
        name = chosen(inputs, self.input, STEPS)
        values = inputs[name]
        rows, steps = values.shape[:2]
        least = 1 if self.start is None else self.start
        if least >= steps:
            text = f"{name!r} has {steps} steps"
            raise NotApplicable(f"{text}, none from step {least} on, from 0")
        others = _other_rows(inputs, self.seed, "change_future")
        later = np.arange(steps) >= self.starts(rows, steps)[:, None]
        result = values.copy()
        result[later] = values[others][later]
        return replaced(inputs, name, result)

    def starts(self, rows: int, steps: int) -> NDArray[np.int64]:
        """Return the first step that is changed in each row, ``(rows,)``."""
        if self.start is not None:
            return np.full(rows, self.start, np.int64)
        spread = np.rint(np.linspace(1, steps - 1, rows)).astype(np.int64)
        return generator(self.seed, "change_future starts").permutation(spread)

    def describe(self) -> str:
        """Return what is done."""
        step = "some step" if self.start is None else f"step {self.start}"
        return named(f"with other values from {step} on", self.input)


def _rows(inputs: Mapping[str, Array]) -> int:
    return len(inputs[next(iter(inputs))])


def _taken(inputs: Mapping[str, Array], order: NDArray[np.int64]) -> dict[str, Array]:
    return {name: inputs[name][order] for name in inputs}


def _other_rows(inputs: Mapping[str, Array], seed: int, word: str) -> NDArray[np.int64]:
    rows = _rows(inputs)
    if rows < _FEWEST:
        raise NotApplicable("there is one row only; nothing can be exchanged")
    return other_rows(rows, generator(seed, word))
