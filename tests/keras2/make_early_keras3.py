"""Makes the files of an early Keras 3 in ``files``; run by hand.

    python make_early_keras3.py FOLDER

Needs Keras 3.0. Writes ``NAME.3_0.h5``, ``NAME.3_0.keras`` and ``NAME.npz``, as
``make_files.py`` does; what is predicted comes from Keras 3.0 itself.
"""

import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers

RANDOM = np.random.default_rng(305)
ROWS = 4


def normalization_early() -> keras.Model:
    """All columns scaled alike: ``axis`` is stored as a list of none."""
    scale = layers.Normalization(axis=None)
    scale.adapt(RANDOM.normal(3, 2, (20, 4)).astype(np.float32))
    return keras.Sequential([keras.Input((4,)), scale, layers.Dense(2)])


def axes_early() -> keras.Model:
    """Layers over two axes at once, and Keras 3's own ``hard_sigmoid``."""
    return keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(12, activation="hard_sigmoid"),
            layers.Reshape((2, 2, 3)),
            layers.LayerNormalization(axis=[1, 2]),
            layers.UnitNormalization(axis=[1, 2]),
            layers.Softmax(axis=[1, 2]),
        ]
    )


def main() -> None:
    """Write all files to the folder of the command line."""
    folder = Path(sys.argv[1])
    for make in (normalization_early, axes_early):
        keras.utils.set_random_seed(305)
        model = make()
        inputs = RANDOM.normal(size=(ROWS, 4)).astype(np.float32)
        outputs = np.asarray(model(inputs, training=False))
        arrays: dict[str, Any] = {"input:x": inputs, "output:y": outputs}
        np.savez_compressed(folder / f"{make.__name__}.npz", **arrays)
        for ending in ("h5", "keras"):
            model.save(folder / f"{make.__name__}.3_0.{ending}")


if __name__ == "__main__":
    main()
