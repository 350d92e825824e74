"""What a report format is."""

from typing import Protocol

from pytest_tfgrade.core.grade import Gradebook


class ReportFormat(Protocol):
    """Turns finished grades into text; holds no state, touches no files."""

    @property
    def file_name(self) -> str:
        """The name under which the report is written."""
        ...

    def render(self, gradebook: Gradebook) -> str:
        """Return the grades as text; the same grades give the same text.

        The text is to be written in UTF-8 with its line ends as they are.
        """
        ...
