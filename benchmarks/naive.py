"""What people write today: load each model, predict, compare; nothing is isolated.

Run as a program of its own, with one file or many::

    python benchmarks/naive.py HIDDEN.npz RESULT.json FILE...
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf


def main() -> None:
    """Write accuracies by file, and when what happened on the monotonic clock."""
    ready = time.monotonic()
    hidden, result, *files = sys.argv[1:]
    with np.load(hidden) as data:
        images, digits = data["image"], data["digit"]
    accuracies, finished = {}, []
    for file in files:
        model = keras.models.load_model(file)
        predictions = model.predict(images)
        accuracies[file] = float(np.mean(predictions.argmax(axis=1) == digits))
        finished.append(time.monotonic())
    said = {
        "ready": ready,
        "finished": finished,
        "accuracies": accuracies,
        "tensorflow": tf.__version__,
    }
    Path(result).write_text(json.dumps(said), encoding="utf-8")


if __name__ == "__main__":
    main()
