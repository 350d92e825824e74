"""What a runner answers comes back from plain values and bytes as it was."""

import numpy as np
import pytest
from numpy.typing import NDArray

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


def some(*arrays: NDArray[np.float32]) -> Predictions:
    """Return predictions of outputs ``0``, ``1`` and so on."""
    named = {str(number): array for number, array in enumerate(arrays)}
    return Predictions(arrays=named, seconds={"load": 0.5}, log="\ud800\x00")


def test_several_passes_come_back_in_order() -> None:
    one = some(np.array([[1, np.nan]], np.float32), np.zeros((0, 2), np.float32))
    other = some(np.array([[3, 4]], np.float32))

    told, parts = told_predictions([one, other])
    header, rest = unpack(pack({"done": told}, parts))
    got = predictions_of(header["done"], rest)

    assert [
        [(array.shape, array.tobytes()) for array in done.arrays.values()]
        for done in got
    ] == [
        [(array.shape, array.tobytes()) for array in done.arrays.values()]
        for done in (one, other)
    ]
    assert [(done.seconds, done.log) for done in got] == [
        ({"load": 0.5}, "\ud800\x00")
    ] * 2
    assert not any(a.flags.writeable for done in got for a in done.arrays.values())


def test_missing_bytes_are_an_error() -> None:
    told, parts = told_predictions(
        [some(np.array([1], np.float32), np.array([2], np.float32))]
    )

    with pytest.raises(ValueError, match="broadcast"):
        predictions_of(told, parts[:1])


def test_a_finding_of_a_class_that_nobody_knows_is_a_plain_one() -> None:
    class Odd(Ungradable):
        """Of a plug-in, perhaps."""

    got = finding_of(told_finding(Odd(Code.LOAD, "no such layer", hint="Add it.")))

    assert type(got) is Ungradable
    assert (got.code, got.rationale, got.hint) == (
        Code.LOAD,
        "no such layer",
        "Add it.",
    )
