"""Progress of whole runs: on a terminal, in a log, with other tests, with workers."""

import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
from fcntl import ioctl
from pathlib import Path

import pytest

COLUMNS = 78
COMMAND = (
    *(sys.executable, "-m", "pytest", "--tfgrade=submissions", "--tb=no"),
    *("--tfgrade-sandbox=off", "-p", "no:cacheprovider", "--no-summary"),
)
SLOW = """
import time

from pytest_tfgrade.api import Measured, Model


def slow(model: Model) -> Measured:
    \"\"\"It takes its time.\"\"\"
    time.sleep(0.4)
    return Measured(rationale="slow")
"""
QUICK_LINES = """
import pytest_tfgrade.progress.lines

pytest_tfgrade.progress.lines.FIRST = pytest_tfgrade.progress.lines.EVERY = 0.1
"""


class Terminal:
    """A run of pytest on a terminal of its own."""

    def __init__(self, folder: Path, *words: str, **environment: str) -> None:
        """Start it."""
        ours, its = pty.openpty()
        ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
        kept = {k: v for k, v in os.environ.items() if k not in {"CI", "BUILD_NUMBER"}}
        self._process = subprocess.Popen(
            [*COMMAND, *words],
            cwd=folder,
            env={**kept, "TERM": "xterm", "PY_COLORS": "0", **environment},
            stdin=its,
            stdout=its,
            stderr=its,
            start_new_session=True,
        )
        os.close(its)
        self._ours = ours
        self.raw = ""

    def read(self, until: str | None = None) -> str:
        """Return what was written, up to its end or to a text."""
        while until is None or until not in self.raw:
            assert select.select([self._ours], [], [], 60)[0], self.raw
            try:
                more = os.read(self._ours, 65536)
            except OSError:  # the other end is closed
                break
            self.raw += more.decode()
        return self.raw

    def interrupt(self) -> None:
        """Do as Ctrl-C does."""
        self._process.send_signal(signal.SIGINT)

    def end(self) -> int:
        """Read all that is left, and return the exit status."""
        self.read()
        os.close(self._ours)
        return self._process.wait(60)


def screen(raw: str) -> list[str]:
    """Return the lines that a terminal shows in the end, without times."""
    rows, column = [""], 0
    for part in re.findall(r"\x1b\[K|\r|\n|[^\x1b\r\n]+", raw):
        if part == "\n":
            rows.append("")
        elif part == "\r":
            column = 0
        elif part == "\x1b[K":
            rows[-1] = rows[-1][:column]
        else:
            rows[-1] = rows[-1][:column] + part + rows[-1][column + len(part) :]
            column += len(part)
    return [re.sub(r"in \d+ s\b", "in N s", row.rstrip()) for row in rows]


def among(rows: list[str], first: str, last: str) -> list[str]:
    """Return the rows after the one that begins with a text, up to another such."""
    begin = next(n for n, row in enumerate(rows) if row.startswith(first))
    end = next(n for n, row in enumerate(rows) if n > begin and row.startswith(last))
    return rows[begin + 1 : end]


@pytest.fixture
def slow_course(course: Path, submissions: Path) -> Path:
    """Six tasks; those of alice and bob take a while."""
    for rubric in ("flat", "wide"):
        path = course / "rubrics" / f"{rubric}.yaml"
        slow = '  - {id: slow, check: "slow:slow", points: 1}\n'
        path.write_text(path.read_text() + slow, encoding="utf-8")
    (course / "rubrics" / "slow.py").write_text(SLOW, encoding="utf-8")
    (course / "quick_lines.py").write_text(QUICK_LINES, encoding="utf-8")
    return course


def test_a_terminal_shows_one_line_that_ends_as_one(slow_course: Path) -> None:
    terminal = Terminal(slow_course)

    status = terminal.end()

    assert status == 1
    assert re.search(r"\r\d of 6 tasks \(\d+%\); now alice::wide", terminal.raw)
    (end,) = among(screen(terminal.raw), "collected 24 items", "===")
    assert re.fullmatch(r"6 tasks in N s +\[100%\]", end)
    assert not re.search(r"alice [.FsEx]|submissions/", terminal.raw)


def test_ctrl_c_leaves_no_half_of_a_line(slow_course: Path) -> None:
    terminal = Terminal(slow_course)
    terminal.read("; now bob")

    terminal.interrupt()
    status = terminal.end()

    rows = screen(terminal.raw)
    assert status == 2
    (end,) = among(rows, "collected 24 items", "===")
    assert re.fullmatch(r"\d of 6 tasks in N s", end)
    assert any(re.fullmatch("!+ KeyboardInterrupt !+", row) for row in rows)


@pytest.mark.parametrize(
    ("words", "environment"),
    [
        pytest.param(("-q",), {}, id="quiet"),
        pytest.param(("-v",), {}, id="verbose"),
        pytest.param(("--pdb",), {}, id="debugger"),
        pytest.param((), {"CI": "true"}, id="log-of-ci"),
        pytest.param((), {"TERM": "dumb"}, id="no-cursor"),
    ],
)
def test_nothing_is_drawn_where_it_would_be_in_the_way(
    course: Path, submissions: Path, words: tuple[str, ...], environment: dict[str, str]
) -> None:
    terminal = Terminal(course, *words, **environment)

    terminal.end()

    assert "\x1b[K" not in terminal.raw
    assert not re.search(r"\d tasks", terminal.raw)


def test_beside_other_tests_pytest_writes_its_letters(slow_course: Path) -> None:
    tests = slow_course / "tests"
    tests.mkdir()
    (tests / "test_own.py").write_text("def test_own(): pass", encoding="utf-8")

    terminal = Terminal(slow_course, "tests")
    terminal.end()

    rows = among(screen(terminal.raw), "collected 25 items", "===")
    assert [row.split(" ")[:2] for row in rows if row] == [
        ["alice", "........"],
        ["bob", ".FF...F."],
        ["carol", "FsssFsss"],
        ["tests/test_own.py", "."],
    ]


def test_workers_of_xdist_are_shown_on_a_terminal(slow_course: Path) -> None:
    pytest.importorskip("xdist")

    terminal = Terminal(slow_course, "-n", "2")
    terminal.end()

    end = among(screen(terminal.raw), "2 workers [24 items]", "===")
    assert [re.sub(r" +", " ", row) for row in end] == ["6 tasks in N s [100%]"]


def test_a_log_gets_whole_lines_and_all_letters(
    slow_course: Path, pytester: pytest.Pytester
) -> None:
    result = pytester.run(*COMMAND, "-p", "quick_lines")

    told = [line for line in result.outlines if line.startswith("tfgrade: ")]
    letters = [
        line.split()[1]
        for line in result.outlines
        if re.match(r"(alice|bob|carol) [.Fs]", line)
    ]
    assert re.fullmatch(r"tfgrade: \d of 6 tasks \(\d+%\); now alice::wide.*", told[0])
    assert re.fullmatch(r"tfgrade: 6 tasks in \d+ s +\[100%\]", told[-1])
    assert "".join(letters) == "........" + ".FF...F." + "FsssFsss"


def test_a_log_of_a_short_run_is_as_ever(
    course: Path, submissions: Path, pytester: pytest.Pytester
) -> None:
    result = pytester.run(*COMMAND)

    result.stdout.no_fnmatch_line("*tasks*")
    result.stdout.fnmatch_lines("alice ......*")
