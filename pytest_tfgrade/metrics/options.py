"""What the options of metrics may be, and what is said of others.

A metric annotates its options: ``scale: Annotated[float, ABOVE_ZERO]``. A plain
``float``, ``int``, ``bool`` or ``str`` is a rule too.
"""

import math
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Annotated, Any, Final, TypeAlias


@dataclass(frozen=True, slots=True)
class Rule:
    """What an option may be.

    >>> ABOVE_ZERO.problem("scale", 0)
    'scale must be a number above 0, got 0'
    >>> ABOVE_ZERO.problem("scale", 2.5) is None
    True
    """

    wanted: str
    """Goes on from "must be": ``a number above 0``."""

    admits: Callable[[Any], bool]
    """Returns whether a value is as wanted."""

    def problem(self, name: str, value: object) -> str | None:
        """Return what is wrong with the value of an option; None if nothing is."""
        if self.admits(value):
            return None
        return f"{name} must be {self.wanted}, got {value!r}"

    def require(self, name: str, value: object) -> None:
        """Refuse a value that is not as wanted.

        Raises:
            ValueError: With the text of ``problem``.
        """
        problem = self.problem(name, value)
        if problem:
            raise ValueError(problem)


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, Real):
        return False
    return math.isfinite(float(value))


def _is_whole(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def one_of(*words: str) -> Rule:
    """Return the rule of an option that is one of some words.

    >>> one_of("macro", "micro", "weighted").problem("average", "none")
    "average must be macro, micro or weighted, got 'none'"
    """
    wanted = f"{', '.join(words[:-1])} or {words[-1]}"
    return Rule(wanted, lambda value: isinstance(value, str) and value in words)


NUMBER: Final = Rule("a number", _is_number)
ABOVE_ZERO: Final = Rule("a number above 0", lambda v: _is_number(v) and v > 0)
WHOLE: Final = Rule("a whole number", _is_whole)
COUNT: Final = Rule("a whole number above 0", lambda v: _is_whole(v) and v > 0)
WHOLE_OR_NULL: Final = Rule(
    "a whole number or null", lambda v: v is None or _is_whole(v)
)
FLAG: Final = Rule("true or false", lambda v: isinstance(v, bool))
TEXT: Final = Rule("a text", lambda v: isinstance(v, str))

_BY_TYPE: Final[Mapping[object, Rule]] = {
    float: NUMBER,
    int: WHOLE,
    bool: FLAG,
    str: TEXT,
}

AVERAGES: Final = one_of("macro", "micro", "weighted", "binary")
"""Ways to make one number of those of the classes."""

LABEL_AVERAGES: Final = one_of("macro", "micro", "weighted")
"""Ways to make one number of those of the labels."""

JACCARD_AVERAGES: Final = one_of("macro", "micro", "weighted", "samples")
"""The same, or the mean of a number for each example."""

Average: TypeAlias = Annotated[str, AVERAGES]
LabelAverage: TypeAlias = Annotated[str, LABEL_AVERAGES]
JaccardAverage: TypeAlias = Annotated[str, JACCARD_AVERAGES]
AboveZero: TypeAlias = Annotated[float, ABOVE_ZERO]
Count: TypeAlias = Annotated[int, COUNT]
WholeOrNull: TypeAlias = Annotated[int | None, WHOLE_OR_NULL]


def rules_of(function: Callable[..., Any]) -> Mapping[str, Rule]:
    """Return the rules of a function's parameters, as far as its annotations say."""
    try:
        hints = typing.get_type_hints(function, include_extras=True)
    except (NameError, TypeError):
        return {}  # a course's own function may name types that are not there
    found = {name: _rule_of(hint) for name, hint in hints.items()}
    return {name: rule for name, rule in found.items() if rule}


def _rule_of(hint: object) -> Rule | None:
    written = (item for item in typing.get_args(hint) if isinstance(item, Rule))
    return next(written, None) or _BY_TYPE.get(_hashable(hint))


def _hashable(hint: object) -> object:
    return hint if isinstance(hint, type) else None
