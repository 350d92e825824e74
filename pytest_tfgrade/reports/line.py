"""Lines of terminal text: what they say, and how a terminal may colour them."""

import textwrap
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from typing import Final

from pytest_tfgrade.core.text import printable

_FILLER: Final = "\0"
"""Stands for the second column of a wide character; printable text has none."""

_MOST_LINES: Final = 3
"""Of a wrapped text; the whole of it is in the report files."""


class Tone(StrEnum):
    """What a line tells, for the front to choose a colour."""

    GOOD = "good"
    PARTIAL = "partial"
    BAD = "bad"
    ERROR = "error"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a terminal: printable, without colours of its own."""

    text: str
    tone: Tone = Tone.PLAIN


def display_width(text: str) -> int:
    """Return how many columns of a terminal a text takes.

    >>> display_width("model"), display_width("模型"), display_width("cafe\u0301")
    (5, 4, 4)
    """
    return sum(_columns(character) for character in text)


def shortened(text: str, width: int) -> str:
    """Cut a text that is wider than ``width`` columns, and show that it is cut.

    >>> shortened("fashion", 7), shortened("fashion", 6), shortened("模型", 3)
    ('fashion', 'fashi…', '模…')
    """
    if display_width(text) <= width:
        return text
    taken = accumulate(_columns(character) for character in text)
    kept = sum(1 for columns in taken if columns < width)
    return f"{text[:kept]}…"


def squeezed(text: str, width: int) -> str:
    """Cut a text as :func:`shortened` does, but keep its end: numbers stand there.

    >>> squeezed("category5", 6), squeezed("category5", 9)
    ('cat…y5', 'category5')
    """
    if display_width(text) <= width:
        return text
    end = shortened(text[::-1], width // 3 + 1)[-2::-1]
    return shortened(text, width - display_width(end)) + end


def wrapped(
    text: str,
    width: int,
    *,
    indent: str = "",
    end: str = "",
    tone: Tone = Tone.PLAIN,
) -> tuple[Line, ...]:
    """Break a text into a few lines; the end stays where the text is cut.

    >>> for line in wrapped("one reason of very, very many words", 9, end=" [1]"):
    ...     print(line.text)
    one
      reason
      … [1]
    """
    shown = "".join(
        _FILLER * (_columns(character) - 1) + character
        for character in printable(text) + end
    )
    rows = _rows(shown, width, indent, end)
    if any(row.lstrip().startswith("::") for row in rows):
        # A CI system would read a command where a long word was broken.
        rows = _rows(shown.replace("::", r"\x3a:"), width, indent, end)
    return tuple(Line(row.replace(_FILLER, ""), tone) for row in rows)


def _rows(shown: str, width: int, indent: str, end: str) -> list[str]:
    return textwrap.wrap(
        shown,
        # A wide character at the end of a row may have its filler in the next one.
        width - 1 if _FILLER in shown else width,
        initial_indent=indent,
        subsequent_indent=f"{indent}  ",
        max_lines=_MOST_LINES,
        placeholder=f" …{end}",
        break_on_hyphens=False,
    )


def _columns(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me"}:
        return 0  # drawn over the character before it
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
