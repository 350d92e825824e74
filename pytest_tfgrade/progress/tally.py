"""What is known of a run that goes on; told and asked from any thread."""

import threading
import time
from collections.abc import Callable

from pytest_tfgrade.engine import Job
from pytest_tfgrade.progress.pace import Pace
from pytest_tfgrade.reports.progress_line import Standing

Clock = Callable[[], float]


class Tally:
    """Counts what a run tells; a ``Watch``."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        """Count nothing yet.

        Args:
            clock: Returns seconds, and never goes back.
        """
        self._clock = clock
        self._lock = threading.Lock()
        self._pace = Pace()
        self._running: dict[Job, float] = {}
        self._graded = 0
        self._recalled = 0
        self._total: int | None = None
        self._began = clock()

    def began(self, total: int) -> None:
        """Learn how many jobs there are."""
        with self._lock:
            self._total = total
            self._began = self._clock()

    def started(self, job: Job) -> None:
        """Learn that a job is being graded."""
        with self._lock:
            self._running[job] = self._clock()
            self._pace.begin(self._running[job])

    def finished(self, job: Job, *, recalled: bool) -> None:
        """Learn that a job has a grade; what was recalled says nothing of the pace."""
        with self._lock:
            self._running.pop(job, None)
            if recalled:
                self._recalled += 1
            else:
                self._graded += 1
                self._pace.note(self._clock())

    @property
    def seconds(self) -> float:
        """Seconds since the run began."""
        return self._clock() - self._began

    def standing(self, unreported: int = 0) -> Standing | None:
        """Return how far the run has come; None before it has begun."""
        with self._lock:
            if self._total is None:
                return None
            now = self._clock()
            return Standing(
                total=self._total,
                graded=self._graded,
                recalled=self._recalled,
                rate=self._pace.rate(now),
                running=tuple(
                    (f"{job.submission}::{job.task}", now - since)
                    for job, since in self._running.items()
                ),
                unreported=unreported,
            )
