"""Orders for a model, and answers to them, as messages.

An order holds what ``Runner.predict`` takes and nothing else: inputs are named by their
digest, the kinds of passes by numbers. An answer holds arrays that a local runner has
decoded, or what it raised.
"""

import traceback
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pytest_tfgrade.core.contract import OutputKind, OutputSpec
from pytest_tfgrade.core.errors import RunnerError, Ungradable
from pytest_tfgrade.core.limits import Limits
from pytest_tfgrade.core.setup import Feed, Feeding, Setup, Take
from pytest_tfgrade.core.submission import Artifact
from pytest_tfgrade.runner.answer_bytes import (
    finding_of,
    predictions_of,
    told_finding,
    told_predictions,
)
from pytest_tfgrade.runner.cluster.parcel import wrap
from pytest_tfgrade.runner.interface import Pass, Predictions
from pytest_tfgrade.runner.packing import pack, unpack


class RunGone(Exception):  # noqa: N818 - what happened, not what went wrong
    """The process that was asked knows nothing of this run: it is a new one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order as the far side reads it; its inputs are still to be found."""

    artifact: Mapping[str, Any]
    """What ``parcel.unwrap`` wants to know."""

    passes: Sequence[Mapping[str, Any]]
    """Arguments of ``Pass``; ``inputs`` is a digest, ``kind`` a number."""

    outputs: Mapping[str, OutputSpec]
    """Of the task."""

    limits: Limits
    """For all passes together."""

    setup: Setup
    """How the model is run."""


def order_to_bytes(
    artifact: Artifact,
    passes: Sequence[Pass],
    outputs: Mapping[str, OutputSpec],
    limits: Limits,
    setup: Setup,
) -> bytes:
    """Return an order as a message."""
    kinds = list(dict.fromkeys(one.kind for one in passes))
    told, contents = wrap(artifact)
    order = {
        "artifact": told,
        "passes": [
            {
                "inputs": one.inputs.digest,
                "batch": one.batch,
                "without": one.without,
                "mixed": one.mixed,
                "kind": kinds.index(one.kind),
            }
            for one in passes
        ],
        "outputs": {name: asdict(spec) for name, spec in outputs.items()},
        "limits": asdict(limits),
        "setup": asdict(setup),
    }
    return pack(order, contents)


def order_from_bytes(message: bytes | memoryview) -> tuple[Order, list[memoryview]]:
    """Return an order, and the bytes of the artifact's files."""
    told, contents = unpack(message)
    order = Order(
        artifact=told["artifact"],
        passes=told["passes"],
        outputs={name: _output(spec) for name, spec in told["outputs"].items()},
        limits=Limits(**told["limits"]),
        setup=_setup(told["setup"]),
    )
    return order, contents


def _output(told: Mapping[str, Any]) -> OutputSpec:
    return OutputSpec(
        shape=tuple(told["shape"]),
        kind=OutputKind(told["kind"]),
        last_step=told["last_step"],
    )


def _setup(told: Mapping[str, Any]) -> Setup:
    feeding = told["feeding"]
    whole = Feeding(
        feeds={name: Feed(**_tuples(feed)) for name, feed in feeding["feeds"].items()},
        takes={name: Take(**take) for name, take in feeding["takes"].items()},
        batch=feeding["batch"],
        notes=tuple(feeding["notes"]),
    )
    return Setup(**{**told, "feeding": whole})


def _tuples(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as they were: JSON knows no tuples."""
    return {k: tuple(v) if isinstance(v, list) else v for k, v in told.items()}


def done_to_bytes(versions: Mapping[str, Mapping[str, str]]) -> bytes:
    """Return the answer to an order that asks for no predictions."""
    return predictions_to_bytes((), versions)


def predictions_to_bytes(
    done: Sequence[Predictions], versions: Mapping[str, Mapping[str, str]]
) -> bytes:
    """Return predictions as a message.

    Args:
        done: One for each pass that was completed.
        versions: Of the libraries that were started where they come from.
    """
    told, parts = told_predictions(done)
    return pack({"done": told, "versions": versions}, parts)


def raised_to_bytes(error: Exception) -> bytes:
    """Return what was raised in place of an answer."""
    if isinstance(error, Ungradable):
        return pack({"finding": told_finding(error)})
    if isinstance(error, RunGone):
        return pack({"gone": True})
    if isinstance(error, RunnerError):
        return pack({"failed": str(error)})
    lines = "".join(traceback.format_exception(error))
    return pack({"failed": f"a fault of pytest-tfgrade's own:\n{lines}"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back for an order that was carried out."""

    predictions: tuple[Predictions, ...]
    """One for each pass that was completed."""

    versions: Mapping[str, Mapping[str, str]]
    """Of the libraries that were started there, by runtime."""


def answer_from_bytes(message: bytes) -> Answer:
    """Return what came back.

    Raises:
        Ungradable: The artifact is at fault; of the class that the far side raised.
        RunnerError: That machine is.
        RunGone: It knows nothing of this run.
        ValueError, KeyError, TypeError: This is no answer.
    """
    told, parts = unpack(message)
    if "gone" in told:
        raise RunGone
    if "failed" in told:
        raise RunnerError(told["failed"])
    if "finding" in told:
        raise finding_of(told["finding"])
    return Answer(
        predictions=predictions_of(told["done"], parts), versions=told["versions"]
    )
