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


def _several(one: str, between: str) -> str:
    return f"{one}(?:(?:{between}){one})*"


_NUMBER: Final = r"[-+]?(?:\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|inf|nan|Infinity|NaN)(?: ?%)?"
_QUOTED: Final = r"""(?:'(?:[^'\\]|\\.)*(?:'|\.\.\.)|"(?:[^"\\]|\\.)*(?:"|\.\.\.))"""
"""As ``repr`` writes it; what was too long ends with three points."""

_SHAPE: Final = r"(?:\((?:(?:None|\d+)(?:, ?(?:None|\d+))*,?)?\)|unknown)"
_PLAIN: Final = r"[^\s,;'\"]+"
_WORD: Final = f"{_PLAIN}?"
_BOUND: Final = r"(?:>=|<=|!=|>|<) \S+(?: ?[kMG]?i?B)?"
_SCORE: Final = r"(?:(?:open|[\d.]+)/[\d.]+|-[\d.]+)"
_VERDICT: Final = r"(?:passed|partial|failed|skipped|error)"
_MODEL: Final = (
    r"(?:(?:the )?SavedModel folder \S+|a SavedModel|\S*\.(?:keras|h5|tflite))"
)
_KIND: Final = "(?:Sequential|Functional|custom)"
_COMPARED: Final = _several(r"(?:>=|<=|!=|>|<) ?[^\s,]+", ", ?")
_CONDITION: Final = (
    rf"(?:weights|[\w.]+ (?:{_COMPARED}|\[[^\]]*\]|{_several(_PLAIN, ' or ')}))"
)
_END: Final = rf"{_QUOTED} {_SHAPE}"

CONTENTS: Final[Mapping[str, Content]] = {
    "number": Content(_NUMBER),
    "size": Content(r"\d+(?:\.\d+)? (?:bytes|MB)", Treatment.TRIED),
    "sizes": Content(r"[\d?]+(?:x[\d?]+)*"),
    "bound": Content(_BOUND),
    "comparison": Content(rf"{_WORD} {_NUMBER} {_BOUND}"),
    "outcome": Content(rf"{_WORD} {_SCORE}"),
    "code": Content("E_[A-Z_]+"),
    "word": Content(_WORD),
    "name": Content(".*?"),
    "quoted": Content(_QUOTED),
    "listing": Content(r"\S+ \(.*(?:\)|\.\.\.)"),
    "shape": Content(_SHAPE, Treatment.SHAPED),
    "shapes": Content(_several(_SHAPE, ", "), Treatment.SHAPED),
    "end": Content(_several(_END, ", ")),
    "ends": Content(_several(_END, ", | and "), Treatment.TRIED),
    "quotes": Content(
        rf"{_several(_QUOTED, ', ')}(?:, \.\.\.| and \d+ more)?", Treatment.TRIED
    ),
    "outcomes": Content(
        _several(rf"{_WORD} (?:{_SCORE}|{_VERDICT})", ", "), Treatment.LISTED
    ),
    "names": Content(_several(r"(?:no loss|[^\s,]+)", ", "), Treatment.LISTED),
    "words": Content(_several(_PLAIN, " and | or |, "), Treatment.CHOSEN),
    "kinds": Content(_several(_KIND, " or "), Treatment.CHOSEN),
    "models": Content(_several(_MODEL, " or |, "), Treatment.CHOSEN),
    "conditions": Content(_several(_CONDITION, " and "), Treatment.CHOSEN),
    "choice": Content(".+?", Treatment.CHOSEN),
    "text": Content(".+?", Treatment.SENTENCE),
    "any": Content(".+?", Treatment.TRIED),
    "list": Content(".+?", Treatment.LISTED),
}
"""By the first word of a placeholder's name."""


def content_of(placeholder: str) -> Content:
    """Return what a placeholder stands for.

    >>> content_of("number_2") is CONTENTS["number"]
    True
    """
    return CONTENTS[placeholder.partition("_")[0]]
