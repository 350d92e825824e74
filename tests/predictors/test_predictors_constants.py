"""Constant predictors: what they predict, and that no constant does better."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_tfgrade.core.contract import OutputKind, OutputSpec
from pytest_tfgrade.predictors import NotApplicable, predict
from pytest_tfgrade.predictors.interface import Array

PROBABILITIES = OutputKind.PROBABILITIES
THREE_CLASSES = OutputSpec(shape=(None, 3), kind=PROBABILITIES)
YES_OR_NO = OutputSpec(shape=(None, 1), kind=PROBABILITIES)
NUMBER = OutputSpec(shape=(None, 1))

LABELS = np.array([2, 1, 2, 0])


def constant(name: str, targets: Array, spec: OutputSpec) -> Array:
    """Return what is predicted for the first row, all rows being equal."""
    inputs = {"x": np.arange(len(targets))}
    predictions = predict(name, inputs, targets, spec)
    assert (predictions == predictions[0]).all()
    assert predictions.dtype == np.float64
    first: Array = predictions[0]
    return first


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("majority", [0, 0, 1]),
        ("mean", [0.25, 0.25, 0.5]),
        ("zeros", [1, 0, 0]),
        ("uniform", [1 / 3, 1 / 3, 1 / 3]),
    ],
)
@pytest.mark.parametrize(
    ("targets", "spec"),
    [
        pytest.param(LABELS, THREE_CLASSES, id="labels"),
        pytest.param(LABELS.astype(np.float32), THREE_CLASSES, id="labels-as-floats"),
        pytest.param(LABELS[:, None], THREE_CLASSES, id="labels-in-a-column"),
        pytest.param(np.eye(3)[LABELS], THREE_CLASSES, id="one-hot"),
        pytest.param(LABELS, OutputSpec(shape=(None, 3)), id="labels-and-logits"),
    ],
)
def test_labels_in_any_coding_get_probabilities_of_classes(
    name: str, expected: list[float], targets: Array, spec: OutputSpec
) -> None:
    assert constant(name, targets, spec).tolist() == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("majority", [1]),
        ("mean", [0.75]),
        ("median", [1]),
        ("zeros", [0]),
        ("uniform", [0.5]),
    ],
)
@pytest.mark.parametrize("spec", [YES_OR_NO, NUMBER])
def test_flags_get_one_probability(
    name: str, expected: list[float], spec: OutputSpec
) -> None:
    assert constant(name, np.array([1, 0, 1, 1]), spec).tolist() == expected


def test_of_as_many_flags_as_not_the_majority_is_yes_as_metrics_read_a_half() -> None:
    assert constant("majority", np.array([1, 0]), YES_OR_NO).tolist() == [1]


def test_each_of_several_flags_is_chosen_apart() -> None:
    targets = np.array([[1, 0, 1], [1, 1, 0], [1, 0, 0]])

    found = constant("majority", targets, OutputSpec(shape=(None, 3)))

    assert found.tolist() == [1, 0, 0]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("mean", [[4], [2]]), ("median", [[2], [1]]), ("zeros", [[0], [0]])],
)
@pytest.mark.parametrize("shape", [(3, 2), (3, 2, 1)])
def test_numbers_are_summed_up_for_each_step(
    name: str, expected: list[list[float]], shape: tuple[int, ...]
) -> None:
    targets = np.array([[1, 0], [2, 1], [9, 5]], np.float32).reshape(shape)

    found = constant(name, targets, OutputSpec(shape=(None, 2, 1)))

    assert found.tolist() == expected


@pytest.mark.parametrize("targets_shape", [(3, 1, 2), (3, 1, 2, 1)])
def test_masks_are_predicted_for_each_pixel(targets_shape: tuple[int, ...]) -> None:
    masks = np.array([[0, 2], [0, 1], [1, 2]]).reshape(targets_shape)
    spec = OutputSpec(shape=(None, 1, 2, 3), kind=PROBABILITIES)

    found = constant("majority", masks, spec)

    assert found.tolist() == [[[1, 0, 0], [0, 0, 1]]]


def test_characters_are_predicted_for_each_step_of_a_text_of_any_length() -> None:
    targets = np.array([[1, 0], [1, 1]])
    spec = OutputSpec(shape=(None, None, 2), kind=PROBABILITIES)

    found = constant("mean", targets, spec)

    assert found.tolist() == [[0, 1], [0.5, 0.5]]


def test_soft_labels_are_numbers() -> None:
    targets = np.array([[0.5, 0.5, 0], [1, 0, 0]])

    found = constant("mean", targets, THREE_CLASSES)

    assert found.tolist() == [0.75, 0.25, 0]


@pytest.mark.parametrize(
    ("name", "targets", "spec", "message"),
    [
        (
            "majority",
            np.array([0.5, 1.5]),
            NUMBER,
            "majority is for labels, and the targets are numbers; use mean or median",
        ),
        (
            "uniform",
            np.array([0.5, 1.5]),
            NUMBER,
            "uniform is for labels, and the targets are numbers; use mean or median",
        ),
        (
            "median",
            LABELS,
            THREE_CLASSES,
            "median is for numbers, and the targets are classes; use majority or mean",
        ),
    ],
)
def test_a_constant_that_makes_no_sense_is_refused(
    name: str, targets: Array, spec: OutputSpec, message: str
) -> None:
    with pytest.raises(NotApplicable, match=f"^{re.escape(message)}$"):
        constant(name, targets, spec)


@given(st.lists(st.integers(0, 2), min_size=1), st.integers(0, 2))
def test_no_constant_label_is_right_more_often_than_the_majority(
    labels: list[int], other: int
) -> None:
    targets = np.array(labels)

    found = constant("majority", targets, THREE_CLASSES).argmax()

    assert (targets == found).sum() >= (targets == other).sum()


@given(st.lists(st.integers(0, 2), min_size=1), st.integers(1, 8), st.integers(1, 8))
def test_no_constant_probabilities_have_a_lower_log_loss_than_the_mean(
    labels: list[int], one: int, two: int
) -> None:
    others = np.array([one, two, 5]) / (one + two + 5)

    found = constant("mean", np.array(labels), THREE_CLASSES)

    assert np.log(found[labels]).sum() >= np.log(others[labels]).sum() - 1e-9


@given(st.lists(st.integers(-90, 90), min_size=1), st.integers(-90, 90))
def test_no_constant_number_is_nearer_than_mean_or_median(
    numbers: list[int], other: int
) -> None:
    targets = np.array(numbers) + 0.5  # 0 and 1 alone would be flags

    mean, median = (constant(name, targets, NUMBER) for name in ("mean", "median"))

    squared = ((targets - other) ** 2).sum()
    assert ((targets - mean) ** 2).sum() <= squared + 1e-6
    assert np.abs(targets - median).sum() <= np.abs(targets - other).sum() + 1e-6
