"""What the YAML parser found, in words for people who write rubrics."""

import re
from collections.abc import Sequence
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
    slip = _slip_of_a_colon(error)
    if slip is not None:
        return Problem(location(path, slip), _colon_text(slip))
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


def _slip_of_a_colon(error: yaml.MarkedYAMLError) -> yaml.Mark | None:
    """Return the line that lacks a colon; None if the mistake is another.

    The parser goes on reading a text there, and gives up at the colon of a later line.
    """
    start, end = error.context_mark, error.problem_mark
    if start and "could not find expected ':'" in (error.problem or ""):
        return start
    if end is None or "mapping values are not allowed" not in (error.problem or ""):
        return None
    lines = str(end.buffer).split("\n")
    above = [n for n in range(end.line) if _PLAIN.match(lines[n])]
    if not above or _COLON.search(lines[end.line][: end.column]):
        return None
    number = above[-1]
    if _COLON.search(lines[number]) or _goes_on(lines, above):
        return None
    return yaml.Mark(end.name, 0, number, _content(lines[number]), end.buffer, 0)


_COLON: Final = re.compile(r":(\s|$)")
_PLAIN: Final = re.compile(r"[\s-]*\w")
"""The start of a line that is not empty, no comment and not in quotes or brackets."""


def _content(line: str) -> int:
    """Return the column of the first word of a line."""
    return len(line) - len(line.lstrip(" -"))


def _goes_on(lines: Sequence[str], above: Sequence[int]) -> bool:
    """Return whether the last of some lines continues the text of the one before."""
    if len(above) < 2:  # noqa: PLR2004 - there is no line before
        return False
    before, last = (lines[number] for number in above[-2:])
    has_text = not before.rstrip().endswith(":")
    return has_text and _content(before) < _content(last)


def _colon_text(mark: yaml.Mark) -> str:
    """Say what is wrong with the colon of a line."""
    line = str(mark.buffer).split("\n")[mark.line][mark.column :]
    if re.match(r"\w+:\S", line):
        return "there is no space after the ':' of this key; write key: value"
    return "there is no ':' after this key; write key: value"


def character_problem(path: Path, text: str, position: int) -> Problem:
    """Name a character that no YAML may hold."""
    before = text[:position]
    line, column = before.count("\n") + 1, position - before.rfind("\n")
    what = f"holds the character {text[position]!r}; remove it"
    return Problem(Location(path, line, column), what)


def location(path: Path, mark: yaml.Mark) -> Location:
    """Return the parser's place, counted from 1."""
    return Location(path, mark.line + 1, mark.column + 1)
