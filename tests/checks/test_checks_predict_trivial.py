"""What trivial predictors predict: computed once for all submissions."""

import gc
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pytest_tfgrade.checks.predict.trivial import Digests, Kept, Key
from pytest_tfgrade.predictors import PREDICTORS

Array = NDArray[Any]


def key(name: str) -> Key:
    return PREDICTORS["mean"], name.encode()


def test_who_asks_for_something_else_does_not_wait() -> None:
    kept, other_is_there = Kept(), threading.Event()

    def first() -> Array:
        assert other_is_there.wait(timeout=60)
        return np.array([1])

    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(kept.get, key("first"), first)
        other = kept.get(key("other"), lambda: np.array([2]))
        other_is_there.set()

    assert (slow.result().tolist(), other.tolist()) == ([1], [2])


def test_what_is_asked_for_by_many_at_once_is_computed_once() -> None:
    kept, computed, together = Kept(), [], threading.Barrier(4)

    def compute() -> Array:
        computed.append(1)
        return np.array([1])

    def ask(_: int) -> Array:
        together.wait(timeout=60)
        return kept.get(key("one"), compute)

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(ask, range(4)))

    assert computed == [1]
    assert all(array is found[0] for array in found)


def test_an_error_is_not_kept() -> None:
    kept = Kept()

    def fail() -> Array:
        raise ValueError("majority is for labels")

    with pytest.raises(ValueError, match="majority is for labels"):
        kept.get(key("one"), fail)

    assert kept.get(key("one"), lambda: np.array([1])).tolist() == [1]


def test_the_least_recently_used_goes_first() -> None:
    kept, computed = Kept(most=2), []

    def ask(name: str) -> None:
        def compute() -> Array:
            computed.append(name)
            return np.array([1])

        kept.get(key(name), compute)

    for name in ("a", "b", "a", "c", "a", "b"):
        ask(name)

    assert computed == ["a", "b", "c", "b"]


@pytest.mark.parametrize("write", [True, False])
def test_equal_arrays_have_one_hash_and_others_another(write: bool) -> None:
    digests = Digests()
    one, same, other = np.arange(6.0), np.arange(6.0), np.arange(6.0).reshape(2, 3)
    for array in (one, same, other):
        array.setflags(write=write)

    found = [digests.of(array) for array in (one, same, other, one)]

    assert found[0] == found[1] == found[3] != found[2]


def test_an_array_that_was_written_to_has_another_hash() -> None:
    digests, array = Digests(), np.zeros(3)
    before = digests.of(array)
    array[1] = 1

    after = digests.of(array)

    assert after != before


def test_arrays_in_the_place_of_forgotten_ones_have_their_own_hash() -> None:
    digests, found = Digests(), []

    for number in range(50):
        array = np.full(1000, number)
        array.setflags(write=False)
        found.append(digests.of(array))
        del array
        gc.collect()

    assert len(set(found)) == 50
