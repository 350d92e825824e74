"""Prints what Keras 3 and tf-keras have, as JSON; run as a program by a test."""

import inspect
import json
import sys
from collections.abc import Iterator
from typing import Any

import keras
import tf_keras

NOT_LAYERS = {"Layer", "Wrapper", "AbstractRNNCell"}
NOT_SAVED = {"self", "args", "kwargs", "dynamic", "weights", "input_tensor"} | {
    "type_spec"
}
FUNCTIONS = {"get", "serialize", "deserialize"}


def classes(module: Any, base: type) -> Iterator[tuple[str, type]]:
    """Yield the public classes of a module by their names, aliases included."""
    for name in dir(module):
        value = getattr(module, name)
        if inspect.isclass(value) and issubclass(value, base) and value is not base:
            yield name, value


def settings(value: Any) -> list[str]:
    """Return what a class takes, and saves."""
    return sorted(set(inspect.signature(value.__init__).parameters) - NOT_SAVED)


def names(library: Any) -> dict[str, Any]:
    """Return the names that one library has."""
    optimizers, schedules = library.optimizers, library.optimizers.schedules
    layers = [
        (alias, value)
        for alias, value in classes(library.layers, library.layers.Layer)
        if value.__name__ not in NOT_LAYERS
    ]
    return {
        "layers": {value.__name__: settings(value) for _, value in layers},
        "aliases": {a: v.__name__ for a, v in layers if a != v.__name__},
        "optimizers": {
            value.__name__: settings(value)
            for _, value in classes(optimizers, optimizers.Optimizer)
        },
        "schedules": [
            value.__name__
            for _, value in classes(schedules, schedules.LearningRateSchedule)
        ],
        "losses": [v.__name__ for _, v in classes(library.losses, library.losses.Loss)],
        "metrics": [
            v.__name__ for _, v in classes(library.metrics, library.metrics.Metric)
        ],
        "loss_functions": sorted(functions(library.losses)),
        "metric_functions": sorted(functions(library.metrics)),
        "activations": sorted(functions(library.activations)),
    }


def functions(module: Any) -> set[str]:
    """Return the names of the public functions of a module."""
    found = {name for name in dir(module) if inspect.isfunction(getattr(module, name))}
    return found - FUNCTIONS


if __name__ == "__main__":
    json.dump([names(keras), names(tf_keras)], sys.stdout)
