"""Grades rendered as text: the files a run leaves, and the terminal summary."""

from collections.abc import Mapping
from typing import Final

from pytest_tfgrade.reports.canvas import CanvasReport
from pytest_tfgrade.reports.github_annotations import GithubAnnotationsReport
from pytest_tfgrade.reports.github_classroom import GithubClassroomReport
from pytest_tfgrade.reports.github_summary import GithubSummaryReport
from pytest_tfgrade.reports.grades_csv import CsvReport
from pytest_tfgrade.reports.grades_json import JsonReport
from pytest_tfgrade.reports.gradescope import GradescopeReport
from pytest_tfgrade.reports.html.candidate_pages import CandidatePages
from pytest_tfgrade.reports.html.cohort_pages import CohortPages
from pytest_tfgrade.reports.integrity import IntegrityReport
from pytest_tfgrade.reports.interface import (
    PLAIN,
    Audience,
    ReportFile,
    ReportFormat,
    Request,
)
from pytest_tfgrade.reports.junit import JunitReport
from pytest_tfgrade.reports.markdown import MarkdownReport
from pytest_tfgrade.reports.moodle import MoodleReport
from pytest_tfgrade.reports.totals_csv import TotalsReport

__all__ = ["FORMATS", "PLAIN", "Audience", "ReportFile", "ReportFormat", "Request"]

FORMATS: Final[Mapping[str, ReportFormat]] = {
    "json": JsonReport(),
    "csv": CsvReport(),
    "totals": TotalsReport(),
    "junit": JunitReport(),
    "html": CandidatePages(),
    "cohort": CohortPages(),
    "markdown": MarkdownReport(),
    "github-classroom": GithubClassroomReport(),
    "github-summary": GithubSummaryReport(),
    "github-annotations": GithubAnnotationsReport(),
    "gradescope": GradescopeReport(),
    "canvas": CanvasReport(),
    "moodle": MoodleReport(),
    "integrity": IntegrityReport(),
}
"""Every report format by its name."""
