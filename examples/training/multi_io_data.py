"""Draw the examples of the task ``multi_io``: two inputs, two targets.

Neither input is enough: the class depends on two quantities, one of each input, and the
value on sums and a product of such.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]

NUMBERS, STEPS, CLASSES = 6, 12, 3
"""Sizes of ``num``, of ``seq`` and of ``cls``."""

WRONG = 0.05
"""The share of examples whose class is drawn by lot."""

NOISE = 0.1
"""The standard deviation of what no model can know of a value."""


def draw_multi_io(rows: int, rng: np.random.Generator) -> dict[str, Array]:
    """Draw so many examples.

    With ``a`` a quantity of the numbers, ``b`` one of the sequence (its slope and the
    height of its wave), the class is 0 where ``a * b > 0.1``, otherwise 1 where
    ``a`` is the greater and 2 where ``b`` is. Two of the six numbers mean nothing.

    Args:
        rows: how many.
        rng: where all randomness comes from.

    Returns:
        ``num`` (rows, 6) and ``seq`` (rows, 12, 1), float32, rounded to four digits;
        ``cls`` (rows,), int64, 0 to 2; ``reg`` (rows, 1), float32.
    """
    num = rng.normal(size=(rows, NUMBERS))
    slope, height = rng.normal(size=rows), rng.uniform(0.2, 2, rows)
    a = 0.8 * num[:, 0] + 0.6 * num[:, 1] * np.sign(num[:, 2])
    wave = (height - 1.1) / 0.52  # about as large as the slope
    b = 0.7 * slope + 0.7 * wave
    cls = np.where(a * b > 0.1, 0, np.where(a > b, 1, 2))
    by_lot = rng.random(rows) < WRONG
    cls = np.where(by_lot, rng.integers(0, CLASSES, rows), cls)
    reg = 0.7 * a + 0.7 * wave + 0.6 * num[:, 3] * slope
    reg += rng.normal(0, NOISE, rows)
    return {
        "num": np.round(num, 4).astype(np.float32),
        "seq": np.round(_sequences(slope, height, rng), 4).astype(np.float32),
        "cls": cls.astype(np.int64),
        "reg": np.round(reg, 4).astype(np.float32)[:, np.newaxis],
    }


def _sequences(slope: Array, height: Array, rng: np.random.Generator) -> Array:
    """Return lines with a wave of four steps, of any phase, and a little noise."""
    steps = np.arange(STEPS)
    phase = rng.uniform(0, 2 * np.pi, (len(slope), 1))
    lines = slope[:, np.newaxis] * (steps / 5.5 - 1)
    waves = height[:, np.newaxis] * np.sin(np.pi / 2 * steps + phase)
    noise = rng.normal(0, 0.1, lines.shape)
    return np.asarray(lines + waves + noise)[..., np.newaxis]
