"""What is wrong with a document, and where."""

import difflib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a file, as editors and compilers write it.

    >>> str(Location(Path("rubrics/digits.yaml"), 14, 3))
    'rubrics/digits.yaml:14:3'
    """

    path: Path
    """The file."""

    line: int = 1
    """Counted from 1."""

    column: int = 1
    """Counted from 1."""

    def __str__(self) -> str:
        """Return ``path:line:column``."""
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong, where, and the way out."""

    location: Location
    """Where."""

    text: str
    """What is wrong; after a semicolon, the remedy."""

    def __str__(self) -> str:
        """Return ``path:line:column: what is wrong; remedy``."""
        return f"{self.location}: {self.text}"


class Invalid(Exception):  # noqa: N818 - callers turn it into an error of their own
    """A document does not say what it must; holds every problem found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Keep the problems in the order of their places."""
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


def suggestion(word: str, allowed: Collection[str]) -> str:
    """Return the way out for a word that is not allowed.

    >>> suggestion("treshold", ["metric", "threshold"])
    "did you mean 'threshold'?"
    >>> suggestion("x", ["metric", "threshold"])
    "use 'metric' or 'threshold'"
    """
    close = difflib.get_close_matches(word, allowed, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    if not allowed:
        return "remove it"
    *head, last = (repr(name) for name in sorted(allowed))
    return f"use {', '.join(head)} or {last}" if head else f"use {last}"
