"""Evaluation datasets: hidden inputs and targets, described by ``dataset.yaml``.

To add a format: write a ``Loader`` in a file of its own and add it to
``loaders.LOADERS``.
"""

from pytest_tfgrade.datasets.describing import read_description
from pytest_tfgrade.datasets.description import Description, FieldDescription
from pytest_tfgrade.datasets.hidden import HiddenArrays
from pytest_tfgrade.datasets.interface import EvaluationDataset
from pytest_tfgrade.datasets.loading import load_dataset

__all__ = [
    "Description",
    "EvaluationDataset",
    "FieldDescription",
    "HiddenArrays",
    "load_dataset",
    "read_description",
]
