"""Make models for the task ``digits`` that take about a second each.

Run as a program of its own, so that no measured process inherits its TensorFlow::

    python benchmarks/make_slow_models.py FOLDER COUNT
"""

from __future__ import annotations

import sys
from pathlib import Path

import keras
from keras import layers

WIDTH = 96
CONVOLUTIONS = 6


def main() -> None:
    """Write ``FOLDER/student-000/digits.keras`` and so on."""
    folder, count = Path(sys.argv[1]), int(sys.argv[2])
    model = keras.Sequential(
        [
            keras.Input((8, 8)),
            layers.Rescaling(1 / 16),
            layers.Reshape((8, 8, 1)),
            layers.UpSampling2D(2),
            *(_convolution() for _ in range(CONVOLUTIONS)),
            layers.GlobalAveragePooling2D(),
            layers.Dense(10, activation="softmax"),
        ]
    )
    for index in range(count):
        path = folder / f"student-{index:03d}" / "digits.keras"
        path.parent.mkdir(parents=True)
        keras.utils.set_random_seed(index)
        model.layers[-1].set_weights(
            [keras.random.normal(part.shape) for part in model.layers[-1].weights]
        )
        model.save(path)


def _convolution() -> layers.Layer:
    return layers.Conv2D(WIDTH, 3, padding="same", activation="relu")


if __name__ == "__main__":
    main()
