"""Loads every file of ``files`` with one library, with repairs and without.

    python load_files.py keras|tf_keras FOLDER

Writes ``results.json`` to the folder: for each file the ``repairs`` that were done, and
``difference``, how far its predictions are at most from those in ``NAME.npz``, or
``error``, why there are none; the same of the file without repairs under ``plain``. The
library itself saves ``modern.h5`` and ``modern.keras`` first, which need no repairs.
``restored`` says whether the classes are as they were when all is done.
``TF_USE_LEGACY_KERAS`` must fit the library, for ``custom_layer.py`` says ``tf.keras``.
"""

import importlib
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import tensorflow as tf

LIBRARY, FOLDER = sys.argv[1], Path(sys.argv[2])
FILES = Path(__file__).parent / "files"

keras = importlib.import_module(LIBRARY)
importlib.import_module("custom_layer")
repairs = importlib.import_module("pytest_tfgrade.runner.worker.repairs")


def main() -> None:
    """Write the results to the folder."""
    save_modern()
    before = own_methods()
    paths = [*FILES.glob("*.h5"), *FILES.glob("*.keras"), *FOLDER.glob("modern.[hk]*")]
    files = {path.name: result(path) for path in sorted(paths)}
    results = {"files": files, "restored": own_methods() == before}
    (FOLDER / "results.json").write_text(json.dumps(results), encoding="utf-8")


def save_modern() -> None:
    """Save a model of many kinds of layers, compiled by names, and its predictions."""
    layers = keras.layers
    inner = keras.Sequential([keras.Input((8, 3)), layers.SeparableConv1D(2, 3)])
    inner.trainable = False
    series = keras.Input((8, 3), name="series")
    x = layers.BatchNormalization()(layers.DepthwiseConv1D(3)(series))
    x = layers.concatenate([layers.LSTM(3)(x), layers.Flatten()(inner(series))])
    x = layers.Dense(4, activation="hard_sigmoid")(layers.LeakyReLU()(x))
    model = keras.Model(series, layers.Dense(1)(x))
    model.compile(optimizer="adam", loss="mse", metrics=["mae"])
    inputs = np.random.default_rng(0).normal(size=(4, 8, 3)).astype(np.float32)
    outputs = np.asarray(model(inputs, training=False))
    arrays: dict[str, Any] = {"input:series": inputs, "output:y": outputs}
    np.savez(FOLDER / "modern.npz", **arrays)
    for ending in ("h5", "keras"):
        model.save(FOLDER / f"modern.{ending}")


def own_methods() -> dict[str, Any]:
    """Return what makes layers, of the classes that repairs change, as it is now."""
    kinds = [kind for kind in vars(keras.layers).values() if isinstance(kind, type)]
    kinds += [keras.Model, keras.Sequential]
    return {
        repr(kind): vars(kind).get("from_config")
        for listed in kinds
        for kind in listed.__mro__
    }


def result(path: Path) -> dict[str, Any]:
    """Return what became of a file."""
    artifact = {
        "path": str(path),
        "format": path.suffix[1:],
        "keras_version": written_by(path),
    }
    with repairs.repaired(keras, artifact) as done:
        outcome = outcome_of(path)
    return {"repairs": done, **outcome, "plain": outcome_of(path)}


def written_by(path: Path) -> str:
    """Return the version of the Keras that wrote a file."""
    if path.suffix == ".h5":
        with h5py.File(path) as file:
            return str(file.attrs["keras_version"])
    with zipfile.ZipFile(path) as archive:
        return str(json.loads(archive.read("metadata.json"))["keras_version"])


def outcome_of(path: Path) -> dict[str, Any]:
    """Load and call a model; return how far it is from what it should predict."""
    arrays = np.load(path.with_name(f"{path.name.split('.')[0]}.npz"))
    inputs = [arrays[name] for name in arrays.files if name.startswith("input:")]
    expected = [arrays[name] for name in arrays.files if name.startswith("output:")]
    try:
        model = keras.models.load_model(path, compile=False)
        fed = [tf.constant(value) for value in inputs]
        outputs = model(fed if len(fed) > 1 else fed[0], training=False)
    except Exception as error:
        return {"error": str(error)}
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    pairs = zip(outputs, expected, strict=True)
    return {"difference": max(float(np.abs(a - b).max()) for a, b in pairs)}


if __name__ == "__main__":
    main()
