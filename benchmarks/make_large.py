"""Make a large model, and inputs that keep it busy.

Run as a program of its own, so that no measured process inherits its TensorFlow::

    python benchmarks/make_large.py KIND FOLDER COUNT IMAGES
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Final

import keras
import numpy as np
from keras import layers

SIDES: Final = {"cnn": 32, "mobilenet": 64}
"""Kinds of models, and the width of their square images."""

CLASSES: Final = 10

DESCRIPTION: Final = """\
dataset: large
title: Noise
source: Drawn at random by this program.
license: CC0-1.0
files: {{large.npz: {digest}}}
rows: {rows}
inputs:
  image: {{file: large.npz, field: image, dtype: float32, shape: [{side}, {side}, 3]}}
targets:
  label: {{file: large.npz, field: label, dtype: int64, shape: [], classes: {classes}}}
"""

RUBRIC: Final = """\
task: large
dataset: large
artifact: {{names: [large], formats: [keras], max_size: 200 MB}}
contract:
  inputs: {{image: {{shape: [null, {side}, {side}, 3], dtype: float32}}}}
  outputs: {{label: {{shape: [null, 10], kind: probabilities}}}}
limits: {{seconds: 600, memory: 8 GiB}}
criteria:
- {{id: file, check: file}}
- {{id: contract, check: predict.contract}}
- {{id: accuracy, check: predict.metric, metric: accuracy, threshold: 0, points: 5}}
"""


def main() -> None:
    """Write ``class/student-0/large.keras`` and so on, a rubric and hidden data."""
    kind, folder, count, rows = sys.argv[1], Path(sys.argv[2]), *map(int, sys.argv[3:])
    side = SIDES[kind]
    for index in range(count):
        keras.utils.set_random_seed(index)
        place = folder / "class" / f"student-{index}"
        place.mkdir(parents=True)
        made(kind, side).save(place / "large.keras")
    data = folder / "data" / "large"
    data.mkdir(parents=True)
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (rows, side, side, 3), np.uint8).astype(np.float32)
    file = data / "large.npz"
    np.savez(file, image=images, label=np.arange(rows) % CLASSES)
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    classes = [f"c{number}" for number in range(CLASSES)]
    text = DESCRIPTION.format(digest=digest, rows=rows, side=side, classes=classes)
    (data / "dataset.yaml").write_text(text, encoding="utf-8")
    (folder / "large.yaml").write_text(RUBRIC.format(side=side), encoding="utf-8")


def made(kind: str, side: int) -> keras.Model:
    """Return a model that was not trained; 29 million products a row (cnn)."""
    if kind == "mobilenet":
        shape = (side, side, 3)
        return keras.applications.MobileNetV2(shape, weights=None, classes=CLASSES)
    return keras.Sequential(
        [
            keras.Input((side, side, 3)),
            layers.Rescaling(1 / 255),
            *(_convolution(32), _convolution(32), layers.MaxPooling2D()),
            *(_convolution(64), _convolution(64), layers.MaxPooling2D()),
            *(_convolution(128), layers.MaxPooling2D(), layers.Flatten()),
            layers.Dense(256, activation="relu"),
            layers.Dense(CLASSES, activation="softmax"),
        ]
    )


def _convolution(width: int) -> layers.Layer:
    return layers.Conv2D(width, 3, padding="same", activation="relu")


if __name__ == "__main__":
    main()
