"""Annotations, read back as GitHub's runner reads the log of a step."""

import re
from collections import Counter
from dataclasses import dataclass, replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_tfgrade.core.grade import Gradebook
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.reports.github_annotations import GithubAnnotationsReport
from pytest_tfgrade.reports.interface import PLAIN, Destination
from pytest_tfgrade.reports.workflow_commands import Level, annotation


@dataclass(frozen=True)
class Command:
    """A command as the runner understands it."""

    name: str
    properties: dict[str, str]
    data: str


def commands(log: str) -> list[Command]:
    """Return what GitHub's runner does when it reads a log.

    A line that begins with ``::``, blanks aside, is a command; so is what follows
    ``##[`` anywhere in a line. Lines end where .NET says.
    """
    found = []
    for line in re.split(r"\r\n|\r|\n", log):
        match = re.fullmatch(r"::([^: ]+)(?: ([^:]*))?::(.*)", line.strip())
        if match:
            pairs = (pair.split("=", 1) for pair in (match[2] or "").split(","))
            properties = {name: _unescaped(value, ":,") for name, value in pairs}
            found.append(Command(match[1], properties, _unescaped(match[3])))
        elif "##[" in line or line.strip().startswith("::"):
            found.append(Command("not ours", {}, line))
    return found


def _unescaped(text: str, more: str = "") -> str:
    for character in f"\r\n{more}%":  # the percent sign last
        text = text.replace(f"%{ord(character):02X}", character)
    return text


def test_the_gravest_comes_first_and_says_whose_fault_it_is(
    gradebook: Gradebook,
) -> None:
    read = [(c.name, c.properties["title"]) for c in commands(text_of(gradebook))]

    assert read == [
        ("error", "bob::fashion::loss"),  # the grader failed
        ("error", "bob::digits"),  # not one for each criterion
        ("warning", "alice::digits::accuracy"),
        ("warning", "alice::fashion::compiled"),
        ("notice", "bob"),
        ("notice", "alice"),
    ]


@pytest.mark.parametrize("number", [1, 5, 10, 11, 200])
def test_no_more_than_github_keeps_and_how_many_are_left_out(
    gradebook: Gradebook, number: int
) -> None:
    alice, bob = gradebook.grades
    grades = tuple(
        replace(grade, id=f"{grade.id}{place}")
        for place in range(number)
        for grade in (alice, bob)
    )

    read = commands(text_of(replace(gradebook, grades=grades)))

    of_each = {level: [c for c in read if c.name == level] for level in Level}
    assert {level: len(found) for level, found in of_each.items()} == {
        "error": min(2 * number, 10),
        "warning": min(2 * number, 10),
        "notice": min(2 * number, 8),
    }
    for found, most in zip(of_each.values(), (10, 10, 8), strict=True):
        left_out = 2 * number - most + 1
        said = f"{left_out} more are not shown here; the other reports have them"
        assert (found[-1].data == said) is (2 * number > most)


def test_what_weighs_more_is_said_before_what_weighs_less(
    gradebook: Gradebook,
) -> None:
    alice = gradebook.grades[0]
    task = alice.tasks[0]
    criteria = tuple(
        replace(task.criteria[1], id=f"c{lost}", points=4 - Decimal(lost) / 10)
        for lost in range(1, 31)
    )
    grades = (replace(alice, tasks=(replace(task, criteria=criteria),)),)

    read = commands(text_of(replace(gradebook, grades=grades)))

    titles = [c.properties["title"] for c in read if c.name == "warning"]
    assert titles == [*(f"alice::digits::c{n}" for n in range(30, 21, -1)), "tfgrade"]


def test_one_cause_that_leaves_many_scores_open_is_said_once(
    gradebook: Gradebook,
) -> None:
    bob = gradebook.grades[1]
    error = bob.tasks[1].criteria[1]
    criteria = tuple(replace(error, id=f"c{n}") for n in range(20))
    grades = (replace(bob, tasks=(replace(bob.tasks[1], criteria=criteria),)),)

    read = commands(text_of(replace(gradebook, grades=grades)))

    assert Counter(command.name for command in read) == {"error": 1, "notice": 1}


def test_no_isolation_and_a_partial_run_are_said_before_any_loss(
    gradebook: Gradebook,
) -> None:
    grades = replace(gradebook, isolated=False, planned=99)

    read = [c.data for c in commands(text_of(grades)) if c.name == "warning"]

    assert [text.partition(":")[0] for text in read[:2]] == [
        "NOT ISOLATED",
        "partial run",
    ]


def test_hostile_texts_begin_no_command_of_their_own(
    hostile_gradebook: Gradebook, hostile: str
) -> None:
    read = commands(text_of(hostile_gradebook))

    assert Counter(command.name for command in read) == {
        "error": 1,
        "warning": 1,
        "notice": 1,
    }
    assert read[2].properties == {"title": printable(hostile, limit=255)}


@given(st.text(st.characters() | st.sampled_from("%\r\n:,#[]\u2028\x85"), max_size=50))
def test_any_text_is_read_back_as_it_was_given(text: str) -> None:
    [read] = commands(annotation(Level.ERROR, text, text))

    shown = printable(text)
    assert read == Command("error", {"title": shown}, shown.rstrip())


def test_it_goes_to_the_log(gradebook: Gradebook) -> None:
    [file] = GithubAnnotationsReport().render(gradebook, PLAIN)

    assert file.destination is Destination.LOG


def text_of(gradebook: Gradebook) -> str:
    [file] = GithubAnnotationsReport().render(gradebook, PLAIN)
    return "".join(file.text)
