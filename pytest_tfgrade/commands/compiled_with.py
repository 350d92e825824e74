"""What a model was compiled with, by the names of classes and functions."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pytest_tfgrade.core.text import printable
from pytest_tfgrade.facts.saved_objects import class_name, config_of, is_saved

_WRAPPERS: Final = frozenset({"LossFunctionWrapper", "MeanMetricWrapper"})
"""Classes that say nothing of the function inside."""

_LONGEST: Final = 60


def compiled_with(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return optimizer, learning rate, losses and metrics, printable.

    Checks read them in more detail; this is what a reader wants to recognise.

    Args:
        settings: ``Facts.compile_settings``.

    Returns:
        ``optimizer``, a name or None; ``learning_rate``, a number, the name of a
        schedule or None; ``loss`` and ``metrics``, lists of names.
    """
    optimizer = settings.get("optimizer")
    given: Mapping[str, Any] = {}
    if isinstance(optimizer, dict) and is_saved(optimizer):
        given = config_of(optimizer)
    rate = given.get("learning_rate", given.get("lr"))
    return {
        "optimizer": _name(optimizer),
        "learning_rate": _rate(rate),
        "loss": list(_names(settings.get("loss"))),
        "metrics": [
            *_names(settings.get("metrics")),
            *_names(settings.get("weighted_metrics")),
        ],
    }


def compiled_text(found: Mapping[str, Any]) -> str:
    """Write what ``compiled_with`` returns in one line.

    >>> compiled_text(
    ...     {"optimizer": "Adam", "learning_rate": 0.01, "loss": ["mse"], "metrics": []}
    ... )
    'Adam, learning rate 0.01; loss mse'
    """
    rate = found["learning_rate"]
    parts = [found["optimizer"] or "no optimizer"]
    if rate is not None:
        parts[0] += f", learning rate {rate}"
    if found["loss"]:
        parts.append(f"loss {', '.join(found['loss'])}")
    if found["metrics"]:
        parts.append(f"metrics {', '.join(found['metrics'])}")
    return "; ".join(parts)


def _rate(value: object) -> float | str | None:
    """Return a learning rate; of a schedule its name."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(f"{value:.6g}")
    return _name(value)


def _names(value: object) -> Iterator[str]:
    """Yield names of one object, of several in order, or of one for each output."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        name = _name(item)
        if name is not None:
            yield name
        elif isinstance(item, list):
            waiting += item[::-1]
        elif isinstance(item, dict):
            waiting += list(item.values())[::-1]


def _name(value: object) -> str | None:
    """Return the class or function that a setting names; None if it is none."""
    if isinstance(value, dict) and is_saved(value):
        inner = value["config"]
        if isinstance(inner, str):
            value = inner
        else:
            value = class_name(value)
            if value in _WRAPPERS and isinstance(inner, dict):
                value = _name(inner.get("fn")) or value
    return printable(value, limit=_LONGEST) if isinstance(value, str) else None
