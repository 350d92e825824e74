"""A page for each candidate: what came of a submission, why, and what to try."""

from collections.abc import Iterator

from pytest_tfgrade.core.grade import Gradebook
from pytest_tfgrade.reports.audience import for_candidates
from pytest_tfgrade.reports.html.file_names import safe_file_name
from pytest_tfgrade.reports.html.pages import page
from pytest_tfgrade.reports.interface import Audience, ReportFile, Request


class CandidatePages:
    """One page for each submission; no page names another one."""

    file_name = "candidates"
    audience = Audience.CANDIDATE

    def render(self, gradebook: Gradebook, request: Request) -> Iterator[ReportFile]:
        """Yield the pages, each made when it is written."""
        shown = for_candidates(gradebook)
        for grade in shown.grades:
            yield ReportFile(
                name=f"{self.file_name}/{safe_file_name(grade.id)}.html",
                text=page(
                    "candidate.html", request.language, gradebook=shown, grade=grade
                ),
            )
