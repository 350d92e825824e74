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


class Elsewhere(ValueError):  # noqa: N818 - a finding, not a fault of this document
    """A value is of no use because of another file; the problem stands there."""

    def __init__(self, problem: Problem) -> None:
        """Keep what is wrong, and where."""
        self.problem = problem
        super().__init__(str(problem))


def closest(word: str, allowed: Iterable[str]) -> str | None:
    """Return the word that is likely meant; None if none is close.

    Two letters that changed places are likelier than a wrong one.

    >>> closest("mea", ["mse", "mae"]), closest("x", ["metric"])
    ('mae', None)
    """
    known = [str(name) for name in allowed]
    close = difflib.get_close_matches(word, known, n=max(len(known), 1))
    swapped = [name for name in close if sorted(name) == sorted(word)]
    return next(iter([*swapped, *close]), None)


def suggestion(word: str, allowed: Collection[str]) -> str:
    """Return the way out for a word that is not allowed.

    >>> suggestion("treshold", ["metric", "threshold"])
    "did you mean 'threshold'?"
    >>> suggestion("x", ["metric", "threshold"])
    "use 'metric' or 'threshold'"
    """
    close = closest(word, allowed)
    if close:
        return f"did you mean {close!r}?"
    if not allowed:
        return "remove it"
    *head, last = (repr(name) for name in sorted(allowed))
    return f"use {', '.join(head)} or {last}" if head else f"use {last}"
