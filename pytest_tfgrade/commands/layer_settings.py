"""The settings of a layer that a reader looks for, in a few words."""

from collections.abc import Mapping
from typing import Any, Final

from pytest_tfgrade.core.facts import Layer
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.facts.saved_objects import class_name, is_saved

Setting = bool | int | float | str | list[int | None]
"""What a setting is shown as; a list holds the sizes of axes."""

_ORDER: Final = (
    *("batch_shape", "batch_input_shape", "units", "filters", "kernel_size", "strides"),
    *("padding", "dilation_rate", "pool_size", "input_dim", "output_dim", "mask_zero"),
    *("max_tokens", "output_mode", "output_sequence_length", "num_heads", "key_dim"),
    *("rate", "scale", "offset", "target_shape", "dims", "n", "size", "height"),
    *("width", "factor", "merge_mode", "return_sequences", "stateful", "activation"),
    *("use_bias", "trainable"),
)
"""Settings that are shown; the rest is left out."""

_ORDINARY: Final[Mapping[str, object]] = {
    "strides": 1,
    "padding": "valid",
    "dilation_rate": 1,
    "mask_zero": False,
    "merge_mode": "concat",
    "return_sequences": False,
    "stateful": False,
    "activation": "linear",
    "use_bias": True,
    "trainable": True,
}
"""Values that go without saying."""

_SHORT: Final = {
    "kernel_size": "kernel",
    "pool_size": "pool",
    "target_shape": "to",
    "dilation_rate": "dilation",
    "output_sequence_length": "length",
}
"""What settings are called in a table."""

_NEGATED: Final = {"trainable": "frozen", "use_bias": "no bias"}
"""How the opposite of a setting is said."""

_MOST_AXES: Final = 8
_LARGEST: Final = 2**63
_LONGEST: Final = 40
"""What is shown: lists of so many sizes, numbers below, and so many characters."""


def settings_that_matter(layer: Layer) -> dict[str, Setting]:
    """Return settings of a layer by their names, ordinary ones left out."""
    found: dict[str, Setting] = {}
    for name in _ORDER:
        value = _shown(layer.config.get(name))
        if value is not None and _is_telling(name, value, layer.config):
            found["batch_shape" if name == "batch_input_shape" else name] = value
    return found


def settings_text(settings: Mapping[str, Setting]) -> str:
    """Write settings as a cell of a table.

    >>> settings_text({"filters": 4, "kernel_size": [3, 3], "activation": "relu"})
    'filters 4, kernel 3x3, relu'
    >>> settings_text({"batch_shape": [None, 8], "trainable": False, "scale": 0.5})
    '(None, 8), frozen, scale 0.5'
    """
    return ", ".join(_said(name, value) for name, value in settings.items())


def _said(name: str, value: Setting) -> str:
    match name, value:
        case "batch_shape", list():
            return str(tuple(value))
        case "activation" | "padding", _:
            return str(value)
        case _, bool():
            return name if value else _NEGATED.get(name, f"no {name}")
        case _, list():
            return f"{_SHORT.get(name, name)} {'x'.join(map(str, value))}"
        case _:
            return f"{_SHORT.get(name, name)} {value}"


def _is_telling(name: str, value: Setting, config: Mapping[str, Any]) -> bool:
    """Return whether a setting is other than a reader takes for granted."""
    if name == "strides" and value == _shown(config.get("pool_size")):
        return False
    if isinstance(value, list) and len(set(value)) == 1 and name in _ORDINARY:
        return value[0] != _ORDINARY[name]
    return name not in _ORDINARY or value != _ORDINARY[name]


def _shown(value: object) -> Setting | None:
    """Return a setting as it is shown; None if it is not, as an array."""
    if isinstance(value, dict) and is_saved(value):  # a function or object by its name
        inner = value["config"]
        value = inner if isinstance(inner, str) else class_name(value)
    match value:
        case float():
            return float(f"{value:.6g}")
        case str():
            return printable(value, limit=_LONGEST)
        case bool() | int() if abs(value) < _LARGEST:
            return value
        case list() if 0 < len(value) <= _MOST_AXES and all(map(_is_size, value)):
            return list(value)
        case _:
            return None


def _is_size(value: object) -> bool:
    return value is None or (type(value) is int and abs(value) < _LARGEST)
