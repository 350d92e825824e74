"""What can be wrong with the parameters of ``model.compile``."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from pytest_tfgrade.checks.model.compile_settings import is_named
from pytest_tfgrade.checks.model.naming import listed, unknown
from pytest_tfgrade.checks.model.where import condition_problems, where_problems
from pytest_tfgrade.core.contract import Contract
from pytest_tfgrade.core.keras_training import (
    KERAS_LOSSES,
    KERAS_METRICS,
    KERAS_SCHEDULES,
    OPTIMIZER_SETTINGS,
)


def compile_problems(
    parameters: Mapping[str, Any], contract: Contract
) -> Iterator[tuple[str, str]]:
    """Find names that Keras does not know, and outputs that the contract lacks."""
    yield from _named("optimizer", parameters["optimizer"], OPTIMIZER_SETTINGS)
    if parameters["optimizer_config"] is not None:
        yield from _config_problems(parameters)
    if not isinstance(parameters["schedule"], bool):
        yield from _named("schedule", parameters["schedule"], KERAS_SCHEDULES)
    yield from _named("loss", parameters["loss"], KERAS_LOSSES)
    for output, names in (parameters["losses"] or {}).items():
        yield from _output_problems("losses", output, contract)
        yield from _named("losses", names, KERAS_LOSSES)
    for output, wanted in (parameters["loss_weights"] or {}).items():
        yield from _output_problems("loss_weights", output, contract)
        for text in condition_problems(wanted):
            yield "loss_weights", f"{output}: {text}"
    yield from _named("metrics", parameters["metrics"], KERAS_METRICS | KERAS_LOSSES)


def _config_problems(parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    optimizers = listed(parameters["optimizer"] or "*")
    settings = [
        known
        for name, known in OPTIMIZER_SETTINGS.items()
        if any(is_named(asked, name) for asked in optimizers)
    ]
    known = frozenset().union(*settings) if settings else None
    of = " or ".join(optimizers).replace("*", "an optimizer")
    where, at = parameters["optimizer_config"], "optimizer_config"
    yield from where_problems(where, known, of=of, at=at)


def _output_problems(
    key: str, output: str, contract: Contract
) -> Iterator[tuple[str, str]]:
    if output not in contract.outputs:
        use = " or ".join(contract.outputs)
        yield key, f"no output {output!r} in the contract; use {use}"


_KINDS = {
    "optimizer": "optimizer",
    "schedule": "schedule",
    "loss": "loss",
    "losses": "loss",
    "metrics": "metric",
}


def _named(
    key: str, names: str | Sequence[str] | None, known: Collection[str]
) -> Iterator[tuple[str, str]]:
    if names is not None and not names:
        yield key, f"names no {_KINDS[key]}; write one, or leave {key} out"
    for name in listed(names or ()):
        if ">" not in name and not any(is_named(name, one) for one in known):
            yield key, unknown(_KINDS[key], name, known)
