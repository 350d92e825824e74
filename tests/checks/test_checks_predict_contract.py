"""``predict.contract``: what it tries beyond the plain predictions."""

import itertools
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
Batch = NDArray[np.float64]
Predict = Callable[[Batch], Batch]

CONTRACT = Contract(
    inputs={"x": InputSpec(shape=(None, 3), dtype="float64")},
    outputs={"y": OutputSpec(shape=(None, 2))},
)
INPUTS = np.arange(300).reshape(100, 3) / 300
EVERYTHING = {"deterministic": True, "batch_sizes": [1, 7, 32], "row_order": True}

ALONE = (
    "Let the model predict each example by itself: no layer called with training=True, "
    "no statistics of the batch, no state kept between calls."
)
RANDOM = (
    "Let the model draw no random numbers when it predicts: no layer called with "
    "training=True."
)


def honest(batch: Batch) -> Batch:
    return batch[:, :2] + 1


@pytest.fixture
def modelled(evaluation: MakeEvaluation) -> Callable[[Predict], Evaluation]:
    """Return the evaluation of a model that is given a batch at a time."""

    def make(predict: Predict) -> Evaluation:
        def run(inputs: Mapping[str, Batch], call: Call) -> dict[str, Batch]:
            rows, size = inputs["x"], call.batch or 512
            parts = range(0, len(rows), size)
            return {"y": np.concatenate([predict(rows[i : i + size]) for i in parts])}

        return evaluation(
            contract=CONTRACT,
            inputs={"x": INPUTS},
            run=run,
            y=(np.zeros((100, 2)), predict(INPUTS)),
        )

    return make


def test_a_model_that_predicts_each_row_by_itself_passes(
    ask: "Ask", modelled: Callable[[Predict], Evaluation]
) -> None:
    told = ask("predict.contract", modelled(honest), **EVERYTHING)

    assert told.texts == (
        True,
        "predictions of shape (100, 2), all finite, the same when asked twice, "
        "the same in batches of 1, 7 and 32, the same in another order",
        None,
    )


def test_a_model_that_draws_random_numbers_is_found_out(
    ask: "Ask", modelled: Callable[[Predict], Evaluation]
) -> None:
    draws = itertools.cycle([0.25, 0.5])

    def noisy(batch: Batch) -> Batch:
        predictions = honest(batch)
        predictions[0, 0] = next(draws)
        return predictions

    told = ask("predict.contract", modelled(noisy), deterministic=True)

    assert told.texts == (
        False,
        "asked twice, 1 of 64 rows of 'y' differ by up to 0.25",
        RANDOM,
    )


def test_a_model_that_looks_at_its_batch_is_found_out(
    ask: "Ask", modelled: Callable[[Predict], Evaluation]
) -> None:
    def normalising(batch: Batch) -> Batch:
        return honest(batch) - batch[:, :2].mean(axis=0)

    told = ask("predict.contract", modelled(normalising), batch_sizes=[1, 7])

    assert told.texts == (
        False,
        "in batches of 1, 64 of 64 rows of 'y' differ by up to 0.49, allowed 5e-05",
        ALONE,
    )


def test_a_model_that_looks_at_the_place_in_its_batch_is_found_out(
    ask: "Ask", modelled: Callable[[Predict], Evaluation]
) -> None:
    def counting(batch: Batch) -> Batch:
        return honest(batch) + np.arange(len(batch))[:, None] // 50

    told = ask("predict.contract", modelled(counting), row_order=True)

    assert told.texts == (
        False,
        "in another order, 46 of 64 rows of 'y' differ by up to 1, allowed 9.7e-05",
        ALONE,
    )


def test_values_that_are_not_finite_in_a_batch_of_one_differ(
    ask: "Ask", modelled: Callable[[Predict], Evaluation]
) -> None:
    def alone(batch: Batch) -> Batch:
        return honest(batch) / (len(batch) > 1)

    with np.errstate(divide="ignore"):
        told = ask("predict.contract", modelled(alone), batch_sizes=[1])

    assert told.rationale == (
        "in batches of 1, 64 of 64 rows of 'y' differ by NaN or infinity, "
        "allowed 5.1e-05"
    )


def test_rounding_errors_of_other_batches_are_no_difference(
    ask: "Ask", modelled: Callable[[Predict], Evaluation]
) -> None:
    def rounding(batch: Batch) -> Batch:
        return 1000 * honest(batch) + 0.01 * (len(batch) == 7)

    told = ask("predict.contract", modelled(rounding), batch_sizes=[7])

    assert told.passed


def test_a_tolerance_can_be_made_tighter(
    ask: "Ask", modelled: Callable[[Predict], Evaluation]
) -> None:
    def rounding(batch: Batch) -> Batch:
        return 1000 * honest(batch) + 0.01 * (len(batch) == 7)

    told = ask("predict.contract", modelled(rounding), batch_sizes=[7], tolerance=1e-6)

    assert told.rationale == (
        "in batches of 7, 63 of 64 rows of 'y' differ by up to 0.01, allowed 0.0024"
    )


@pytest.mark.parametrize(
    ("large", "where"),
    [
        pytest.param(1e5, np.full((100, 2), fill_value=True), id="everywhere"),
        pytest.param(1e12, np.arange(200).reshape(100, 2) == 7, id="in-one-value"),
        pytest.param(1e12, np.arange(200).reshape(100, 2) % 2 == 0, id="in-a-column"),
    ],
)
def test_a_large_number_does_not_hide_what_a_batch_changes(
    ask: "Ask",
    modelled: Callable[[Predict], Evaluation],
    large: float,
    where: NDArray[np.bool_],
) -> None:
    def normalising(batch: Batch) -> Batch:
        rows = np.rint(300 * batch[:, 0] / 3).astype(int)
        return honest(batch) - batch[:, :2].mean(axis=0) + large * where[rows]

    told = ask("predict.contract", modelled(normalising), batch_sizes=[7])

    assert not told.passed


