"""The table of metrics: names, directions, titles, options."""

import doctest
import importlib
import pkgutil
import subprocess
import sys
from dataclasses import replace

import pytest

from pytest_tfgrade import metrics
from pytest_tfgrade.core.threshold import Direction
from pytest_tfgrade.metrics import METRICS, by_name, metric

UP, DOWN = Direction.HIGHER_IS_BETTER, Direction.LOWER_IS_BETTER

MODULES = [module.name for module in pkgutil.iter_modules(metrics.__path__)]

WITHOUT_EXAMPLES = {"probabilities", "tallies", "uncertainty"}
"""Modules whose functions take more to set up than a docstring can show."""


def test_every_metric_has_a_direction_a_title_and_its_options() -> None:
    table = {
        name: (m.direction, m.title, m.options, m.required_options)
        for name, m in METRICS.items()
        if name == m.name
    }

    average, lm = ("average",), ("from_logits", "ignore")
    assert table == {
        "accuracy": (UP, "Share of labels predicted exactly", (), ()),
        "balanced_accuracy": (
            UP,
            "Mean share of labels predicted exactly, over the classes",
            (),
            (),
        ),
        "top_k_accuracy": (
            UP,
            "Share of labels among the k classes of the highest scores",
            ("k",),
            (),
        ),
        "matthews_corrcoef": (UP, "Matthews' correlation coefficient", (), ()),
        "cohen_kappa": (UP, "Cohen's kappa: agreement beyond that of chance", (), ()),
        "precision": (
            UP,
            "Share of what is predicted as a class that is of it",
            average,
            (),
        ),
        "recall": (
            UP,
            "Share of what is of a class that is predicted as it",
            average,
            (),
        ),
        "f1": (UP, "Harmonic mean of precision and recall", average, ()),
        "roc_auc": (UP, "Area under the ROC curve", (), ()),
        "average_precision": (
            UP,
            "Mean precision over the thresholds of the scores, weighted by gained "
            "recall",
            (),
            (),
        ),
        "log_loss": (
            DOWN,
            "Mean negative logarithm of the probability of the true class",
            (),
            (),
        ),
        "binary_crossentropy": (
            DOWN,
            "Mean negative logarithm of the probability of each true 0 or 1",
            (),
            (),
        ),
        "brier": (DOWN, "Brier score: mean squared error of probabilities", (), ()),
        "subset_accuracy": (UP, "Share of examples with every label right", (), ()),
        "hamming_loss": (DOWN, "Share of labels that are wrong", (), ()),
        "multilabel_precision": (
            UP,
            "Share of the predicted labels that are true",
            average,
            (),
        ),
        "multilabel_recall": (
            UP,
            "Share of the true labels that are predicted",
            average,
            (),
        ),
        "multilabel_f1": (
            UP,
            "Harmonic mean of precision and recall of the labels",
            average,
            (),
        ),
        "jaccard": (
            UP,
            "Labels both true and predicted, of those that are either",
            average,
            (),
        ),
        "label_ranking_average_precision": (
            UP,
            "Mean share of true labels among those scored as high as a true label",
            (),
            (),
        ),
        "mae": (DOWN, "Mean absolute error", (), ()),
        "mse": (DOWN, "Mean squared error", (), ()),
        "rmse": (DOWN, "Root mean squared error", (), ()),
        "median_absolute_error": (DOWN, "Median absolute error", (), ()),
        "max_error": (DOWN, "Largest absolute error", (), ()),
        "mape": (DOWN, "Mean absolute percentage error, in per cent", (), ()),
        "msle": (
            DOWN,
            "Mean squared logarithmic error: of the logarithms of value + 1",
            (),
            (),
        ),
        "r2": (UP, "Coefficient of determination", (), ()),
        "explained_variance": (
            UP,
            "Share of the variance of the targets that predictions explain",
            (),
            (),
        ),
        "mase": (DOWN, "Mean absolute scaled error", ("scale",), ("scale",)),
        "smape": (
            DOWN,
            "Symmetric mean absolute percentage error, 0 to 200 per cent",
            (),
            (),
        ),
        "step_mae": (
            DOWN,
            "Mean absolute error of one step of the horizon",
            ("step",),
            ("step",),
        ),
        "worst_step_mae": (
            DOWN,
            "Mean absolute error of the worst step of the horizon",
            (),
            (),
        ),
        "iou": (UP, "Intersection over union, the mean over the classes", (), ()),
        "binary_iou": (
            UP,
            "Intersection over union of the foreground, class 1 of two",
            (),
            (),
        ),
        "dice": (UP, "Dice coefficient, the mean over the classes", (), ()),
        "binary_dice": (
            UP,
            "Dice coefficient of the foreground, class 1 of two",
            (),
            (),
        ),
        "bits_per_character": (
            DOWN,
            "Mean binary logarithm of the probability of the true token, negated",
            lm,
            (),
        ),
        "perplexity": (
            DOWN,
            "Perplexity: the inverse of the geometric mean probability of the true "
            "tokens",
            lm,
            (),
        ),
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
        "top_k_accuracy_score": "top_k_accuracy",
        "top_k_categorical_accuracy": "top_k_accuracy",
        "sparse_top_k_categorical_accuracy": "top_k_accuracy",
        "mcc": "matthews_corrcoef",
        "cohen_kappa_score": "cohen_kappa",
        "precision_score": "precision",
        "recall_score": "recall",
        "f1_score": "f1",
        "roc_auc_score": "roc_auc",
        "auc": "roc_auc",
        "average_precision_score": "average_precision",
        "categorical_crossentropy": "log_loss",
        "sparse_categorical_crossentropy": "log_loss",
        "brier_score": "brier",
        "brier_score_loss": "brier",
        "exact_match": "subset_accuracy",
        "jaccard_score": "jaccard",
        "label_ranking_average_precision_score": "label_ranking_average_precision",
        "lrap": "label_ranking_average_precision",
        "mean_absolute_error": "mae",
        "mean_squared_error": "mse",
        "root_mean_squared_error": "rmse",
        "mean_absolute_percentage_error": "mape",
        "mean_squared_logarithmic_error": "msle",
        "mean_squared_log_error": "msle",
        "r2_score": "r2",
        "explained_variance_score": "explained_variance",
        "mean_absolute_scaled_error": "mase",
        "symmetric_mean_absolute_percentage_error": "smape",
        "mean_iou": "iou",
        "mean_io_u": "iou",
        "one_hot_mean_io_u": "iou",
        "dice_coefficient": "dice",
        "dice_score": "dice",
        "bpc": "bits_per_character",
    }


