"""The command ``tfgrade`` itself: what it offers, and how it ends."""

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Run

HELP = """\
usage: tfgrade rubric [-h] COMMAND ...

positional arguments:
  COMMAND
    check     Check rubrics, the exam file and the data's descriptions
    new       Write a rubric for hidden data
    explain   Explain a rubric, or a name that rubrics use
    selftest  Try rubrics on models and trivial predictors whose points are
              known
    schema    Print the JSON Schema of a rubric, for editors

options:
  -h, --help  show this help message and exit
"""


@pytest.fixture(autouse=True)
def _eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def test_the_help_lists_the_commands(run: "Run") -> None:
    ran = run("rubric", "--help")

    assert (ran.status, ran.out, ran.err) == (0, HELP, "")


def test_the_help_of_check_says_that_it_does_not_read_the_data(run: "Run") -> None:
    ran = run("rubric", "check", "--help")

    assert ran.out.split("\n\n")[1] == (
        "Check rubrics, the exam file and the data's descriptions. The data "
        "themselves\nare not read: tfgrade rubric selftest does that."
    )


@pytest.mark.parametrize(
    "words",
    [
        ["init"],
        ["grade"],
        ["inspect"],
        ["validate"],
        ["doctor"],
        ["compare"],
        ["rubric", "check"],
        ["rubric", "new"],
        ["rubric", "explain"],
        ["rubric", "selftest"],
        ["rubric", "schema"],
    ],
    ids=" ".join,
)
def test_each_command_has_a_help(run: "Run", words: list[str]) -> None:
    ran = run(*words, "--help")

    assert (ran.status, ran.err) == (0, "")
    assert ran.out.startswith(f"usage: tfgrade {' '.join(words)} [-h]")


def test_the_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom pytest_tfgrade.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'numpy', 'pydantic', 'yaml', 'pytest', 'tensorflow'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )

    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert shown.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ([], "tfgrade: error: the following arguments are required: COMMAND\n"),
        (
            ["rubric"],
            "tfgrade rubric: error: the following arguments are required: COMMAND\n",
        ),
        (["init"], "tfgrade init: error: the following arguments are required: DIR\n"),
    ],
)
def test_a_call_that_makes_no_sense_ends_with_2(
    run: "Run", words: list[str], text: str
) -> None:
    ran = run(*words)

    assert (ran.status, ran.out) == (2, "")
    assert ran.err.endswith(text)


def test_a_command_that_is_not_there_ends_with_2(run: "Run") -> None:
    ran = run("rubric", "chek")

    assert (ran.status, ran.out) == (2, "")
    assert "argument COMMAND: invalid choice: 'chek' (choose from " in ran.err


def test_rubrics_that_are_not_there_are_a_mistake(run: "Run") -> None:
    ran = run("rubric", "check")

    assert (ran.status, ran.out, ran.err) == (
        2,
        "",
        "rubrics: there are no rubrics; give the place of a rubric or of a folder of "
        "them\n",
    )
