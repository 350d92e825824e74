"""Other units and layouts, and rows exchanged: exact results."""

import numpy as np
import pytest

from pytest_tfgrade.transforms import (
    ChangeFuture,
    Divide,
    FirstRows,
    Multiply,
    PermuteInput,
    PermuteRows,
    Reordering,
    ReverseChannels,
    ReverseRows,
    SwapAxes,
    Transform,
)
from pytest_tfgrade.transforms.interface import Array

ROWS = {"x": np.arange(12).reshape(4, 3), "name": np.array(["a", "b", "c", "d"])}


def apply(transform: Transform, array: Array) -> Array:
    return transform.apply({"x": array})["x"]


def test_pixels_are_divided_and_multiplied_back() -> None:
    pixels = np.arange(256, dtype=np.float32).reshape(4, 8, 8)

    divided = apply(Divide(), pixels)

    assert divided.dtype == np.float32
    assert (divided.min(), divided.max()) == (0, 1)
    assert np.allclose(apply(Multiply(), divided), pixels)


def test_whole_numbers_beside_fractions_are_not_divided() -> None:
    inputs = {"ids": np.array([[3, 4]]), "x": np.array([[51.0]])}

    result = Divide().apply(inputs)

    assert result["ids"] is inputs["ids"]
    assert result["x"].tolist() == [[0.2]]


def test_channels_are_reversed() -> None:
    pixel = np.array([[[[1, 2, 3]]]], np.uint8)

    assert apply(ReverseChannels(), pixel).tolist() == [[[[3, 2, 1]]]]


def test_height_and_width_are_swapped() -> None:
    square = np.array([[[1, 2], [3, 4]]])

    assert apply(SwapAxes(), square).tolist() == [[[1, 3], [2, 4]]]


@pytest.mark.parametrize("transform", [PermuteRows(seed=2), ReverseRows()])
def test_rows_of_all_inputs_are_taken_in_the_order_that_is_told(
    transform: Reordering,
) -> None:
    result = transform.apply(ROWS)

    order = transform.order(4)
    assert sorted(order.tolist()) == [0, 1, 2, 3]
    assert order.tolist() != [0, 1, 2, 3]
    assert result["x"].tolist() == ROWS["x"][order].tolist()
    assert result["name"].tolist() == ROWS["name"][order].tolist()


@pytest.mark.parametrize(
    ("count", "names"), [(1, ["a"]), (3, list("abc")), (9, list("abcd"))]
)
def test_the_first_rows_are_taken_alone(count: int, names: list[str]) -> None:
    transform = FirstRows(count=count)

    result = transform.apply(ROWS)

    assert result["name"].tolist() == names
    assert transform.order(4).tolist() == list(range(len(names)))


@pytest.mark.parametrize("rows", [2, 3, 100])
@pytest.mark.parametrize("seed", range(5))
def test_no_row_keeps_its_own_values_of_a_permuted_input(rows: int, seed: int) -> None:
    inputs = {"x": np.arange(rows), "y": np.arange(rows)}

    result = PermuteInput(input="x", seed=seed).apply(inputs)

    assert result["y"] is inputs["y"]
    assert sorted(result["x"].tolist()) == list(range(rows))
    assert (result["x"] != inputs["x"]).all()


@pytest.mark.parametrize("shape", [(50, 8), (50, 8, 2)])
def test_the_future_comes_from_another_row_and_the_past_stays(
    shape: tuple[int, ...],
) -> None:
    rows = np.arange(50).reshape(50, *(1,) * (len(shape) - 1))
    values = (rows * 100 + np.arange(8).reshape(8, *(1,) * (len(shape) - 2))) * np.ones(
        shape
    )

    changed = apply(ChangeFuture(start=5), values)

    assert (changed[:, :5] == values[:, :5]).all()
    came_from = changed[:, 5:].reshape(50, -1) // 100
    assert (came_from == came_from[:, :1]).all()
    assert (came_from[:, 0] != np.arange(50)).all()
    assert sorted(changed[:, 5:].ravel()) == sorted(values[:, 5:].ravel())
    assert (changed[:, 5:] % 100 == values[:, 5:] % 100).all()


@pytest.mark.parametrize("rows", [2, 7, 8, 50])
@pytest.mark.parametrize("seed", range(3))
def test_each_row_has_a_future_of_its_own_and_every_step_its_turn(
    rows: int, seed: int
) -> None:
    values = np.arange(rows)[:, None] * 100 + np.arange(8)
    transform = ChangeFuture(seed=seed)

    changed = apply(transform, values)

    starts = transform.starts(rows, 8)
    assert starts.tolist() == (changed != values).argmax(axis=1).tolist()
    assert ((changed != values).sum(axis=1) == 8 - starts).all()
    assert (changed % 100 == values % 100).all()
    assert {1, 7} <= set(starts.tolist()) <= set(range(1, 8))
    assert len(set(starts.tolist())) == min(rows, 7)
