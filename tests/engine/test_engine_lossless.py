"""Numbers that stay what they are when they are cast, and others."""

from typing import Any

import numpy as np
import pytest

from pytest_tfgrade.core.contract import InputSpec
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.setup import Feed, Feeding
from pytest_tfgrade.engine.lossless import loss_of, require_lossless

CANNOT = "numbers that {} cannot hold"


@pytest.mark.parametrize(
    ("values", "given", "to", "loss"),
    [
        ([0.0, 255.0], "float32", "uint8", None),
        ([0.0, 256.0], "float32", "uint8", CANNOT),
        ([0.5], "float32", "int32", "fractions"),
        ([0.5, np.inf], "float32", "int32", "fractions"),
        ([np.nan, 1], "float32", "int32", CANNOT),
        ([200], "uint8", "int8", CANNOT),
        ([-1], "int32", "uint64", CANNOT),
        ([2**63 - 1], "int64", "int32", CANNOT),
        ([2**31 - 1], "int64", "int32", None),
        ([0, 1], "float32", "bool", None),
        ([0, 2], "int32", "bool", "numbers other than 0 and 1"),
        ([2**24], "int32", "float32", None),
        ([2**24 + 1], "int32", "float32", CANNOT),
        ([-(2**63)], "int64", "float32", CANNOT),
        ([0.5, 0.25], "float32", "float16", None),
        ([0.1], "float32", "float16", CANNOT),
        ([1e30], "float32", "float16", CANNOT),
        ([np.nan, np.inf], "float32", "float16", None),
        ([0.1], "float64", "float32", None),
        ([1e300], "float64", "float32", CANNOT),
        ([0.1], "float32", "float64", None),
        ([], "float32", "int8", None),
    ],
)
def test_a_cast_loses_something_or_nothing(
    values: list[Any], given: str, to: str, loss: str | None
) -> None:
    said = loss_of(np.array(values, given), to)

    assert said == (loss and loss.format(to))


def test_a_loss_is_told_without_a_value() -> None:
    arrays = {"x": np.array([[0.123]], np.float32)}
    specs = {"x": InputSpec(shape=(None, 1), dtype="float32")}
    feeding = Feeding(feeds={"x": Feed(dtype="int32")})

    with pytest.raises(Ungradable) as caught:
        require_lossless(arrays, specs, feeding)

    assert (str(caught.value), caught.value.hint) == (
        "E_DTYPE: the model takes int32 inputs for 'x', the task gives fractions "
        "(float32)",
        "Build the model with Input(..., dtype='float32').",
    )


@pytest.mark.parametrize(
    "feed",
    [
        Feed(),
        Feed(dtype="int8", quantization=(0.1, 0)),
        Feed(dtype="int8", as_ids=True),
    ],
    ids=["no-cast", "quantized", "ids"],
)
def test_what_is_meant_to_change_is_no_loss(feed: Feed) -> None:
    arrays = {"x": np.array([[0.123]], np.float32)}
    specs = {"x": InputSpec(shape=(None, 1), dtype="float32")}

    require_lossless(arrays, specs, Feeding(feeds={"x": feed}))
