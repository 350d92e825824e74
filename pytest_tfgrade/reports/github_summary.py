"""``github-summary.md``: the summary that GitHub shows with a run of a workflow."""

from collections.abc import Iterator
from itertools import chain
from typing import Final

from pytest_tfgrade.core.grade import Gradebook
from pytest_tfgrade.languages import translations
from pytest_tfgrade.reports.audience import for_candidates
from pytest_tfgrade.reports.interface import (
    Audience,
    Destination,
    ReportFile,
    Request,
)
from pytest_tfgrade.reports.markdown_page import (
    render_heading,
    render_overview,
    render_page,
)

MOST_BYTES: Final = 1_000_000
"""GitHub drops a step's summary of more than 1 MiB whole; others may add to it."""

_FOR_THE_END: Final = 200
"""Bytes kept for saying what was left out, in any language."""


class GithubSummaryReport:
    """Of one submission, the candidate's page; of many, a table."""

    file_name = "github-summary.md"
    audience = Audience.CANDIDATE

    def render(self, gradebook: Gradebook, request: Request) -> Iterator[ReportFile]:
        """Yield the summary, in at most ``MOST_BYTES`` bytes."""
        yield ReportFile(
            name=self.file_name,
            text=_summary(for_candidates(gradebook), request.language),
            destination=Destination.GITHUB_STEP_SUMMARY,
        )


def _summary(gradebook: Gradebook, language: str) -> Iterator[str]:
    """Yield lines until no more fit, then how many were left out."""
    words = translations(language)
    left = MOST_BYTES - _FOR_THE_END
    lines = _lines(gradebook, language)
    for line in lines:
        left -= len(line.encode()) + 1
        if left < 0:
            number = sum(map(bool, chain([line], lines)))
            message = words.ngettext(
                "%(number)s more line does not fit here; the other reports have it",
                "%(number)s more lines do not fit here; the other reports have them",
                number,
            )
            yield f"\n{message % {'number': number}}\n"
            return
        yield f"{line}\n"


def _lines(gradebook: Gradebook, language: str) -> Iterator[str]:
    words = translations(language)
    yield from render_heading(gradebook, words)
    if len(gradebook.grades) == 1:
        yield from render_page(gradebook.grades[0], words)
    else:
        yield from render_overview(gradebook, words)
