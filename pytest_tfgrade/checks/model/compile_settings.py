"""Optimizer, losses and metrics of a model, from its compile settings.

Files differ: an object, its class or a function, by its name or an alias; for all
outputs, or for each by name or in order. Here is the one form of each.
"""

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final, NamedTuple

from pytest_tfgrade.checks.interface import Model
from pytest_tfgrade.checks.model.naming import is_saved, name_of, plain, settings_of
from pytest_tfgrade.checks.model.pairing import output_pairs
from pytest_tfgrade.core.errors import CheckFailed
from pytest_tfgrade.core.facts import Tensor
from pytest_tfgrade.core.keras_training import (
    DEFAULT_RATES,
    KERAS_LOSSES,
    KERAS_METRICS,
    OPTIMIZER_SETTINGS,
    SHORT_NAMES,
)

_DEFAULT_RATE: Final = 0.001
_WORDS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_FUNCTIONS: Final = {
    plain(name): _WORDS.sub("_", name).lower() for name in KERAS_LOSSES | KERAS_METRICS
}
_OPTIMIZERS: Final = {plain(name): name for name in OPTIMIZER_SETTINGS}
_ACCURACIES: Final = frozenset(
    {
        *("accuracy", "binary_accuracy", "categorical_accuracy"),
        "sparse_categorical_accuracy",
    }
)


class Optimizer(NamedTuple):
    """An optimizer as a file has it."""

    name: str
    """The class; raw text if it is not one of Keras."""

    settings: Mapping[str, Any]
    """As saved; the learning rate is always there."""


class OutputLoss(NamedTuple):
    """What one output of a model is trained with."""

    output: str
    """By the contract's name."""

    tensor: Tensor
    """As the file declares it."""

    loss: object
    """As saved; None: it does not count in training."""

    weight: object
    """How much the loss counts."""


def canonical(name: str) -> str:
    """Return the one name of a loss or metric that has several.

    >>> canonical("mse"), canonical("MeanSquaredError"), canonical("KLD")
    ('mean_squared_error', 'mean_squared_error', 'kl_divergence')
    """
    name = SHORT_NAMES.get(name.lower(), name)
    return _FUNCTIONS.get(plain(name), name)


def is_named(asked: str, found: str) -> bool:
    """Return whether a class or function has a name, in any spelling, or fits a glob.

    >>> is_named("mae", "MeanAbsoluteError"), is_named("*_crossentropy", "mse")
    (True, False)
    """
    return fnmatchcase(plain(canonical(found)), plain(canonical(asked)))


def compile_settings(model: Model) -> Mapping[str, Any]:
    """Return the compile settings of a model.

    Raises:
        CheckFailed: The model was not compiled, or saved without saying how.
    """
    settings = model.facts.compile_settings
    if not settings or settings.get("optimizer") is None:
        hint = "Call model.compile(...) and fit(...), then save the whole model."
        raise CheckFailed("the model was saved without compile settings", hint=hint)
    return settings


def optimizer_of(settings: Mapping[str, Any]) -> Optimizer:
    """Return the optimizer; the one inside, if it only scales the loss."""
    value = settings["optimizer"]
    name = name_of(value) or "unknown"
    name = _OPTIMIZERS.get(plain(name), name)
    given = dict(settings_of(value)) if is_saved(value) else {}
    if name == "LossScaleOptimizer" and is_saved(given.get("inner_optimizer")):
        return optimizer_of({"optimizer": given["inner_optimizer"]})
    rate = given.pop("lr", DEFAULT_RATES.get(name, _DEFAULT_RATE))  # before Keras 2.3
    return Optimizer(name, {"learning_rate": rate, **given})


def losses_of(model: Model, settings: Mapping[str, Any]) -> list[OutputLoss]:
    """Return the loss and its weight for each output of the contract."""
    losses, weights = settings.get("loss"), settings.get("loss_weights")
    outputs = model.facts.outputs
    found = []
    for at, (name, _, tensor) in enumerate(output_pairs(model.facts, model.contract)):
        place = outputs.index(tensor) if tensor in outputs else at
        weight = _for_output(weights, name, tensor, place)
        loss = _for_output(losses, name, tensor, place)
        found.append(OutputLoss(name, tensor, loss, 1.0 if weight is None else weight))
    return found


def _for_output(value: object, name: str, tensor: Tensor, place: int) -> object:
    if isinstance(value, Mapping) and not is_saved(value):
        return value.get(tensor.name, value.get(name))
    if isinstance(value, list):
        if len(value) == 1:
            return value[0]
        return value[place] if place < len(value) else None
    return value


def metric_names(settings: Mapping[str, Any]) -> list[str]:
    """Return the names of all metrics, those that weigh examples as well."""
    values = (settings.get("metrics"), settings.get("weighted_metrics"))
    names = (name_of(value) for value in _flat(list(values)))
    return [canonical(name) for name in names if name is not None]


def has_metric(asked: str, names: list[str]) -> bool:
    """Return whether a metric is among those found.

    ``accuracy`` stands for each of Keras' accuracies: which one is meant follows from
    the loss.
    """
    if canonical(asked) == "accuracy" and not _ACCURACIES.isdisjoint(names):
        return True
    return any(is_named(asked, name) for name in names)


def _flat(value: object) -> Iterator[object]:
    if isinstance(value, list):
        for item in value:
            yield from _flat(item)
    elif isinstance(value, Mapping) and not is_saved(value):
        for item in value.values():
            yield from _flat(item)
    elif value is not None:
        yield value
