"""Text from outside made fit for where it goes.

Names, paths and messages of a submission may hold anything. What shows them uses:

============================================  ====================================
terminal, log of a CI system, JSON, XML       :func:`printable`, :func:`printable_lines`
id of a submission                            :func:`identifier`
node id of pytest, id in a terminal           :func:`with_visible_ends`
CSV                                           :func:`spreadsheet_cell`
============================================  ====================================

JSON and XML are written by libraries that quote what has a meaning there.
"""

import re
import unicodedata
from typing import Final

_UNSAFE_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

_INVISIBLE: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef]"
)
"""Letters and marks of which nothing is drawn: two names would look the same. Those of
Unicode's ``Default_Ignorable_Code_Point`` that are in no unsafe category."""

_COMMAND: Final = re.compile(r"(?<!\S):(?=:[A-Za-z])|#(?=#[\w.-]*\[)")
"""What a CI system takes for a command to itself: GitHub reads ``::set-output`` where a
line begins, blanks aside, and ``##[group]`` anywhere, Azure ``##vso[task]``, TeamCity
``##teamcity[message]``. Those of GitLab need control characters."""

_FORMULA: Final = re.compile(r"(;\s*)(?=[=+\-@])")
"""Where the second half of a cell becomes a cell: spreadsheets of many countries take
the semicolon for the sign between two."""

LONGEST_TOLD: Final = 1000
"""Characters of a rationale or of a hint; a shape in it may have a million axes."""

_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?(e[-+]?[0-9]+)?")


def printable(text: str, *, limit: int = 4096) -> str:
    r"""Replace what could steer a terminal, a CI system or a reader; at most ``limit``.

    The text becomes one line. Control, bidirectional, invisible, surrogate and
    unassigned characters become ``\x1b``-like escapes, so that two different texts
    stay different; so does the first character of a command to a CI system.

    >>> printable("caf\u00e9 \x1b[31m")
    'café \\x1b[31m'
    >>> printable("::set-output name=x::1"), printable("alice::digits")
    ('\\x3a:set-output name=x::1', 'alice::digits')
    """
    text = text[: limit + 1]
    is_plain = text.isascii() and text.isprintable()
    safe = text if is_plain else "".join(map(_escaped, text))
    safe = _COMMAND.sub(lambda found: f"\\x{ord(found[0]):02x}", safe)
    return safe if len(safe) <= limit else safe[: limit - 3] + "..."


def told(text: str) -> str:
    """Return what a candidate is told, cut to ``LONGEST_TOLD`` characters.

    >>> len(told("x" * 2000)), told("x" * 2000)[-4:], told("too few rows")
    (1000, 'xxx…', 'too few rows')
    """
    return text if len(text) <= LONGEST_TOLD else f"{text[: LONGEST_TOLD - 1]}…"


def printable_lines(text: str) -> str:
    r"""Make every line of a text printable.

    >>> printable_lines("Traceback\n\tat \x1b")
    'Traceback\n\\tat \\x1b'
    """
    return "\n".join(map(printable, text.split("\n")))


def identifier(name: str) -> str:
    r"""Make a file name fit to be an id, and part of a node id: printable, no colon.

    What needs no escape stays as it is, blanks included: reports are joined with lists
    of candidates by it.

    >>> identifier("a::b\n"), identifier(" alice")
    ('a%3A%3Ab%0A', ' alice')
    """
    shown = "".join(_percent(c) if _is_special(c) else c for c in name)
    return _COMMAND.sub(lambda found: _percent(found[0]), shown)


def with_visible_ends(id_: str) -> str:
    """Escape blanks at the ends of an id, for nobody sees them where it is shown.

    >>> with_visible_ends(" alice b "), with_visible_ends("bob")
    ('%20alice b%20', 'bob')
    """
    inner = id_.strip(" ")
    before = len(id_) - len(id_.lstrip(" "))
    after = len(id_) - len(inner) - before
    return f"{'%20' * before}{inner}{'%20' * after}"


def spreadsheet_cell(content: str) -> str:
    """Return text that a spreadsheet shows and never computes.

    Control characters, a tab or carriage return in front included, are escaped;
    what else could begin a formula gets an apostrophe; numbers as reports write them
    stay numbers.

    >>> spreadsheet_cell("=HYPERLINK(1)"), spreadsheet_cell("-0.5")
    ("'=HYPERLINK(1)", '-0.5')
    >>> spreadsheet_cell("-1+1"), spreadsheet_cell("alice;=1+1")
    ("'-1+1", "alice;'=1+1")
    """
    shown = _FORMULA.sub(r"\1'", printable(content))
    # Some spreadsheets read full-width signs as signs, some importers strip blanks.
    begins = unicodedata.normalize("NFKC", shown).lstrip()[:1]
    if begins in tuple("=+-@") and not _NUMBER.fullmatch(shown):
        return f"'{shown}"
    return shown


def _is_unsafe(character: str) -> bool:
    category = unicodedata.category(character)
    return category in _UNSAFE_CATEGORIES or bool(_INVISIBLE.match(character))


def _is_special(character: str) -> bool:
    return character in "%:" or _is_unsafe(character)


def _escaped(character: str) -> str:
    if not _is_unsafe(character):
        return character
    return character.encode("unicode_escape").decode("ascii")


def _percent(character: str) -> str:
    raw = character.encode("utf-8", "surrogateescape")
    return "".join(f"%{byte:02X}" for byte in raw)
