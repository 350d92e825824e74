"""What a runner answers, as it lies in the cache."""

from collections.abc import Sequence
from typing import Any, Final

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.runner import Predictions
from pytest_tfgrade.runner.answer_bytes import (
    finding_of,
    predictions_of,
    told_finding,
    told_predictions,
)
from pytest_tfgrade.runner.packing import pack, unpack

OF_THE_MOMENT: Final = frozenset(
    {
        *(Code.CRASH, Code.TIMEOUT, Code.MEMORY, Code.RESOURCE),
        *(Code.PROTOCOL, Code.INFRA),
    }
)
"""What may have had to do with the machine: it is tried again, and not kept."""


def predictions_to_bytes(done: Sequence[Predictions]) -> bytes:
    """Return predictions of several passes as bytes."""
    told, parts = told_predictions(done)
    return pack({"done": told}, parts)


def reading_to_bytes(said: object) -> bytes:
    """Return what a file says, plain values, as bytes."""
    return pack({"said": said})


def finding_to_bytes(finding: Ungradable) -> bytes:
    """Return what is wrong with an artifact as bytes."""
    return pack({"finding": told_finding(finding)})


def predictions_from_bytes(kept: bytes) -> tuple[Predictions, ...]:
    """Return the predictions that bytes hold.

    Raises:
        Ungradable: They hold a finding, which is raised as it was.
    """
    told, parts = _opened(kept)
    return predictions_of(told["done"], parts)


def reading_from_bytes(kept: bytes) -> object:
    """Return what a file says, as bytes hold it.

    Raises:
        Ungradable: They hold a finding, which is raised as it was.
    """
    return _opened(kept)[0]["said"]


def _opened(kept: bytes) -> tuple[dict[str, Any], list[memoryview]]:
    told, parts = unpack(kept)
    if "finding" in told:
        raise finding_of(told["finding"])
    return told, parts
