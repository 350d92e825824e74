"""Grades rendered as text: the files a run leaves, and the terminal summary."""

from collections.abc import Mapping
from typing import Final

from pytest_tfgrade.reports.grades_csv import CsvReport
from pytest_tfgrade.reports.grades_json import JsonReport
from pytest_tfgrade.reports.interface import ReportFormat
from pytest_tfgrade.reports.junit import JunitReport
from pytest_tfgrade.reports.totals_csv import TotalsReport

__all__ = ["FORMATS", "ReportFormat"]

FORMATS: Final[Mapping[str, ReportFormat]] = {
    "json": JsonReport(),
    "csv": CsvReport(),
    "totals": TotalsReport(),
    "junit": JunitReport(),
}
"""Every report format by its name."""
