"""Names of candidates and of files, in all that a run writes."""

import csv
import io
import json
import os
import re
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pytest

from pytest_tfgrade.core.text import identifier, with_visible_ends

MakeModel = Callable[..., Path]

NAMES = (
    "\x1b[31m\x1b[2Jred",
    "\x1b]8;;http:x\x07link\x1b]8;;\x07",
    "\x1b]52;c;Y2FuYXJ5\x07",
    "\x9b31m\x9d52;c;YQ==\x9c\x85",
    "alice\nalice::wide::file PASSED\r",
    "\u202eecila",
    "al\u200bice\u3164\ufe0f",
    "al\udcffice\udc9b31m",
    "::add-mask::passed",
    "##vso[task.complete result=Succeeded]",
    "<script>alert(1)<\u2044script>",
    "a]]>b&amp;<!--",
    "a::b[c]",
    '=HYPERLINK("x")',
    "+1",
    "-1",
    "@x",
    "\t=1+1",
    "alice;=1+1",
    "  blanks ",
    "x" * 255,
    "CON.aux",
    "a..b..",
    "-rf",
    "--tfgrade-audience=candidate",
    "Ren\u00e9e",
    "RENE",
    "rene",
    "J\u00f6rg \u6728\u6751 \U0001f600",
    "[!a]*?",
    "%2e%s{0}",
)
"""Of folders; a slash and NUL are all that cannot be in one."""

CRITERIA = 6
"""Of the course."""

UNSAFE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}

COMMAND = re.compile(r"^\s*::[a-zA-Z]|##[\w.-]*\[", re.MULTILINE)
"""What GitHub, Azure and TeamCity take for a command."""


class Written(NamedTuple):
    """What a run left behind."""

    terminal: str
    """With standard error."""

    files: Path
    """Reports, and pytest's own JUnit file."""


def grade(folder: Path, *words: str) -> Written:
    """Grade as a CI system would, and return what it would keep."""
    command = (sys.executable, "-m", "pytest", "--tfgrade=submissions", *words)
    reports = ("--tfgrade-report=out", "--junitxml=out/pytest.xml")
    ended = subprocess.run(
        (*command, *reports),
        cwd=folder,
        capture_output=True,
        check=False,
        env={**os.environ, "COLUMNS": "60"},
        timeout=120,
    )
    return Written((ended.stdout + ended.stderr).decode("utf-8"), folder / "out")


@pytest.fixture
def hostile(course: Path, make_model: MakeModel) -> Path:
    """Return a course with a submission of each name, and more files in each."""
    good = make_model("a.keras", ("Flatten", {}), ("ReLU", {})).read_bytes()
    for name in NAMES:
        folder = course / "submissions" / name
        folder.mkdir(parents=True)
        (folder / "flat.keras").write_bytes(good)
        for other in (f"{name[:200]}.keras", f"x {name[:200]}.pt"):
            (folder / other).write_bytes(b"")
    return course


@pytest.mark.parametrize(
    "words", [("-v",), ("-ra", "-n2", "-vv"), ("--collect-only", "-q")], ids=" ".join
)
def test_no_name_steers_a_terminal_or_a_ci_system(
    hostile: Path, words: tuple[str, ...]
) -> None:
    terminal = grade(hostile, *words).terminal

    assert {c for c in terminal if c != "\n" and is_unsafe(c)} == set()
    assert COMMAND.findall(terminal) == []
    assert terminal.count(identifier(NAMES[3])) > 0


def test_each_verdict_is_one_line(hostile: Path) -> None:
    terminal = grade(
        hostile,
        "-v",
    ).terminal

    shown = re.findall(
        r"^(?!hint: )(\S.*)::(?:flat|wide)::\w+ (?:PASS|FAIL|SKIP)", terminal, re.M
    )
    assert len(shown) == len(NAMES) * CRITERIA
    assert set(shown) == {with_visible_ends(identifier(name)) for name in NAMES}


def test_every_report_can_be_read_and_holds_everybody(hostile: Path) -> None:
    out = grade(hostile).files

    ids = {identifier(name) for name in NAMES}
    document = json.loads((out / "grades.json").read_text(encoding="utf-8"))
    assert {one["id"] for one in document["submissions"]} == ids
    assert {one["points"] for one in document["submissions"]} == {5}
    rows, totals = (table(out / name) for name in ("grades.csv", "totals.csv"))
    assert len(rows) == 1 + len(NAMES) * CRITERIA
    assert len({row[0] for row in totals}) == 1 + len(NAMES)
    assert {len(row) for row in rows} == {len(rows[0])}
    assert [cell for row in (*rows, *totals) for cell in row if computes(cell)] == []
    for name in ("junit.xml", "pytest.xml"):
        cases = list(ElementTree.parse(out / name).getroot().iter("testcase"))
        assert len(cases) == len(NAMES) * CRITERIA
    suites = ElementTree.parse(out / "junit.xml").getroot().iter("testsuite")
    assert {suite.attrib["name"] for suite in suites} == ids


def test_no_report_holds_what_steers_or_hides(hostile: Path) -> None:
    out = grade(hostile).files

    texts = {path.name: path.read_text(encoding="utf-8") for path in out.iterdir()}
    unsafe = {name: {*filter(is_unsafe, text)} - {"\n"} for name, text in texts.items()}
    assert unsafe == {name: set() for name in texts}
    assert {name: COMMAND.findall(text) for name, text in texts.items()} == {
        name: [] for name in texts
    }


def test_a_name_given_to_an_option_is_escaped_in_what_is_said_of_it(
    hostile: Path,
) -> None:
    name = "\x1b[31mnobody"

    missing = grade(hostile, f"--tfgrade=submissions/{name}").terminal
    unknown = grade(hostile, f"--tfgrade-candidate={name}").terminal
    named = grade(hostile, f"submissions/{NAMES[0]}").terminal

    texts = (missing, unknown, named)
    assert all(r"\x1b[31m" in text for text in texts)
    assert ["\x1b" in text for text in texts] == [False, False, False]


def is_unsafe(character: str) -> bool:
    """Return whether a character steers, hides or ends something."""
    hides = character in "\u3164\ufe0f"
    return hides or unicodedata.category(character) in UNSAFE


def computes(cell: str) -> bool:
    """Return whether a spreadsheet would compute a cell."""
    parts = re.split(r";\s*", cell)
    numbers = re.compile(r"-?\d+(\.\d+)?")
    return any(part[:1] in {*"=+-@"} and not numbers.fullmatch(part) for part in parts)


def table(path: Path) -> list[list[str]]:
    """Return the rows of a CSV file."""
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
