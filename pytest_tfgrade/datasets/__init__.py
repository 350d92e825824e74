"""Evaluation datasets: hidden inputs and targets, described by ``dataset.yaml``.

To add a format: write a ``Loader`` in a file of its own and add it to
``loaders.LOADERS``; from elsewhere, give it to ``load_dataset`` by its ending.
"""

from pytest_tfgrade.datasets.blocks import Blocks
from pytest_tfgrade.datasets.describing import read_description
from pytest_tfgrade.datasets.description import Description
from pytest_tfgrade.datasets.fields import ArrayDescription, FieldDescription
from pytest_tfgrade.datasets.hidden import HiddenArrays
from pytest_tfgrade.datasets.interface import EvaluationDataset, Loader, Source, Unfit
from pytest_tfgrade.datasets.loaders import LOADERS
from pytest_tfgrade.datasets.loading import load_dataset

__all__ = [
    "LOADERS",
    "ArrayDescription",
    "Blocks",
    "Description",
    "EvaluationDataset",
    "FieldDescription",
    "HiddenArrays",
    "Loader",
    "Source",
    "Unfit",
    "load_dataset",
    "read_description",
]
