"""Compose the example submissions and check them against what is expected of them.

    python examples/training/make_submissions.py

Each model is trained once, from seed 1, and copied to the candidates who hand it in.
Then some files are broken on purpose. Measured values are printed beside the points of
``examples/submissions.expected.yaml``; the script fails if they differ.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType

import digits
import images
import keras
import legacy
import linear
import numpy as np
import series
import text
import yaml
from calibration import (
    HEAD,
    ROOT,
    Maker,
    measure,
    save_keras,
    seed_everything,
    train,
)
from keras import layers
from make_reference_data import HORIZON

OUT = ROOT / "examples/submissions"
EXPECTED = ROOT / "examples/submissions.expected.yaml"
TASKS: dict[str, ModuleType] = {
    "linear": linear,
    "digits": digits,
    "images": images,
    "text": text,
    "series": series,
}


def nan_weights(seed: int = 1) -> keras.Model:
    """Return a dense network for digits with weights that are NaN."""
    model = digits.dense(16)
    model.set_weights([np.full_like(w, np.nan) for w in model.get_weights()])
    return model


def flat_forecast(seed: int = 1) -> keras.Model:
    """Return the linear forecast without its last axis: (12,) where (12, 1) is due."""
    forecast = series.linear(seed)
    return keras.Sequential([forecast, layers.Reshape((HORIZON,))])


def unscaled_digits(seed: int = 1) -> keras.Model:
    """Return a network trained on inputs from 0 to 1, without a layer that scales."""
    model = keras.Sequential(
        [
            keras.Input((8, 8)),
            layers.Reshape((8, 8, 1)),
            layers.Conv2D(12, 3, padding="same", activation="tanh"),
            layers.Conv2D(16, 3, strides=2, padding="same", activation="tanh"),
            layers.Flatten(),
            layers.Dense(digits.CLASSES, activation="softmax"),
        ]
    )
    inputs, targets = digits.augmented(copies=20, seed=seed)
    return train(model, inputs / 16, targets, rate=2e-3, epochs=6)


def unscaled_images(seed: int = 1) -> keras.Model:
    """Return a network trained on inputs from 0 to 1, without a layer that scales."""
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(16, 3, strides=2, padding="same", activation="tanh"),
            layers.Conv2D(32, 3, strides=2, padding="same", activation="tanh"),
            layers.Conv2D(48, 3, strides=2, padding="same", activation="tanh"),
            layers.Flatten(),
            layers.Dense(images.CLASSES, activation="softmax"),
        ]
    )
    inputs, targets = images.augmented(copies=6, seed=seed)
    return train(model, inputs / 255, targets, epochs=6)


def lambda_digits(seed: int = 1) -> keras.Model:
    """Return a network for digits that scales in a Lambda layer."""

    def scale(x: keras.KerasTensor) -> keras.KerasTensor:
        return x / 16

    # Keras saves the function's code object, which holds the path of this file.
    scale.__code__ = scale.__code__.replace(co_filename="digits.py")
    model = keras.Sequential(
        [
            keras.Input((8, 8)),
            layers.Lambda(scale),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(digits.CLASSES, activation="softmax"),
        ]
    )
    return digits.with_augmentation(model, copies=10, epochs=6)


def digit_logits(seed: int = 1) -> keras.Model:
    """Return a network for digits that returns logits: the softmax was forgotten."""
    model = digits.with_augmentation(digits.dense(64), copies=10, epochs=6)
    model.layers[-1].activation = keras.activations.linear
    return model


MODELS: dict[str, Maker] = {
    "linear 80 epochs": linear.reference,
    "linear 28 epochs": lambda seed: linear.fitted(epochs=28),
    "linear 18 epochs": linear.weak,
    "linear untrained": linear.untrained,
    "digits convolutional": digits.reference,
    "digits dense 64": lambda seed: digits.with_augmentation(digits.dense(64), 10, 6),
    "digits dense 16": lambda seed: digits.with_augmentation(digits.dense(16), 10, 6),
    "digits clean": lambda seed: digits.plain(digits.dense(64)),
    "digits untrained": lambda seed: digits.dense(16),
    "digits NaN": nan_weights,
    "digits unscaled": unscaled_digits,
    "digits Lambda": lambda_digits,
    "digits logits": digit_logits,
    "images convolutional": images.reference,
    "images small": images.small,
    "images dense 20": lambda seed: images.dense_augmented(units=20),
    "images untrained": lambda seed: images.convolutional((8, 16)),
    "images unscaled": unscaled_images,
    "text convolution": text.reference,
    "text 400 words": lambda seed: text.averaging(400, epochs=8),
    "text 60 words": lambda seed: text.averaging(60, epochs=8),
    "text untrained": lambda seed: text.vectorized(60, *text.average(60)),
    "series recurrent": series.reference,
    "series linear": series.linear,
    "series direct": lambda seed: series.recurrent(32, epochs=10),
    "series dense": lambda seed: series.dense(epochs=6),
    "series last hour": lambda seed: series.repeating(1),
    "series untrained": lambda seed: series.network(layers.GRU(8), change=False),
    "series flat": flat_forecast,
}
"""Each starts with the name of its task."""

PLAN: dict[str, dict[str, str]] = {
    "alice": {
        "linear.keras": "linear 80 epochs",
        "digits.keras": "digits convolutional",
        "images.keras": "images convolutional",
        "text.keras": "text convolution",
        "series.keras": "series recurrent",
    },
    "bob": {
        "linear.keras": "linear 28 epochs",
        "digits.keras": "digits dense 64",
        "images.keras": "images dense 20",
        "text.keras": "text 400 words",
        "series.keras": "series direct",
    },
    "carol": {
        "linear.keras": "linear 80 epochs",
        "digits.keras": "digits dense 16",
        "images.keras": "images small",
        "text.keras": "text 400 words",
        "series.keras": "series flat",
    },
    "dave": {
        "linear.keras": "linear 80 epochs",
        "digits.keras": "digits convolutional",
        "text.keras": "text 60 words",
        "series.keras": "series linear",
    },
    "erin": {
        "linear.keras": "linear 18 epochs",
        "digits.keras": "digits NaN",
        "images.keras": "images small",
        "text.keras": "text 60 words",
        "series.keras": "series last hour",
    },
    "frank": {
        "linear.keras": "linear 80 epochs",
        "digits.keras": "digits clean",
        "images.keras": "images dense 20",
        "text.keras": "text convolution",
        "series.keras": "series linear",
    },
    "grace": {
        "linear.keras": "linear 80 epochs",
        "images.keras": "images small",
        "text.keras": "text 400 words",
        "series.keras": "series recurrent",
    },
    "heidi": {
        "linear.keras": "linear untrained",
        "digits.keras": "digits untrained",
        "images.keras": "images untrained",
        "text.keras": "text untrained",
        "series.keras": "series untrained",
    },
    "ivan": {
        "linear.keras": "linear 80 epochs",
        "digits.keras": "digits unscaled",
        "images.keras": "images unscaled",
        "text.keras": "text 400 words",
        "series.keras": "series dense",
    },
    "judy": {
        "category1/mymodel.h5": "linear legacy",
        "category2/mymodel.h5": "digits legacy",
        "category3/mymodel.h5": "images small",
        "category4/mymodel.keras": "text 400 words",
        "category5/mymodel.h5": "series linear",
    },
    "nina": {
        "linear.keras": "linear 80 epochs",
        "digits.keras": "digits Lambda",
        "text.keras": "text 60 words",
    },
    "oscar": {
        "linear.keras": "linear 28 epochs",
        "digits.keras": "digits logits",
        "series.keras": "series direct",
    },
    "": {
        "mallory_linear.keras": "linear 80 epochs",
        "mallory_digits.keras": "digits dense 64",
    },
}
"""By candidate and path the model handed in; files of no folder lie flat."""

OLD_FORMAT = {"images small", "series linear"}
"""Models that are saved as ``.h5``, too."""

UNGRADABLE = {"digits NaN", "digits Lambda", "digits logits", "series flat"}

LFS_POINTER = """\
version https://git-lfs.github.com/spec/v1
oid sha256:5f70bf18a084007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef
"""
"""What Git LFS leaves in place of a file, but for the line with the size.

