"""Metrics of masks against scikit-learn over pixels, and a loop."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import f1_score, jaccard_score

from pytest_tfgrade.metrics import ShapeMismatch
from pytest_tfgrade.metrics.segmentation import binary_dice, binary_iou, dice, iou

EXACT = 1e-9

Arrays = tuple[NDArray[np.int64], NDArray[np.float64]]


def random_case(classes: int, occurring: int) -> Arrays:
    rng = np.random.default_rng(14)
    return rng.integers(0, occurring, (5, 8, 6)), rng.random((5, 8, 6, classes))


@pytest.mark.parametrize(("classes", "occurring"), [(4, 4), (4, 2), (3, 1), (2, 2)])
@pytest.mark.parametrize(
    ("metric", "reference"),
    [
        pytest.param(iou, jaccard_score, id="iou"),
        pytest.param(dice, f1_score, id="dice"),
    ],
)
def test_masks_are_measured_over_all_pixels_together(
    metric: Callable[..., float],
    reference: Callable[..., float],
    classes: int,
    occurring: int,
) -> None:
    y_true, y_pred = random_case(classes, occurring)

    value = metric(y_true, y_pred)

    found = y_pred.argmax(axis=-1).ravel()
    expected = reference(y_true.ravel(), found, average="macro", zero_division=0)
    assert value == pytest.approx(expected, abs=EXACT)


@pytest.mark.parametrize(
    ("metric", "reference"),
    [
        pytest.param(binary_iou, jaccard_score, id="iou"),
        pytest.param(binary_dice, f1_score, id="dice"),
    ],
)
def test_the_foreground_is_what_reaches_a_half(
    metric: Callable[..., float], reference: Callable[..., float]
) -> None:
    y_true, y_pred = random_case(1, 2)

    value = metric(y_true, y_pred)

    expected = reference(y_true.ravel(), (y_pred >= 0.5).astype(int).ravel())
    assert value == pytest.approx(expected, abs=EXACT)


def test_a_class_in_neither_masks_does_not_count() -> None:
    y_true = np.array([[[0, 0, 1, 1]]])
    y_pred = np.eye(5)[[[[0, 1, 1, 1]]]]

    values = iou(y_true, y_pred), dice(y_true, y_pred)

    expected = (1 / 2 + 2 / 3) / 2, (2 / 3 + 4 / 5) / 2
    assert values == pytest.approx(expected, abs=EXACT)


def test_a_class_that_is_predicted_alone_counts_as_nothing() -> None:
    y_true, y_pred = np.zeros((1, 1, 4), dtype=int), np.eye(3)[[[[0, 0, 0, 2]]]]

    assert iou(y_true, y_pred) == pytest.approx((3 / 4 + 0) / 2, abs=EXACT)


@pytest.mark.parametrize("metric", [iou, dice])
def test_masks_may_be_labels_or_one_hot(metric: Callable[..., float]) -> None:
    y_true, y_pred = random_case(4, 4)

    values = metric(y_true[..., None], y_pred), metric(np.eye(4)[y_true], y_pred)

    assert values == (metric(y_true, y_pred),) * 2


def test_all_background_finds_nothing_of_the_foreground() -> None:
    y_true, y_pred = np.ones((1, 2, 2), dtype=int), np.zeros((1, 2, 2, 1))
    y_true[0, 0] = 0

    values = binary_iou(y_true, y_pred), binary_dice(y_true, y_pred)

    assert values == (0, 0)


@pytest.mark.parametrize("metric", [binary_iou, binary_dice])
@pytest.mark.parametrize("predicted", [0.0, 1.0])
def test_targets_without_foreground_have_no_value(
    metric: Callable[..., float], predicted: float
) -> None:
    message = f"{metric.__name__} has no value where targets hold no foreground"

    with pytest.raises(ValueError, match=f"^{message}$"):
        metric(np.zeros((2, 3, 3)), np.full((2, 3, 3, 1), predicted))


@pytest.mark.parametrize("metric", [iou, dice, binary_iou, binary_dice])
def test_masks_without_an_axis_of_classes_are_a_mismatch(
    metric: Callable[..., float],
) -> None:
    message = (
        "predictions of shape (2, 3, 3) are no masks of images, height, width and "
        "classes"
    )

    with pytest.raises(ShapeMismatch, match=f"^{re.escape(message)}$"):
        metric(np.ones((2, 3, 3)), np.ones((2, 3, 3)))


@pytest.mark.parametrize("metric", [iou, dice])
def test_another_size_of_image_is_a_mismatch(metric: Callable[..., float]) -> None:
    with pytest.raises(ShapeMismatch, match=r" cannot be compared$"):
        metric(np.ones((2, 3, 3)), np.ones((2, 3, 4, 2)))


@pytest.mark.parametrize("metric", [binary_iou, binary_dice])
def test_three_classes_have_no_foreground(metric: Callable[..., float]) -> None:
    message = "predictions of shape (2, 3, 3, 3) are of more than two classes"

    with pytest.raises(ShapeMismatch, match=f"^{re.escape(message)}$"):
        metric(np.ones((2, 3, 3)), np.ones((2, 3, 3, 3)))


def test_a_pixel_of_an_unknown_class_is_a_fault_of_the_data() -> None:
    with pytest.raises(ValueError, match=r"^targets are not all labels in 0\.\.2$"):
        iou(np.full((1, 2, 2), 3), np.ones((1, 2, 2, 3)))
