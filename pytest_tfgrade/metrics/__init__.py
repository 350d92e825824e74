"""Pure functions that measure predictions against targets, by name.

To add a metric: write the function with a doctest into the module of its kind, add a
row to that module's ``METRICS``, and test it against an independent reference. A course
makes one of its own function with ``metric``.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from pytest_tfgrade.metrics import (
    classification,
    forecasting,
    language,
    losses,
    multilabel,
    ranking,
    regression,
    retrieval,
    segmentation,
    variance,
)
from pytest_tfgrade.metrics.arrays import ShapeMismatch
from pytest_tfgrade.metrics.interface import Metric, metric
from pytest_tfgrade.metrics.probabilities import NotProbabilities
from pytest_tfgrade.metrics.uncertainty import estimate

__all__ = [
    "METRICS",
    "Metric",
    "NotProbabilities",
    "ShapeMismatch",
    "by_name",
    "estimate",
    "metric",
]


def by_name(metrics: Iterable[Metric]) -> Mapping[str, Metric]:
    """Return metrics by their names and aliases.

    Raises:
        ValueError: Two metrics claim one name.
    """
    table: dict[str, Metric] = {}
    for each in metrics:
        for name in (each.name, *each.aliases):
            if name in table:
                raise ValueError(f"two metrics are called {name!r}")
            table[name] = each
    return MappingProxyType(table)


METRICS: Final = by_name(
    (
        *classification.METRICS,
        *retrieval.METRICS,
        *ranking.METRICS,
        *losses.METRICS,
        *multilabel.METRICS,
        *regression.METRICS,
        *variance.METRICS,
        *forecasting.METRICS,
        *segmentation.METRICS,
        *language.METRICS,
    )
)
"""Every built-in metric, by its name and by the usual names of Keras and sklearn."""
