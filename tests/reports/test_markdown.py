"""Grades in Markdown, read back by a parser of it that is not ours."""

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from pytest_tfgrade.core.grade import Gradebook
from pytest_tfgrade.core.reckoning import Override
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.reports.interface import PLAIN
from pytest_tfgrade.reports.markdown import MarkdownReport
from pytest_tfgrade.reports.markdown_text import escaped, row, rule

JOINER = "\u2060"

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
"""As GitHub and GitLab have it, but for what they make links of afterwards."""

LINKED = re.compile(
    r"(?<!\w)@\w|(?<!\w)#\d|\bGH-\d|(?<!\w)[!~$]\w|\w@\w|\w://\w|\bwww\.\w",
    re.IGNORECASE,
)
"""What they make links of: mentions, numbers of issues, addresses."""

HOSTILE = (
    "<script>alert(1)</script>",
    "<!-- a comment",
    "[a link](http://evil)",
    "![an image](http://evil)",
    "[a footnote][^1]",
    "<http://evil>",
    "http://evil.example/x, www.evil.example and mallory@evil.example",
    "@anna, @org/team, #12, org/repo#12, GH-12, !12, ~label, $12",
    "a | b || c \\| d",
    "`code` ``more`` ```fence```",
    "*a* **b** _c_ __d__ ~~e~~ $x^2$",
    "# heading",
    "- item",
    "+ item",
    "1. item",
    "23) item",
    "> quote",
    "---",
    "===",
    "    indented",
    "&lt;b&gt; &#60; &copy;",
    "a\\",
    "a  \nb\r\n\n# c\u2028d",
    "::set-output name=x::1",
    "{{ x }} {% y %} [[_TOC_]] :+1:",
    "x" * 300,
    "",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_as_it_is(text: str) -> None:
    shown = [*_shown_in_a_cell(text), *_shown_as_a_heading(text)]

    assert shown == [printable(text).strip()] * 2


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_any_text_is_shown_as_it_is(text: str) -> None:
    shown = [*_shown_in_a_cell(text), *_shown_as_a_heading(text)]

    assert shown == [printable(text).strip()] * 2


@given(st.text("ab1@#!~$./:w-GH\\_*[]()<>&; ", max_size=40))
def test_nothing_is_left_that_a_platform_makes_a_link_of(text: str) -> None:
    [token] = [t for t in MARKDOWN.parse(f"x {escaped(text)}") if t.type == "inline"]

    read = "".join(child.content for child in token.children or ())
    assert LINKED.findall(read) == []


def test_a_hostile_report_holds_tables_and_text_alone(
    hostile_gradebook: Gradebook, hostile: str
) -> None:
    tokens = list(_tokens(_text(hostile_gradebook)))

    kinds = {
        token.type.removesuffix("_open").removesuffix("_close") for token in tokens
    }
    assert kinds == {
        *("heading", "paragraph", "inline", "text", "strong"),
        *("table", "thead", "tbody", "tr", "th", "td"),
    }
    assert len([token for token in tokens if token.type == "tr_open"]) == 6
    headings = [
        _content(after)
        for before, after in pairwise(tokens)
        if before.type == "heading_open"
    ]
    safe = printable(hostile)
    assert headings == [safe, safe, f"{safe}: open/4 points"]


def test_what_was_done_to_points_is_told_in_its_order(rich: Gradebook) -> None:
    grade = rich.grades[0]
    by_hand = Override(
        points=Decimal(9), comment="Handed in on <paper>.", by="", at="", why=""
    )
    task = replace(grade.tasks[0], override=replace(by_hand, points=Decimal(4)))

    text = _text(replace(rich, grades=(replace(grade, tasks=(task,)),)))
    also = _text(replace(rich, grades=(replace(grade, override=by_hand),)))

    assert [line for line in text.splitlines() if "by hand" in line or "*" in line] == [
        "**5.4/21 points**, passed",
        "* before anything was changed: 7.125",
        "* after changes by hand: 6",
        "* late by 1 day 6 hours: -0.6",
        r"points set to 4 by hand, before 4.75: Handed in on \<paper\>.",
        next(line for line in text.splitlines() if "looked-at-again" in line),
    ]
    assert r"* points set to 9 by hand: Handed in on \<paper\>." in also.splitlines()


def test_a_criterion_without_points_has_none_in_its_row(rich: Gradebook) -> None:
    grade = rich.grades[0]
    criterion = replace(
        grade.tasks[0].criteria[0],
        id="gate",
        title="",
        points=Decimal(0),
        max_points=Decimal(0),
        override=None,
    )
    task = replace(grade.tasks[0], criteria=(criterion,))

    text = _text(replace(rich, grades=(replace(grade, tasks=(task,)),)))

    [line] = [line for line in text.splitlines() if line.startswith("| gate")]
    assert line.split(" | ")[2] == ""


def _text(gradebook: Gradebook) -> str:
    [file] = MarkdownReport().render(gradebook, PLAIN)
    return "".join(file.text)


def _tokens(text: str) -> Iterator[Token]:
    for token in MARKDOWN.parse(text):
        yield token
        yield from token.children or ()


def _content(token: Token) -> str:
    """Return the text of what holds text alone."""
    kinds = {child.type for child in token.children or ()}
    assert kinds <= {"text", "text_special"}
    read = "".join(child.content for child in token.children or ())
    return read.replace(JOINER, "")


def _shown_in_a_cell(text: str) -> list[str]:
    table = "\n".join([row("ab"), rule("ll"), row([escaped(text), "end"])])
    first, *_, last = MARKDOWN.parse(table)
    assert (first.type, last.type) == ("table_open", "table_close")
    inline = [token for token in MARKDOWN.parse(table) if token.type == "inline"]
    assert [_content(token) for token in inline[:2]] == ["a", "b"]
    cell, end = inline[2:]
    assert _content(end) == "end"
    return [_content(cell)]


def _shown_as_a_heading(text: str) -> list[str]:
    opened, inline, closed = MARKDOWN.parse(f"## {escaped(text)}")
    assert (opened.tag, closed.type) == ("h2", "heading_close")
    return [_content(inline)]
