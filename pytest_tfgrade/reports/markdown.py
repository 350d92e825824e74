"""``grades.md``: points and reasons in Markdown, to be read or pasted."""

from collections.abc import Iterator
from gettext import NullTranslations

from pytest_tfgrade.core.grade import Gradebook
from pytest_tfgrade.languages import translations
from pytest_tfgrade.reports.audience import for_candidates
from pytest_tfgrade.reports.interface import Audience, ReportFile, Request
from pytest_tfgrade.reports.markdown_page import (
    render_heading,
    render_overview,
    render_page,
)


class MarkdownReport:
    """What candidates may see: a page of each, a table before it if there are many."""

    file_name = "grades.md"
    audience = Audience.CANDIDATE

    def render(self, gradebook: Gradebook, request: Request) -> Iterator[ReportFile]:
        """Yield the grades in Markdown, as GitHub and GitLab read it."""
        lines = _lines(for_candidates(gradebook), translations(request.language))
        yield ReportFile(name=self.file_name, text=(f"{line}\n" for line in lines))


def _lines(gradebook: Gradebook, words: NullTranslations) -> Iterator[str]:
    yield from render_heading(gradebook, words)
    if len(gradebook.grades) != 1:
        yield from render_overview(gradebook, words)
        yield ""
    for grade in gradebook.grades:
        yield from render_page(grade, words)
