"""Who may be given a model: a place for each thread of each worker."""

import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from pytest_tfgrade.core.errors import RunnerError
from pytest_tfgrade.runner.cluster.dask_cluster import DaskCluster, Worker

SECONDS_FOR_ANOTHER: Final = 60.0
"""For a worker to join once none is left: a nanny starts one anew in some five."""


@dataclass(slots=True, eq=False)
class Member:
    """A worker that was found fit."""

    worker: Worker
    """Who it is."""

    busy: int = 0
    """Models that it has."""

    has: set[str] = field(default_factory=set)
    """Digests of the inputs that it has got."""

    sending: threading.Lock = field(default_factory=threading.Lock)
    """Held while inputs are sent, so that they are sent once."""

    @property
    def address(self) -> str:
        """Where it listens."""
        return self.worker.address

    @property
    def free(self) -> int:
        """Models that it can take."""
        return self.worker.threads - self.busy


Admit = Callable[[Sequence[Worker]], Collection[str]]
"""Looks at workers that joined late; returns the addresses of those that are fit."""


class Crew:
    """Gives a model to the worker that has most room, or waits for one."""

    def __init__(
        self,
        cluster: DaskCluster,
        workers: Sequence[Worker],
        admit: Admit,
        *,
        seconds: float = SECONDS_FOR_ANOTHER,
    ) -> None:
        """Begin with workers that were found fit.

        Args:
            cluster: Says who is there.
            workers: All of them.
            admit: Asked about those who join later.
            seconds: To wait for one once none is left.
        """
        self._cluster = cluster
        self._admit = admit
        self._seconds = seconds
        self._changed = threading.Condition()
        self._members = {one.address: Member(one) for one in workers}
        self._refused: set[str] = set()
        self._admitting = threading.Lock()
        self._is_closed = False
        self._empty_since: float | None = None
        self.lost: list[str] = []
        """Addresses of workers that went away."""

    @property
    def threads(self) -> int:
        """Models that can be in flight."""
        with self._changed:
            return sum(member.worker.threads for member in self._members.values())

    @property
    def addresses(self) -> tuple[str, ...]:
        """Of all members that are left."""
        with self._changed:
            return tuple(self._members)

    @contextmanager
    def place(self, avoid: Collection[str] = ()) -> Iterator[Member]:
        """Wait for a worker with room, and keep a place there.

        Of workers with as much room the first by address is taken. So a model that is
        timed, while no other runs, always comes to the same machine.

        Args:
            avoid: Addresses of workers to be taken only if there are no others.

        Raises:
            RunnerError: No worker is left, or the run was ended.
        """
        while True:
            self._look_around()
            with self._changed:
                member = self._roomiest(avoid)
                if member is not None:
                    member.busy += 1
                    break
                self._changed.wait(1.0)
        try:
            yield member
        finally:
            with self._changed:
                member.busy -= 1
                self._changed.notify_all()

    def lose(self, member: Member) -> None:
        """Forget a worker that went away."""
        with self._changed:
            if self._members.get(member.address) is member:
                del self._members[member.address]
                self.lost.append(member.address)
            self._changed.notify_all()

    def close(self) -> None:
        """Let nobody wait any longer."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    @property
    def is_closed(self) -> bool:
        """Whether the run was ended."""
        return self._is_closed

    def _roomiest(self, avoid: Collection[str]) -> Member | None:
        """Return who has most room; None if nobody has any.

        Raises:
            RunnerError: Nobody is left, and nobody came in time.
        """
        if self._is_closed:
            raise RunnerError("the run was ended")
        members = sorted(self._members.values(), key=lambda one: one.address)
        if not members:
            self._require_hope()
            return None
        self._empty_since = None
        others = [one for one in members if one.address not in avoid] or members
        best = max(others, key=lambda one: one.free)
        return best if best.free > 0 else None

    def _require_hope(self) -> None:
        """Do nothing as long as somebody may still come: after one more look at least.

        Raises:
            RunnerError: Nobody came in time.
        """
        now = time.monotonic()
        if self._empty_since is None:
            self._empty_since = now
        elif self._admitting.locked():
            return  # somebody came, and may be fit
        elif now - self._empty_since >= self._seconds:
            address = self._cluster.address
            text = f"{address}: no worker is left, and none joined in time"
            raise RunnerError(f"{text}; start some with dask worker {address}")

    def _look_around(self) -> None:
        """Forget who is gone, and ask who came.

        Raises:
            RunnerError: Nobody can say.
        """
        there = self._cluster.workers()
        with self._changed:
            for address in set(self._members) - set(there):
                self.lose(self._members[address])
            self._refused &= set(there)
            known = {*self._members, *self._refused}
        if set(there) <= known or not self._admitting.acquire(blocking=False):
            return
        try:
            new = [one for address, one in there.items() if address not in known]
            fit = self._admit(new)
            with self._changed:
                for one in new:
                    if one.address in fit:
                        self._members[one.address] = Member(one)
                    else:
                        self._refused.add(one.address)
                self._changed.notify_all()
        finally:
            self._admitting.release()
