"""One of each thing that can be added to pytest-tfgrade; a hook for each."""

from collections.abc import Mapping

from pytest_tfgrade.api import Check, FactsReader, Loader, Metric, ReportFormat
from tfgrade_example_plugin.marks import MarksReport
from tfgrade_example_plugin.saved import SAVED_SINCE, read_saved
from tfgrade_example_plugin.tsv import open_tsv
from tfgrade_example_plugin.within import share_within


def pytest_tfgrade_checks() -> list[Check]:
    """Add ``saved.since``."""
    return [SAVED_SINCE]


def pytest_tfgrade_metrics() -> list[Metric]:
    """Add ``share_within``."""
    return [share_within]


def pytest_tfgrade_loaders() -> Mapping[str, Loader]:
    """Let evaluation datasets hold tables divided by tabs."""
    return {".tsv": open_tsv}


def pytest_tfgrade_facts_readers() -> Mapping[str, FactsReader]:
    """Let checks find ``facts.extra["saved"]``."""
    return {"saved": read_saved}


def pytest_tfgrade_reports() -> Mapping[str, ReportFormat]:
    """Write ``marks.md``."""
    return {"marks": MarksReport()}
