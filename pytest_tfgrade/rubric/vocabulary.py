"""The names that a rubric may use: built in, from plug-ins, and a course's own."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from pytest_tfgrade.checks import CHECKS, Check
from pytest_tfgrade.documents import shown, suggestion
from pytest_tfgrade.metrics import METRICS, Metric
from pytest_tfgrade.rubric.code import is_own, own_check, own_metric


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Checks and metrics by name."""

    checks: Mapping[str, Check] = field(default_factory=lambda: CHECKS)
    """Built in and of plug-ins."""

    metrics: Mapping[str, Metric] = field(default_factory=lambda: METRICS)
    """Built in and of plug-ins, by name and alias."""

    def check(self, name: object, folder: Path) -> Check:
        """Return the check that a rubric in a folder names.

        Raises:
            ValueError: There is none; the text says what to write.
        """
        if isinstance(name, str) and name in self.checks:
            return self.checks[name]
        if isinstance(name, str) and is_own(name):
            return own_check(name, folder)
        what = f"unknown check {shown(name)}" if name else "there is no check"
        raise ValueError(f"{what}; {_way_out(name, self.checks)}")

    def metric(self, name: object, folder: Path) -> Metric:
        """Return the metric that a rubric in a folder names.

        Raises:
            ValueError: There is none; the text says what to write.
        """
        if isinstance(name, str) and name in self.metrics:
            return self.metrics[name]
        if isinstance(name, str) and is_own(name):
            return own_metric(name, folder)
        what = f"unknown metric {shown(name)}"
        raise ValueError(f"{what}; {_way_out(name, self.metrics)}")


def _way_out(name: object, known: Collection[str]) -> str:
    """Return the name that is likely meant, else where all stand."""
    if get_close_matches(str(name), known, n=1):
        return suggestion(str(name), known)
    return "'tfgrade rubric explain' lists all there are"


BUILT_IN = Vocabulary()
"""Without any plug-in."""


@dataclass(frozen=True, slots=True)
class Place:
    """What the values of a rubric are read with: names, and where it lies."""

    vocabulary: Vocabulary = BUILT_IN
    folder: Path = Path()
    files_elsewhere: bool = False
