"""What the numbers of an output are: scores of classes, or numbers."""

from collections.abc import Iterator, Mapping
from enum import Enum, auto
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pytest_tfgrade.checks import Evaluation
from pytest_tfgrade.core.contract import OutputKind, OutputSpec
from pytest_tfgrade.metrics import (
    METRICS,
    Metric,
    classification,
    forecasting,
    language,
    multilabel,
    regression,
    retrieval,
    segmentation,
    variance,
)
from pytest_tfgrade.metrics.arrays import NUMERIC_KINDS, trimmed
from pytest_tfgrade.rubric import Rubric


class Kind(Enum):
    """What the numbers of an output are."""

    CLASSES = auto()  # scores of classes, one of which is true
    SERIES = auto()  # numbers, of which axis 1 holds the steps of a horizon
    NUMBERS = auto()
    OTHER = auto()  # of what there is no picture: tokens, labels beside each other


_KINDS: Final[Mapping[str, Kind]] = {
    metric.name: kind
    for kind, metrics in (
        (Kind.CLASSES, classification.METRICS),
        (Kind.CLASSES, retrieval.METRICS),
        (Kind.CLASSES, (METRICS["log_loss"], METRICS["brier"])),
        (Kind.CLASSES, segmentation.METRICS),
        (Kind.SERIES, forecasting.METRICS),
        (Kind.NUMBERS, regression.METRICS),
        (Kind.NUMBERS, variance.METRICS),
        (Kind.OTHER, language.METRICS),
        (Kind.OTHER, multilabel.METRICS),
    )
    for metric in metrics
}
"""What built-in metrics take; those that take several kinds, as ROC AUC, tell nothing.
"""


def kind_of(
    rubric: Rubric, evaluation: Evaluation, output: str, *, are_named: bool
) -> Kind:
    """Return what an output is by the metrics that measure it, else by its looks.

    Args:
        rubric: Names the metrics; a course's own tell nothing.
        evaluation: Targets and predictions.
        output: The output.
        are_named: Whether the description of the data names its classes.
    """
    metrics = _metrics_of(rubric, output)
    ours = (metric for metric in metrics if METRICS.get(metric.name) is metric)
    told = {_KINDS[metric.name] for metric in ours if metric.name in _KINDS}
    for kind in Kind:
        if kind in told:
            return kind
    return _by_looks(
        evaluation.contract.outputs[output],
        np.asarray(evaluation.targets[output]),
        np.asarray(evaluation.predictions[output]),
        are_named=are_named,
    )


def _metrics_of(rubric: Rubric, output: str) -> Iterator[Metric]:
    """Yield the metrics that criteria name for an output."""
    first = next(iter(rubric.contract.outputs))
    for criterion in rubric.checked:
        metric = criterion.parameters.get("metric")
        named = criterion.parameters.get("output") or first
        if isinstance(metric, Metric) and named == output:
            yield metric


def _by_looks(
    spec: OutputSpec,
    targets: NDArray[Any],
    predictions: NDArray[Any],
    *,
    are_named: bool,
) -> Kind:
    """Return what an output seems to be; whether its values fit is seen later.

    A single 0 or 1 that no probability is predicted for may be either.
    """
    if targets.dtype.kind not in NUMERIC_KINDS:
        return Kind.OTHER
    is_alike = trimmed(targets.shape) == trimmed(predictions.shape)
    if are_named or spec.kind is OutputKind.PROBABILITIES or not is_alike:
        return Kind.CLASSES
    if not ((targets == 0) | (targets == 1)).all():
        return Kind.NUMBERS
    is_single = predictions.ndim == 1 or predictions.shape[-1] == 1
    return Kind.OTHER if is_single else Kind.CLASSES
