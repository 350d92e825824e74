"""Words that notices share."""

from collections.abc import Iterable
from typing import Final

_MOST_NAMED: Final = 5


def named(names: Iterable[object]) -> str:
    """Return a few of many names.

    >>> named("abc"), named("abcdefgh")
    ('a, b, c', 'a, b, c, d, e and 3 more')
    """
    known = list(map(str, names))
    more = len(known) - _MOST_NAMED
    shown = ", ".join(known[:_MOST_NAMED])
    return f"{shown} and {more} more" if more > 0 else shown
