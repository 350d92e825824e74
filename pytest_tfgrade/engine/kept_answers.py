"""What a runner answers, as bytes for the cache and back.

A line of JSON, then the arrays in NumPy's ``.npy`` format, one after the other.
"""

import io
import json
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import (
    ChannelsFirst,
    SourceMissing,
    Ungradable,
    Unloadable,
)
from pytest_tfgrade.runner import Predictions

_FINDINGS: Final = {
    kind.__name__: kind
    for kind in (Ungradable, Unloadable, ChannelsFirst, SourceMissing)
}

OF_THE_MOMENT: Final = frozenset(
    {
        *(Code.CRASH, Code.TIMEOUT, Code.MEMORY, Code.RESOURCE),
        *(Code.PROTOCOL, Code.INFRA),
    }
)
"""What may have had to do with the machine: it is tried again, and not kept."""


def predictions_to_bytes(answered: Sequence[Predictions]) -> bytes:
    """Return predictions of several passes as bytes."""
    heads = [
        {
            "arrays": list(one.arrays),
            "seconds": dict(one.seconds),
            "log": one.log,
            "runtime": one.runtime,
            "repairs": list(one.repairs),
            "memory": one.memory,
        }
        for one in answered
    ]
    whole = io.BytesIO()
    whole.write(json.dumps({"passes": heads}).encode() + b"\n")
    for one in answered:
        for array in one.arrays.values():
            np.save(whole, array, allow_pickle=False)
    return whole.getvalue()


def finding_to_bytes(finding: Ungradable) -> bytes:
    """Return what is wrong with an artifact as bytes."""
    said = {
        "kind": type(finding).__name__,
        "code": finding.code.value,
        "rationale": finding.rationale,
        "hint": finding.hint,
        "detail": finding.detail,
    }
    return json.dumps({"finding": said}).encode() + b"\n"


def answer_from_bytes(kept: bytes) -> tuple[Predictions, ...]:
    """Return the predictions that bytes hold.

    Raises:
        Ungradable: They hold a finding, which is raised as it was.
        ValueError, KeyError, TypeError: They are not ours.
    """
    whole = io.BytesIO(kept)
    head = json.loads(whole.readline())
    if "finding" in head:
        raise _finding(head["finding"])
    return tuple(_predictions(one, whole) for one in head["passes"])


def _finding(said: dict[str, Any]) -> Ungradable:
    return _FINDINGS[said["kind"]](
        Code(said["code"]), said["rationale"], hint=said["hint"], detail=said["detail"]
    )


def _predictions(head: dict[str, Any], whole: io.BytesIO) -> Predictions:
    return Predictions(
        arrays={name: np.load(whole, allow_pickle=False) for name in head["arrays"]},
        seconds=head["seconds"],
        log=head["log"],
        runtime=head["runtime"],
        repairs=tuple(head["repairs"]),
        memory=head["memory"],
    )
