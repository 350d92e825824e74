"""Images made noisy, brighter or darker.

No value leaves the range that the input's values have as a whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pytest_tfgrade.transforms.choice import IMAGES, changed, named
from pytest_tfgrade.transforms.interface import Array
from pytest_tfgrade.transforms.randomness import generator
from pytest_tfgrade.transforms.settings import (
    require_above_0,
    require_range,
    require_whole,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """Add normal noise to each pixel and channel of images."""

    sigma: float
    """Standard deviation in the unit of the input, above 0."""

    input: str | None = None
    """Which input; None is the only one that holds images."""

    seed: int = 0
    """Decides the noise."""

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        require_above_0("sigma", self.sigma)
        require_whole("seed", self.seed, least=0)

    def apply(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Add it."""
        return changed(inputs, self.input, IMAGES, self._noisy)

    def describe(self) -> str:
        """Return what is done."""
        return named(f"with noise of standard deviation {self.sigma:g}", self.input)

    def _noisy(self, images: Array) -> Array:
        choices = generator(self.seed, "noise")
        return _clipped(images, images + choices.normal(0, self.sigma, images.shape))


@dataclass(frozen=True, slots=True, kw_only=True)
class Brightness:
    """Make each image brighter or darker, the least value of the input being black."""

    low: float
    """The least factor, above 0; below 1 is darker."""

    high: float
    """The greatest factor; each between is as likely."""

    input: str | None = None
    """Which input; None is the only one that holds images."""

    seed: int = 0
    """Decides the factors."""

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        require_range(self.low, self.high)
        require_whole("seed", self.seed, least=0)

    def apply(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Make them brighter or darker."""
        return changed(inputs, self.input, IMAGES, self._lit)

    def describe(self) -> str:
        """Return what is done."""
        factors = f"{self.low:g} to {self.high:g}"
        return named(f"with {factors} times the brightness", self.input)

    def _lit(self, images: Array) -> Array:
        choices = generator(self.seed, "brightness")
        factors = choices.uniform(self.low, self.high, len(images))
        factors = factors.reshape(-1, *(1,) * (images.ndim - 1))
        black = float(images.min())
        return _clipped(images, (images - black) * factors + black)


def _clipped(images: Array, values: Array) -> Array:
    return np.clip(values, images.min(), images.max())
