"""Train the models of the course that ``tfgrade init`` writes and check their error.

    python examples/training/make_starter.py

The good one is fitted until it stops improving, the weak one is stopped too early; both
on points of another seed than the hidden ones.
"""

from __future__ import annotations

import runpy
import sys
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from calibration import ROOT, save_keras, seed_everything, train
from linear import line

STARTER = ROOT / "pytest_tfgrade/starter"
HIDDEN_SEED = 7
PUBLIC_SEED = 1

MODELS = {"good": (60, 0.0, 0.5), "weak": (18, 1.0, 2.5)}
"""Epochs, and the bounds between which the mean absolute error must lie."""


def main() -> int:
    """Write the models; return 1 if the error of one is not as it must be."""
    source = STARTER / "reference_data/line/generate.py.in"
    points: Callable[..., Any] = runpy.run_path(str(source))["line"]
    public = points(seed=PUBLIC_SEED, noise=0.5)
    hidden = points(seed=HIDDEN_SEED, noise=0.5)
    wrong = 0
    for name, (epochs, least, most) in MODELS.items():
        seed_everything(1)
        model: keras.Model = train(
            line(),
            public["inputs"]["x"],
            public["targets"]["y"],
            loss="mse",
            rate=0.02,
            epochs=epochs,
            batch_size=32,
        )
        path = STARTER / f"rubrics/references/line_{name}.keras"
        save_keras(model, path)
        predictions = model.predict(hidden["inputs"]["x"], verbose=0)
        error = float(np.abs(predictions - hidden["targets"]["y"]).mean())
        print(f"{path.name}: mae {error:.3f}, {path.stat().st_size} bytes")
        wrong += not least < error < most
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
