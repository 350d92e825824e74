"""Text from outside made fit for Markdown, as GitHub and GitLab read it."""

import re
from collections.abc import Iterable
from typing import Final

from pytest_tfgrade.core.text import printable

_SPECIAL: Final = re.compile(
    r"""[\\`*_{}\[\]<>|~^$&@\#!]       # emphasis, code, HTML, tables, links, formulas
    |:(?=//)|/(?=/)|(?<=/)/        # http:// is a link by itself
    |(?<=\w)\.(?=[A-Za-z])         # and so is www.x
    |^[-+=]                        # lists and rules, where a line begins
    """,
    re.VERBOSE,
)

_NUMBERED: Final = re.compile(r"^(\d+)([.)])")
"""What begins a list of numbers."""

_LINKED: Final = re.compile(
    r"\\[@#!$~&^](?=\\?\w)|\bGH-(?=\w)|\\:(?=\\/)|\bwww\\\.", re.IGNORECASE
)
"""What a platform makes a link of after it has read the Markdown, when escapes are
gone: ``@name``, ``#12``, ``!12``, ``x@y.z``, ``x://``."""

_JOINER: Final = "&#8288;"
"""U+2060, of which nothing is drawn; written so that the file is printable."""


def escaped(text: str) -> str:
    r"""Return text that Markdown shows as it is: one line, without a link or a mention.

    >>> print(escaped("<b>|*anna*"))
    \<b\>\|\*anna\*
    >>> print(escaped("accuracy 0.3 < 0.9, see @anna #12 www.x.org"))
    accuracy 0.3 \< 0.9, see \@&#8288;anna \#&#8288;12 www\.&#8288;x\.org
    """
    shown = _SPECIAL.sub(r"\\\g<0>", printable(text).strip())
    shown = _NUMBERED.sub(r"\1\\\2", shown)
    return _LINKED.sub(rf"\g<0>{_JOINER}", shown)


def code(text: str) -> str:
    r"""Return a word of ours as code; a text from outside is escaped instead.

    >>> print(code("E_FORMAT"), code("`x`"))
    `E_FORMAT` \`x\`
    """
    return f"`{text}`" if re.fullmatch(r"[A-Z_]+", text) else escaped(text)


def row(cells: Iterable[str]) -> str:
    """Return a row of a table; what is in the cells is escaped."""
    return f"| {' | '.join(cells)} |"


def rule(cells: Iterable[str]) -> str:
    """Return the row below the header: ``r`` for numbers, ``l`` for the rest.

    >>> rule("lr")
    '| --- | --: |'
    """
    return row("--:" if cell == "r" else "---" for cell in cells)