def test_two_metrics_cannot_have_one_name() -> None:
    twin = replace(METRICS["mse"], name="squares", aliases=("mae",))

    with pytest.raises(ValueError, match=r"^two metrics are called 'mae'$"):
        by_name([METRICS["mae"], twin])


def test_a_course_makes_a_metric_of_its_own_function() -> None:
    @metric(direction=DOWN, name="off_by", aliases=("offset",))
    def difference(y_true: list[float], y_pred: list[float]) -> float:
        """Largest difference."""
        return max(abs(a - b) for a, b in zip(y_true, y_pred, strict=True))

    table = by_name([difference])

    assert list(table) == ["off_by", "offset"]
    assert table["offset"]([1.0, 2.0], [1.5, 2.0]) == 0.5
    assert difference.title == "Largest difference"
    assert difference.direction is DOWN


@pytest.mark.parametrize("name", sorted({*MODULES} - WITHOUT_EXAMPLES))
def test_the_numbers_in_the_docstrings_are_right(name: str) -> None:
    module = importlib.import_module(f"{metrics.__name__}.{name}")

    results = doctest.testmod(module)

    assert results.attempted > 0
    assert results.failed == 0


@pytest.mark.parametrize("name", sorted({m.name for m in METRICS.values()}))
def test_every_metric_shows_its_value_in_an_example(name: str) -> None:
    text = METRICS[name].function.__doc__ or ""

    assert f"{name}(" in text.partition(">>>")[2]


def test_importing_the_metrics_does_not_import_scikit_learn() -> None:
    code = (
        "import sys, pytest_tfgrade.metrics; "
        "print(sorted({'sklearn', 'scipy', 'pydantic'} & set(sys.modules)))"
    )

    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert result.stdout == "[]\n"
