"""Who gets a model: told by a cluster that is a dictionary."""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest

from pytest_tfgrade.core.errors import RunnerError
from pytest_tfgrade.runner.cluster.crew import Crew
from pytest_tfgrade.runner.cluster.dask_cluster import Worker

Admit = Callable[[Sequence[Worker]], set[str]]


class Cluster:
    """Workers that come and go as a test says."""

    address = "tcp://scheduler:8786"

    def __init__(self, **threads: int) -> None:
        self.there = {
            name: Worker(address=name, threads=count) for name, count in threads.items()
        }

    def workers(self, *, anew: bool = False) -> Mapping[str, Worker]:
        return dict(self.there)

    def crew(self, admit: Admit = lambda workers: set(), seconds: float = 0.0) -> Crew:
        cluster: Any = self
        return Crew(cluster, list(self.there.values()), admit, seconds=seconds)


def taken(crew: Crew, count: int) -> list[str]:
    """Return who has so many models at a time, in the order they were given."""
    with ExitStack() as stack:
        return [stack.enter_context(crew.place()).address for _ in range(count)]


def test_models_are_spread_by_room() -> None:
    crew = Cluster(a=1, b=3).crew()

    assert (taken(crew, 4), crew.threads) == (["b", "b", "a", "b"], 4)


def test_one_model_at_a_time_always_comes_to_the_same_worker() -> None:
    crew = Cluster(c=2, a=2, b=1).crew()

    assert [taken(crew, 1) for _ in range(3)] == [["a"]] * 3


def test_a_worker_that_failed_is_taken_if_there_is_no_other() -> None:
    crew = Cluster(a=1, b=1).crew()

    with crew.place(avoid={"a"}) as first, crew.place(avoid={"b"}) as second:
        assert (first.address, second.address) == ("b", "a")


def test_who_finds_no_room_waits_for_it() -> None:
    crew = Cluster(a=1).crew()
    inside, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with crew.place():
            inside.set()
            leave.wait(10)

    with ThreadPoolExecutor(2) as pool:
        pool.submit(hold)
        inside.wait(10)
        second = pool.submit(taken, crew, 1)
        assert not second.done()
        leave.set()
        assert second.result(10) == ["a"]


def test_a_lost_worker_gets_no_more() -> None:
    cluster = Cluster(a=1, b=1)
    crew = cluster.crew()

    del cluster.there["a"]

    assert (taken(crew, 1), crew.lost, crew.threads) == (["b"], ["a"], 1)


def test_no_worker_left_is_an_error_that_says_what_to_do() -> None:
    cluster = Cluster(a=1)
    crew = cluster.crew()
    cluster.there.clear()

    with pytest.raises(RunnerError) as caught:
        taken(crew, 1)

    assert str(caught.value) == (
        "tcp://scheduler:8786: no worker is left, and none joined in time; start some "
        "with dask worker tcp://scheduler:8786"
    )


def test_a_fit_worker_that_joins_late_is_taken_in_and_another_left_out() -> None:
    cluster = Cluster(a=1)
    asked: list[list[str]] = []

    def admit(workers: Sequence[Worker]) -> set[str]:
        asked.append([one.address for one in workers])
        return {"b"}

    crew = cluster.crew(admit, seconds=10)
    cluster.there = Cluster(b=1, c=5).there

    assert [taken(crew, 1), taken(crew, 1)] == [["b"], ["b"]]
    assert asked == [["b", "c"]]


def test_nobody_gives_up_while_who_joined_is_being_looked_at() -> None:
    cluster = Cluster(a=1)
    looked_at, is_fit = threading.Event(), threading.Event()

    def admit(workers: Sequence[Worker]) -> set[str]:
        looked_at.set()
        is_fit.wait(10)
        return {"b"}

    crew = cluster.crew(admit)
    cluster.there = Cluster(b=2).there
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(taken, crew, 1)
        looked_at.wait(10)
        second = pool.submit(taken, crew, 1)
        with pytest.raises(TimeoutError):
            second.result(1.5)  # it looked around, and once more
        is_fit.set()

        assert [first.result(10), second.result(10)] == [["b"], ["b"]]


def test_nobody_waits_once_the_run_was_ended() -> None:
    crew = Cluster(a=1).crew()
    with ThreadPoolExecutor(1) as pool, crew.place():
        waiting = pool.submit(taken, crew, 1)
        crew.close()

        with pytest.raises(RunnerError, match=r"^the run was ended$"):
            waiting.result(10)
