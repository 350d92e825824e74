"""Images turned, moved, scaled and flipped: each example by an amount of its own.

Values between pixels are interpolated linearly (SciPy's ``affine_transform``). No value
leaves the range that the input's values have as a whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

import numpy as np

from pytest_tfgrade.transforms.choice import IMAGES, changed, named
from pytest_tfgrade.transforms.interface import Array
from pytest_tfgrade.transforms.randomness import generator
from pytest_tfgrade.transforms.settings import (
    require_above_0,
    require_range,
    require_whole,
    require_word,
)

Fill: TypeAlias = Literal["edge", "mirror", "zero"]
"""What comes in from outside the image: its outermost pixels, itself mirrored, or 0."""

_MODES: Final = {"edge": "nearest", "mirror": "reflect", "zero": "constant"}
"""As SciPy calls them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotate:
    """Turn each image about its centre, either way."""

    degrees: float
    """The most; each angle up to it is as likely. Above 0, at most 180."""

    fill: Fill = "edge"
    """What comes in at the corners."""

    input: str | None = None
    """Which input; None is the only one that holds images."""

    seed: int = 0
    """Decides the angles."""

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        require_above_0("degrees", self.degrees, at_most=180)
        _require_common(self.fill, self.seed)

    def apply(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Turn them."""
        return changed(inputs, self.input, IMAGES, self._turned)

    def describe(self) -> str:
        """Return what is done."""
        return named(f"turned by up to {self.degrees:g} degrees", self.input)

    def _turned(self, images: Array) -> Array:
        most = np.radians(self.degrees)
        angles = generator(self.seed, "rotate").uniform(-most, most, len(images))
        cos, sin = np.cos(angles), np.sin(angles)
        matrices = np.array([[cos, -sin], [sin, cos]]).transpose(2, 0, 1)
        return _warped(images, matrices, np.zeros((len(images), 2)), self.fill)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Move each image by whole pixels, up or down and left or right."""

    pixels: int
    """The most, each way; each number up to it is as likely. At least 1."""

    fill: Fill = "edge"
    """What comes in at the borders."""

    input: str | None = None
    """Which input; None is the only one that holds images."""

    seed: int = 0
    """Decides how far."""

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        require_whole("pixels", self.pixels, least=1)
        _require_common(self.fill, self.seed)

    def apply(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Move them."""
        return changed(inputs, self.input, IMAGES, self._shifted)

    def describe(self) -> str:
        """Return what is done."""
        plural = "" if self.pixels == 1 else "s"
        return named(f"shifted by up to {self.pixels} pixel{plural}", self.input)

    def _shifted(self, images: Array) -> Array:
        choices = generator(self.seed, "shift")
        far = choices.integers(-self.pixels, self.pixels + 1, (len(images), 2))
        return _warped(images, _upright(np.ones(len(images))), far, self.fill)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Enlarge or shrink each image about its centre."""

    low: float
    """The least factor, above 0; below 1 shrinks."""

    high: float
    """The greatest factor; each between is as likely."""

    fill: Fill = "edge"
    """What comes in around a smaller image."""

    input: str | None = None
    """Which input; None is the only one that holds images."""

    seed: int = 0
    """Decides the factors."""

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        require_range(self.low, self.high)
        _require_common(self.fill, self.seed)

    def apply(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Enlarge or shrink them."""
        return changed(inputs, self.input, IMAGES, self._scaled)

    def describe(self) -> str:
        """Return what is done."""
        return named(f"scaled by {self.low:g} to {self.high:g}", self.input)

    def _scaled(self, images: Array) -> Array:
        choices = generator(self.seed, "scale")
        factors = choices.uniform(self.low, self.high, len(images))
        here = np.zeros((len(images), 2))
        return _warped(images, _upright(1 / factors), here, self.fill)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlipLeftRight:
    """Flip images, so that left is right."""

    share: float = 1.0
    """How likely each image is flipped. Above 0, at most 1."""

    input: str | None = None
    """Which input; None is the only one that holds images."""

    seed: int = 0
    """Decides which ones."""

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        require_above_0("share", self.share, at_most=1)
        require_whole("seed", self.seed, least=0)

    def apply(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Flip them."""
        return changed(inputs, self.input, IMAGES, self._flipped)

    def describe(self) -> str:
        """Return what is done."""
        some = "" if self.share == 1 else f", {100 * self.share:g} % of them"
        return named(f"flipped left to right{some}", self.input)

    def _flipped(self, images: Array) -> Array:
        which = generator(self.seed, "flip").random(len(images)) < self.share
        result = images.copy()
        result[which] = images[which][:, :, ::-1]
        return result


def _require_common(fill: str, seed: int) -> None:
    require_word("fill", fill, get_args(Fill))
    require_whole("seed", seed, least=0)


def _upright(factors: Array) -> Array:
    """Return matrices ``(rows, 2, 2)`` that scale both axes alike."""
    return factors[:, None, None] * np.eye(2)


def _warped(images: Array, matrices: Array, far: Array, fill: Fill) -> Array:
    """Return images of which each pixel comes from another place.

    Args:
        images: ``(rows, height, width)`` or ``(rows, height, width, channels)``.
        matrices: ``(rows, 2, 2)``: from places in the result to places in the image,
            both counted from the centre.
        far: ``(rows, 2)``: by how many pixels the result is moved down and right.
        fill: What comes in from outside.
    """
    from scipy.ndimage import affine_transform  # type: ignore[import-untyped]  # noqa: PLC0415 - 0.2 s

    centre = (np.array(images.shape[1:3]) - 1) / 2
    planes = images.reshape(*images.shape[:3], -1)
    result = np.empty_like(planes, dtype=np.float64)
    for row, (matrix, moved) in enumerate(zip(matrices, far, strict=True)):
        offset = centre - matrix @ (centre + moved)
        for channel in range(planes.shape[3]):
            result[row, :, :, channel] = affine_transform(
                planes[row, :, :, channel].astype(np.float64),
                matrix,
                offset,
                order=1,
                mode=_MODES[fill],
            )
    return np.clip(result, images.min(), images.max()).reshape(images.shape)
