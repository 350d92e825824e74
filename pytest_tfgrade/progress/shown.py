"""What of a run's progress is shown, and where."""

import os
import threading
from collections.abc import Callable, Generator, Iterable, Sequence
from typing import Final

import pytest

from pytest_tfgrade.collection import CriterionItem
from pytest_tfgrade.distribution import is_controller, is_worker
from pytest_tfgrade.engine import Job
from pytest_tfgrade.progress.by_reports import ByReports
from pytest_tfgrade.progress.interface import Display, Nowhere
from pytest_tfgrade.progress.lines import Lines
from pytest_tfgrade.progress.live import Live
from pytest_tfgrade.progress.tally import Clock, Tally

_DISPLAY: Final = "tfgrade-progress-display"
_BY_REPORTS: Final = "tfgrade-progress-by-reports"

_WRITING: Final = ("usepdb", "trace", "setupshow", "setuponly", "setupplan")
"""Options with which pytest writes to the terminal while tests run."""


class Progress:
    """Shows how far a run has come: a plugin, and the watch of the run."""

    def __init__(
        self,
        config: pytest.Config,
        reporter: pytest.TerminalReporter,
        jobs: Callable[[], Iterable[Job]],
        clock: Clock | None = None,
    ) -> None:
        """Show nothing yet.

        Args:
            config: Of this process.
            reporter: Writes to the terminal.
            jobs: Returns all that there may be; asked when tests are collected.
            clock: Returns seconds, and never goes back; default: the system's.
        """
        self._config = config
        self._reporter = reporter
        self._jobs = jobs
        self._tally = Tally(clock) if clock else Tally()
        self._display: Display = Nowhere()
        self._thread = threading.get_ident()
        self._has_ended = False

    def began(self, total: int) -> None:
        """Learn how many jobs there are."""
        self._tally.began(total)
        self.show()

    def started(self, job: Job) -> None:
        """Learn that a job is being graded."""
        self._tally.started(job)

    def finished(self, job: Job, *, recalled: bool) -> None:
        """Learn that a job has a grade."""
        self._tally.finished(job, recalled=recalled)
        if threading.get_ident() == self._thread:  # grades are recalled before tests
            self.show()

    def show(self) -> None:
        """Show where the run stands, if it is time; from the main thread alone."""
        self._display.show()

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtestloop(
        self, session: pytest.Session
    ) -> Generator[None, object, object]:
        """Show progress while tests run, and nothing of it after they ended."""
        self._thread = threading.get_ident()
        if not is_controller(self._config):
            are_ours = all(isinstance(item, CriterionItem) for item in session.items)
            self._begin(len(session.items), are_ours=are_ours)
        try:
            return (yield)
        finally:
            self._end()

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        """Learn what workers will run from the first of them; all run the same."""
        if self._config.pluginmanager.has_plugin(_BY_REPORTS):
            return

        def begin() -> None:  # not before pytest-xdist's own lines are written
            self._begin(len(ids), are_ours=by_reports.are_all_criteria(ids))

        by_reports = ByReports(self._jobs(), self, when_running=begin)
        self._config.pluginmanager.register(by_reports, _BY_REPORTS)
        by_reports.begin(ids)

    @pytest.hookimpl(tryfirst=True)
    def pytest_internalerror(self) -> None:
        """Let what went wrong begin a line, if the run's end has left one open."""
        if self._has_ended:
            self._reporter.write("\n")

    def _begin(self, criteria: int, *, are_ours: bool) -> None:
        if are_ours and _may_draw(self._config, self._reporter):
            self._display = Live(self._reporter, self._tally, criteria)
        else:
            workers = is_controller(self._config)
            self._display = Lines(
                self._reporter, self._tally, criteria, of_workers=workers
            )
        self._config.pluginmanager.register(self._display, _DISPLAY)

    def _end(self) -> None:
        self._display.end()
        self._display = Nowhere()
        self._has_ended = True
        for name in (_DISPLAY, _BY_REPORTS):
            if self._config.pluginmanager.has_plugin(name):
                self._config.pluginmanager.unregister(name=name)


def progress_of(
    config: pytest.Config, jobs: Callable[[], Iterable[Job]]
) -> Progress | None:
    """Return what shows the progress of a run; None if nobody wants to see it.

    Args:
        config: Of this process, once all plugins are configured.
        jobs: Returns all jobs that there may be.
    """
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    is_quiet = config.get_verbosity() < 0 or config.option.collectonly
    if reporter is None or is_quiet or is_worker(config):
        return None
    return Progress(config, reporter, jobs)


def _may_draw(config: pytest.Config, reporter: pytest.TerminalReporter) -> bool:
    """Return whether there is a terminal, and nobody else would write to it."""
    is_terminal = bool(reporter.isatty) and os.environ.get("TERM", "dumb") != "dumb"
    is_log = any(name in os.environ for name in ("CI", "BUILD_NUMBER"))
    of_tests = config.get_verbosity(pytest.Config.VERBOSITY_TEST_CASES)
    asked = (config.getoption(name, False) for name in _WRITING)
    others_write = (
        type(reporter) is not pytest.TerminalReporter,  # a plug-in has its own way
        config.getoption("capture", "fd") == "no",
        config.getini("log_cli"),
        *asked,
    )
    return is_terminal and not is_log and of_tests <= 0 and not any(others_write)
