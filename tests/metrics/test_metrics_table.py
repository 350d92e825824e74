"""The table of metrics: names, directions, titles, options."""

import doctest
import subprocess
import sys
from dataclasses import replace
from types import ModuleType

import pytest

from pytest_tfgrade.core.threshold import Direction
from pytest_tfgrade.metrics import (
    METRICS,
    by_name,
    classification,
    forecasting,
    interface,
    regression,
)

UP, DOWN = Direction.HIGHER_IS_BETTER, Direction.LOWER_IS_BETTER


def test_every_metric_has_a_direction_a_title_and_its_options() -> None:
    table = {
        name: (m.direction, m.title, m.options, m.required_options)
        for name, m in METRICS.items()
        if name == m.name
    }

    assert table == {
        "accuracy": (UP, "Share of labels predicted exactly", (), ()),
        "balanced_accuracy": (
            UP,
            "Mean share of labels predicted exactly, over the classes",
            (),
            (),
        ),
        "mae": (DOWN, "Mean absolute error", (), ()),
        "mse": (DOWN, "Mean squared error", (), ()),
        "rmse": (DOWN, "Root mean squared error", (), ()),
        "mase": (DOWN, "Mean absolute scaled error", ("scale",), ("scale",)),
    }


def test_the_names_of_keras_and_scikit_learn_mean_the_same_metrics() -> None:
    aliases = {name: m.name for name, m in METRICS.items() if name != m.name}

    assert aliases == {
        "acc": "accuracy",
        "accuracy_score": "accuracy",
        "binary_accuracy": "accuracy",
        "categorical_accuracy": "accuracy",
        "sparse_categorical_accuracy": "accuracy",
        "balanced_accuracy_score": "balanced_accuracy",
        "mean_absolute_error": "mae",
        "mean_squared_error": "mse",
        "root_mean_squared_error": "rmse",
        "mean_absolute_scaled_error": "mase",
    }


def test_two_metrics_cannot_have_one_name() -> None:
    twin = replace(METRICS["mse"], name="squares", aliases=("mae",))

    with pytest.raises(ValueError, match=r"^two metrics are called 'mae'$"):
        by_name([METRICS["mae"], twin])


@pytest.mark.parametrize("module", [classification, forecasting, interface, regression])
def test_the_numbers_in_the_docstrings_are_right(module: ModuleType) -> None:
    results = doctest.testmod(module)

    assert results.attempted > 0
    assert results.failed == 0


def test_importing_the_metrics_does_not_import_scikit_learn() -> None:
    code = "import sys, pytest_tfgrade.metrics; print('sklearn' in sys.modules)"

    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert result.stdout == "False\n"
