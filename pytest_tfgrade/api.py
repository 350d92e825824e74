"""The names for authors of checks, metrics, datasets, loaders and reports.

Only what this module holds is stable: after 1.0 a name leaves it, or changes in a way
that breaks its users, with a new major version alone. Every other module may change
with any version. Import from here in ``checks.py`` beside a rubric, in plug-ins and in
``conftest.py``; there inside functions, for it loads NumPy and pydantic.
"""

import pytest

from pytest_tfgrade.checks import Check, Evaluation, Model, Needs
from pytest_tfgrade.core.call import Call, Transform
from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.contract import Contract
from pytest_tfgrade.core.criterion import CriterionResult, Measured
from pytest_tfgrade.core.errors import CheckFailed, Ungradable
from pytest_tfgrade.core.facts import (
    Facts,
    Layer,
    StoredVariable,
    StoredWeights,
    Tensor,
    Weights,
)
from pytest_tfgrade.core.grade import Grade, Gradebook, TaskGrade
from pytest_tfgrade.core.measurement import Measurement
from pytest_tfgrade.core.score import points_text, score_text
from pytest_tfgrade.core.submission import Artifact, ArtifactFormat
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.core.threshold import Direction
from pytest_tfgrade.core.verdict import TaskResult, Verdict
from pytest_tfgrade.datasets import (
    EvaluationDataset,
    FieldDescription,
    Loader,
    Source,
    Unfit,
    load_dataset,
)
from pytest_tfgrade.datasets.columns import Columns
from pytest_tfgrade.engine.extensions import FactsReader
from pytest_tfgrade.metrics import Metric, ShapeMismatch, metric
from pytest_tfgrade.metrics.arrays import label_pair, paired
from pytest_tfgrade.reports import Audience, ReportFile, ReportFormat, Request
from pytest_tfgrade.reports.audience import for_candidates

hookimpl = pytest.hookimpl
"""Marks a hook implementation; needed only to say how it is called."""

__all__ = [
    "Artifact",
    "ArtifactFormat",
    "Audience",
    "Call",
    "Check",
    "CheckFailed",
    "Code",
    "Columns",
    "Contract",
    "CriterionResult",
    "Direction",
    "Evaluation",
    "EvaluationDataset",
    "Facts",
    "FactsReader",
    "FieldDescription",
    "Grade",
    "Gradebook",
    "Layer",
    "Loader",
    "Measured",
    "Measurement",
    "Metric",
    "Model",
    "Needs",
    "ReportFile",
    "ReportFormat",
    "Request",
    "ShapeMismatch",
    "Source",
    "StoredVariable",
    "StoredWeights",
    "TaskGrade",
    "TaskResult",
    "Tensor",
    "Transform",
    "Unfit",
    "Ungradable",
    "Verdict",
    "Weights",
    "for_candidates",
    "hookimpl",
    "label_pair",
    "load_dataset",
    "metric",
    "paired",
    "points_text",
    "printable",
    "score_text",
]
