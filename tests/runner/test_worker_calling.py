"""How the worker feeds a model and takes its outputs; no TensorFlow is needed."""

import threading
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pytest_tfgrade.runner.worker.calling import Rows, predict

Batch = dict[str, np.ndarray]


class Recorder:
    """A model that returns its first input, and remembers how it was called."""

    keras_model = None

    def __init__(
        self,
        answer: Callable[[Batch], Any] | None = None,
        *,
        pure: bool = True,
        kernels: bool = False,
    ) -> None:
        self.rows: list[int] = []
        self.threads: set[int] = set()
        self.was_traced = False
        self.answer = answer or (lambda batch: {"0": batch["x"]})
        self._pure, self._kernels = pure, kernels

    def call(self, batch: Batch) -> Any:
        self.rows.append(len(batch["x"]))
        self.threads.add(threading.get_ident())
        return self.answer(batch)

    def traced(self) -> Callable[[Batch], Any]:
        self.was_traced = True
        return self.call

    def reuses_weights(self) -> bool:
        return self._kernels

    def is_pure(self) -> bool:
        return self.was_traced and self._pure


def output(name: str = "y", axes: int = 2, *, last_step: bool = False) -> Any:
    return {"name": name, "axes": axes, "last_step": last_step}


VALUES = np.arange(14, dtype=np.float32).reshape(7, 2)


@pytest.mark.parametrize(
    ("fixed", "asked", "calls"),
    [
        pytest.param(None, None, [7], id="any-number-of-rows"),
        pytest.param(None, 3, [3, 4], id="so-many-at-a-time-the-rest-joins"),
        pytest.param(4, None, [4, 4], id="a-fixed-batch"),
        pytest.param(4, 1, [4] * 7, id="one-row-at-a-time-in-a-fixed-batch"),
        pytest.param(32, None, [32], id="a-batch-larger-than-the-data"),
    ],
)
def test_a_model_gets_as_many_rows_as_it_takes_and_each_counts_once(
    fixed: int | None, asked: int | None, calls: list[int]
) -> None:
    model = Recorder()

    found = predict(
        model,
        {"x": VALUES},
        [output()],
        batch_rows=asked,
        least_rows=3 if asked == 3 else 1,
        fixed_rows=fixed,
    )

    assert model.rows == calls
    np.testing.assert_array_equal(found["0"], VALUES)


def test_what_fills_up_a_batch_are_copies_of_its_last_row() -> None:
    given: list[np.ndarray] = []
    model = Recorder(lambda batch: given.append(batch["x"]) or {"0": batch["x"]})

    predict(model, {"x": VALUES}, [output()], batch_rows=None, fixed_rows=4)

    np.testing.assert_array_equal(given[1], VALUES[[4, 5, 6, 6]])


@pytest.mark.parametrize(
    ("returned", "last_step", "expected"),
    [
        pytest.param((7, 5, 2), True, (7, 2), id="a-sequence-where-it-is-asked"),
        pytest.param((7, 2), True, (7, 2), id="the-step-itself"),
        pytest.param((7, 5, 2), False, (7, 5, 2), id="a-sequence-nobody-asked-for"),
        pytest.param((7, 0, 2), True, (7, 0, 2), id="an-empty-sequence"),
    ],
)
def test_the_last_step_counts_where_the_task_says_so(
    returned: tuple[int, ...], last_step: bool, expected: tuple[int, ...]
) -> None:
    sequence = np.random.default_rng(0).random(returned)
    model = Recorder(lambda batch: {"y": sequence})

    found = predict(
        model, {"x": VALUES}, [output(last_step=last_step)], batch_rows=None
    )

    assert found["y"].shape == expected
    if len(returned) > len(expected):
        np.testing.assert_array_equal(found["y"], sequence[:, -1])


@pytest.mark.parametrize(
    ("feed", "shape", "dtype"),
    [
        pytest.param(
            {"axes": (0, 1, None)}, (3, 4, 5, 1), "float32", id="an-axis-more"
        ),
        pytest.param({"dtype": "float64"}, (3, 4, 5), "float64", id="another-dtype"),
        pytest.param(
            {"axes": (None, 0, 1), "dtype": "int32"}, (3, 1, 4, 5), "int32", id="both"
        ),
        pytest.param({}, (3, 4, 5), "float32", id="as-it-is"),
    ],
)
def test_an_input_is_given_as_the_model_wants_it(
    feed: dict[str, Any], shape: tuple[int, ...], dtype: str
) -> None:
    values = np.arange(60, dtype=np.float32).reshape(3, 4, 5)

    fed = Rows(values, feed)[:]

    assert (fed.shape, fed.dtype.name) == (shape, dtype)
    np.testing.assert_array_equal(fed.reshape(values.shape), values)


def test_a_cast_takes_no_more_memory_than_the_rows_that_are_called() -> None:
    values = np.zeros((4096, 1024), np.uint8)
    feed = {"dtype": "float32", "axes": (0, None)}
    model = Recorder(lambda batch: {"0": batch["x"][:, 0].copy()})

    tracemalloc.start()
    found = predict(model, {"x": Rows(values, feed)}, [output()], batch_rows=None)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert model.rows == [512] * 8  # as if all were cast at once: 4 KiB a row
    assert found["0"].shape == (4096, 1)
    assert peak < 3 * 512 * 1024 * 4


def test_texts_are_given_as_bytes_of_any_length() -> None:
    rows = Rows(np.array([[b"a"], [b"bcd"]]), {}, text=True)

    assert (rows.nbytes, rows[:].dtype, rows[1:].tolist()) == (16, object, [[b"bcd"]])


def test_noise_on_whole_numbers_is_rounded_and_not_cut_off() -> None:
    rows = Rows(np.array([0.9, 1.2, -0.7]), {"dtype": "int32"})

    assert rows[1:].tolist() == [1, -1]


@pytest.mark.parametrize(
    ("megabytes", "kernels", "traced"),
    [
        pytest.param(10, True, True, id="a-convolution-over-many-images"),
        pytest.param(10, False, False, id="a-dense-layer-over-as-many"),
        pytest.param(70, False, True, id="a-dense-layer-over-a-great-many"),
        pytest.param(4, True, False, id="a-convolution-over-few"),
    ],
)
def test_what_pays_is_traced(megabytes: int, kernels: bool, traced: bool) -> None:
    model = Recorder(kernels=kernels)
    values = np.zeros((megabytes << 10, 256), np.float32)

    predict(model, {"x": values}, [output()], batch_rows=None)

    assert model.was_traced is traced


def test_parts_of_a_pure_graph_are_computed_at_a_time_and_stay_in_order() -> None:
    meeting = threading.Barrier(2, timeout=30)  # nobody passes it alone
    first = iter([True])

    def answer(batch: Batch) -> Any:
        if not next(first, False):
            meeting.wait()
        return {"0": batch["x"] * 2}

    model = Recorder(answer)
    values = np.arange(18, dtype=np.float32)[:, None]

    found = predict(model, {"x": values}, [output()], batch_rows=2, at_once=2)

    assert np.array_equal(found["0"], values * 2)
    assert len(model.threads) == 3  # the first part is computed where all else is


def test_parts_of_a_graph_with_a_state_are_computed_one_after_the_other() -> None:
    model = Recorder(pure=False)
    values = np.arange(18, dtype=np.float32)[:, None]

    predict(model, {"x": values}, [output()], batch_rows=2, at_once=2)

    assert (len(model.threads), model.rows) == (1, [2] * 9)
