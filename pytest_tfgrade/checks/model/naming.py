"""Names of classes and functions: as files have them, and as rubrics write them."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any, Final, TypeGuard

from pytest_tfgrade.core.facts import Layer
from pytest_tfgrade.core.keras_layers import (
    KERAS_LAYERS,
    LAYER_ALIASES,
    LAYER_SETTINGS,
    MODEL_CLASSES,
    OPERATION_LAYERS,
)

_KNOWN_LAYERS: Final = KERAS_LAYERS | MODEL_CLASSES | OPERATION_LAYERS
_KERAS: Final = frozenset({"keras", "tf_keras", "tf", "tensorflow"})
_FUNCTION_WRAPPERS: Final = frozenset({"LossFunctionWrapper", "MeanMetricWrapper"})
_GLOB: Final = frozenset("*?[")


def listed(value: str | Sequence[str]) -> tuple[str, ...]:
    """Return one name or several as several.

    >>> listed("Dense"), listed(["LSTM", "GRU"])
    (('Dense',), ('LSTM', 'GRU'))
    """
    return (value,) if isinstance(value, str) else tuple(value)


def plain(name: str) -> str:
    """Return a name in the one form in which functions and classes are equal.

    >>> plain("MeanSquaredError") == plain("mean_squared_error")
    True
    """
    return re.sub(r"[^a-z0-9*?]", "", name.lower())


def is_saved(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Return whether a setting is an object that Keras serialized."""
    return (
        isinstance(value, Mapping)
        and isinstance(value.get("class_name"), str)
        and "config" in value
    )


def settings_of(saved: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the settings of a serialized object."""
    config = saved["config"]
    return config if isinstance(config, Mapping) else {}


def name_of(value: object) -> str | None:
    """Return the class, function or policy that a setting names; None if it is none.

    >>> name_of({"class_name": "function", "config": "relu"})
    'relu'
    >>> name_of({"class_name": "DTypePolicy", "config": {"name": "mixed_float16"}})
    'mixed_float16'
    """
    if is_saved(value):
        value = _saved_name(value)
    return value.rpartition(">")[2] if isinstance(value, str) else None


def _saved_name(saved: Mapping[str, Any]) -> object:
    class_name, config = saved["class_name"], settings_of(saved)
    if class_name == "function":
        return saved["config"]
    if class_name.endswith("Policy"):
        return config.get("name", class_name)
    if class_name in _FUNCTION_WRAPPERS:
        return name_of(config.get("fn")) or class_name
    return class_name


def matches(layer: Layer, pattern: str) -> bool:
    """Return whether a layer is of a class that a rubric names.

    A layer of the candidate's own never passes for one of Keras by its name. A glob
    matches neither operations on tensors nor models, so that ``*`` means layers.

    Args:
        layer: Any layer.
        pattern: A class or glob, with or without a package, as ``Package>Class`` or
            ``keras.layers.Conv2D``.
    """
    if ">" in pattern:
        return fnmatchcase(layer.registered_name or "", pattern)
    package, _, name = pattern.rpartition(".")
    if not _is_of(layer, package):
        return False
    is_own = layer.registered_name is not None and layer.class_name in KERAS_LAYERS
    if is_own and (not package or package.partition(".")[0] in _KERAS):
        return False
    return fnmatchcase(layer.class_name, LAYER_ALIASES.get(name, name))


def is_glob(pattern: str) -> bool:
    """Return whether a pattern stands for several names."""
    return not _GLOB.isdisjoint(pattern)


def is_operation(layer: Layer) -> bool:
    """Return whether a layer is an operation on tensors, as a ``+`` or a mask makes."""
    if layer.class_name in OPERATION_LAYERS:
        return True
    if layer.module is None:  # an .h5 file, where all that is no layer is an operation
        return layer.class_name not in KERAS_LAYERS | MODEL_CLASSES
    return ".ops" in layer.module


def layer_problems(patterns: Sequence[str]) -> Iterator[str]:
    """Say which names no layer of Keras has; custom ones have a package."""
    if not patterns:
        yield "names no layer; write a class, as Conv2D"
    for pattern in patterns:
        if not _is_custom(pattern) and not _known(pattern):
            yield unknown("layer", pattern, {*_KNOWN_LAYERS, *LAYER_ALIASES})


def settings_named(patterns: Sequence[str]) -> frozenset[str] | None:
    """Return the settings that layers of these classes have; None if unknown."""
    if any(_is_custom(pattern) for pattern in patterns):
        return None
    return frozenset().union(
        *(LAYER_SETTINGS.get(n, ()) for pattern in patterns for n in _known(pattern))
    )


def unknown(kind: str, name: str, known: Collection[str]) -> str:
    """Say that nothing has a name, and which one was meant.

    >>> unknown("layer", "Conv2d", ["Conv2D", "Dense"])
    "unknown layer 'Conv2d'; did you mean 'Conv2D'?"
    """
    found = {plain(word): word for word in sorted(known)}
    meant = plain(name.rpartition(".")[2]).strip("*?")
    close = get_close_matches(meant, found, n=1)
    way_out = f"write Package>{name} if it is a course's own"
    return f"unknown {kind} {name!r}; " + (
        f"did you mean {found[close[0]]!r}?" if close else way_out
    )


def _known(pattern: str) -> list[str]:
    name = pattern.rpartition(".")[2]
    name = LAYER_ALIASES.get(name, name)
    return [known for known in _KNOWN_LAYERS if fnmatchcase(known, name)]


def _is_custom(pattern: str) -> bool:
    """Return whether a class is named with a package of others than Keras' layers."""
    package = pattern.rpartition(".")[0]
    is_ours = package.partition(".")[0] in _KERAS and ".ops" not in package
    return ">" in pattern or (bool(package) and not is_ours)


def _is_of(layer: Layer, package: str) -> bool:
    """Return whether a layer may come from a package; many files do not say."""
    if not package or layer.module is None:
        return True
    named, own = package.partition(".")[0], layer.module.partition(".")[0]
    return own == named or (named in _KERAS and own in _KERAS)
