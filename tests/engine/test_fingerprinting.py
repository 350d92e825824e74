"""What tells the predictions of a model from others."""

import base64
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pytest_tfgrade.core.fingerprint import AnswerPrint
from pytest_tfgrade.engine.fingerprinting import (
    MOST_ROWS,
    MOST_WRONG,
    RANKED,
    answer_print,
)
from pytest_tfgrade.engine.output_kinds import Kind
from pytest_tfgrade.reports.integrity.answers import decoded_wrong

RNG = np.random.default_rng(4)
LABELS = RNG.integers(0, 5, 300)
SCORES = RNG.dirichlet(np.ones(5), 300)


def printed(targets: Any, predictions: Any, kind: Kind = Kind.CLASSES) -> AnswerPrint:
    return answer_print("rows", "y", kind, np.asarray(targets), np.asarray(predictions))


def one_hot(labels: NDArray[Any], classes: int = 5) -> NDArray[Any]:
    return np.eye(classes)[labels]


def ranks(one: AnswerPrint) -> list[int]:
    return list(base64.b64decode(one.ranks))


def test_the_whole_print_of_a_few_rows() -> None:
    one = printed([0, 1, 2, 1], one_hot(np.array([0, 2, 2, 0]), 3))

    # Four rows are looked at in the order 0, 3, 2, 1: the steps are of 3.
    assert one == AnswerPrint(
        dataset="rows",
        output="y",
        digest="05b86b53bd6ac185",
        is_constant=False,
        wrong=base64.b64encode(bytes([2, 0, 2, 2])).decode(),
        ranks="",
    )


@given(st.integers(1, 700), st.integers(0, 2**32 - 1))
def test_wrong_answers_are_those_of_some_rows(count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels, said = rng.integers(0, 5, count), rng.integers(0, 5, count)

    rows, classes = decoded_wrong(printed(labels, one_hot(said)))

    wrong = int((labels != said).sum())
    assert len(rows) == len(set(rows.tolist())) == min(wrong, MOST_WRONG)
    assert rows.tolist() == sorted(rows.tolist())
    assert rows.max(initial=0) < count
    assert set(classes.tolist()) <= set(said[labels != said].tolist())


def test_the_order_of_rows_is_the_same_for_all_models() -> None:
    said = LABELS.copy()
    said[[7, 100, 200]] = (said[[7, 100, 200]] + 1) % 5
    fewer = LABELS.copy()
    fewer[100] = said[100]

    rows, classes = decoded_wrong(printed(LABELS, one_hot(said)))
    one_row, one_class = decoded_wrong(printed(LABELS, one_hot(fewer)))

    assert len(rows) == 3
    assert (int(one_row[0]), int(one_class[0])) in set(
        zip(rows.tolist(), classes.tolist(), strict=True)
    )


def test_rows_far_apart_are_told_too() -> None:
    labels = np.zeros(MOST_ROWS, np.int64)
    said = labels.copy()
    said[-1] = said[0] = 1

    rows, classes = decoded_wrong(printed(labels, one_hot(said)))

    assert classes.tolist() == [1, 1]
    assert rows[0] == 0
    assert 255 < rows[1] < MOST_ROWS


def test_a_perfect_model_has_no_wrong_answers() -> None:
    assert printed(LABELS, one_hot(LABELS)).wrong == ""


@pytest.mark.parametrize("classes", [2, 300])
def test_classes_of_any_number_fit(classes: int) -> None:
    labels = np.arange(400) % classes
    said = (labels + 1) % classes

    rows, told = decoded_wrong(printed(labels, one_hot(said, classes)))

    assert len(rows) == MOST_WRONG
    assert told.max() < 255


def test_one_column_is_the_probability_of_class_1() -> None:
    labels = np.array([0, 1] * 30)
    scores = np.linspace(0, 1, 60)[:, None]

    as_column, as_row = printed(labels, scores), printed(labels, scores[:, 0])

    assert (as_column.wrong, as_column.ranks) == (as_row.wrong, as_row.ranks)
    assert len(decoded_wrong(as_column).rows) == 30


def test_ranks_are_the_same_for_logits_and_their_probabilities() -> None:
    logits = RNG.normal(size=(300, 5))
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)

    assert ranks(printed(LABELS, logits)) == pytest.approx(
        ranks(printed(LABELS, probabilities)), abs=1
    )


