"""Hidden data as contracts want them: in the stated range, as ids, without a loss."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pytest_tfgrade.core.errors import DatasetError, Ungradable
from pytest_tfgrade.core.setup import PLAIN, Feed, Feeding
from pytest_tfgrade.datasets import EvaluationDataset
from pytest_tfgrade.engine.shelf import Shelf, contract_inputs, with_ids
from pytest_tfgrade.rubric import Rubric, read_rubric

RUBRIC = """\
task: made
dataset: made
contract: {{inputs: {{x: {input}}}, outputs: {{y: {{shape: [null, 1]}}}}}}
criteria: [{{id: error, check: predict.metric, metric: mae, threshold: 1, points: 1}}]
"""

MakeRubric = Callable[[str], Rubric]


@pytest.fixture
def rubric(tmp_path: Path) -> MakeRubric:
    """Make a rubric of one input; ``words.txt`` lies beside it."""
    (tmp_path / "words.txt").write_text("to\nbe\nor\nnot\n")
    file = tmp_path / "made.yaml"

    def make(input_: str) -> Rubric:
        file.write_text(RUBRIC.format(input=input_))
        return read_rubric(file)

    return make


def dataset(values: Any, **ranges: tuple[float, float]) -> EvaluationDataset:
    array = np.asarray(values)
    targets = np.zeros((len(array), 1), np.float32)
    return EvaluationDataset.of("made", {"x": array}, {"y": targets}, ranges=ranges)


def shelf_of(values: Any) -> Shelf:
    return Shelf(Path("nowhere"), lambda name, folder: dataset(values))


PIXELS = np.array([[0], [51], [255]], np.uint8)


@pytest.mark.parametrize(
    ("stated", "mapped"),
    [
        ("range: [0, 1]", [0, 0.2, 1]),
        ("range: [-1, 1]", [-1, -0.6, 1]),
        ("range: [0, 255]", [0, 51, 255]),
        ("exact: false", [0, 51, 255]),
    ],
)
def test_pixels_are_mapped_to_the_range_that_the_contract_states(
    rubric: MakeRubric, stated: str, mapped: list[float]
) -> None:
    made = rubric(f"{{shape: [null, 1], {stated}}}")

    array = contract_inputs(dataset(PIXELS), made)["x"]

    assert array.dtype == np.float32
    assert array.tolist() == np.array(mapped, np.float32)[:, None].tolist()


def test_bytes_that_are_described_as_other_numbers_stay_as_they_are(
    rubric: MakeRubric,
) -> None:
    made = rubric("{shape: [null, 1], range: [0, 16]}")
    grey = dataset(np.array([[0], [16]], np.uint8), x=(0, 16))

    array = contract_inputs(grey, made)["x"]

    assert array.tolist() == [[0.0], [16.0]]


@pytest.mark.parametrize(
    ("values", "extreme"), [([[0.5], [1.5]], "1.5"), ([[-3.0], [1.5]], "-3")]
)
def test_values_outside_of_the_stated_range_are_the_graders_mistake(
    rubric: MakeRubric, values: list[list[float]], extreme: str
) -> None:
    made = rubric("{shape: [null, 1], range: [0, 1]}")
    given = dataset(np.array(values, np.float32))

    with pytest.raises(DatasetError) as caught:
        contract_inputs(given, made)

    assert str(caught.value) == (
        f"the dataset 'made' holds {extreme} in 'x', "
        "the contract promises 0 to 1; correct one"
    )


def test_a_bound_that_float32_rounds_is_met_by_the_same_number(
    rubric: MakeRubric,
) -> None:
    made = rubric("{shape: [null, 1], range: [0, 0.1]}")
    given = dataset(np.array([[0.1]], np.float32))  # more than 0.1 in float64

    assert contract_inputs(given, made)["x"].tolist() == given.inputs["x"].tolist()


def test_data_out_of_range_end_the_run_before_any_model(rubric: MakeRubric) -> None:
    made = rubric("{shape: [null, 1], range: [0, 1]}")

    with pytest.raises(DatasetError, match="the contract promises"):
        shelf_of(np.array([[7.0]], np.float32)).fetch([made])


IDS = (
    "{shape: [null, 1], dtype: string, ids: {vocabulary: words.txt, length: 3, "
    "padding: post, truncation: post}}"
)


def test_texts_are_laid_out_as_ids_once_for_all_models_that_want_them(
    rubric: MakeRubric,
) -> None:
    made, shelf = rubric(IDS), shelf_of(["to be", "what is it not"])

    as_texts = shelf.inputs(made, "made")
    as_ids = shelf.inputs(made, "made", None, frozenset({"x"}))

    assert as_ids is shelf.inputs(made, "made", as_ids=frozenset({"x"}))
    assert [as_texts.description[0]["dtype"], as_ids.description] == [
        "string",
        ({"name": "x", "dtype": "int32", "shape": [2, 3], "width": 4},),
    ]
    assert shelf.arrays(made, "made")["x"].dtype.kind == "U"
    shelf.close()


@dataclass(frozen=True)
class Backwards:
    """Turn the words of each text around."""

    def apply(self, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        turned = [" ".join(reversed(text.split())) for text in inputs["x"].ravel()]
        return {"x": np.array(turned).reshape(inputs["x"].shape)}


def test_ids_are_those_of_texts_after_a_change(rubric: MakeRubric) -> None:
    made, shelf = rubric(IDS), shelf_of(["to be", "be or what"])

    inputs = shelf.inputs(made, "made", Backwards(), frozenset({"x"}))

    held = np.frombuffer(os.pread(inputs.descriptors[0], 100, 0), np.int32)
    assert held.reshape(2, 3).tolist() == [[3, 2, 0], [1, 4, 3]]
    shelf.close()


def test_only_what_a_model_wants_as_ids_becomes_some(rubric: MakeRubric) -> None:
    made = rubric(IDS)
    texts = {"x": np.array([["not"]])}

    plain = with_ids(texts, made, PLAIN)
    ids = with_ids(texts, made, Feeding(feeds={"x": Feed(as_ids=True)}))

    assert plain["x"].tolist() == [["not"]]
    assert ids["x"].tolist() == [[5, 0, 0]]


def test_a_cast_that_loses_nothing_on_the_data_is_fine(rubric: MakeRubric) -> None:
    made = rubric("{shape: [null, 1]}")
    shelf = shelf_of(np.array([[0.0], [3.0]], np.float32))

    shelf.require_lossless(made, "made", Feeding(feeds={"x": Feed(dtype="int32")}))


def test_a_cast_that_loses_something_is_refused_every_time(rubric: MakeRubric) -> None:
    made = rubric("{shape: [null, 1]}")
    shelf = shelf_of(np.array([[0.0], [3.5]], np.float32))
    feeding = Feeding(feeds={"x": Feed(dtype="int32")})

    texts = []
    for _ in range(2):
        with pytest.raises(Ungradable) as caught:
            shelf.require_lossless(made, "made", feeding)
        texts.append(str(caught.value))

    assert (
        texts
        == [
            "E_DTYPE: the model takes int32 inputs for 'x', the task gives fractions "
            "(float32)"
        ]
        * 2
    )
