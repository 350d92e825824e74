"""Orders for a model, and answers to them, as messages.

An order holds what ``Runner.predict`` takes and nothing else: inputs are named by their
digest, the kinds of passes by numbers. An answer holds arrays that a local runner has
decoded, or what it raised.
"""

import traceback
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.contract import OutputKind, OutputSpec
from pytest_tfgrade.core.errors import (
    ChannelsFirst,
    RunnerError,
    SourceMissing,
    Ungradable,
    Unloadable,
)
from pytest_tfgrade.core.limits import Limits
from pytest_tfgrade.core.setup import Feed, Feeding, Setup, Take
from pytest_tfgrade.core.submission import Artifact
from pytest_tfgrade.runner.cluster.packing import pack, unpack
from pytest_tfgrade.runner.cluster.parcel import wrap
from pytest_tfgrade.runner.interface import Pass, Predictions
from pytest_tfgrade.runner.worker.frames import DTYPES

_FINDINGS: Final = {
    kind.__name__: kind
    for kind in (Ungradable, Unloadable, ChannelsFirst, SourceMissing)
}
"""What a runner may find wrong with an artifact, by name."""


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
    limits: Limits
    setup: Setup


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
    parts: list[memoryview] = []
    told = []
    for one in done:
        told.append(
            {
                "arrays": [
                    [name, array.dtype.name, array.shape]
                    for name, array in one.arrays.items()
                ],
                "seconds": dict(one.seconds),
                "log": one.log,
                "runtime": one.runtime,
                "repairs": one.repairs,
                "memory": one.memory,
            }
        )
        parts += [_bytes_of(array) for array in one.arrays.values()]
    return pack({"done": told, "versions": versions}, parts)


def _bytes_of(array: "np.ndarray[Any, Any]") -> memoryview:
    flat = np.ascontiguousarray(array).reshape(-1)
    return flat.view(np.uint8).data if array.size else memoryview(b"")


def raised_to_bytes(error: Exception) -> bytes:
    """Return what was raised in place of an answer."""
    name = type(error).__name__
    if isinstance(error, Ungradable):
        finding = {
            "kind": name if name in _FINDINGS else Ungradable.__name__,
            "code": error.code.value,
            "rationale": error.rationale,
            "hint": error.hint,
            "detail": error.detail,
        }
        return pack({"finding": finding})
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
    versions: Mapping[str, Mapping[str, str]]


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
        raise _finding(told["finding"])
    rest = iter(parts)
    return Answer(
        predictions=tuple(
            Predictions(
                arrays={name: _array(next(rest), *of) for name, *of in one["arrays"]},
                seconds=one["seconds"],
                log=one["log"],
                runtime=one["runtime"],
                repairs=tuple(one["repairs"]),
                memory=one["memory"],
            )
            for one in told["done"]
        ),
        versions=told["versions"],
    )


def _finding(told: Mapping[str, Any]) -> Ungradable:
    kind = _FINDINGS[told["kind"]]
    return kind(
        Code(told["code"]), told["rationale"], hint=told["hint"], detail=told["detail"]
    )


def _array(
    part: memoryview, dtype: str, shape: Sequence[int]
) -> "np.ndarray[Any, Any]":
    """Return an array of numbers in memory of its own, where it is aligned."""
    if dtype not in DTYPES:
        raise ValueError(f"{dtype!r} is no type of predictions")
    array = np.empty(shape, dtype)
    array.reshape(-1)[:] = np.frombuffer(part, dtype) if part.nbytes else ()
    array.setflags(write=False)  # as arrays of a local runner
    return array
