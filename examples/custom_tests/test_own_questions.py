"""Questions of one course that no rubric asks: ordinary pytest tests.

Each runs once for every submission, for the task that the marker names.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pytest_tfgrade.core.facts import Facts
from pytest_tfgrade.core.submission import Submission
from pytest_tfgrade.datasets import EvaluationDataset


@pytest.mark.tfgrade_task("digits")
def test_every_digit_is_predicted_at_least_once(
    tfgrade_predictions: Mapping[str, NDArray[Any]],
) -> None:
    predicted = set(tfgrade_predictions["digit"].argmax(axis=1))

    assert predicted == set(range(10))


@pytest.mark.tfgrade_task("digits")
def test_zeros_are_told_from_ones(
    tfgrade_predictions: Mapping[str, NDArray[Any]],
    tfgrade_dataset: EvaluationDataset,
) -> None:
    digits = tfgrade_dataset.targets["digit"]
    predicted = tfgrade_predictions["digit"].argmax(axis=1)

    confused = np.mean(predicted[digits == 0] == 1)

    assert confused < 0.1


@pytest.mark.tfgrade_task("linear")
def test_a_line_needs_no_deep_model(
    tfgrade_submission: Submission, tfgrade_facts: Facts
) -> None:
    depth = sum(1 for layer in tfgrade_facts.walk() if layer.class_name == "Dense")

    assert depth <= 3, f"{tfgrade_submission.id} uses {depth} Dense layers"
