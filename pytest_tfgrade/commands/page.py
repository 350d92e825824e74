"""A page of the reference, as text for terminals and as Markdown for the docs."""

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 80
"""Columns of a terminal."""

REQUIRED: Final = "must be there"
"""What stands in the place of a default where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A key that may be written below the name of a page."""

    name: str
    """As rubrics write it."""

    default: str
    """As rubrics would write it; ``none``, or ``REQUIRED``."""

    meaning: str
    """Sentences; double backticks around what is written literally."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What there is to say of one name that rubrics use."""

    name: str
    """As rubrics write it."""

    title: str
    """What it is, in one line."""

    notes: tuple[str, ...] = ()
    """Facts in a line each: what it needs, what else it is called."""

    paragraphs: tuple[str, ...] = ()
    """More to know; double backticks around what is written literally."""

    parameters: tuple[Parameter, ...] = ()
    """What may be said of it."""

    example: str | None = None
    """YAML."""

    sample: str | None = None
    """What a candidate reads whose model does not meet the example."""

    sample_title: str = "a candidate whose model does not meet it reads"
    """What stands above the sample."""


def as_text(page: Page) -> str:
    """Return a page for a terminal."""
    return "\n\n".join(_text_blocks(page)) + "\n"


def _text_blocks(page: Page) -> Iterator[str]:
    yield as_lines(f"{page.name}: {page.title}")
    if page.notes:
        yield "\n".join(as_lines(note) for note in page.notes)
    for paragraph in page.paragraphs:
        yield as_lines(paragraph)
    if page.parameters:
        lines = [line for each in page.parameters for line in _parameter_lines(each)]
        yield "\n".join(["parameters", *lines])
    if page.example:
        yield "example\n" + textwrap.indent(page.example.strip(), "  ")
    if page.sample:
        yield f"{page.sample_title}\n" + as_lines(page.sample, "  ")


def _parameter_lines(parameter: Parameter) -> Iterator[str]:
    default = parameter.default
    required = default == REQUIRED
    yield f"  {parameter.name} ({default if required else f'default: {default}'})"
    yield as_lines(parameter.meaning, "      ")


def as_lines(text: str, indent: str = "") -> str:
    """Break a text into the lines of a terminal, without marks around literals."""
    return textwrap.fill(
        text.replace("``", ""),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_on_hyphens=False,
        break_long_words=False,
    )


def as_markdown(page: Page) -> str:
    """Return a page as a section of Markdown."""
    return "\n\n".join(_markdown_blocks(page)) + "\n"


def _markdown_blocks(page: Page) -> Iterator[str]:
    yield f"## `{page.name}`"
    yield _marked(page.title)
    if page.notes:
        yield "\n".join(f"* {_marked(note)}" for note in page.notes)
    yield from map(_marked, page.paragraphs)
    if page.parameters:
        rows = [f"| {' | '.join(_cells(each))} |" for each in page.parameters]
        head = ["| parameter | if left out | meaning |", "|---|---|---|"]
        yield "\n".join([*head, *rows])
    if page.example:
        yield f"```yaml\n{page.example.strip()}\n```"
    if page.sample:
        title = page.sample_title
        yield f"{title[0].upper()}{title[1:]}:\n\n> {_marked(page.sample)}"


def _cells(parameter: Parameter) -> Iterator[str]:
    yield f"`{parameter.name}`"
    plain = parameter.default in {REQUIRED, "none"}
    yield parameter.default if plain else f"`{parameter.default}`"
    yield _marked(parameter.meaning).replace("|", "\\|")


def _marked(text: str) -> str:
    return text.replace("``", "`")
