"""What may stand where a sentence has a placeholder, and what becomes of it.

The name of a placeholder says it, up to the first underscore: ``%(number_2)s`` is a
number. Names, numbers and what is quoted come through as they are; they may be a
candidate's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final


class Treatment(Enum):
    """What becomes of the content of a placeholder."""

    KEPT = auto()  # as it is
    SENTENCE = auto()  # put into the language; what cannot be matches nothing
    TRIED = auto()  # put into the language if it can be
    LISTED = auto()  # the same of each part between commas
    CHOSEN = auto()  # the same of each part between "and" and "or"
    SHAPED = auto()  # "unknown" is put into the language, shapes stay


@dataclass(frozen=True, slots=True)
class Content:
    """One kind of contents."""

    pattern: str
    """A regular expression without groups that capture."""

    treatment: Treatment = Treatment.KEPT


_NUMBER: Final = (
    r"[-+]?(?:\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|inf|nan|Infinity|NaN)(?: ?%)?"
)
_QUOTED: Final = r"""(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|['"].{1,120}?\.\.\.)"""
_QUOTES: Final = rf"{_QUOTED}(?:, {_QUOTED})*(?:, \.\.\.)?"
_SHAPE: Final = r"(?:\((?:(?:None|\d+)(?:, ?(?:None|\d+))*,?)?\)|unknown)"
_WORD: Final = r"[^\s,;'\"]+?"
_BOUND: Final = r"(?:>=|<=|!=|>|<) \S+(?: ?[kMG]?i?B)?"

CONTENTS: Final[Mapping[str, Content]] = {
    "number": Content(_NUMBER),
    "size": Content(r"\d+(?:\.\d+)? (?:bytes|MB)"),
    "bound": Content(_BOUND),
    "comparison": Content(rf"{_WORD} {_NUMBER} {_BOUND}"),
    "code": Content(r"E_[A-Z_]+"),
    "word": Content(_WORD),
    "name": Content(r".+?"),
    "quoted": Content(_QUOTED),
    "listing": Content(r".+?(?:\)|\.\.\.)"),
    "shape": Content(_SHAPE, Treatment.SHAPED),
    "shapes": Content(rf"{_SHAPE}(?:, {_SHAPE})*", Treatment.SHAPED),
    "quotes": Content(rf"{_QUOTES}(?: and \d+ more)?", Treatment.TRIED),
    "text": Content(r".+?", Treatment.SENTENCE),
    "any": Content(r".+?", Treatment.TRIED),
    "list": Content(r".+?", Treatment.LISTED),
    "choice": Content(r".+?", Treatment.CHOSEN),
}
"""By the first word of a placeholder's name."""


def content_of(placeholder: str) -> Content:
    """Return what a placeholder stands for.

    >>> content_of("number_2") is CONTENTS["number"]
    True
    """
    return CONTENTS[placeholder.partition("_")[0]]
