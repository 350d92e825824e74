"""Progress where lines stay: a line now and then among pytest's own."""

from typing import Final

import pytest

from pytest_tfgrade.progress.tally import Tally
from pytest_tfgrade.reports.progress_line import render_end, render_standing

FIRST: Final = 10.0
"""Seconds after which a run is worth a line; a shorter one gets none."""

EVERY: Final = 30.0
"""Seconds between two lines."""


class Lines:
    """Writes whole lines where pytest's own would end."""

    def __init__(
        self,
        reporter: pytest.TerminalReporter,
        tally: Tally,
        criteria: int,
        *,
        of_workers: bool = False,
    ) -> None:
        """Write nothing yet.

        Args:
            reporter: Writes to the terminal.
            tally: What is shown.
            criteria: That pytest will report.
            of_workers: Whether they run in other processes, of pytest-xdist.
        """
        self._reporter = reporter
        self._tally = tally
        self._unreported = criteria
        self._of_workers = of_workers
        self._due = FIRST
        self._node = ""
        self._is_open = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Be between two criteria, and within one from here on."""
        self.show()
        self._node = nodeid

    def pytest_runtest_logfinish(self) -> None:
        """Be between two criteria."""
        self._node = ""
        self._unreported -= 1

    def show(self) -> None:
        """Write a line every 30 seconds."""
        if self._tally.seconds < self._due:
            return
        standing = self._tally.standing(self._unreported)
        if standing is not None:
            self._due = self._tally.seconds + EVERY
            self._write(render_standing(standing))

    def end(self) -> None:
        """Write what was done, if anything was written before."""
        standing = self._tally.standing()
        if standing is not None and self._due > FIRST:
            self._node = ""
            self._write(render_end(standing, self._tally.seconds))

    def _write(self, text: str) -> None:
        """Write a line, and leave the cursor where pytest takes it to be."""
        line = f"tfgrade: {text}"
        if self._of_workers:
            # Letters of reports stand in a line that pytest knows no beginning of.
            before = "" if self._reporter.showlongtestinfo else "\n"
            self._reporter.ensure_newline()
            self._reporter.write(f"{before}{line}\n", flush=True)
            return
        if self._reporter.currentfspath is None and self._is_open:
            self._reporter.write("\n")
        self._reporter.ensure_newline()
        self._reporter.write(line, flush=True)
        self._is_open = True  # pytest ends it: what it writes next begins a line
        if self._node and not self._reporter.showlongtestinfo:
            self._reporter.write_fspath_result(self._node, "")
