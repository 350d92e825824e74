"""What a saved model says of its layers and of how it was compiled, as plain values."""

import contextlib
import json
import zipfile
from typing import Any, Iterator, NamedTuple  # noqa: UP035 - Python 3.9


class SavedSettings(NamedTuple):
    """The two parts of a file that name layers, losses and the like."""

    model: Any
    """The model's class and settings; None where they cannot be read."""

    training: "dict[str, Any]"
    """The compile settings; empty where there are none."""


def read_settings(path: str, form: str) -> SavedSettings:
    """Read what a file says; what is wrong with it is left to the library to say.

    Args:
        path: The file.
        form: ``keras`` or ``h5``; nothing is read of other formats.
    """
    with contextlib.suppress(OSError, ValueError, KeyError, RuntimeError):
        if form == "keras":
            return _of_keras(path)
        if form == "h5":
            return _of_h5(path)
    return SavedSettings(None, {})


def _of_keras(path: str) -> SavedSettings:
    try:
        with zipfile.ZipFile(path) as archive:
            model = json.loads(archive.read("config.json"))
    except zipfile.BadZipFile:
        return SavedSettings(None, {})
    training = model.get("compile_config") if isinstance(model, dict) else None
    return SavedSettings(model, training if isinstance(training, dict) else {})


def _of_h5(path: str) -> SavedSettings:
    import h5py

    with h5py.File(path, "r") as file:
        model, training = (
            json.loads(file.attrs.get(name, "null"))
            for name in ("model_config", "training_config")
        )
    return SavedSettings(model, training if isinstance(training, dict) else {})


def objects_in(value: Any) -> "Iterator[dict[str, Any]]":
    """Yield every part of stored settings that has names for its values."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            yield value
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def has_plain_names(value: Any) -> bool:
    """Return whether a loss or a metric is given by its name alone.

    Args:
        value: As in compile settings: one, or a list or a dictionary of them.
    """
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            return True
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, dict) and "class_name" not in value:
            waiting += value.values()
    return False
