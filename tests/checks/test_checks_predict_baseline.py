"""``predict.baseline``: better than a predictor that learned next to nothing."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pydantic
import pytest
from numpy.typing import NDArray

from pytest_tfgrade.checks import Evaluation
from pytest_tfgrade.checks.predict.baseline import NamedPredictor
from pytest_tfgrade.core.contract import Contract, InputSpec, OutputKind, OutputSpec
from pytest_tfgrade.metrics import METRICS
from pytest_tfgrade.predictors import PREDICTORS, Examples, NotApplicable, Predictor

if TYPE_CHECKING:
    from conftest import Ask

MakeEvaluation = Callable[..., Evaluation]

CLASSES = Contract(
    inputs={"x": InputSpec(shape=(None, 2), dtype="float64")},
    outputs={"digit": OutputSpec(shape=(None, 3), kind=OutputKind.PROBABILITIES)},
)
SERIES = Contract(
    inputs={"past": InputSpec(shape=(None, 4), dtype="float64")},
    outputs={"next": OutputSpec(shape=(None, 2))},
)
HINT = (
    "Compare with this predictor on your own validation data: a model that is no "
    "better has learned nothing from the inputs."
)
LABELS = np.array([0] * 6 + [1] * 3 + [2])
"""The most frequent one is six of ten."""

ARRAYS = {"x": np.zeros((10, 2))}


def right(count: int) -> NDArray[np.float64]:
    """Return predictions that are right in so many of the ten rows."""
    found = LABELS.copy()
    found[count:] = (found[count:] + 1) % 3
    return np.eye(3)[found]


@pytest.mark.parametrize(
    ("count", "margin", "texts"),
    [
        pytest.param(
            9,
            "0.2",
            (
                True,
                "accuracy 0.9, majority predictor 0.6: better by 0.3, required 0.2",
                None,
            ),
            id="better",
        ),
        pytest.param(
            8,
            "0.2",
            (
                True,
                "accuracy 0.8, majority predictor 0.6: better by 0.2, required 0.2",
                None,
            ),
            id="the-margin-itself-passes",
        ),
        pytest.param(
            7,
            "0.2",
            (
                False,
                "accuracy 0.7, majority predictor 0.6: better by 0.1, required 0.2",
                HINT,
            ),
            id="not-enough",
        ),
        pytest.param(
            5,
            "0.2",
            (
                False,
                "accuracy 0.5, majority predictor 0.6: worse by 0.1, "
                "required better by 0.2",
                HINT,
            ),
            id="worse",
        ),
        pytest.param(
            7,
            "0",
            (True, "accuracy 0.7, majority predictor 0.6: better by 0.1", None),
            id="any-better-is-enough-without-a-margin",
        ),
        pytest.param(
            6,
            "0",
            (False, "accuracy 0.6, majority predictor 0.6: no better", HINT),
            id="an-equal-is-not-better",
        ),
    ],
)
def test_a_model_is_better_than_the_majority_or_not(
    ask: "Ask",
    evaluation: MakeEvaluation,
    count: int,
    margin: str,
    texts: tuple[bool, str, str | None],
) -> None:
    run = evaluation(LABELS, right(count), contract=CLASSES, inputs=ARRAYS)

    told = ask(
        "predict.baseline",
        run,
        metric=METRICS["accuracy"],
        predictor=PREDICTORS["majority"],
        margin=Decimal(margin),
    )

    assert told.texts == texts


@pytest.mark.parametrize("label", range(3))
@pytest.mark.parametrize("name", ["majority", "mean", "uniform", "zeros"])
def test_a_constant_predictor_is_never_better_than_the_majority(
    ask: "Ask", evaluation: MakeEvaluation, label: int, name: str
) -> None:
    cheating = np.eye(3)[np.full(10, label)]
    run = evaluation(LABELS, cheating, contract=CLASSES, inputs=ARRAYS)

    told = ask(
        "predict.baseline",
        run,
        metric=METRICS["accuracy"],
        predictor=PREDICTORS["majority"],
    )

    assert not told.passed


def series(model: NDArray[np.float64], evaluation: MakeEvaluation) -> Evaluation:
    past = np.arange(20.0).reshape(5, 4)
    return evaluation(
        contract=SERIES,
        inputs={"past": past},
        next=(past[:, 2:] + 2, model),
    )


def test_of_an_error_less_is_better(ask: "Ask", evaluation: MakeEvaluation) -> None:
    past = np.arange(20.0).reshape(5, 4)
    run = series(past[:, 2:] + 1.75, evaluation)

    told = ask(
        "predict.baseline",
        run,
        metric=METRICS["mae"],
        predictor=PREDICTORS["last_value"],
        margin=Decimal(1),
    )

    assert told.texts == (
        True,
        "mae 0.25, last_value predictor 1.5: better by 1.25, required 1",
        None,
    )
    assert told.value == 1.25


def test_options_reach_the_predictor(ask: "Ask", evaluation: MakeEvaluation) -> None:
    past = np.arange(20.0).reshape(5, 4)
    run = series(past[:, 2:] + 1.75, evaluation)

    told = ask(
        "predict.baseline",
        run,
        metric=METRICS["mae"],
        predictor=PREDICTORS["seasonal_naive"],
        predictor_options={"period": 2},
    )

    assert told.rationale == "mae 0.25, seasonal_naive predictor 2: better by 1.75"


@pytest.mark.parametrize(
    ("final", "texts", "detail"),
    [
        pytest.param(
            [1, 1, 2, 2],
            (
                True,
                "accuracy 0.5, majority predictor 1: worse by 0.5, "
                "required better by 0.5, on the public part; other rows decide",
                None,
            ),
            "final part: accuracy 1, majority predictor 0.5: better by 0.5, "
            "required 0.5",
            id="passed-though-the-public-part-looks-bad",
        ),
        pytest.param(
            [1, 1, 2, 0],
            (
                False,
                "accuracy 0.5, majority predictor 1: worse by 0.5, "
                "required better by 0.5, on the public part; other rows decide",
                HINT,
            ),
            "final part: accuracy 0.75, majority predictor 0.5: better by 0.25, "
            "required 0.5",
            id="failed",
        ),
    ],
)
def test_the_final_part_decides_and_only_the_grader_is_told_of_it(
    ask: "Ask",
    evaluation: MakeEvaluation,
    final: list[int],
    texts: tuple[bool, str, str | None],
    detail: str,
) -> None:
    run = evaluation(
        np.array([0, 0, 1, 1, 2, 2]),
        np.eye(3)[[0, 1, *final]],
        contract=CLASSES,
        inputs={"x": np.zeros((6, 2))},
        public=np.array([True, True, False, False, False, False]),
    )

    told = ask(
        "predict.baseline",
        run,
        metric=METRICS["accuracy"],
        predictor=PREDICTORS["majority"],
        margin=Decimal("0.5"),
    )

    assert (told.texts, told.detail, told.value) == (texts, detail, None)


def test_good_rows_of_the_public_part_do_not_decide(
    ask: "Ask", evaluation: MakeEvaluation
) -> None:
    labels = np.arange(30) % 3
    public = np.arange(30) < 15
    cheating = np.where(public, labels, 0)
    run = evaluation(
        labels,
        np.eye(3)[cheating],
        contract=CLASSES,
        inputs={"x": np.zeros((30, 2))},
        public=public,
    )

    told = ask(
        "predict.baseline",
        run,
        metric=METRICS["accuracy"],
        predictor=PREDICTORS["majority"],
    )

    assert told.texts == (
        False,
        "accuracy 1, majority predictor 0.3333: better by 0.6667, on the public part; "
        "other rows decide",
        HINT,
    )


def test_a_public_part_without_a_number_does_not_decide(
    ask: "Ask", evaluation: MakeEvaluation
) -> None:
    past = np.arange(20.0).reshape(5, 4)
    right = past[:, 2:] + 2
    run = evaluation(
        contract=SERIES,
        inputs={"past": past},
        public=np.array([True, False, False, False, False]),
        next=(right, np.where(np.arange(5)[:, None] == 0, 1e200, right)),
    )

    told = ask(
        "predict.baseline",
        run,
        metric=METRICS["mse"],
        predictor=PREDICTORS["last_value"],
    )

    assert (told.texts, told.detail) == (
        (True, "mse is inf, on the public part; other rows decide", None),
        "final part: mse 0, last_value predictor 2.5: better by 2.5",
    )


def test_a_metric_without_a_number_earns_nothing(
    ask: "Ask", evaluation: MakeEvaluation
) -> None:
    run = series(np.full((5, 2), 1e200), evaluation)

    told = ask(
        "predict.baseline",
        run,
        metric=METRICS["mse"],
        predictor=PREDICTORS["last_value"],
    )

    assert told.texts == (False, "mse is inf", HINT)


def test_a_predictor_that_makes_no_sense_is_the_graders_fault(
    ask: "Ask", evaluation: MakeEvaluation
) -> None:
    run = series(np.zeros((5, 2)), evaluation)

    with pytest.raises(NotApplicable, match="majority is for labels"):
        ask(
            "predict.baseline",
            run,
            metric=METRICS["mae"],
            predictor=PREDICTORS["majority"],
        )


def test_a_predictor_is_computed_once_for_all_submissions(
    ask: "Ask", evaluation: MakeEvaluation
) -> None:
    computed = []

    def counting(examples: Examples, *, shift: float = 0.0) -> NDArray[np.float64]:
        computed.append(shift)
        return np.full(examples.shape, shift)

    def asked(inputs: NDArray[np.float64], **options: float) -> None:
        run = evaluation(
            contract=SERIES,
            inputs={"past": inputs},
            next=(np.ones((3, 2)), np.ones((3, 2))),
        )
        ask(
            "predict.baseline",
            run,
            metric=METRICS["mae"],
            predictor=Predictor(name="counting", function=counting),
            predictor_options=options,
        )

    asked(np.zeros((3, 4)))
    asked(np.zeros((3, 4)))
    asked(np.ones((3, 4)))
    asked(np.ones((3, 4)), shift=2.0)

    assert computed == [0.0, 0.0, 2.0]


def test_arrays_that_nobody_can_write_to_are_known_again(
    ask: "Ask", evaluation: MakeEvaluation
) -> None:
    given = []

    def keeping(examples: Examples) -> NDArray[np.float64]:
        given.append(examples.inputs["past"])
        return np.zeros(examples.shape)

    arrays = [np.zeros((3, 4)), np.ones((3, 4))]
    for array in arrays:
        array.setflags(write=False)

    for array in (arrays[0], arrays[1], arrays[0]):
        run = evaluation(
            contract=SERIES,
            inputs={"past": array},
            next=(np.ones((3, 2)), np.ones((3, 2))),
        )
        ask(
            "predict.baseline",
            run,
            metric=METRICS["mae"],
            predictor=Predictor(name="keeping", function=keeping),
        )

    assert len(given) == 2
    assert all(np.shares_memory(*pair) for pair in zip(given, arrays, strict=True))


# What is wrong with parameters


def parameters(**given: Any) -> Mapping[str, Any]:
    nothing: dict[str, Any] = {
        "metric": METRICS["accuracy"],
        "predictor": PREDICTORS["majority"],
        "margin": Decimal(0),
        "options": None,
        "predictor_options": None,
        "output": None,
    }
    return nothing | given


@pytest.mark.parametrize(
    ("given", "found"),
    [
        pytest.param({}, [], id="nothing"),
        pytest.param(
            {"margin": Decimal("-0.1")},
            [("margin", "must be at least 0, got -0.1")],
            id="a-margin",
        ),
        pytest.param(
            {"predictor": PREDICTORS["seasonal_naive"]},
            [
                (
                    "predictor",
                    "seasonal_naive needs the option 'period'; "
                    "add it to predictor_options",
                )
            ],
            id="an-option-that-is-missing",
        ),
        pytest.param(
            {
                "predictor": PREDICTORS["seasonal_naive"],
                "predictor_options": {"season": 7, "period": 0},
            },
            [
                (
                    "predictor_options",
                    "seasonal_naive has no option 'season'; use period or channel "
                    "or input",
                ),
                (
                    "predictor_options",
                    "period must be a whole number of 1 or more, got 0",
                ),
            ],
            id="options-that-are-wrong",
        ),
        pytest.param(
            {
                "predictor": PREDICTORS["seasonal_naive"],
                "options": {"period": 7},
            },
            [
                (
                    "options",
                    "'period' is an option of the predictor seasonal_naive; "
                    "write it in predictor_options",
                )
            ],
            id="an-option-in-the-wrong-place",
        ),
        pytest.param(
            {"output": "digits", "options": {"k": 5}},
            [
                ("options", "accuracy has no option 'k'; it has none"),
                ("output", "no output 'digits' in the contract; use digit"),
            ],
            id="of-the-metric",
        ),
    ],
)
def test_what_cannot_be_compared_is_named(
    problems: Callable[..., list[tuple[str, str]]],
    given: dict[str, Any],
    found: list[tuple[str, str]],
) -> None:
    named = problems("predict.baseline", CLASSES, **parameters(**given))

    assert named == found


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("majorty", "unknown predictor 'majorty'; did you mean 'majority'?"),
        (
            7,
            "unknown predictor 7; use 'last_value', 'linear', 'majority', 'mean', "
            "'median', 'seasonal_naive', 'uniform' or 'zeros'",
        ),
    ],
)
def test_an_unknown_predictor_is_refused(name: object, text: str) -> None:
    with pytest.raises(pydantic.ValidationError) as refused:
        pydantic.TypeAdapter(NamedPredictor).validate_python(name)

    assert str(refused.value.errors()[0]["ctx"]["error"]) == text


def test_a_predictor_is_found_by_its_name() -> None:
    found = pydantic.TypeAdapter(NamedPredictor).validate_python("mean")

    assert found is PREDICTORS["mean"]
