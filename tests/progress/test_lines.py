"""Lines of progress among pytest's own: nothing is torn apart."""

import io

import pytest

from pytest_tfgrade.engine import Job
from pytest_tfgrade.progress.lines import EVERY, FIRST, Lines
from pytest_tfgrade.progress.tally import Tally

Shown = tuple[pytest.TerminalReporter, io.StringIO]


class Clock:
    """Stands still until it is moved."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Screen:
    """pytest's own reporter, and lines of progress between what it writes."""

    def __init__(self, config: pytest.Config, *, of_workers: bool = False) -> None:
        self.clock = Clock()
        self.tally = Tally(self.clock)
        self.tally.began(4)
        self.tally.started(Job("alice", "digits"))
        self._file = io.StringIO()
        self.reporter = pytest.TerminalReporter(config, self._file)
        self.lines = Lines(self.reporter, self.tally, 4, of_workers=of_workers)

    def start(self, nodeid: str) -> None:
        self.lines.pytest_runtest_logstart(nodeid)
        location = nodeid.partition("::")[0], None, nodeid
        self.reporter.pytest_runtest_logstart(nodeid, location)

    def letter(self, letter: str) -> None:
        self.reporter.write(letter)
        self.lines.pytest_runtest_logfinish()

    @property
    def text(self) -> str:
        return self._file.getvalue()


@pytest.fixture
def screen(pytester: pytest.Pytester) -> Screen:
    return Screen(pytester.parseconfigure())


STANDING = "tfgrade: 0 of 4 tasks (0%); now alice::digits for"


def test_a_run_of_a_few_seconds_gets_no_line(screen: Screen) -> None:
    screen.start("alice::digits::a")
    screen.clock.now += FIRST - 1
    screen.lines.show()
    screen.letter(".")
    screen.lines.end()

    assert screen.text == "\nalice ."


def test_a_line_stands_between_two_criteria(screen: Screen) -> None:
    screen.start("alice::digits::a")
    screen.letter(".")
    screen.clock.now += FIRST
    screen.start("alice::digits::b")
    screen.letter("F")

    assert screen.text == f"\nalice .\n{STANDING} 10 s\nalice F"


def test_who_is_waited_for_is_named_again_after_a_line(screen: Screen) -> None:
    screen.start("alice::digits::a")
    screen.clock.now += FIRST
    screen.lines.show()
    screen.letter(".")
    screen.start("alice::digits::b")
    screen.letter(".")

    assert screen.text == f"\nalice \n{STANDING} 10 s\nalice .."


def test_lines_come_every_thirty_seconds_and_one_at_the_end(screen: Screen) -> None:
    screen.clock.now += FIRST
    for _ in range(3):
        screen.lines.show()
        screen.clock.now += EVERY / 2
    screen.tally.finished(Job("alice", "digits"), recalled=False)
    screen.lines.end()

    assert screen.text == (
        f"{STANDING} 10 s\n{STANDING} 40 s\ntfgrade: 1 of 4 tasks in 55 s"
    )


def test_a_line_begins_anew_among_the_lines_of_a_verbose_run(
    pytester: pytest.Pytester,
) -> None:
    screen = Screen(pytester.parseconfigure("-v"))
    screen.start("alice::digits::a")
    screen.clock.now += FIRST
    screen.lines.show()
    screen.reporter.write_ensure_prefix("alice::digits::a ", "PASSED")
    screen.lines.pytest_runtest_logfinish()
    screen.clock.now += EVERY
    screen.start("alice::digits::b")

    assert screen.text == (
        f"\nalice::digits::a \n{STANDING} 10 s\nalice::digits::a PASSED"
        f"\n{STANDING} 40 s\nalice::digits::b "
    )


def test_letters_of_workers_get_lines_of_their_own(pytester: pytest.Pytester) -> None:
    screen = Screen(pytester.parseconfigure(), of_workers=True)
    screen.reporter.showfspath = False
    screen.letter(".")
    screen.clock.now += FIRST
    screen.start("alice::digits::b")
    screen.letter(".")

    assert screen.text == f".\n{STANDING} 10 s\n."
