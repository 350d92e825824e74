"""Series moved in time, scaled and made noisy."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pytest_tfgrade.transforms.choice import SERIES, changed, named
from pytest_tfgrade.transforms.interface import Array
from pytest_tfgrade.transforms.randomness import generator
from pytest_tfgrade.transforms.settings import (
    require_above_0,
    require_range,
    require_whole,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesShift:
    """Move each example to earlier or later steps; its first or last values repeat."""

    steps: int
    """The most, either way; each number up to it is as likely. At least 1."""

    input: str | None = None
    """Which input; None is the only one that holds series."""

    seed: int = 0
    """Decides how far."""

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        require_whole("steps", self.steps, least=1)
        require_whole("seed", self.seed, least=0)

    def apply(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Move them."""
        return changed(inputs, self.input, SERIES, self._shifted)

    def describe(self) -> str:
        """Return what is done."""
        plural = "" if self.steps == 1 else "s"
        return named(f"shifted by up to {self.steps} step{plural}", self.input)

    def _shifted(self, series: Array) -> Array:
        rows, length = series.shape[:2]
        choices = generator(self.seed, "series_shift")
        later = choices.integers(-self.steps, self.steps + 1, (rows, 1))
        taken = np.clip(np.arange(length) - later, 0, length - 1)
        shifted: Array = series[np.arange(rows)[:, None], taken]
        return shifted


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesScale:
    """Multiply each example by a factor, all its steps and channels by the same."""

    low: float
    """The least factor, above 0."""

    high: float
    """The greatest factor; each between is as likely."""

    input: str | None = None
    """Which input; None is the only one that holds series."""

    seed: int = 0
    """Decides the factors."""

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        require_range(self.low, self.high)
        require_whole("seed", self.seed, least=0)

    def apply(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Multiply them."""
        return changed(inputs, self.input, SERIES, self._scaled)

    def describe(self) -> str:
        """Return what is done."""
        return named(f"multiplied by {self.low:g} to {self.high:g}", self.input)

    def _scaled(self, series: Array) -> Array:
        choices = generator(self.seed, "series_scale")
        factors = choices.uniform(self.low, self.high, len(series))
        scaled: Array = series * factors.reshape(-1, *(1,) * (series.ndim - 1))
        return scaled


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesNoise:
    """Add normal noise to each step and channel of series."""

    sigma: float
    """In standard deviations of each channel over all examples and steps, above 0."""

    input: str | None = None
    """Which input; None is the only one that holds series."""

    seed: int = 0
    """Decides the noise."""

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        require_above_0("sigma", self.sigma)
        require_whole("seed", self.seed, least=0)

    def apply(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Add it."""
        return changed(inputs, self.input, SERIES, self._noisy)

    def describe(self) -> str:
        """Return what is done."""
        text = f"with noise of {self.sigma:g} standard deviations"
        return named(text, self.input)

    def _noisy(self, series: Array) -> Array:
        choices = generator(self.seed, "series_noise")
        spread = series.std(axis=(0, 1), dtype=np.float64)
        noisy: Array = series + choices.normal(0, self.sigma, series.shape) * spread
        return noisy
