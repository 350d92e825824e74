"""Ending a run that is told to end: by Ctrl-C, or as batch systems do it."""

import contextlib
import signal
import time
from collections.abc import Callable
from types import FrameType
from typing import Final

import pytest

_SECONDS_TO_END: Final = 10.0
"""For reports and for processes to end, before a run can be interrupted again."""


def end_as_by_ctrl_c(config: pytest.Config) -> None:
    """Let a run that is told to end by SIGTERM write its reports and clean up."""
    _handle(config, signal.SIGTERM, signal.default_int_handler)


def end_undisturbed(config: pytest.Config) -> None:
    """Let no further signal cut short the end of a run, for as long as it may take."""
    end = time.monotonic() + _SECONDS_TO_END

    def ignore(number: int, frame: FrameType | None) -> None:
        if time.monotonic() > end:
            raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):
        _handle(config, number, ignore)


def _handle(
    config: pytest.Config,
    number: signal.Signals,
    handler: Callable[[int, FrameType | None], object],
) -> None:
    """Handle a signal until pytest is done."""

    def restore() -> None:
        reporter = config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            reporter.flush()  # a signal may end the process from now on
        signal.signal(number, before)

    with contextlib.suppress(ValueError):  # pytest runs in a thread of another's
        before = signal.signal(number, handler)
        config.add_cleanup(restore)
