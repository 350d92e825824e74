"""What holds for every built-in metric."""

import contextlib
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from pytest_tfgrade.metrics import METRICS, Metric, NotProbabilities, ShapeMismatch

EXACT = 1e-9

NAMES = sorted({metric.name for metric in METRICS.values()})


class Case(NamedTuple):
    """Arrays that a metric takes, and what it takes besides."""

    y_true: NDArray[Any]
    y_pred: NDArray[Any]
    perfect: NDArray[Any]
    options: Mapping[str, Any] = MappingProxyType({})


def labels(rng: np.random.Generator) -> Case:
    y_true = np.concatenate([np.arange(6), rng.integers(0, 6, 74)])
    y_pred = rng.dirichlet(np.ones(6), 80)
    return Case(
        y_true, 0.6 * y_pred + 0.4 * np.eye(6)[rng.permuted(y_true)], np.eye(6)[y_true]
    )


def binary(rng: np.random.Generator) -> Case:
    y_true = np.concatenate([[0, 1], rng.integers(0, 2, 78)])
    return Case(y_true, rng.random((80, 1)), y_true.astype(float))


def multilabel(rng: np.random.Generator) -> Case:
    y_true = rng.integers(0, 2, (80, 5))
    return Case(y_true, rng.random((80, 5)), y_true.astype(float))


def values(rng: np.random.Generator) -> Case:
    y_true = rng.gamma(2.0, 3.0, (80, 4))
    return Case(y_true, y_true + rng.normal(0, 1, (80, 4)), y_true)


def masks(rng: np.random.Generator) -> Case:
    y_true = rng.integers(0, 2, (30, 6, 5))
    return Case(y_true, rng.random((30, 6, 5, 1)), y_true[..., None].astype(float))


def tokens(rng: np.random.Generator) -> Case:
    y_true = rng.integers(0, 7, (40, 9))
    return Case(y_true, rng.dirichlet(np.ones(7), (40, 9)), np.eye(7)[y_true])


MAKERS = {
    **dict.fromkeys(("binary_crossentropy",), multilabel),
    **dict.fromkeys(("subset_accuracy", "hamming_loss", "jaccard"), multilabel),
    **dict.fromkeys(("multilabel_precision", "multilabel_recall"), multilabel),
    **dict.fromkeys(("multilabel_f1", "label_ranking_average_precision"), multilabel),
    **dict.fromkeys(("mae", "mse", "rmse", "median_absolute_error"), values),
    **dict.fromkeys(("max_error", "mape", "msle", "r2", "explained_variance"), values),
    **dict.fromkeys(("mase", "smape", "step_mae", "worst_step_mae"), values),
    **dict.fromkeys(("iou", "binary_iou", "dice", "binary_dice"), masks),
    **dict.fromkeys(("bits_per_character", "perplexity"), tokens),
    **dict.fromkeys(("roc_auc", "average_precision"), labels),
}
"""What kind of arrays a metric takes; labels, if it is not here."""

OPTIONS: dict[str, dict[str, Any]] = {
    "mase": {"scale": 1.7},
    "step_mae": {"step": 3},
    "top_k_accuracy": {"k": 2},
    "perplexity": {"ignore": 0},
}


def case_of(name: str) -> Case:
    made = MAKERS.get(name, labels)(np.random.default_rng(21))
    return made._replace(options=OPTIONS.get(name, {}))


def from_examples(metric: Metric, case: Case) -> float:
    assert metric.examples is not None
    examples = metric.examples(case.y_true, case.y_pred, **case.options)
    means = examples.mean(axis=0, dtype=np.float64)[None]
    finished = metric.finish(means, **case.options) if metric.finish else means
    assert finished.shape == (1,)
    return float(finished[0])


@pytest.mark.parametrize("name", NAMES)
def test_perfect_predictions_have_the_best_value_and_no_others_do(name: str) -> None:
    metric, case = METRICS[name], case_of(name)

    best = metric(case.y_true, case.perfect, **case.options)

    assert best == metric.best
    value = metric(case.y_true, case.y_pred, **case.options)
    assert (value < best) is (metric.direction == ">=")
    assert value != best


@pytest.mark.parametrize(
    "name", sorted({*NAMES} - {"median_absolute_error", "max_error"})
)
def test_what_each_example_adds_makes_the_value(name: str) -> None:
    metric, case = METRICS[name], case_of(name)

    value = from_examples(metric, case)

    expected = metric(case.y_true, case.y_pred, **case.options)
    assert value == pytest.approx(expected, rel=EXACT)


@pytest.mark.parametrize("average", ["macro", "micro", "weighted", "binary"])
@pytest.mark.parametrize("name", ["precision", "recall", "f1"])
def test_what_each_example_adds_makes_every_average_of_classes(
    name: str, average: str
) -> None:
    case = binary(np.random.default_rng(22))._replace(options={"average": average})

    value = from_examples(METRICS[name], case)

    expected = METRICS[name](case.y_true, case.y_pred, average=average)
    assert value == pytest.approx(expected, rel=EXACT)


