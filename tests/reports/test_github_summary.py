"""The summary of a step, and the room that GitHub gives it."""

from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from pytest_tfgrade.core.grade import Gradebook
from pytest_tfgrade.reports.github_summary import GithubSummaryReport
from pytest_tfgrade.reports.interface import PLAIN, Destination

ROOM = 1 << 20
"""Bytes of a step's summary; GitHub drops a larger one whole."""


def test_of_one_submission_it_is_the_candidates_page(gradebook: Gradebook) -> None:
    alice = gradebook.grades[0]

    lines = _text(replace(gradebook, grades=(alice,))).splitlines()

    assert lines[:7] == [
        "# Winter exam",
        "",
        "## alice",
        "",
        "**3.5/10 points**, not passed",
        "",
        "### digits: 3.5/5 points",
    ]


@pytest.mark.parametrize("letter", ["x", "模"])
def test_what_does_not_fit_is_left_out_row_by_row_and_counted(
    gradebook: Gradebook, letter: str
) -> None:
    alice = gradebook.grades[0]
    names = [f"{number}{letter * 2000}" for number in range(900)]
    grades = tuple(replace(alice, id=name) for name in names)

    text = _text(replace(gradebook, grades=grades, isolated=False))

    assert 900_000 < len(text.encode()) <= ROOM
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    cells = [token.content for token in tokens if token.type == "inline"]
    rows = [cell for cell in cells if cell.endswith(letter * 2000)]
    left_out = len(names) - len(rows)
    assert rows == names[: len(rows)]
    told = f"{left_out} more lines do not fit here; the other reports have them"
    assert cells[-1] == told
    assert cells[1].startswith("**NOT ISOLATED")


def test_it_goes_to_the_summary_of_the_step(gradebook: Gradebook) -> None:
    [file] = GithubSummaryReport().render(gradebook, PLAIN)

    assert file.destination is Destination.GITHUB_STEP_SUMMARY


def _text(gradebook: Gradebook) -> str:
    [file] = GithubSummaryReport().render(gradebook, PLAIN)
    return "".join(file.text)
