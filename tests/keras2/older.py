"""Derives files as Keras 2.2 wrote them from those of Keras 2.15.

No Keras 2.2 runs here, so its spellings are edited into the attributes of an HDF5 file;
the weights, and so the predictions, stay as they are. ``NAME.2_2.h5`` differs from
``NAME.h5`` in what TensorFlow 1.14 to 2.0 (Keras 2.2.4-tf) wrote otherwise:

* a chain has no ``InputLayer``; its first layer has ``batch_input_shape``;
* objects are named by class alone, graphs are called ``Model``;
* initialisers have a ``dtype``, convolutions no ``groups``;
* the optimizer has ``lr``, losses and metrics are names.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import h5py

VERSION = "2.2.4-tf"
NAMES = ("dense", "cnn", "two_in_two_out", "frozen_base", "hard_sigmoid", "stateful")
LATER = {"module", "registered_name", "build_config", "groups"}
COMPILED = {
    "optimizer_config": {
        "class_name": "Adam",
        "config": {
            "name": "Adam",
            "lr": 0.001,
            "beta_1": 0.9,
            "beta_2": 0.999,
            "decay": 0.0,
            "epsilon": 1e-07,
            "amsgrad": False,
        },
    },
    "loss": "categorical_crossentropy",
    "metrics": ["acc"],
    "sample_weight_mode": None,
    "loss_weights": None,
}


def derive(folder: Path) -> None:
    """Write ``NAME.2_2.h5`` beside each ``NAME.h5`` of ``NAMES``."""
    for name in NAMES:
        path = folder / f"{name}.2_2.h5"
        shutil.copyfile(folder / f"{name}.h5", path)
        with h5py.File(path, "r+") as file:
            model = older(json.loads(file.attrs["model_config"]))
            file.attrs["model_config"] = json.dumps(model)
            file.attrs["training_config"] = json.dumps(COMPILED)
            for holder in (file, file["model_weights"]):
                holder.attrs["keras_version"] = VERSION


def older(value: Any) -> Any:
    """Return stored settings as Keras 2.2 would have written them."""
    if isinstance(value, list):
        return [older(one) for one in value]
    if not isinstance(value, dict):
        return value
    value = {key: older(one) for key, one in value.items() if key not in LATER}
    settings = value.get("config")
    if value.get("class_name") == "Functional":
        value["class_name"] = "Model"
    elif value.get("class_name") == "Sequential":
        first, *others = settings["layers"]
        others[0]["config"].setdefault(
            "batch_input_shape", first["config"]["batch_input_shape"]
        )
        settings["layers"] = others
    return {
        key: with_dtype(one) if key.endswith("_initializer") else one
        for key, one in value.items()
    }


def with_dtype(initializer: dict[str, Any]) -> dict[str, Any]:
    """Return an initialiser that says of what type its values are."""
    settings = {**initializer["config"], "dtype": "float32"}
    return {**initializer, "config": settings}