def test_ranks_tell_probabilities_that_round_to_1_apart() -> None:
    scores = np.zeros((300, 5), np.float32)
    scores[np.arange(300), LABELS] = 1
    scores[np.arange(300), (LABELS + 1) % 5] = np.logspace(-9, -29, 300)

    assert len(set(ranks(printed(LABELS, scores)))) == RANKED


def test_ranks_go_from_0_to_255_and_equal_ones_share_one() -> None:
    numbers = np.arange(300.0)[:, None]

    assert sorted(ranks(printed(np.zeros((300, 1)), numbers, Kind.NUMBERS))) == [
        round(255 * at / (RANKED - 1)) for at in range(RANKED)
    ]
    assert set(ranks(printed(LABELS, one_hot(LABELS)))) == {128}


def test_numbers_are_ranked_by_prediction_minus_target() -> None:
    targets = RNG.normal(size=(300, 1))
    errors = np.linspace(-1, 1, 300)[:, None]

    up = ranks(printed(targets, targets + errors, Kind.NUMBERS))
    down = ranks(printed(targets, targets - errors, Kind.NUMBERS))

    assert [255 - rank for rank in up] == pytest.approx(down, abs=1)


def test_few_predictions_are_not_ranked() -> None:
    assert printed(LABELS[:31], SCORES[:31]).ranks == ""


@pytest.mark.parametrize(
    ("targets", "predictions", "kind", "is_constant"),
    [
        (LABELS, SCORES, Kind.CLASSES, False),
        (LABELS, one_hot(LABELS), Kind.CLASSES, False),
        (LABELS, np.full((300, 5), 0.2), Kind.CLASSES, True),
        (LABELS, SCORES * 0.1 + [1, 0, 0, 0, 0], Kind.CLASSES, True),
        (LABELS * 0, one_hot(LABELS * 0), Kind.CLASSES, False),
        (LABELS[:, None] * 1.0, np.full((300, 1), 2.5), Kind.NUMBERS, True),
        (LABELS[:, None] * 1.0, LABELS[:, None] * 1e-2, Kind.NUMBERS, False),
        (LABELS[:, None] * 1.0, LABELS[:, None] * 1e-4, Kind.NUMBERS, True),
        (np.ones((300, 1)), np.ones((300, 1)), Kind.NUMBERS, True),
        (LABELS[:1], SCORES[:1], Kind.CLASSES, False),
    ],
)
def test_who_says_one_thing_is_known(
    targets: Any, predictions: Any, kind: Kind, is_constant: bool
) -> None:
    assert printed(targets, predictions, kind).is_constant is is_constant


def test_of_what_no_metric_takes_the_digest_is_left() -> None:
    texts = np.array(["a", "b"] * 20)

    one = printed(texts, SCORES[:40], Kind.OTHER)

    assert (one.wrong, one.ranks, one.is_constant, len(one.digest)) == (
        *("", ""),
        False,
        16,
    )


def test_positions_of_a_row_count_one_by_one() -> None:
    labels = RNG.integers(0, 3, (20, 6, 6))
    said = (labels + (RNG.random(labels.shape) < 0.05)) % 3

    one = printed(labels, one_hot(said, 3))

    assert len(decoded_wrong(one).rows) == int((labels != said).sum())
    assert len(ranks(one)) == RANKED


def test_a_large_output_is_looked_at_in_part() -> None:
    labels = np.zeros((3, 1024, 700), np.int64)
    scores = np.zeros((3, 1024, 700, 2), np.float32)
    scores[..., 1] = 1

    one = printed(labels, scores)

    assert len(decoded_wrong(one).rows) == MOST_WRONG
    assert one.is_constant is False


def test_equal_predictions_have_equal_prints_whatever_their_memory() -> None:
    turned = np.asfortranarray(SCORES)

    assert printed(LABELS, turned) == printed(LABELS, SCORES)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("kind", Kind)
def test_the_largest_numbers_are_nothing_to_warn_of(kind: Kind) -> None:
    largest = np.where(one_hot(LABELS) > 0, 1.7e308, -1.7e308)

    one = printed(LABELS, largest, kind)

    assert (one.digest, one.is_constant) == ("58d686199a4c9515", False)
