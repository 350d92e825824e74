"""Pages for graders: one for the whole cohort, one for each submission."""

from collections.abc import Iterator

from pytest_tfgrade.core.grade import Gradebook
from pytest_tfgrade.reports.html.cohort_index import index_page
from pytest_tfgrade.reports.html.cohort_submission import submission_page
from pytest_tfgrade.reports.html.cohort_words import address
from pytest_tfgrade.reports.interface import Audience, ReportFile, Request


class CohortPages:
    """``index.html`` and a page for each submission: details, people and all."""

    file_name = "cohort"
    audience = Audience.GRADER

    def render(self, gradebook: Gradebook, request: Request) -> Iterator[ReportFile]:
        """Yield the pages, each made when it is written; all words are English."""
        yield ReportFile(
            name=f"{self.file_name}/index.html", text=index_page(gradebook)
        )
        ids = [grade.id for grade in gradebook.grades]
        around = zip(gradebook.grades, [None, *ids], [*ids[1:], None], strict=False)
        for grade, before, after in around:
            yield ReportFile(
                name=f"{self.file_name}/submissions/{address(grade.id)}",
                text=submission_page(gradebook, grade, before=before, after=after),
            )
