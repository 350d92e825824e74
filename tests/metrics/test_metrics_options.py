"""What may be written as an option of a metric, found without any data."""

from typing import Any

import numpy as np
import pytest

from pytest_tfgrade.core.threshold import Direction
from pytest_tfgrade.metrics import METRICS, Metric


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("mase", {"scale": 2}),
        ("mase", {"scale": np.float32(0.5)}),
        ("top_k_accuracy", {"k": 1}),
        ("top_k_accuracy", {"k": np.int64(3)}),
        ("f1", {"average": "binary"}),
        ("multilabel_f1", {"average": "weighted"}),
        ("jaccard", {"average": "samples"}),
        ("step_mae", {"step": 24}),
        ("perplexity", {"from_logits": True, "ignore": None}),
        ("perplexity", {"from_logits": False, "ignore": -1}),
        ("accuracy", {}),
        ("accuracy", {"weight": "of an unknown option the check speaks"}),
    ],
)
def test_right_options_have_no_problems(name: str, options: dict[str, Any]) -> None:
    assert list(METRICS[name].option_problems(options)) == []


@pytest.mark.parametrize(
    ("name", "options", "problems"),
    [
        ("mase", {"scale": 0}, ["scale must be a number above 0, got 0"]),
        ("mase", {"scale": -2.5}, ["scale must be a number above 0, got -2.5"]),
        ("mase", {"scale": True}, ["scale must be a number above 0, got True"]),
        ("mase", {"scale": "daily"}, ["scale must be a number above 0, got 'daily'"]),
        (
            "mase",
            {"scale": float("nan")},
            ["scale must be a number above 0, got nan"],
        ),
        ("top_k_accuracy", {"k": 0}, ["k must be a whole number above 0, got 0"]),
        ("top_k_accuracy", {"k": 2.0}, ["k must be a whole number above 0, got 2.0"]),
        ("step_mae", {"step": None}, ["step must be a whole number above 0, got None"]),
        (
            "f1",
            {"average": "samples"},
            ["average must be macro, micro, weighted or binary, got 'samples'"],
        ),
        (
            "multilabel_recall",
            {"average": ["macro"]},
            ["average must be macro, micro or weighted, got ['macro']"],
        ),
        (
            "jaccard",
            {"average": "binary"},
            ["average must be macro, micro, weighted or samples, got 'binary'"],
        ),
        (
            "bits_per_character",
            {"from_logits": 1, "ignore": "pad"},
            [
                "from_logits must be true or false, got 1",
                "ignore must be a whole number or null, got 'pad'",
            ],
        ),
    ],
)
def test_wrong_options_are_found_all_at_once(
    name: str, options: dict[str, Any], problems: list[str]
) -> None:
    assert list(METRICS[name].option_problems(options)) == problems


def test_plain_annotations_of_a_courses_own_metric_are_rules_too() -> None:
    def course(  # noqa: PLR0913 - one option of each type
        y_true: Any,
        y_pred: Any,
        *,
        a: float,
        b: int,
        c: bool,
        d: str,
        e: object = None,
    ) -> float:
        return 0.0

    metric = Metric(name="c", function=course, direction=Direction.LOWER_IS_BETTER)

    wrong = {"a": "1", "b": 1.5, "c": 0, "d": 4, "e": object()}
    assert list(metric.option_problems(wrong)) == [
        "a must be a number, got '1'",
        "b must be a whole number, got 1.5",
        "c must be true or false, got 0",
        "d must be a text, got 4",
    ]


def test_annotations_that_name_unknown_types_are_no_rules() -> None:
    def course(y_true: Any, y_pred: Any, *, weight: "Unknown") -> float:  # type: ignore[name-defined]  # noqa: F821
        return 0.0

    metric = Metric(name="c", function=course, direction=Direction.LOWER_IS_BETTER)

    assert list(metric.option_problems({"weight": "heavy"})) == []


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("mase", {"scale": 0}, "scale must be a number above 0, got 0"),
        ("top_k_accuracy", {"k": 0}, "k must be a whole number above 0, got 0"),
        (
            "top_k_accuracy",
            {"k": 2},
            "k must be below the number of classes, 2, got 2",
        ),
        ("step_mae", {"step": 0}, "step must be a whole number above 0, got 0"),
        ("step_mae", {"step": 3}, "step must be between 1 and 2, got 3"),
        (
            "recall",
            {"average": "none"},
            "average must be macro, micro, weighted or binary, got 'none'",
        ),
        (
            "multilabel_precision",
            {"average": "binary"},
            "average must be macro, micro or weighted, got 'binary'",
        ),
        (
            "jaccard",
            {"average": "binary"},
            "average must be macro, micro, weighted or samples, got 'binary'",
        ),
        ("perplexity", {"from_logits": "yes"}, "from_logits must be true or false"),
        ("perplexity", {"ignore": 0.5}, "ignore must be a whole number or null"),
    ],
)
def test_the_metrics_themselves_refuse_wrong_options(
    name: str, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        METRICS[name](np.eye(2), np.eye(2), **options)
