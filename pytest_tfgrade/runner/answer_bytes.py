"""What a runner answers, as plain values and bytes: to be kept, or sent elsewhere.

Arrays are bytes of C order without a header; what they are is told beside them.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import (
    ChannelsFirst,
    SourceMissing,
    Ungradable,
    Unloadable,
)
from pytest_tfgrade.runner.interface import Predictions
from pytest_tfgrade.runner.worker.frames import DTYPES

_FINDINGS: Final = {
    kind.__name__: kind
    for kind in (Ungradable, Unloadable, ChannelsFirst, SourceMissing)
}
"""What a runner may find wrong with an artifact, by name."""

_NONE: Final = memoryview(b"")
"""The bytes of an array without elements; of no other, if some are missing."""


def told_predictions(
    done: Iterable[Predictions],
) -> tuple[list[dict[str, Any]], list[memoryview]]:
    """Return what tells of predictions, and the bytes of their arrays in that order."""
    told: list[dict[str, Any]] = []
    parts: list[memoryview] = []
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
    return told, parts


def predictions_of(
    told: Iterable[Mapping[str, Any]], parts: Iterable[memoryview]
) -> tuple[Predictions, ...]:
    """Return predictions as they were; their arrays have memory of their own.

    Raises:
        ValueError, KeyError, TypeError: These are none.
    """
    rest = iter(parts)
    return tuple(
        Predictions(
            arrays={
                name: _array(next(rest, _NONE), *of) for name, *of in one["arrays"]
            },
            seconds=one["seconds"],
            log=one["log"],
            runtime=one["runtime"],
            repairs=tuple(one["repairs"]),
            memory=one["memory"],
        )
        for one in told
    )


def told_finding(finding: Ungradable) -> dict[str, Any]:
    """Return what tells of a finding: its class, and all its texts."""
    name = type(finding).__name__
    return {
        "kind": name if name in _FINDINGS else Ungradable.__name__,
        "code": finding.code.value,
        "rationale": finding.rationale,
        "hint": finding.hint,
        "detail": finding.detail,
    }


def finding_of(told: Mapping[str, Any]) -> Ungradable:
    """Return a finding as it was, to be raised.

    Raises:
        ValueError, KeyError, TypeError: This is none.
    """
    kind = _FINDINGS[told["kind"]]
    return kind(
        Code(told["code"]), told["rationale"], hint=told["hint"], detail=told["detail"]
    )


def _bytes_of(array: NDArray[Any]) -> memoryview:
    flat = np.ascontiguousarray(array).reshape(-1)
    return flat.view(np.uint8).data if array.size else _NONE


def _array(part: memoryview, dtype: str, shape: Sequence[int]) -> NDArray[Any]:
    """Return an array of numbers in memory of its own, where it is aligned."""
    if dtype not in DTYPES:
        raise ValueError(f"{dtype!r} is no type of predictions")
    array = np.empty(shape, dtype)
    array.reshape(-1)[:] = np.frombuffer(part, dtype) if part.nbytes else ()
    array.setflags(write=False)  # as arrays of a local runner
    return array
