"""Checks of predictions against hidden targets."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from pytest_tfgrade.checks import Evaluation
from pytest_tfgrade.core.contract import Contract, OutputKind, OutputSpec
from pytest_tfgrade.core.errors import CheckFailed, Ungradable
from pytest_tfgrade.core.facts import Tensor
from pytest_tfgrade.core.measurement import Measurement
from pytest_tfgrade.core.threshold import Direction
from pytest_tfgrade.core.uncertainty import Uncertainty
from pytest_tfgrade.metrics import METRICS, Metric

if TYPE_CHECKING:
    from conftest import Ask

Measure = Callable[..., Measurement]
MakeEvaluation = Callable[..., Evaluation]
Problems = Callable[..., list[tuple[str, str]]]

HINT = "Compare with your own validation score, on data the model never saw."


def outputs(
    *shape: int | None, kind: OutputKind = OutputKind.PROBABILITIES
) -> Contract:
    return Contract(inputs={}, outputs={"digit": OutputSpec(shape=shape, kind=kind)})


# predict.contract


@pytest.mark.parametrize(
    ("predictions", "contract", "shape"),
    [
        pytest.param([[0.2, 0.8], [1, 0]], outputs(None, 2), "(2, 2)", id="softmax"),
        pytest.param([[0.3], [0.9]], outputs(None, 1), "(2, 1)", id="sigmoid"),
        pytest.param([0.3, 0.9], outputs(None), "(2,)", id="sigmoid-squeezed"),
        pytest.param(
            [[[0.3], [0.4]]], outputs(None, 2, 1), "(1, 2, 1)", id="sigmoid-each-step"
        ),
        pytest.param(
            np.full((2, 3), 1 / 3, np.float16), outputs(None, 3), "(2, 3)", id="half"
        ),
        pytest.param([[True, False]], outputs(None, 2), "(1, 2)", id="bool"),
        pytest.param(
            [[-9.0, 7.0]], outputs(None, 2, kind=OutputKind.ANY), "(1, 2)", id="any"
        ),
    ],
)
def test_predictions_of_the_right_kind_pass(
    ask: "Ask",
    evaluation: MakeEvaluation,
    predictions: Any,
    contract: Contract,
    shape: str,
) -> None:
    run = evaluation([0], predictions, contract=contract)

    told = ask("predict.contract", run)

    assert told.texts == (True, f"predictions of shape {shape}, all finite", None)


@pytest.mark.parametrize(
    ("predictions", "rationale", "hint"),
    [
        pytest.param(
            [[3.0, -2.0], [0.5, 0.5]],
            "2 of 4 values of 'digit' lie outside 0 to 1; probabilities are required",
            "End the model with a softmax activation.",
            id="logits",
        ),
        pytest.param(
            [[0.0, 1.0], [1.01, 0.0]],
            "1 of 4 values of 'digit' lie outside 0 to 1; probabilities are required",
            "End the model with a softmax activation.",
            id="a-little-above-1",
        ),
        pytest.param(
            [[0.9, 0.8], [0.5, 0.5], [0.1, 0.1]],
            "2 of 3 rows of 'digit' do not sum to 1",
            "End the model with one softmax over the classes.",
            id="sigmoid-for-softmax",
        ),
    ],
)
def test_predictions_that_are_no_probabilities_fail(
    ask: "Ask",
    evaluation: MakeEvaluation,
    predictions: list[list[float]],
    rationale: str,
    hint: str,
) -> None:
    told = ask("predict.contract", evaluation([0], predictions))

    assert told.texts == (False, rationale, hint)


@pytest.mark.parametrize(
    ("scale", "passes"),
    [
        pytest.param(None, False, id="of-real-numbers"),
        pytest.param(1 / 256, True, id="of-a-quantized-model"),
        pytest.param(1 / 4096, False, id="of-one-with-finer-steps"),
    ],
)
def test_probabilities_may_be_off_by_the_steps_of_a_quantized_output(
    ask: "Ask", evaluation: MakeEvaluation, scale: float | None, passes: bool
) -> None:
    quantization = None if scale is None else (scale, 0)
    declared = Tensor(
        name="digit", shape=(None, 3), dtype="uint8", quantization=quantization
    )
    predictions = [[85 / 256, 85 / 256, 85 / 256]]

    told = ask(
        "predict.contract",
        evaluation([0], predictions, facts={"outputs": (declared,)}),
    )

    assert told.texts[0] is passes


@pytest.mark.parametrize(
    ("targets", "predictions", "texts"),
    [
        pytest.param(
            [[1, 1, 0], [0, 0, 0]],
            [[0.9, 0.8, 0.1], [0.2, 0.1, 0.0]],
            (True, "predictions of shape (2, 3), all finite", None),
            id="a-sigmoid-for-several-labels",
        ),
        pytest.param(
            [[True, True, False], [False, True, False]],
            [[0.9, 0.8, 0.1], [0.2, 0.9, 0.0]],
            (True, "predictions of shape (2, 3), all finite", None),
            id="flags",
        ),
        pytest.param(
            [[1, 1, 0], [0, 0, 0]],
            [[4.0, 0.5, -3.0], [0.2, 0.1, 0.0]],
            (
                False,
                "2 of 6 values of 'digit' lie outside 0 to 1; probabilities are "
                "required",
                "End the model with a sigmoid activation.",
            ),
            id="logits-of-several-labels",
        ),
        pytest.param(
            [[0, 1, 0], [1, 0, 0]],
            [[0.9, 0.8, 0.1], [0.9, 0.1, 0.0]],
            (
                False,
                "1 of 2 rows of 'digit' do not sum to 1",
                "End the model with one softmax over the classes.",
            ),
            id="a-sigmoid-for-one-hot-targets",
        ),
        pytest.param(
            [2, 0],
            [[0.9, 0.8, 0.1], [0.9, 0.1, 0.0]],
            (
                False,
                "1 of 2 rows of 'digit' do not sum to 1",
                "End the model with one softmax over the classes.",
            ),
            id="a-sigmoid-for-class-labels",
        ),
    ],
)
def test_the_targets_tell_whether_probabilities_must_sum_to_1(
    ask: "Ask",
    evaluation: MakeEvaluation,
    targets: Any,
    predictions: Any,
    texts: tuple[bool, str, str | None],
) -> None:
    run = evaluation(targets, predictions)

    told = ask("predict.contract", run)

    assert told.texts == texts


def test_the_pixels_of_a_mask_need_not_sum_to_1(
    ask: "Ask", evaluation: MakeEvaluation
) -> None:
    masks = np.arange(32).reshape(2, 4, 4) % 3 > 0
    run = evaluation(masks, masks * 0.75, contract=outputs(None, 4, 4))

    told = ask("predict.contract", run)

    assert told.passed


# predict.metric


@pytest.fixture
def eight_of_ten(evaluation: MakeEvaluation) -> Evaluation:
    """Ten labels, of which the model finds eight."""
    targets = np.array([0, 1, 2, 0, 1, 2, 0, 1, 2, 0])
    found = targets.copy()
    found[:2] = 2
    return evaluation(targets, np.eye(3)[found])


def test_a_metric_is_measured_with_its_uncertainty(
    measure: Measure, eight_of_ten: Evaluation
) -> None:
    measured = measure("predict.metric", eight_of_ten, metric=METRICS["accuracy"])

    assert measured == Measurement(
        name="accuracy",
        value=0.8,
        direction=Direction.HIGHER_IS_BETTER,
        uncertainty=measured.uncertainty,
        hint=HINT,
    )
    assert measured.uncertainty is not None
    assert measured.uncertainty.n == 10
    # The root of 0.8 * 0.2 / 10, as of any share; resampling comes that close.
    assert math.isclose(measured.uncertainty.standard_error, 0.1265, rel_tol=0.15)


def test_what_always_comes_out_has_no_spread(
    measure: Measure, evaluation: MakeEvaluation
) -> None:
    run = evaluation([1.0, 2.0, 3.0, 4.0], [[1.5], [2.5], [2.5], [3.5]])

    measured = measure("predict.metric", run, metric=METRICS["mae"])

    assert measured.value == 0.5
    assert measured.direction is Direction.LOWER_IS_BETTER
    assert measured.uncertainty == Uncertainty(
        n=4, standard_error=0.0, interval=(0.5, 0.5)
    )


def test_the_final_part_counts_and_the_public_part_is_shown(
    measure: Measure, evaluation: MakeEvaluation
) -> None:
    targets = np.array([1.0, 2.0, 3.0, 4.0])
    public = np.array([True, False, True, False])
    run = evaluation(targets, targets[:, None] + [[0], [3], [1], [1]], public=public)

    measured = measure("predict.metric", run, metric=METRICS["mae"])

    assert measured.value == 2
    assert measured.public is not None
    assert (measured.public.value, measured.public.public) == (0.5, None)
    assert measured.uncertainty is not None
    assert measured.uncertainty.n == 2


def test_an_option_reaches_the_metric(
    measure: Measure, evaluation: MakeEvaluation
) -> None:
    run = evaluation([1.0, 2.0], [[1.5], [2.5]])

    measured = measure(
        "predict.metric", run, metric=METRICS["mase"], options={"scale": 2}
    )

    assert (measured.name, measured.value) == ("mase", 0.25)


def test_the_output_that_is_named_is_measured(
    measure: Measure, evaluation: MakeEvaluation
) -> None:
    good, bad = np.array([1.0, 2.0]), np.array([9.0, 9.0])
    run = evaluation(first=(good, bad), second=(good, good))

    measured = measure("predict.metric", run, metric=METRICS["mae"], output="second")

    assert measured.value == 0


@pytest.mark.parametrize(("guess", "value"), [(0.0, 2.5), (2.5, 1.0)])
def test_a_constant_predictor_is_measured_like_any_other(
    measure: Measure, evaluation: MakeEvaluation, guess: float, value: float
) -> None:
    run = evaluation([1.0, 2.0, 3.0, 4.0], np.full((4, 1), guess))

    measured = measure("predict.metric", run, metric=METRICS["mae"])

    assert measured.value == value


@pytest.mark.parametrize("worst", [1e200, -1e300])
def test_an_error_too_large_for_a_float_is_infinite_and_knows_no_spread(
    measure: Measure, evaluation: MakeEvaluation, worst: float
) -> None:
    run = evaluation([0.0, 0.0], [[worst], [worst]])

    measured = measure("predict.metric", run, metric=METRICS["mse"])

    assert (measured.value, measured.uncertainty) == (math.inf, None)


def test_a_shape_that_cannot_be_compared_is_a_finding(
    measure: Measure, evaluation: MakeEvaluation
) -> None:
    """Here; the engine knows whether a model could have had another shape."""
    run = evaluation(np.zeros((2, 24)), np.zeros((2, 24, 7)))

    with pytest.raises(Ungradable) as caught:
        measure("predict.metric", run, metric=METRICS["mae"])

    assert str(caught.value) == (
        "E_OUTPUT_SHAPE: targets of shape (2, 24) and predictions of shape (2, 24, 7) "
        "cannot be compared"
    )


def test_logits_are_a_finding_where_a_metric_reads_probabilities(
    measure: Measure, evaluation: MakeEvaluation
) -> None:
    run = evaluation([0, 1], [[3.0, -2.0], [0.5, 0.5]])

    with pytest.raises(CheckFailed) as caught:
        measure("predict.metric", run, metric=METRICS["log_loss"])

    assert caught.value.rationale.startswith("log_loss: ")
    assert caught.value.hint == "End the model with a softmax or sigmoid activation."


def test_an_evaluation_shows_no_hidden_value(eight_of_ten: Evaluation) -> None:
    assert repr(eight_of_ten) == "<Evaluation of digit on digits>"


# What is wrong with parameters; bounds are the rubric's, see tests/rubric/broken


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        pytest.param({}, [], id="nothing"),
        pytest.param(
            {"metric": "mase", "options": {"scale": 2}}, [], id="a-good-option"
        ),
        pytest.param(
            {"metric": "mase"},
            [("metric", "mase needs the option 'scale'; add it to options")],
            id="a-missing-option",
        ),
        pytest.param(
            {"metric": "mase", "options": {"scale": "daily"}},
            [("options", "scale must be a number above 0, got 'daily'")],
            id="an-option-of-another-kind",
        ),
        pytest.param(
            {"options": {"scale": 2}},
            [("options", "accuracy has no option 'scale'; it has none")],
            id="an-unknown-option",
        ),
        pytest.param(
            {"output": "digits"},
            [("output", "no output 'digits' in the contract; use digit")],
            id="an-unknown-output",
        ),
    ],
)
def test_parameters_that_cannot_be_met_are_named(
    problems: Problems, parameters: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    named = problems(
        "predict.metric",
        contract=outputs(None, 3),
        **{**parameters, "metric": METRICS[parameters.get("metric", "accuracy")]},
    )

    assert named == found


def test_a_metric_of_others_is_never_called_to_check_a_rubric(
    problems: Problems,
) -> None:
    def images_only(y_true: object, y_pred: object) -> float:
        raise TypeError("not an image")

    metric = Metric(
        name="iou", function=images_only, direction=Direction.HIGHER_IS_BETTER
    )

    assert problems("predict.metric", metric=metric) == []
