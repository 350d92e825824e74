"""``predict.inputs_used``: every input changes the predictions."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pytest_tfgrade.checks import CHECKS, Evaluation
from pytest_tfgrade.core.call import Call
from pytest_tfgrade.core.contract import Contract, InputSpec, OutputSpec

if TYPE_CHECKING:
    from conftest import Ask

MakeEvaluation = Callable[..., Evaluation]
Inputs = Mapping[str, NDArray[Any]]

CONTRACT = Contract(
    inputs={
        "num": InputSpec(shape=(None, 2), dtype="float64"),
        "seq": InputSpec(shape=(None, 3), dtype="float64"),
    },
    outputs={"cls": OutputSpec(shape=(None, 2)), "reg": OutputSpec(shape=(None,))},
)
HINT = (
    "Connect each input to the outputs, and scale the inputs alike, so that training "
    "does not leave one aside."
)
INPUTS = {
    "num": np.arange(20.0).reshape(10, 2),
    "seq": np.arange(30.0).reshape(10, 3) ** 0.5,
}
NOTHING = {"inputs": None, "share": 0.5, "tolerance": 1e-3}


def both(inputs: Inputs) -> dict[str, NDArray[Any]]:
    """Use one input for one output, the other for the other."""
    return {"cls": inputs["num"], "reg": inputs["seq"].sum(axis=1)}


def one(inputs: Inputs) -> dict[str, NDArray[Any]]:
    """Take the second input and do nothing with it."""
    return {
        "cls": inputs["num"],
        "reg": inputs["num"].sum(axis=1) + 1e-9 * inputs["seq"].sum(axis=1),
    }


@pytest.fixture
def modelled(evaluation: MakeEvaluation) -> Callable[..., Evaluation]:
    def make(
        predict: Callable[[Inputs], dict[str, NDArray[Any]]],
        inputs: Inputs = INPUTS,
        asked: list[Call] | None = None,
    ) -> Evaluation:
        def run(inputs: Inputs, call: Call) -> dict[str, NDArray[Any]]:
            if asked is not None:
                asked.append(call)
            return predict(inputs)

        plain = {name: (array, array) for name, array in predict(inputs).items()}
        return evaluation(contract=CONTRACT, inputs=inputs, run=run, **plain)

    return make


def test_a_model_that_uses_its_inputs_passes(
    ask: "Ask", modelled: Callable[..., Evaluation]
) -> None:
    told = ask("predict.inputs_used", modelled(both))

    assert told.texts == (
        True,
        "other values of 'num' change 10 of 10 rows; "
        "other values of 'seq' change 10 of 10 rows",
        None,
    )


def test_an_input_that_is_not_used_is_named(
    ask: "Ask", modelled: Callable[..., Evaluation]
) -> None:
    told = ask("predict.inputs_used", modelled(one))

    assert told.texts == (
        False,
        "other values of 'num' change 10 of 10 rows; "
        "other values of 'seq' change 0 of 10 rows, required 5",
        HINT,
    )


def test_inputs_that_are_not_asked_for_may_be_unused(
    ask: "Ask", modelled: Callable[..., Evaluation]
) -> None:
    told = ask("predict.inputs_used", modelled(one), inputs=["num"])

    assert told.texts == (True, "other values of 'num' change 10 of 10 rows", None)


def test_a_constant_model_uses_nothing(
    ask: "Ask", modelled: Callable[..., Evaluation]
) -> None:
    def constant(inputs: Inputs) -> dict[str, NDArray[Any]]:
        rows = len(inputs["num"])
        return {"cls": np.ones((rows, 2)), "reg": np.zeros(rows)}

    told = ask("predict.inputs_used", modelled(constant))

    assert told.rationale == (
        "other values of 'num' change 0 of 10 rows, required 5; "
        "other values of 'seq' change 0 of 10 rows, required 5"
    )


@pytest.mark.parametrize(
    ("share", "passed"), [(0.4, True), (0.401, False), (1.0, False)]
)
def test_enough_rows_must_change(
    ask: "Ask", modelled: Callable[..., Evaluation], share: float, passed: bool
) -> None:
    def saturated(inputs: Inputs) -> dict[str, NDArray[Any]]:
        """Look at the second input only where the first is small."""
        small = inputs["num"][:, 0] < 8
        return {
            "cls": inputs["num"],
            "reg": np.where(small, inputs["seq"].sum(axis=1), 0.0),
        }

    told = ask("predict.inputs_used", modelled(saturated), share=share)

    assert told.passed is passed


def test_rows_that_get_an_equal_value_do_not_count(
    ask: "Ask", modelled: Callable[..., Evaluation]
) -> None:
    rare = np.zeros((10, 2))
    rare[3] = 1

    told = ask("predict.inputs_used", modelled(both, INPUTS | {"num": rare}))

    assert told.texts == (
        True,
        "other values of 'num' change 2 of 2 rows; "
        "other values of 'seq' change 10 of 10 rows",
        None,
    )


def test_texts_can_be_exchanged(
    ask: "Ask", modelled: Callable[..., Evaluation]
) -> None:
    texts = np.array([f"text {n}" for n in range(10)])

    def reading(inputs: Inputs) -> dict[str, NDArray[Any]]:
        codes = np.char.str_len(inputs["num"]) + (inputs["num"] > "text 5")
        return {"cls": inputs["seq"][:, :2], "reg": codes.astype(np.float64)}

    told = ask(
        "predict.inputs_used", modelled(reading, INPUTS | {"num": texts}), share=0.1
    )

    assert told.passed


def test_an_answer_that_is_not_finite_is_a_change(
    ask: "Ask", modelled: Callable[..., Evaluation]
) -> None:
    def dividing(inputs: Inputs) -> dict[str, NDArray[Any]]:
        same = inputs["num"][:, 0] == 2 * np.rint(inputs["seq"][:, 0] ** 2 / 3)
        return {"cls": inputs["num"], "reg": np.where(same, 1.0, np.nan)}

    told = ask("predict.inputs_used", modelled(dividing))

    assert told.rationale == (
        "other values of 'num' change 10 of 10 rows; "
        "other values of 'seq' change 10 of 10 rows"
    )


def test_a_dataset_with_one_value_only_is_the_graders_fault(
    ask: "Ask", modelled: Callable[..., Evaluation]
) -> None:
    run = modelled(both, INPUTS | {"num": np.ones((10, 2))})

    with pytest.raises(ValueError, match="all rows of 'num' are equal"):
        ask("predict.inputs_used", run)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        pytest.param({}, [], id="nothing"),
        pytest.param({"inputs": ["seq"], "share": 1.0}, [], id="good"),
        pytest.param(
            {"inputs": ["sequ"], "share": 0.0, "tolerance": -0.5},
            [
                ("inputs", "unknown input 'sequ'; did you mean 'seq'?"),
                ("share", "must be above 0 and at most 1, got 0"),
                ("tolerance", "must be at least 0, got -0.5"),
            ],
            id="everything",
        ),
        pytest.param(
            {"inputs": []},
            [("inputs", "names no input; name one, or leave inputs out")],
            id="no-input",
        ),
    ],
)
def test_what_cannot_be_tried_is_named(
    problems: Callable[..., list[tuple[str, str]]],
    given: dict[str, Any],
    found: list[tuple[str, str]],
) -> None:
    named = problems("predict.inputs_used", CONTRACT, **NOTHING | given)

    assert named == found


@pytest.mark.parametrize("names", [None, ["seq"]])
def test_the_calls_are_named_ahead(
    ask: "Ask", modelled: Callable[..., Evaluation], names: list[str] | None
) -> None:
    asked: list[Call] = []

    ask("predict.inputs_used", modelled(both, INPUTS, asked), inputs=names)

    parameters = NOTHING | {"inputs": names}
    assert asked == CHECKS["predict.inputs_used"].calls(parameters, CONTRACT)
