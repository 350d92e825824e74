"""Which rows are public: stable, and at least one in each part."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_tfgrade.datasets import EvaluationDataset, load_dataset
from pytest_tfgrade.datasets.splitting import public_mask, public_rows

if TYPE_CHECKING:
    from conftest import DatasetFolder

TEN = """
    def flowers(*, seed):
        rows = list(range(seed, seed + 10))
        return {"inputs": {"x": rows}, "targets": {"y": rows}}
"""


def split(flowers: "DatasetFolder", text: str, *, rows: int = 10) -> None:
    """Describe ten generated rows; ``public`` stands in line 7."""
    flowers.generate(TEN, rows=f"{rows}\n{text}")


def public(flowers: "DatasetFolder", *, seed: int | None = None) -> list[int]:
    """Return the indexes of the public rows."""
    mask = load_dataset(flowers.path, seed=seed).public
    assert mask is not None
    return [int(row) for row in np.flatnonzero(mask)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("public: 3", [2, 4, 8]),
        ("public: 0.3", [2, 4, 8]),
        ("public: 4", [2, 4, 8, 9]),
        ("public: 3\npublic_seed: 0", [2, 4, 8]),
        ("public: 3\npublic_seed: 1", [2, 6, 9]),
        ("public: 0.06\npublic_seed: 1", [2]),
        ("public: 0.94", [0, 1, 2, 3, 4, 6, 7, 8, 9]),
    ],
)
def test_the_public_rows_are_the_same_for_ever(
    flowers: "DatasetFolder", text: str, expected: list[int]
) -> None:
    split(flowers, text)

    assert public(flowers) == expected


def test_renewed_data_keep_their_public_rows(flowers: "DatasetFolder") -> None:
    split(flowers, "public: 3")

    assert public(flowers, seed=8) == public(flowers)


def test_data_from_files_are_split_too(good: "DatasetFolder") -> None:
    path = good.path / "dataset.yaml"
    path.write_text(path.read_text().replace("rows: 3", "rows: 3\npublic: 0.5"))

    dataset = load_dataset(good.path)

    assert dataset.public is not None
    assert dataset.public.dtype == np.bool_
    assert int(dataset.public.sum()) == 2


def test_rows_are_not_split_unless_it_is_said(good: "DatasetFolder") -> None:
    assert load_dataset(good.path).public is None


@given(rows=st.integers(2, 300), seed=st.integers(0, 2**32 - 1), data=st.data())
def test_more_public_rows_keep_those_that_fewer_choose(
    rows: int, seed: int, data: st.DataObject
) -> None:
    more = data.draw(st.integers(1, rows))
    fewer = data.draw(st.integers(0, more))

    large, small = public_mask(rows, more, seed), public_mask(rows, fewer, seed)

    assert (large.sum(), small.sum()) == (more, fewer)
    assert not (small & ~large).any()


@given(rows=st.integers(1, 10**6), share=st.floats(0.0, 1.0))
def test_a_share_is_taken_to_the_nearest_row(rows: int, share: float) -> None:
    assert abs(public_rows(rows, share) - share * rows) <= 0.5


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "public: 10",
            "7:9: 10 of 10 rows leaves none that is final; write less",
        ),
        (
            "public: 0.96",
            "7:9: 0.96 of 10 rows leaves none that is final; write less",
        ),
        (
            "public: 0.04",
            "7:9: 0.04 of 10 rows leaves none that is public; write more",
        ),
        *(
            (
                f"public: {value}",
                f"7:{9 if value else 8}: must be a number of rows, as 150, or a share "
                f"between 0 and 1, as 0.3, got {shown}",
            )
            for value, shown in [
                ("0", "0"),
                ("-3", "-3"),
                ("1.0", "1.0"),
                ("1.5", "1.5"),
                (".nan", "nan"),
                ("true", "true"),
                ("a third", "'a third'"),
                ("", "nothing"),
            ]
        ),
        (
            "public_seed: 3",
            "7:1: there is no 'public' whose rows it could choose; add it",
        ),
        (
            "public: 3\npublic_seed: -1",
            "8:14: must be at least 0, got -1",
        ),
        (
            "public: 3\npublic_seed: 4294967296",
            "8:14: must be at most 4294967295, got 4294967296",
        ),
    ],
)
def test_a_split_without_two_parts_is_refused(
    flowers: "DatasetFolder", text: str, expected: str
) -> None:
    split(flowers, text)

    found = flowers.problems(only_description=True)

    assert found == f"flowers/dataset.yaml:{expected}"


def dataset(mask: Any) -> EvaluationDataset:
    """Return a dataset of three rows, with a mask."""
    arrays = {"x": np.arange(3)}
    return EvaluationDataset.of("three", arrays, arrays, public=mask)


def test_a_mask_given_is_copied_and_cannot_be_written_to() -> None:
    mask = np.array([True, False, False])

    found = dataset(mask).public
    mask[:] = True

    assert found is not None
    assert found.tolist() == [True, False, False]
    assert not found.flags.writeable


@pytest.mark.parametrize(
    ("mask", "expected"),
    [
        ([0, 1, 1], "must be bool of shape (3,), got int64 of shape (3,)"),
        ([True, False], "must be bool of shape (3,), got bool of shape (2,)"),
        ([True] * 3, "must leave a row for each part, got all rows"),
        ([False] * 3, "must leave a row for each part, got no row"),
    ],
)
def test_a_mask_that_is_no_split_is_refused(mask: list[Any], expected: str) -> None:
    with pytest.raises(ValueError, match="public") as caught:
        dataset(np.array(mask))

    assert str(caught.value) == f"three: public {expected}"
