"""Commands that GitHub's runner reads from the log of a step."""

from enum import StrEnum
from typing import Final

from pytest_tfgrade.core.text import printable

LONGEST_TITLE: Final = 255
"""Characters that GitHub takes."""


class Level(StrEnum):
    """How an annotation is shown; the most important first."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


def annotation(level: Level, title: str, message: str) -> str:
    r"""Return the line that makes an annotation, whatever the texts hold.

    A line is one command and ends with it: line breaks are escaped twice over, by
    ``printable`` and as GitHub wants it.

    >>> annotation(Level.ERROR, "a: b, c", "50 %")
    '::error title=a%3A b%2C c::50 %25'
    >>> annotation(Level.NOTICE, "x::y", "\n::stop-commands::z")
    '::notice title=x%3A%3Ay::\\n::stop-commands::z'
    """
    shown = _property(printable(title, limit=LONGEST_TITLE))
    return f"::{level} title={shown}::{_data(message)}"


def _data(text: str) -> str:
    shown = printable(text).replace("%", "%25")
    return shown.replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
