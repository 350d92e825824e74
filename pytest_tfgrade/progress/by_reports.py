"""Progress as the controller of pytest-xdist sees it: by reports of its workers."""

from collections import Counter
from collections.abc import Callable, Iterable

import pytest

from pytest_tfgrade.core.text import with_visible_ends
from pytest_tfgrade.engine import Job
from pytest_tfgrade.engine.watching import Watch


class ByReports:
    """Tells a watch what pytest is told of criteria; whether they were recalled not."""

    def __init__(
        self, jobs: Iterable[Job], watch: Watch, *, when_running: Callable[[], None]
    ) -> None:
        """Know little yet.

        Args:
            jobs: All that there may be.
            watch: Is told.
            when_running: Called once, before the first criterion.
        """
        self._jobs = {node_id(job): job for job in jobs}
        self._watch = watch
        self._unreported: Counter[str] = Counter()
        self._started: set[str] = set()
        self._when_running = when_running

    def are_all_criteria(self, ids: Iterable[str]) -> bool:
        """Return whether none of these node ids is another test's."""
        return all(_parent(id_) in self._jobs for id_ in ids)

    def begin(self, ids: Iterable[str]) -> None:
        """Tell how many jobs there are, by the node ids of their criteria."""
        parents = map(_parent, ids)
        self._unreported.update(node for node in parents if node in self._jobs)
        self._watch.began(len(self._unreported))

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Learn that a worker waits for the grade of a criterion."""
        parent = _parent(nodeid)
        if parent in self._unreported and parent not in self._started:
            if not self._started:
                self._when_running()
            self._started.add(parent)
            self._watch.started(self._jobs[parent])

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Learn that a criterion was reported; after the last one the job has ended."""
        parent = _parent(nodeid)
        if parent in self._unreported:
            self._unreported[parent] -= 1
            if self._unreported[parent] == 0:
                self._watch.finished(self._jobs[parent], recalled=False)


def node_id(job: Job) -> str:
    """Return the node id of a task of a submission."""
    return f"{with_visible_ends(job.submission)}::{job.task}"


def _parent(nodeid: str) -> str:
    return nodeid.rpartition("::")[0]
