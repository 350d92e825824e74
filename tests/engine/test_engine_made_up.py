"""Rows made up from a description and a contract."""

import numpy as np
import pytest

from pytest_tfgrade.core.contract import InputSpec, Side, WordIds
from pytest_tfgrade.datasets.fields import ArrayDescription
from pytest_tfgrade.engine.made_up import inputs
from pytest_tfgrade.engine.word_ids import ids_of

IDS = WordIds(
    words=("to", "be", "or"), length=2, padding=Side.POST, truncation=Side.POST
)


@pytest.mark.parametrize(
    ("dtype", "stated", "least", "most"),
    [
        ("float32", (-1, 1), -1, 1),
        ("float32", (0, 255), 0, 255),
        ("uint8", (0, 255), 0, 255),
        ("int32", (0.5, 9.5), 1, 9),
        ("float32", None, 0, 1),
    ],
)
def test_numbers_fill_the_range_that_the_contract_states(
    dtype: str, stated: tuple[float, float] | None, least: float, most: float
) -> None:
    spec = InputSpec(shape=(None, 3), dtype=dtype, range=stated)
    part = ArrayDescription(dtype="float32", shape=(3,))

    made = inputs({"x": spec}, {"x": part}, 16)["x"]

    assert (made.shape, made.dtype) == ((16, 3), np.dtype(dtype))
    assert (made.min(), made.max()) == (least, most)


def test_texts_are_of_words_that_the_vocabulary_knows_and_another() -> None:
    spec = InputSpec(shape=(None, 1), dtype="string", ids=IDS)
    part = ArrayDescription(dtype="string", shape=(1,))

    texts = inputs({"x": spec}, {"x": part}, 4)["x"]

    assert texts.tolist() == [["to be text"], ["be or text"], ["or text"], ["text"]]
    assert ids_of(texts, IDS).tolist() == [[2, 3], [3, 4], [4, 1], [1, 0]]


def test_texts_without_a_vocabulary_are_any() -> None:
    spec = InputSpec(shape=(None, None), dtype="string")
    part = ArrayDescription(dtype="string", shape=(2,))

    texts = inputs({"x": spec}, {"x": part}, 2)["x"]

    assert texts.tolist() == [["text", "text"], ["text", "text"]]
