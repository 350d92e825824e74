"""The ways to grade a class, each as a command that is started afresh and timed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from commands import PYTEST, timed

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parent
HIDDEN: Final = ROOT / "reference_data/digits/hidden.npz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One run of one way; times in seconds of the wall clock."""

    submissions: int
    """How many were graded."""

    total: float
    """From the start of the command, or the first command, to the end of the last."""

    ready: float | None
    """Until TensorFlow was imported; None where that cannot be seen from outside."""

    first: float
    """Until the first verdict."""

    processor: float
    """CPU time of all processes, in seconds."""

    accuracies: dict[str, float]
    """By submission."""

    @property
    def each(self) -> float:
        """Seconds for each submission, start-up included."""
        return self.total / self.submissions


@dataclass(frozen=True, slots=True)
class _Told:
    began: float
    seconds: float
    processor: float
    said: dict[str, Any]


Way = Callable[[Path, Sequence[Path]], Measured]
"""Grades the files with one way; the folder is for whatever has to be written."""


def loop(folder: Path, files: Sequence[Path]) -> Measured:
    """Load and predict one after another in one fresh process."""
    ended = _naive(folder, files)
    return Measured(
        submissions=len(files),
        total=ended.seconds,
        ready=ended.said["ready"] - ended.began,
        first=ended.said["finished"][0] - ended.began,
        processor=ended.processor,
        accuracies=_by_submission(ended.said["accuracies"]),
    )


def processes(folder: Path, files: Sequence[Path]) -> Measured:
    """Start a new Python for each file."""
    runs = [_naive(folder, [file]) for file in files]
    accuracies: dict[str, float] = {}
    for run in runs:
        accuracies |= _by_submission(run.said["accuracies"])
    return Measured(
        submissions=len(files),
        total=sum(run.seconds for run in runs),
        ready=runs[0].said["ready"] - runs[0].began,
        first=runs[0].said["finished"][0] - runs[0].began,
        processor=sum(run.processor for run in runs),
        accuracies=accuracies,
    )


def tfgrade(workers: int) -> Way:
    """Return the way of this project with so many models in flight."""

    def graded(folder: Path, files: Sequence[Path]) -> Measured:
        result = folder / "observed.json"
        command = (
            *PYTEST,
            *("-p", "observer", "--tfgrade-cache=off"),
            *("--tfgrade", str(files[0].parent.parent)),
            *("--tfgrade-rubrics", str(ROOT / "rubrics/digits.yaml")),
            *("--tfgrade-data", str(ROOT / "reference_data")),
            *("--tfgrade-workers", str(workers)),
        )
        environment = {
            "PYTHONPATH": str(HERE),
            "TFGRADE_OBSERVED": str(result),
            "XDG_CACHE_HOME": str(folder / "cache"),
        }
        ended = _run(command, folder, result, environment, statuses=(0, 1))
        return Measured(
            submissions=len(files),
            total=ended.seconds,
            ready=None,
            first=ended.said["first"] - ended.began,
            processor=ended.processor,
            accuracies=ended.said["accuracies"],
        )

    return graded


def _naive(folder: Path, files: Sequence[Path]) -> _Told:
    result = folder / "naive.json"
    program = (sys.executable, str(HERE / "naive.py"), str(HIDDEN), str(result))
    return _run((*program, *map(str, files)), folder, result, {}, statuses=(0,))


def _run(
    command: Sequence[str],
    folder: Path,
    result: Path,
    environment: dict[str, str],
    statuses: tuple[int, ...],
) -> _Told:
    """Run a command to its end and read what it wrote.

    Raises:
        SystemExit: It failed; what it printed is the reason.
    """
    result.unlink(missing_ok=True)
    ended = timed(command, folder, environment, statuses)
    if not result.exists():
        raise SystemExit(f"{' '.join(command)[:300]}\nfailed:\n{ended.printed}")
    said = json.loads(result.read_text(encoding="utf-8"))
    return _Told(ended.began, ended.seconds, ended.processor, said)


def _by_submission(accuracies: dict[str, float]) -> dict[str, float]:
    return {Path(file).parent.name: value for file, value in accuracies.items()}
