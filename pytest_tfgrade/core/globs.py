"""Choosing among names by names and globs."""

from collections.abc import Iterable
from fnmatch import fnmatchcase


def is_chosen(name: str, wanted: Iterable[str]) -> bool:
    """Return whether a name is chosen; everything is where nothing is named.

    A name chooses itself, even one that would mean something else as a glob.

    >>> is_chosen("ada", ["bob", "a*"]), is_chosen("ada", []), is_chosen("[a]", ["[a]"])
    (True, True, True)
    """
    patterns = tuple(wanted)
    return not patterns or any(
        name == pattern or fnmatchcase(name, pattern) for pattern in patterns
    )
