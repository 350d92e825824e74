"""Images turned, moved, scaled, flipped, lit: what becomes of known pixels."""

import numpy as np
import pytest

from pytest_tfgrade.transforms import (
    Brightness,
    FlipLeftRight,
    Noise,
    Rotate,
    Scale,
    Shift,
    Transform,
)
from pytest_tfgrade.transforms.images import Fill
from pytest_tfgrade.transforms.interface import Array

RNG = np.random.Generator(np.random.PCG64(8))


def draws(seed: int, word: str) -> np.random.Generator:
    """Return the generator that a transform is documented to use."""
    return np.random.Generator(np.random.PCG64([seed, *word.encode()]))


def apply(transform: Transform, images: Array) -> Array:
    return transform.apply({"image": images})["image"]


def hill(size: int) -> Array:
    """Return an image that looks the same however it is turned: ``(size, size)``."""
    away = np.arange(size) - (size - 1) / 2
    distance = np.hypot(away[:, None], away) / (size / 2)
    height: Array = np.cos(np.pi * np.minimum(distance, 1))
    return height


@pytest.mark.parametrize("size", [20, 21])
def test_a_round_hill_stays_where_it_is_when_turned(size: int) -> None:
    images = np.repeat(hill(size)[None], 10, axis=0)

    turned = apply(Rotate(degrees=180), images)

    assert np.abs(turned - images).max() < 0.03


def test_each_image_is_turned_by_its_own_angle_up_to_the_most() -> None:
    bar = np.zeros((41, 41))
    bar[20] = 1  # lies level
    images = np.repeat(bar[None], 50, axis=0)

    turned = apply(Rotate(degrees=30, fill="zero", seed=5), images)

    expected = np.degrees(draws(5, "rotate").uniform(-np.pi / 6, np.pi / 6, 50))
    away = np.arange(41) - 20
    height = (turned[:, :, 35] * away).sum(axis=1) / turned[:, :, 35].sum(axis=1)
    found = np.degrees(np.arctan2(height, 15))
    assert np.abs(np.abs(found) - np.abs(expected)).max() < 1
    assert np.abs(found).max() > 25
    assert (found > 0).any()
    assert (found < 0).any()


def test_a_shift_by_whole_pixels_copies_values_exactly() -> None:
    images = RNG.random((20, 6, 7))

    shifted = apply(Shift(pixels=2, seed=3), images)

    far = draws(3, "shift").integers(-2, 3, (20, 2))
    for image, moved, (down, right) in zip(images, shifted, far, strict=True):
        rows = np.clip(np.arange(6) - down, 0, 5)
        columns = np.clip(np.arange(7) - right, 0, 6)
        assert moved.tolist() == image[np.ix_(rows, columns)].tolist()
    assert set(far.ravel().tolist()) == {-2, -1, 0, 1, 2}


@pytest.mark.parametrize(
    ("fill", "outside"), [("edge", [3, 3]), ("mirror", [4, 3]), ("zero", [0, 0])]
)
def test_what_comes_in_from_outside(fill: Fill, outside: list[float]) -> None:
    images = np.tile([0.0, 3, 4, 5, 6, 7], (30, 1, 1))[:, :, 1:]
    images = np.concatenate([images, np.zeros((30, 1, 5))], axis=1)

    shifted = apply(Shift(pixels=2, fill=fill), images)

    far = draws(0, "shift").integers(-2, 3, (30, 2))
    two_right = np.flatnonzero((far == [0, 2]).all(axis=1))
    assert len(two_right) > 0
    assert shifted[two_right[0], 0].tolist() == [*outside, 3, 4, 5]


def test_scaling_up_and_down_changes_the_size_of_what_is_seen() -> None:
    square = np.zeros((40, 41, 41))
    square[:, 13:28, 13:28] = 1  # 15 pixels wide

    scaled = apply(Scale(low=0.5, high=1.5, seed=2), square)

    factors = draws(2, "scale").uniform(0.5, 1.5, 40)
    widths = np.sqrt(scaled.sum(axis=(1, 2)))
    assert np.abs(widths - 15 * factors).max() < 1


def test_a_flip_mirrors_columns_and_keeps_channels() -> None:
    images = np.arange(12).reshape(1, 2, 3, 2)

    flipped = apply(FlipLeftRight(), images)

    assert flipped[0, 0].tolist() == [[4, 5], [2, 3], [0, 1]]


def test_a_share_of_images_is_flipped() -> None:
    images = np.tile([0.0, 1.0], (1000, 1, 1))

    flipped = apply(FlipLeftRight(share=0.3, seed=6), images)

    which = draws(6, "flip").random(1000) < 0.3
    assert (flipped[:, 0, 0] == which).all()
    assert 200 < which.sum() < 400


def test_all_channels_of_an_image_are_moved_alike() -> None:
    grey = RNG.random((4, 9, 9, 1))

    turned = apply(Rotate(degrees=40), np.repeat(grey, 3, axis=3))

    assert (turned[..., 0] == turned[..., 1]).all()
    assert turned[..., 0].tolist() == apply(Rotate(degrees=40), grey[..., 0]).tolist()


def test_noise_has_the_standard_deviation_asked_for() -> None:
    images = np.full((10, 20, 20), 100.0)
    images[:, 0, 0], images[:, 0, 1] = -1000, 1000  # so that nothing is cut off

    noisy = apply(Noise(sigma=7, seed=1), images)

    noise = draws(1, "noise").normal(0, 7, images.shape)
    assert np.allclose((noisy - images)[:, 1:], noise[:, 1:])
    assert abs((noisy - images)[:, 1:].std() - 7) < 0.2


@pytest.mark.parametrize("black", [0, -1, 50])
def test_brightness_is_counted_from_the_least_value(black: float) -> None:
    images = np.tile([0.0, 1.0, 4.0], (20, 1, 1)) + black

    lit = apply(Brightness(low=0.5, high=2, seed=1), images)

    factors = draws(1, "brightness").uniform(0.5, 2, 20)
    assert np.allclose(lit[:, 0, 0], black)
    assert np.allclose(lit[:, 0, 1], black + factors)
    assert np.allclose(lit[:, 0, 2], black + np.minimum(4 * factors, 4))


@pytest.mark.parametrize(
    "transform",
    [
        Rotate(degrees=90, fill="zero"),
        Shift(pixels=3, fill="zero"),
        Scale(low=0.2, high=3, fill="zero"),
        Noise(sigma=500),
        Brightness(low=0.01, high=50),
    ],
)
@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.int16])
def test_values_stay_in_the_range_of_the_input(
    transform: Transform, dtype: type[np.generic]
) -> None:
    images = RNG.integers(20, 201, (10, 9, 9)).astype(dtype)
    images[0, 0, :2] = 20, 200

    result = apply(transform, images)

    assert result.dtype == dtype
    assert result.min() >= 20
    assert result.max() <= 200


def test_whole_numbers_are_rounded_not_cut() -> None:
    images = np.tile(np.array([10, 11], np.uint8), (2000, 1, 1))
    images[0, 0] = 0, 255

    noisy = apply(Noise(sigma=0.2), images)

    assert abs((noisy[1:].astype(float) - images[1:]).mean()) < 0.02
