"""A pytest plugin that notes when verdicts come, and what was measured.

TFGRADE_OBSERVED=FILE pytest -p observer --tfgrade submissions
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

CRITERION = "accuracy"


class Observer:
    """Listens to reports."""

    def __init__(self, file: Path) -> None:
        """Write to a file when the session ends."""
        self._file = file
        self._finished: dict[str, float] = {}
        self._accuracies: dict[str, float] = {}
        self._first: float | None = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a verdict; the metric's value is one of its properties."""
        if report.when != "call":
            return
        now = time.monotonic()
        if self._first is None:
            self._first = now
        submission, _, criterion = report.nodeid.split("::")
        self._finished[submission] = now
        if criterion == CRITERION:
            value = dict(report.user_properties)["tfgrade.value"]
            self._accuracies[submission] = float(str(value))

    def pytest_sessionfinish(self) -> None:
        """Write what was noted."""
        said = {
            "first": self._first,
            "finished": list(self._finished.values()),
            "accuracies": self._accuracies,
        }
        self._file.write_text(json.dumps(said), encoding="utf-8")


def pytest_configure(config: pytest.Config) -> None:
    """Listen, where a file is named."""
    file = os.environ.get("TFGRADE_OBSERVED")
    if file:
        config.pluginmanager.register(Observer(Path(file)), "tfgrade-observer")