@pytest.mark.parametrize(
    ("name", "average"),
    [
        *(
            (f"multilabel_{name}", a)
            for name in ("precision", "recall", "f1")
            for a in ("micro", "weighted")
        ),
        *(("jaccard", a) for a in ("micro", "weighted", "samples")),
    ],
)
def test_what_each_example_adds_makes_every_average_of_labels(
    name: str, average: str
) -> None:
    case = multilabel(np.random.default_rng(23))._replace(options={"average": average})

    value = from_examples(METRICS[name], case)

    expected = METRICS[name](case.y_true, case.y_pred, average=average)
    assert value == pytest.approx(expected, rel=EXACT)


@pytest.mark.parametrize("name", NAMES)
def test_other_numbers_of_rows_are_a_mismatch_of_shapes(name: str) -> None:
    metric, case = METRICS[name], case_of(name)
    message = (
        f"targets of shape {case.y_true.shape} and predictions of shape "
        f"{case.y_pred[:-1].shape} cannot be compared"
    )

    with pytest.raises(ShapeMismatch, match=f"^{re.escape(message)}$"):
        metric(case.y_true, case.y_pred[:-1], **case.options)


@pytest.mark.parametrize("name", NAMES)
def test_one_row_is_not_repeated_for_all(name: str) -> None:
    metric, case = METRICS[name], case_of(name)

    with pytest.raises(ShapeMismatch):
        metric(case.y_true, case.y_pred[:1], **case.options)


@pytest.mark.parametrize("name", NAMES)
def test_an_axis_too_many_is_a_mismatch_of_shapes(name: str) -> None:
    metric, case = METRICS[name], case_of(name)
    repeated = np.repeat(case.y_pred[:, None], 3, axis=1)

    with pytest.raises(ShapeMismatch):
        metric(case.y_true, repeated, **case.options)


@pytest.mark.parametrize("name", NAMES)
def test_no_example_has_no_value(name: str) -> None:
    metric, case = METRICS[name], case_of(name)

    with pytest.raises(ValueError, match=r"^targets of shape .* hold no example$"):
        metric(case.y_true[:0], case.y_pred[:0], **case.options)


@pytest.mark.parametrize("name", NAMES)
def test_no_prediction_is_a_mismatch_of_shapes(name: str) -> None:
    metric, case = METRICS[name], case_of(name)

    with pytest.raises(
        ShapeMismatch, match=r"^predictions of shape .* hold no example$"
    ):
        metric(case.y_true, case.y_pred[:0], **case.options)


@pytest.mark.parametrize("name", NAMES)
def test_predictions_that_are_not_finite_are_refused(name: str) -> None:
    metric, case = METRICS[name], case_of(name)
    case.y_pred[3] = np.nan

    with pytest.raises(ValueError, match=r"^predictions hold NaN or infinite values$"):
        metric(case.y_true, case.y_pred, **case.options)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("sign", ["all", "every-other-row", "every-other-value"])
@pytest.mark.parametrize("name", NAMES)
def test_predictions_as_large_as_can_be_warn_of_nothing(name: str, sign: str) -> None:
    metric, case = METRICS[name], case_of(name)
    huge = np.full(case.y_pred.shape, 1e308)
    if sign == "every-other-row":
        huge[::2] *= -1
    elif sign == "every-other-value":
        huge.reshape(-1)[::2] *= -1

    with contextlib.suppress(NotProbabilities):
        value = metric(case.y_true, huge, **case.options)

        assert value != metric.best


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_the_rows_does_not_matter(name: str) -> None:
    metric, case = METRICS[name], case_of(name)
    order = np.random.default_rng(24).permutation(len(case.y_true))

    value = metric(case.y_true[order], case.y_pred[order], **case.options)

    expected = metric(case.y_true, case.y_pred, **case.options)
    assert value == pytest.approx(expected, rel=EXACT)


@pytest.mark.parametrize("name", NAMES)
def test_a_metric_changes_neither_targets_nor_predictions(name: str) -> None:
    metric, case = METRICS[name], case_of(name)
    case.y_true.flags.writeable = case.y_pred.flags.writeable = False

    first = metric(case.y_true, case.y_pred, **case.options)

    assert metric(case.y_true, case.y_pred, **case.options) == first


def test_a_horizon_is_not_compared_with_several_series() -> None:
    y_true, y_pred = np.zeros((6, 24)), np.zeros((6, 24, 7))

    with pytest.raises(
        ShapeMismatch,
        match=r"^targets of shape \(6, 24\) and predictions of shape \(6, 24, 7\) "
        r"cannot be compared$",
    ):
        METRICS["mae"](y_true, y_pred)
