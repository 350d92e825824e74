"""A pytest plugin that notes when what begins and ends, to see where time goes.

TFGRADE_PHASES=FILE pytest -p phases --tfgrade submissions
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Generator
from pathlib import Path
from typing import Final

import pytest

LOADED: Final = time.monotonic()


class Phases:
    """Notes the clock at hooks; times on the monotonic clock."""

    def __init__(self, file: Path) -> None:
        """Write to a file when pytest ends."""
        self._file = file
        self._at: dict[str, float] = {"loaded": LOADED}

    def _note(self, event: str) -> None:
        self._at[event] = time.monotonic()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionstart(self) -> Generator[None]:
        """Note the start, in which submissions are discovered."""
        self._note("configured")
        yield
        self._note("started")

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection(self) -> Generator[None, object, object]:
        """Note the end of collection."""
        result = yield
        self._note("collected")
        return result

    def pytest_runtest_logreport(self) -> None:
        """Note the first verdict and, in the end, the last."""
        self._note("last")
        self._at.setdefault("first", self._at["last"])

    def pytest_unconfigure(self) -> None:
        """Write what was noted."""
        self._note("ended")
        self._file.write_text(json.dumps(self._at), encoding="utf-8")


def pytest_configure(config: pytest.Config) -> None:
    """Listen, where a file is named."""
    file = os.environ.get("TFGRADE_PHASES")
    if file:
        config.pluginmanager.register(Phases(Path(file)), "tfgrade-phases")
