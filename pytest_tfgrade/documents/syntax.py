"""What the YAML parser found, in words for people who write rubrics."""

import re
from pathlib import Path
from typing import Final, NamedTuple

import yaml

from pytest_tfgrade.documents.problems import Location, Problem


class _Mistake(NamedTuple):
    """One kind of mistake, known by the parser's own words."""

    pattern: str
    """Matches ``context, problem``; its groups fill the text."""

    text: str
    """What is wrong; after a semicolon, the remedy."""

    at_start: bool = False
    """Whether the place is where the parser began, not where it gave up."""


_MISTAKES: Final = (
    _Mistake(r"found character '\\t'", "a tab stands here; indent with spaces"),
    _Mistake(
        r"found character '(.)' that cannot start",
        "a text cannot begin with {0!r}; put it in quotes",
    ),
    _Mistake(
        r"could not find expected ':'",
        "there is no ':' after this key; write key: value",
        at_start=True,
    ),
    _Mistake(
        r"mapping values are not allowed",
        "':' cannot stand here; put a text that holds ': ' in quotes, or correct the "
        "indentation",
    ),
    _Mistake(
        r"sequence entries are not allowed",
        "a list with '-' cannot begin here; begin it on the next line",
    ),
    _Mistake(
        r"flow (?:sequence|mapping), expected (',' or '[\]}}]')",
        "{0} is missing before this; the bracket opens at {start}",
    ),
    _Mistake(
        r"quoted scalar, found (?:unexpected end|unexpected document)",
        "this quote is not closed; add one at the end of the text",
        at_start=True,
    ),
    _Mistake(
        r"found unknown escape character '(.)'",
        "'\\{0}' means nothing in double quotes; use single quotes",
    ),
    _Mistake(
        r"expected <block end>",
        "does not fit what stands before it; check the indentation and the quotes",
    ),
    _Mistake(
        r"scanning a block scalar",
        "'>' and '|' begin a text of several lines; put a text that begins with one of "
        "them in quotes, as '>= 16'",
        at_start=True,
    ),
    _Mistake(
        r"found another document",
        "a second document begins here; write one for each file, without '---'",
    ),
    _Mistake(
        r"undefined alias|scanning an alias",
        "'*' begins a reference to an '&' anchor, and there is none; put a text that "
        "begins with '*' in quotes",
        at_start=True,
    ),
    _Mistake(
        r"scanning an anchor",
        "'&' begins an anchor; put a text that begins with '&' in quotes",
        at_start=True,
    ),
)


def syntax_problem(path: Path, error: yaml.MarkedYAMLError) -> Problem:
    """Say where a text stops being YAML, and what can be done."""
    said = ", ".join(part for part in (error.context, error.problem) if part)
    start = error.context_mark or error.problem_mark
    end = error.problem_mark or error.context_mark
    for mistake in _MISTAKES:
        found = re.search(mistake.pattern, said)
        if found and start and end:
            opens = f"{start.line + 1}:{start.column + 1}"
            text = mistake.text.format(*found.groups(), start=opens)
            return Problem(location(path, start if mistake.at_start else end), text)
    place = Location(path) if end is None else location(path, end)
    return Problem(place, f"is not YAML: {said}")


def character_problem(path: Path, text: str, position: int) -> Problem:
    """Name a character that no YAML may hold."""
    before = text[:position]
    line, column = before.count("\n") + 1, position - before.rfind("\n")
    what = f"holds the character {text[position]!r}; remove it"
    return Problem(Location(path, line, column), what)


def location(path: Path, mark: yaml.Mark) -> Location:
    """Return the parser's place, counted from 1."""
    return Location(path, mark.line + 1, mark.column + 1)