With that line, pushing this project could be refused for want of the object.
"""


def make_models(folder: Path) -> dict[str, int]:
    """Train and save every model; return the points of those that can be graded."""
    points = {}
    print(HEAD)
    for name, make in MODELS.items():
        seed_everything(1)
        model = make(1)
        save_keras(model, folder / f"{name}.keras")
        if name in OLD_FORMAT:
            model.save(folder / f"{name}.h5", include_optimizer=False)
        if name not in UNGRADABLE:
            found = measure(TASKS[name.split()[0]].task(), model)
            points[name] = found.points
            print(found.row(name), flush=True)
    return points


def compose(models: Path) -> None:
    """Copy the models to their candidates and break what is to be broken."""
    shutil.rmtree(OUT, ignore_errors=True)
    for candidate, files in PLAN.items():
        for path, name in files.items():
            target = OUT / candidate / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(models / f"{name}{target.suffix}", target)
    whole = (OUT / "frank/text.keras").read_bytes()
    (OUT / "frank/text.keras").write_bytes(whole[: len(whole) // 3])
    (OUT / "grace/digits.keras").write_text(LFS_POINTER, encoding="ascii")


def differences(points: Mapping[str, int]) -> Iterator[str]:
    """Say where the points of a model are not those expected of a candidate."""
    expected = yaml.safe_load(EXPECTED.read_text("utf-8"))
    for candidate, files in PLAN.items():
        for path, name in files.items():
            who = candidate or path.split("_")[0]
            task = name.split()[0]
            due = expected[who][task]
            earned = points.get(name, 0) if due["result"] == "graded" else 0
            if earned != due["points"]:
                yield f"{who}, {task}: {earned} points, expected {due['points']}"


def save_on_ids(path: Path) -> None:
    """Save a model for the rubric ``text_ids`` and print what it scores."""
    seed_everything(1)
    model = text.on_ids()
    print(measure(text.task_on_ids(), model).row("text on word ids"))
    path.parent.mkdir(parents=True, exist_ok=True)
    model.save(path, include_optimizer=False)


def main() -> int:
    """Make the submissions; return 1 if their points are not the expected ones."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--ids",
        type=Path,
        metavar="FILE",
        help="Only save an .h5 model here for examples/rubrics/text_ids.yaml",
    )
    ids: Path | None = parser.parse_args().ids
    if ids is not None:
        save_on_ids(ids)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        points = make_models(Path(folder))
        points |= legacy.make_models(Path(folder))
        compose(Path(folder))
    wrong = list(differences(points))
    print("\n".join(wrong))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
