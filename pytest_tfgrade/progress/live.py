"""Progress on a terminal: one line at the bottom, in place of pytest's letters."""

import shutil
import sys
from collections.abc import Generator
from typing import Final

import pytest

from pytest_tfgrade.progress.tally import Tally
from pytest_tfgrade.reports.progress_line import render_end, render_standing

_EVERY: Final = 0.1
"""Seconds between two drawings, at least."""

_ERASE_LINE: Final = "\r\x1b[K"
_ERASE_REST: Final = "\x1b[K"

Status = tuple[str, str, str | tuple[str, dict[str, bool]]]


class Live:
    """Draws a line over and over; what failed is told at the end, as ever."""

    def __init__(
        self, reporter: pytest.TerminalReporter, tally: Tally, criteria: int
    ) -> None:
        """Have pytest write no paths; the cursor is where a line begins.

        Args:
            reporter: Writes to the terminal.
            tally: What is shown.
            criteria: That pytest will report, and nothing else.
        """
        self._reporter = reporter
        self._tally = tally
        self._unreported = criteria
        self._due = 0.0
        self._is_drawn = False
        self._has_ended = False
        self._screen = sys.stdout  # what pytest captured is let go of by now
        reporter.showfspath = False

    @pytest.hookimpl(wrapper=True)
    def pytest_report_teststatus(self) -> Generator[None, Status, Status]:
        """Have pytest count a report and write no letter of it."""
        category, _, word = yield
        return category, "", word

    def pytest_runtest_logfinish(self) -> None:
        """Count a criterion; after the last one pytest may end the line.

        It comes before pytest's own, because it was registered later.
        """
        self._unreported -= 1
        if self._unreported:
            self.show()
        else:
            self.end()

    @pytest.hookimpl(tryfirst=True)
    def pytest_internalerror(self) -> None:
        """Make place."""
        self._erase()

    @pytest.hookimpl(tryfirst=True, optionalhook=True)
    def pytest_testnodedown(self) -> None:
        """Make place for what pytest-xdist says of a worker."""
        self._erase()

    def show(self) -> None:
        """Draw, ten times a second at most."""
        if self._has_ended or self._tally.seconds < self._due:
            return
        standing = self._tally.standing(self._unreported)
        if standing is None:
            return
        self._due = self._tally.seconds + _EVERY
        # A line as wide as the terminal moves the cursor on in some of them.
        width = shutil.get_terminal_size().columns - 1
        drawn = f"\r{render_standing(standing, width)}{_ERASE_REST}"
        self._draw(drawn)
        self._is_drawn = True

    def end(self) -> None:
        """Leave a line that says what was done; pytest writes on behind it."""
        if self._has_ended:
            return
        self._erase()
        self._has_ended = True
        self._reporter.showfspath = None
        standing = self._tally.standing()
        if standing is not None and standing.finished:
            text = render_end(standing, self._tally.seconds)
            self._reporter.write(text, flush=True)

    def _erase(self) -> None:
        if self._is_drawn:
            self._draw(_ERASE_LINE)
            self._is_drawn = False

    def _draw(self, text: str) -> None:
        """Write to the terminal behind pytest's back: it counts columns."""
        encoding = self._screen.encoding or "utf-8"
        shown = text.encode(encoding, errors="replace").decode(encoding)
        self._screen.write(shown)
        self._screen.flush()
