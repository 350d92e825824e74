"""What a report format is."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from pytest_tfgrade.core.grade import Gradebook
from pytest_tfgrade.core.localized import DEFAULT
from pytest_tfgrade.core.visibility import Audience

__all__ = [
    "PLAIN",
    "Audience",
    "Destination",
    "PlatformFile",
    "ReportFile",
    "ReportFormat",
    "Request",
]


class Destination(StrEnum):
    """Where a report goes besides its file, if there is such a place."""

    NOWHERE = "nowhere"
    GITHUB_OUTPUT = "GITHUB_OUTPUT"  # appended to the file this variable names
    GITHUB_STEP_SUMMARY = "GITHUB_STEP_SUMMARY"  # the same
    LOG = "log"  # written to standard output, on GitHub's runners


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformFile:
    """A file of a platform's that a report reads or fills in."""

    name: str
    """For messages."""

    text: str
    """What it holds, with its byte order mark if it has one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked of a report besides its format."""

    language: str = DEFAULT
    """Of texts that people read, as ``en`` or ``zh``."""

    fill: PlatformFile | None = None
    """The platform's own export, to be filled in."""

    column: str | None = None
    """The column of it that takes the points; None: found out."""

    metadata: PlatformFile | None = None
    """What the platform says of the submission that is graded."""

    pages: str | None = None
    """The folder of candidates' pages, if they are written as well, relative to where
    the CI system looks for attachments."""


PLAIN: Final = Request()
"""Nothing but the format was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFile:
    """One file of a report."""

    name: str
    """Under which it is written, with ``/`` between folders."""

    text: Iterable[str]
    """Its parts, made as they are written; in UTF-8, line ends as they are."""

    destination: Destination = Destination.NOWHERE
    """Where else it goes."""


class ReportFormat(Protocol):
    """Turns finished grades into files; holds no state, touches no files."""

    @property
    def file_name(self) -> str:
        """The file that it writes, or the folder that all its files lie in."""
        ...

    @property
    def audience(self) -> Audience:
        """Who may read it."""
        ...

    def render(self, gradebook: Gradebook, request: Request) -> Iterator[ReportFile]:
        """Yield the files; the same grades and request give the same bytes.

        Raises:
            UsageError: Something that the format needs was not asked for, or cannot be
                what it is given for; nothing has been yielded yet.
        """
        ...
