"""The settings of a layer that a drawing shows, as short text.

Files are the candidates': a setting of a type that it should not have is left out.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pytest_tfgrade.checks.model.naming import name_of
from pytest_tfgrade.core.facts import Layer
from pytest_tfgrade.core.text import printable

LONGEST: Final = 80
"""Characters of all settings of a layer."""

_WRITTEN: Final[Mapping[str, str]] = {
    "batch_shape": "shape {}",
    "batch_input_shape": "shape {}",
    "units": "{} units",
    "filters": "{} filters",
    "kernel_size": "kernel {}",
    "pool_size": "pool {}",
    **{
        key: f"{key} {{}}"
        for key in (
            *("size", "strides", "padding", "dilation_rate", "groups", "cropping"),
            *("depth_multiplier", "input_dim", "output_dim", "num_heads", "key_dim"),
            *("output_size", "target_shape", "dims", "n", "height", "width", "mode"),
            *("factor", "rate", "dropout", "recurrent_dropout", "stddev", "scale"),
            *("offset", "max_tokens", "output_mode", "output_sequence_length"),
            *("alpha", "negative_slope", "max_value", "theta", "merge_mode"),
        )
    },
    "return_sequences": "return_sequences",
    "go_backwards": "go_backwards",
    "activation": "{}",
}
"""What is shown, in this order, under the names that Keras has for it."""

_USUAL: Final[Mapping[str, tuple[str, ...]]] = {
    "strides": ("1", "1x1", "1x1x1"),
    "padding": ("valid",),
    "dilation_rate": ("1", "1x1", "1x1x1"),
    "groups": ("1",),
    "depth_multiplier": ("1",),
    "dropout": ("0",),
    "recurrent_dropout": ("0",),
    "offset": ("0",),
    "merge_mode": ("concat",),
    "return_sequences": ("False",),
    "go_backwards": ("False",),
    "activation": ("linear",),
}
"""What says nothing, as most layers have it."""

_LONGEST_VALUE: Final = 20
_MOST_AXES: Final = 8
_MOST: Final = 10**12
"""A greater whole number is no size of anything."""


def settings_text(layer: Layer) -> str:
    """Return what matters of a layer's settings; empty if nothing does.

    >>> from pytest_tfgrade.core.facts import Layer
    >>> config = {"filters": 8, "kernel_size": [3, 3], "activation": "relu"}
    >>> settings_text(
    ...     Layer(name="c", class_name="Conv2D", module=None, registered_name=None,
    ...           config=config | {"strides": [1, 1], "padding": "same"})
    ... )
    '8 filters, kernel 3x3, padding same, relu'
    """
    unused = ["not connected"] if layer.on_path is False else []
    frozen = ["frozen"] if layer.config.get("trainable") is False else []
    texts = (*unused, *frozen, *_settings(layer.config))  # what is long is cut
    return printable(", ".join(texts), limit=LONGEST)


def _settings(config: Mapping[str, Any]) -> Iterator[str]:
    for key in _WRITTEN:
        text = _text(key, config[key]) if key in config else None
        if text is None or text in _USUAL.get(key, ()):
            continue
        if key == "strides" and text == _text("pool_size", config.get("pool_size")):
            continue
        yield _WRITTEN[key].format(text)


def _text(key: str, value: object) -> str | None:
    """Return one setting as text; None if it is not set, or to something strange."""
    if isinstance(value, list | tuple):
        return _sizes(value[1:] if key.startswith("batch_") else value)
    if isinstance(value, str | Mapping):
        name = name_of(value)
        return None if name is None else printable(name, limit=_LONGEST_VALUE)
    return _number(value)


def _sizes(values: Sequence[object]) -> str | None:
    """Return sizes by axis; of pairs, as paddings are, one if all are the same.

    >>> _sizes([3, 3]), _sizes([None, 2]), _sizes([[1, 1], [1, 1]]), _sizes([[0, 1]])
    ('3x3', '?x2', '1', None)
    """
    if not 0 < len(values) <= _MOST_AXES:
        return None
    if isinstance(values[0], list | tuple):
        pairs = [pair for pair in values if isinstance(pair, list | tuple)]
        each = {_number(number) for pair in pairs for number in pair}
        return each.pop() if len(each) == 1 and len(pairs) == len(values) else None
    texts = ["?" if value is None else _number(value) for value in values]
    if None in texts:
        return None
    return "x".join(text for text in texts if text)


def _number(value: object) -> str | None:
    match value:
        case bool():
            return str(value)
        case int() if abs(value) < _MOST:
            return str(value)
        case float():
            return f"{value:.4g}"
        case _:
            return None
