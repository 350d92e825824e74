"""Talking to workers: predictions of submitted models, and nothing else, come back."""

from pytest_tfgrade.runner.inputs import SharedInputs
from pytest_tfgrade.runner.interface import Pass, Predictions, Runner
from pytest_tfgrade.runner.kept import Confinement
from pytest_tfgrade.runner.local import LocalRunner

__all__ = [
    "Confinement",
    "LocalRunner",
    "Pass",
    "Predictions",
    "Runner",
    "SharedInputs",
]
