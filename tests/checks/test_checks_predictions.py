"""Checks of predictions against hidden targets."""

import math
import re
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_tfgrade.checks import CHECKS, Evaluation
from pytest_tfgrade.core.contract import Contract, OutputKind, OutputSpec
from pytest_tfgrade.core.errors import CheckFailed
from pytest_tfgrade.core.threshold import Direction
from pytest_tfgrade.metrics import METRICS, Metric

if TYPE_CHECKING:
    from conftest import Ask

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
            "End the model with a softmax or sigmoid activation.",
            id="logits",
        ),
        pytest.param(
            [[0.0, 1.0], [1.01, 0.0]],
            "1 of 4 values of 'digit' lie outside 0 to 1; probabilities are required",
            "End the model with a softmax or sigmoid activation.",
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


# predict.metric


@pytest.fixture
def eight_of_ten(evaluation: MakeEvaluation) -> Evaluation:
    """Ten labels, of which the model finds eight."""
    targets = np.array([0, 1, 2, 0, 1, 2, 0, 1, 2, 0])
    found = targets.copy()
    found[:2] = 2
    return evaluation(targets, np.eye(3)[found])


@pytest.fixture
def off_by_half(evaluation: MakeEvaluation) -> Evaluation:
    """Four numbers, each half a unit off."""
    return evaluation([1.0, 2.0, 3.0, 4.0], [[1.5], [2.5], [2.5], [3.5]])


@pytest.mark.parametrize(
    ("threshold", "texts"),
    [
        ("0.8", (True, "accuracy 0.8 >= 0.8", None)),
        ("0.75", (True, "accuracy 0.8 >= 0.75", None)),
        ("0.81", (False, "accuracy 0.8 < 0.81", HINT)),
        ("0.8000", (True, "accuracy 0.8 >= 0.8000", None)),
    ],
)
def test_a_metric_meets_its_threshold_or_does_not(
    ask: "Ask",
    eight_of_ten: Evaluation,
    threshold: str,
    texts: tuple[bool, str, str | None],
) -> None:
    told = ask(
        "predict.metric",
        eight_of_ten,
        metric=METRICS["accuracy"],
        threshold=Decimal(threshold),
    )

    assert told.texts == texts
    assert told.value == 0.8
    assert told.points is None


@pytest.mark.parametrize(
    ("threshold", "texts"),
    [
        ("0.5", (True, "mae 0.5 <= 0.5", None)),
        ("0.6", (True, "mae 0.5 <= 0.6", None)),
        ("0.4", (False, "mae 0.5 > 0.4", HINT)),
    ],
)
def test_of_an_error_less_is_better(
    ask: "Ask",
    off_by_half: Evaluation,
    threshold: str,
    texts: tuple[bool, str, str | None],
) -> None:
    told = ask(
        "predict.metric",
        off_by_half,
        metric=METRICS["mae"],
        threshold=Decimal(threshold),
    )

    assert told.texts == texts


@pytest.mark.parametrize(
    ("bands", "points", "texts"),
    [
        ({5: "0.8", 2: "0.5"}, None, (True, "accuracy 0.8 >= 0.8", None)),
        ({5: "0.9", 2: "0.8"}, 2, (False, "accuracy 0.8 < 0.9", HINT)),
        ({5: "0.95", 3: "0.85", 2: "0.5"}, 2, (False, "accuracy 0.8 < 0.85", HINT)),
        ({5: "0.95", 2: "0.9"}, 0, (False, "accuracy 0.8 < 0.9", HINT)),
    ],
)
def test_bands_award_a_part_and_name_the_next_bound(
    ask: "Ask",
    eight_of_ten: Evaluation,
    bands: dict[int, str],
    points: int | None,
    texts: tuple[bool, str, str | None],
) -> None:
    told = ask(
        "predict.metric",
        eight_of_ten,
        metric=METRICS["accuracy"],
        bands={Decimal(p): Decimal(bound) for p, bound in bands.items()},
    )

    assert told.texts == texts
    assert told.points == points


def test_an_option_reaches_the_metric(ask: "Ask", off_by_half: Evaluation) -> None:
    told = ask(
        "predict.metric",
        off_by_half,
        metric=METRICS["mase"],
        threshold=Decimal("0.25"),
        options={"scale": 2},
    )

    assert told.texts == (True, "mase 0.25 <= 0.25", None)


def test_the_output_that_is_named_is_measured(
    ask: "Ask", evaluation: MakeEvaluation
) -> None:
    good, bad = np.array([1.0, 2.0]), np.array([9.0, 9.0])
    run = evaluation(first=(good, bad), second=(good, good))

    told = ask(
        "predict.metric",
        run,
        metric=METRICS["mae"],
        threshold=Decimal(0),
        output="second",
    )

    assert told.texts == (True, "mae 0 <= 0", None)


@pytest.mark.parametrize(
    ("guess", "texts"),
    [
        (0.0, (False, "mae 2.5 > 2", HINT)),
        (2.5, (True, "mae 1 <= 2", None)),
    ],
)
def test_a_constant_predictor_is_measured_like_any_other(
    ask: "Ask",
    evaluation: MakeEvaluation,
    guess: float,
    texts: tuple[bool, str, str | None],
) -> None:
    run = evaluation([1.0, 2.0, 3.0, 4.0], np.full((4, 1), guess))

    told = ask("predict.metric", run, metric=METRICS["mae"], threshold=Decimal(2))

    assert told.texts == texts


@pytest.mark.parametrize("worst", [1e200, -1e300])
def test_an_error_too_large_for_a_float_fails_without_a_value(
    ask: "Ask", evaluation: MakeEvaluation, worst: float
) -> None:
    run = evaluation([0.0], [[worst]])

    told = ask("predict.metric", run, metric=METRICS["mse"], threshold=Decimal(1))

    assert told.texts == (False, "mse is inf, required <= 1", HINT)
    assert told.value is None


def test_a_metric_that_finds_no_number_earns_nothing(
    ask: "Ask", eight_of_ten: Evaluation
) -> None:
    none = Metric(
        name="r", function=lambda *_: math.nan, direction=Direction.HIGHER_IS_BETTER
    )

    told = ask(
        "predict.metric", eight_of_ten, metric=none, bands={Decimal(1): Decimal(-1)}
    )

    assert told.texts == (False, "r is nan, required >= -1", HINT)
    assert told.points == 0


@pytest.mark.parametrize(
    ("value", "bound", "rationale"),
    [
        (0.84996, "0.85", "accuracy 0.84996 < 0.85"),
        (0.8499991, "0.85", "accuracy 0.85 >= 0.85"),
        (0.82004, "0.82003", "accuracy 0.82004 >= 0.82003"),
        (0.120001, "0.12", "mae 0.120001 > 0.12"),
        (12345.6, "12345.7", "mae 12345.6 <= 12345.7"),
        (12345.6, "1", "mae 12346 > 1"),
        (1234567.8, "1", "mae 1.23456e+06 > 1"),
        (0.000012344, "0.00001", "mae 1.234e-05 > 0.00001"),
    ],
)
def test_a_rationale_shows_the_digits_that_decided(
    ask: "Ask",
    eight_of_ten: Evaluation,
    value: float,
    bound: str,
    rationale: str,
) -> None:
    name = rationale.partition(" ")[0]
    metric = Metric(
        name=name, function=lambda *_: value, direction=METRICS[name].direction
    )

    told = ask("predict.metric", eight_of_ten, metric=metric, threshold=Decimal(bound))

    assert told.rationale == rationale


@given(
    value=st.floats(-1e9, 1e9),
    off=st.decimals("-0.1", "0.1", places=8),
    direction=st.sampled_from(Direction),
)
def test_a_rationale_never_contradicts_itself(
    value: float, off: Decimal, direction: Direction
) -> None:
    bound = Decimal(f"{value:.6g}") + off
    metric = Metric(name="m", function=lambda *_: value, direction=direction)
    run = Evaluation(
        contract=outputs(None),
        targets={"digit": np.zeros(1)},
        predictions={"digit": np.zeros(1)},
    )

    try:
        said = CHECKS["predict.metric"].function(run, metric=metric, threshold=bound)
    except CheckFailed as finding:
        said = finding

    shown, sign, required = re.fullmatch(
        r"m (\S+) (\S+) (\S+)", said.rationale
    ).groups()
    left, right = Decimal(shown), Decimal(required)
    assert {">=": left >= right, "<=": left <= right}.get(
        sign, left < right if sign == "<" else left > right
    )
    assert (sign == direction.value) is not isinstance(said, CheckFailed)


def test_an_evaluation_shows_no_hidden_value(eight_of_ten: Evaluation) -> None:
    assert repr(eight_of_ten) == "<Evaluation of digit>"


# What is wrong with parameters


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        pytest.param({"threshold": "0.9"}, [], id="a-threshold"),
        pytest.param({"bands": {"5": "0.9", "2": "0.5"}}, [], id="bands"),
        pytest.param({"threshold": "1"}, [], id="a-threshold-of-perfection"),
        pytest.param(
            {"metric": "mae", "bands": {"5": "0", "2": "0.5"}}, [], id="bands-downwards"
        ),
        pytest.param(
            {"metric": "mase", "threshold": "1", "options": {"scale": 2}},
            [],
            id="an-option",
        ),
        pytest.param(
            {},
            [("check", "predict.metric needs a threshold or bands; add one of them")],
            id="neither",
        ),
        pytest.param(
            {"threshold": "0.9", "bands": {"1": "0.9"}},
            [("threshold", "there is a threshold and there are bands; remove one")],
            id="both",
        ),
        pytest.param(
            {"threshold": "90"},
            [
                (
                    "threshold",
                    "no model can reach accuracy >= 90; 1 is the best there is",
                )
            ],
            id="percent",
        ),
        pytest.param(
            {"metric": "mae", "bands": {"5": "-0.1", "2": "0.5"}},
            [
                (
                    "bands",
                    "no model can reach mae <= -0.1; 0 is the best there is",
                )
            ],
            id="an-error-below-zero",
        ),
        pytest.param(
            {"metric": "mae", "bands": {"5": "0.2", "2": "0.2"}},
            [
                (
                    "bands",
                    "the band for 5 points (0.2) is not harder than the one for "
                    "2 (0.2); more points must ask for a lower mae",
                )
            ],
            id="equal-bands-of-an-error",
        ),
        pytest.param(
            {"metric": "mase", "threshold": "1", "options": {"scale": "daily"}},
            [("options", "scale must be a number, got 'daily'")],
            id="an-option-of-another-kind",
        ),
        pytest.param(
            {"threshold": "1", "options": {"scale": 2}},
            [("options", "accuracy has no option 'scale'; it has none")],
            id="an-unknown-option",
        ),
        pytest.param(
            {"threshold": "1", "output": "digits"},
            [("output", "no output 'digits' in the contract; use digit")],
            id="an-unknown-output",
        ),
    ],
)
def test_parameters_that_cannot_be_met_are_named(
    problems: Problems, parameters: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    bands, threshold = parameters.get("bands"), parameters.get("threshold")

    named = problems(
        "predict.metric",
        contract=outputs(None, 3),
        metric=METRICS[parameters.get("metric", "accuracy")],
        threshold=threshold and Decimal(threshold),
        bands=bands and {Decimal(p): Decimal(b) for p, b in bands.items()},
        options=parameters.get("options"),
        output=parameters.get("output"),
    )

    assert named == found


def test_a_metric_of_others_that_takes_other_arrays_is_no_problem(
    problems: Problems,
) -> None:
    def images_only(y_true: object, y_pred: object) -> float:
        raise TypeError("not an image")

    metric = Metric(
        name="iou", function=images_only, direction=Direction.HIGHER_IS_BETTER
    )

    named = problems(
        "predict.metric",
        metric=metric,
        threshold=Decimal(90),
        bands=None,
        options=None,
        output=None,
    )

    assert named == []
