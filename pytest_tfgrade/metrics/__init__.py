"""Pure functions that measure predictions against targets, by name.

To add a metric: write the function with a doctest into the module of its kind, add a
row to that module's ``METRICS``, and test it against an independent reference.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from pytest_tfgrade.metrics import classification, forecasting, regression
from pytest_tfgrade.metrics.interface import Metric

__all__ = ["METRICS", "Metric", "by_name"]


def by_name(metrics: Iterable[Metric]) -> Mapping[str, Metric]:
    """Return metrics by their names and aliases.

    Raises:
        ValueError: Two metrics claim one name.
    """
    table: dict[str, Metric] = {}
    for metric in metrics:
        for name in (metric.name, *metric.aliases):
            if name in table:
                raise ValueError(f"two metrics are called {name!r}")
            table[name] = metric
    return MappingProxyType(table)


METRICS: Final = by_name(
    (*classification.METRICS, *regression.METRICS, *forecasting.METRICS)
)
"""Every built-in metric, by its name and by the usual names of Keras and sklearn."""