def test_rounding_errors_of_large_predictions_are_no_difference(
    ask: "Ask", modelled: Callable[[Predict], Evaluation]
) -> None:
    def far(batch: Batch) -> Batch:
        predictions = (honest(batch) + 1e5).astype(np.float32)
        above = np.nextafter(predictions, np.float32(np.inf))
        return (above if len(batch) == 7 else predictions).astype(np.float64)

    told = ask("predict.contract", modelled(far), batch_sizes=[7])

    assert told.passed


# range

UNIT = "Train on targets in the unit that the task states, and predict it."


@pytest.mark.parametrize(
    ("bounds", "passed"),
    [
        pytest.param((0.0, 16.0), True, id="the-bounds-themselves-pass"),
        pytest.param((0.01, 16.0), True, id="rounding-errors-pass"),
        pytest.param((0.02, 16.0), False, id="too-low"),
        pytest.param((0.0, 15.9), False, id="too-high"),
        pytest.param((None, 16.0), True, id="no-lower-bound"),
        pytest.param((0.0, None), True, id="no-upper-bound"),
        pytest.param((None, 15.99), False, id="nothing-to-round-on-an-open-range"),
        pytest.param({"y": (0.0, 16.0)}, True, id="by-name"),
        pytest.param({}, True, id="of-no-output"),
    ],
)
def test_values_lie_within_a_range(
    ask: "Ask", evaluation: MakeEvaluation, bounds: Any, passed: bool
) -> None:
    run = evaluation(contract=CONTRACT, y=(np.zeros((1, 2)), np.array([[0.0, 16.0]])))

    told = ask("predict.contract", run, range_=bounds)

    assert told.passed is passed


@pytest.mark.parametrize(
    ("bounds", "text", "hint"),
    [
        ((0.0, 1.0), "0 to 1", "End the model with a sigmoid activation."),
        ((-1.0, 1.0), "-1 to 1", UNIT),
        ((None, 1.0), "the range up to 1", UNIT),
        ((0.0, None), "the range from 0", UNIT),
    ],
)
def test_values_outside_a_range_are_counted(
    ask: "Ask", evaluation: MakeEvaluation, bounds: Any, text: str, hint: str
) -> None:
    found = np.array([[-3.0, 0.5], [0.7, 1.25]])
    run = evaluation(contract=CONTRACT, y=(np.zeros((2, 2)), found))
    outside = 2 if None not in bounds else 1

    told = ask("predict.contract", run, range_=bounds)

    assert told.texts == (
        False,
        f"{outside} of 4 values of 'y' lie outside {text}; all are between -3 and 1.3",
        hint,
    )
    assert told.detail == "the least is -3.0, the largest 1.25"


# What is wrong with parameters

NOTHING: dict[str, Any] = {
    "range_": None,
    "deterministic": False,
    "batch_sizes": (),
    "row_order": False,
    "tolerance": 1e-4,
}


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        pytest.param({}, [], id="nothing"),
        pytest.param({"range_": (0.0, None), "batch_sizes": [1, 64]}, [], id="good"),
        pytest.param(
            {"range_": (1.0, 0.0)},
            [("range", "0 is below 1; no value can lie between them")],
            id="an-empty-range",
        ),
        pytest.param(
            {"range_": (None, None)},
            [("range", "has no bound; give one, as [0, null]")],
            id="no-range",
        ),
        pytest.param(
            {"range_": {"z": (0.0, 1.0)}},
            [("range", "no output 'z' in the contract; use y")],
            id="an-unknown-output",
        ),
        pytest.param(
            {"batch_sizes": [0, 65]},
            [
                ("batch_sizes", "a batch has 1 to 64 rows here, got 0; correct it"),
                ("batch_sizes", "a batch has 1 to 64 rows here, got 65; correct it"),
            ],
            id="sizes",
        ),
        pytest.param(
            {"tolerance": -1.0},
            [("tolerance", "must be at least 0, got -1")],
            id="a-tolerance",
        ),
    ],
)
def test_what_cannot_be_tried_is_named(
    problems: Callable[..., list[tuple[str, str]]],
    parameters: dict[str, Any],
    found: list[tuple[str, str]],
) -> None:
    named = problems("predict.contract", CONTRACT, **NOTHING | parameters)

    assert named == found


def test_the_calls_are_named_ahead(
    ask: "Ask", evaluation: MakeEvaluation, modelled: Callable[[Predict], Evaluation]
) -> None:
    asked: list[Call] = []

    def run(inputs: Mapping[str, Batch], call: Call) -> dict[str, Batch]:
        asked.append(call)
        return {"y": honest(inputs["x"])}

    given = evaluation(
        contract=CONTRACT,
        inputs={"x": INPUTS},
        run=run,
        y=(np.zeros((100, 2)), honest(INPUTS)),
    )

    ask("predict.contract", given, **EVERYTHING)

    assert asked == CHECKS["predict.contract"].calls(NOTHING | EVERYTHING, CONTRACT)
    assert len(set(asked)) == len(asked), "equal calls may be answered once"


def test_no_call_is_made_that_was_not_asked_for() -> None:
    assert not CHECKS["predict.contract"].calls(NOTHING, CONTRACT)
