"""The table of predictors, their options, and what becomes of a wrong call."""

import re
import subprocess
import sys

import numpy as np
import pytest

from pytest_tfgrade.core.contract import OutputKind, OutputSpec
from pytest_tfgrade.predictors import (
    PREDICTORS,
    Predictor,
    predict,
)
from pytest_tfgrade.predictors.examples import Examples, read_examples
from pytest_tfgrade.predictors.interface import Array

NUMBER = OutputSpec(shape=(None, 1))
X = {"x": np.arange(6.0).reshape(3, 2)}


def test_every_predictor_has_a_title_and_its_options() -> None:
    table = {
        name: (p.title, p.options, p.required_options) for name, p in PREDICTORS.items()
    }

    assert table == {
        "majority": ("The most frequent label, with certainty", (), ()),
        "mean": ("The mean of the targets; of labels, the share of each class", (), ()),
        "median": ("The median of the targets", (), ()),
        "zeros": ("Zero; of several classes, the first with certainty", (), ()),
        "uniform": ("The same probability for every class", (), ()),
        "last_value": (
            "The last value of the series, for every step",
            ("channel", "input"),
            (),
        ),
        "seasonal_naive": (
            "The value of one season ago, for every step",
            ("period", "channel", "input"),
            ("period",),
        ),
        "linear": (
            "A linear model of the inputs, fitted to the other half of the examples",
            ("seed",),
            (),
        ),
    }


@pytest.mark.parametrize("name", PREDICTORS)
def test_a_predictor_is_in_the_table_under_its_own_name(name: str) -> None:
    assert PREDICTORS[name].name == name


@pytest.mark.parametrize(
    ("name", "options", "problems"),
    [
        pytest.param("mean", {}, [], id="none-needed"),
        pytest.param("seasonal_naive", {"period": 1, "input": None}, [], id="right"),
        pytest.param(
            "mean",
            {"seed": 1},
            ["mean has no option 'seed'; it has none"],
            id="unknown",
        ),
        pytest.param(
            "seasonal_naive",
            {"channel": True, "input": 3, "step": 1},
            [
                "seasonal_naive needs the option 'period'; add it to options",
                "seasonal_naive has no option 'step'; use period or channel or input",
                "channel must be a whole number of 0 or more, got True",
                "input must be a name, got 3",
            ],
            id="several",
        ),
        pytest.param(
            "seasonal_naive",
            {"period": 0},
            ["period must be a whole number of 1 or more, got 0"],
            id="below-the-least",
        ),
        pytest.param(
            "linear",
            {"seed": 1.5},
            ["seed must be a whole number of 0 or more, got 1.5"],
            id="no-whole-number",
        ),
    ],
)
def test_all_problems_of_options_are_found_without_data(
    name: str, options: dict[str, object], problems: list[str]
) -> None:
    assert list(PREDICTORS[name].option_problems(options)) == problems


def test_a_predictor_of_a_course_is_called_like_any_other() -> None:
    def ones(examples: Examples, *, times: int = 1) -> Array:
        return np.full(examples.shape, float(times))

    mine = Predictor(name="ones", function=ones)

    predictions = predict(mine, X, np.zeros((3, 1)), NUMBER, times=3)

    assert predictions.tolist() == [[3.0], [3.0], [3.0]]


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        (
            "modal",
            {},
            "unknown predictor 'modal'; use one of majority, mean, median, zeros, "
            "uniform, last_value, seasonal_naive, linear",
        ),
        (
            "last_value",
            {"steps": 2},
            "last_value has no option 'steps'; use channel or ",
        ),
    ],
)
def test_a_wrong_call_is_refused(
    name: str, options: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        predict(name, X, np.zeros((3, 1)), NUMBER, **options)


@pytest.mark.parametrize(
    ("targets", "spec", "message"),
    [
        pytest.param(
            np.zeros((2, 1)),
            NUMBER,
            "3 rows of 'x', 2 of targets; there must be as many of each",
            id="other-rows",
        ),
        pytest.param(
            np.zeros((3, 2)),
            NUMBER,
            "targets of shape (3, 2) do not fit the output's shape (None, 1)",
            id="other-shape",
        ),
        pytest.param(
            np.zeros(3),
            OutputSpec(shape=(None, 3)),
            "targets of shape (3,) do not fit the output's shape (None, 3)",
            id="would-broadcast",
        ),
        pytest.param(
            np.array([0, 1, 3]),
            OutputSpec(shape=(None, 3), kind=OutputKind.PROBABILITIES),
            "targets are not all labels in 0..2",
            id="label-too-large",
        ),
        pytest.param(
            np.array([0, 1, 0.5]),
            OutputSpec(shape=(None, 3), kind=OutputKind.PROBABILITIES),
            "targets are not all labels in 0..2",
            id="no-label",
        ),
        pytest.param(
            np.array([0, 1, 2]),
            OutputSpec(shape=(None, None), kind=OutputKind.PROBABILITIES),
            "axis 1 of the output's shape (None, None) can have any size; say how many "
            "classes it holds",
            id="unknown-number-of-classes",
        ),
        pytest.param(
            np.array(["a", "b", "c"]),
            NUMBER,
            "targets of dtype <U1 are not real numbers",
            id="texts",
        ),
        pytest.param(
            np.zeros((0, 1)),
            NUMBER,
            "targets of shape (0, 1) hold no example",
            id="empty",
        ),
    ],
)
def test_targets_that_do_not_fit_the_output_are_refused(
    targets: Array, spec: OutputSpec, message: str
) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        predict("mean", X, targets, spec)


def test_examples_show_no_hidden_value() -> None:
    hidden = read_examples({"x": np.array([[41.5]])}, np.array([42.5]), NUMBER)

    assert repr(hidden) == "<Examples numbers (1, 1)>"


def test_importing_the_predictors_imports_neither_scikit_learn_nor_scipy() -> None:
    code = (
        "import sys, pytest_tfgrade.predictors; "
        "print(sorted({'sklearn', 'scipy'} & set(sys.modules)))"
    )

    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert result.stdout == "[]\n"
