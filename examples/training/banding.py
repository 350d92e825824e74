"""Points for a task whose bounds are written in its script.

The tasks ``multi_io`` and ``char_lm`` are calibrated here before they have a rubric;
``calibration.py`` reads the bounds of the others from theirs.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import TypeAlias

import keras
from calibration import Array, Maker, Measured, seed_everything, standard_error

Bands: TypeAlias = Mapping[int, float]
"""By points the bound that must be reached."""


def judge(scores: Array, bands: Bands) -> Measured:
    """Return the mean of the scores and what it earns.

    Args:
        scores: (n,), one for each example; their mean counts.
        bands: which direction is better follows from the order of the bounds.
    """
    value = float(scores.mean())
    error = standard_error(scores)
    larger_is_better = bands[max(bands)] > bands[min(bands)]
    reached = (
        earned
        for earned, bound in bands.items()
        if (value >= bound if larger_is_better else value <= bound)
    )
    nearest = min(abs(value - bound) for bound in bands.values())
    return Measured(
        value=value,
        error=error,
        n=len(scores),
        points=max(reached, default=0),
        margin=nearest / error if error > 1e-9 else math.inf,
    )


def made(label: str, make: Maker, seed: int) -> tuple[str, keras.Model]:
    """Train a model from a seed; return its label with size and time, and the model."""
    seed_everything(seed)
    start = time.perf_counter()
    model = make(seed)
    seconds = time.perf_counter() - start
    size = f"{model.count_params()} weights, {seconds:.0f} s"
    return f"{label}, seed {seed} ({size})", model


def made_all(
    makers: Mapping[str, Maker], seeds: int, note: Callable[[str, keras.Model], None]
) -> None:
    """Train the first of the makers from every seed, the others from seed 1.

    Args:
        makers: for each label a function from a seed to a trained model.
        seeds: how many seeds, from 1.
        note: called with the label and each model.
    """
    for position, (label, make) in enumerate(makers.items()):
        for seed in range(1, (seeds if position == 0 else 1) + 1):
            note(*made(label, make, seed))
