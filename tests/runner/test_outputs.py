"""Which arrays a model may return."""

import pytest

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.contract import OutputSpec
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.runner.outputs import ContractOutputs
from pytest_tfgrade.runner.worker.frames import ArrayHeader

OUTPUTS = {"cls": OutputSpec(shape=(None, 3)), "reg": OutputSpec(shape=(None, None))}


@pytest.mark.parametrize(
    ("sent", "name"), [("0", "cls"), ("1", "reg"), ("reg", "reg"), ("cls", "cls")]
)
def test_outputs_are_known_by_position_or_by_name(sent: str, name: str) -> None:
    expected = ContractOutputs(OUTPUTS, rows=5)

    assert expected.admit(ArrayHeader(sent, "float32", (5, 3))) == name


@pytest.mark.parametrize(
    ("header", "rationale"),
    [
        (
            ArrayHeader("0", "float32", (5, 4)),
            "the predictions of 'cls' have shape (None, 4), "
            "the task asks for (None, 3)",
        ),
        (
            ArrayHeader("0", "float32", (5,)),
            "the predictions of 'cls' have shape (None,), the task asks for (None, 3)",
        ),
        (
            ArrayHeader("0", "float32", (4, 3)),
            "the model returns 4 rows for 5 rows of inputs",
        ),
        (
            ArrayHeader("0", "float32", ()),
            "the model returns a single number for 5 rows of inputs",
        ),
        (
            ArrayHeader("2", "float32", (5, 3)),
            "the model returns an output that the task does not name; "
            "it asks for: cls, reg",
        ),
        (
            ArrayHeader("1", "float64", (5, 1 << 40)),
            "the predictions are larger than 1024 MiB",
        ),
        (ArrayHeader("1", "float64", (5, 0)), "the predictions are empty"),
        (
            ArrayHeader("0", "float64", (5, 1000, 100)),
            "the predictions of 'cls' have shape (None, 1000, 100), "
            "the task asks for (None, 3)",
        ),
        (
            ArrayHeader("0", "float64", (5, 1001, 100)),
            "the predictions of 'cls' are far larger than the task asks for",
        ),
        (
            ArrayHeader("0", "float64", (100_000, 3)),
            "the model returns 100000 rows for 5 rows of inputs",
        ),
        (
            ArrayHeader("0", "float64", (100_001, 3)),
            "the model returns far too many rows for 5 rows of inputs",
        ),
        (
            ArrayHeader("0", "float64", (5, 314159, 0, 265358)),
            "the predictions of 'cls' are far larger than the task asks for",
        ),
        (
            ArrayHeader("0", "float64", (3141592653589793, 3)),
            "the model returns far too many rows for 5 rows of inputs",
        ),
    ],
)
def test_other_arrays_are_refused_with_both_sides(
    header: ArrayHeader, rationale: str
) -> None:
    with pytest.raises(Ungradable) as caught:
        ContractOutputs(OUTPUTS, rows=5).admit(header)

    assert caught.value.code is Code.OUTPUT_SHAPE
    assert caught.value.rationale == rationale


def test_an_output_that_is_the_only_one_is_not_named() -> None:
    only = ContractOutputs({"cls": OUTPUTS["cls"]}, rows=5)

    with pytest.raises(Ungradable) as caught:
        only.admit(ArrayHeader("0", "float32", (5, 4)))

    assert caught.value.rationale == (
        "the predictions have shape (None, 4), the task asks for (None, 3)"
    )


def test_an_output_that_does_not_come_is_missed() -> None:
    with pytest.raises(Ungradable) as caught:
        ContractOutputs(OUTPUTS, rows=5).require_all({"cls"})

    assert caught.value.rationale == "the model returns 1 of 2 outputs; missing: reg"
