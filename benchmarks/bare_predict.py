"""A bare ``model.predict`` of each file, one after another, on all cores.

Run as a program of its own::

    python benchmarks/bare_predict.py DATA.npz RESULT.json FILE...
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import keras
import numpy as np


def main() -> None:
    """Write the seconds of loading and predicting, by file."""
    data, result, *files = sys.argv[1:]
    with np.load(data) as arrays:
        images = arrays["image"]
    loads, predicts = [], []
    for file in files:
        began = time.monotonic()
        model = keras.models.load_model(file)
        loaded = time.monotonic()
        model.predict(images, verbose=0)
        loads.append(loaded - began)
        predicts.append(time.monotonic() - loaded)
    said = {"load": loads, "predict": predicts}
    Path(result).write_text(json.dumps(said), encoding="utf-8")


if __name__ == "__main__":
    main()
