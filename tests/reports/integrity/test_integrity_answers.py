"""Which models are told to answer alike."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pytest_tfgrade.engine.output_kinds import Kind
from pytest_tfgrade.reports.integrity import answers as module
from pytest_tfgrade.reports.integrity.answers import AnswerPair, alike_answers


def told(prints: list[Any]) -> list[tuple[int, int]]:
    return [(pair.a, pair.b) for pair in alike_answers(prints)]


@pytest.mark.parametrize("skill", [0.3, 0.7, 0.95])
def test_models_that_find_the_same_rows_hard_are_not_told(
    skill: float, made: Any
) -> None:
    models = [made.answer_of(made.answers(seed, skill)) for seed in range(30)]

    assert told(models) == []


def test_the_same_wrong_answers_are_told_with_all_counts(made: Any) -> None:
    models = [made.answer_of(made.answers(seed)) for seed in range(30)]
    rng = np.random.default_rng(9)
    nearly = made.answers(7) + 0.01 * rng.random((400, 10))
    copy = replace(made.answer_of(nearly), ranks="")

    (pair,) = alike_answers([*models, copy])

    assert (pair.a, pair.b, pair.is_identical, pair.correlation) == (7, 30, False, None)
    assert pair.both_wrong is not None
    assert pair.same_wrong is not None
    assert pair.either_wrong is not None
    assert pair.expected is not None
    assert pair.probability is not None
    assert pair.either_wrong >= pair.both_wrong >= pair.same_wrong > 50
    assert pair.expected < 0.8 * pair.both_wrong
    assert pair.probability < 0.001


def test_wrong_answers_that_all_give_tell_nothing(made: Any) -> None:
    """As where targets are wrong."""
    said = made.labels().copy()
    said[::8] = (said[::8] + 1) % 10
    rng = np.random.default_rng(2)
    scores = [np.eye(10)[said] + 0.01 * rng.random((400, 10)) for _ in range(20)]

    assert told([made.answer_of(one) for one in scores]) == []


def test_few_wrong_answers_tell_nothing(made: Any) -> None:
    said = made.labels().copy()
    said[:9] = (said[:9] + 3) % 10
    models = [made.answer_of(made.answers(seed)) for seed in range(20)]
    rng = np.random.default_rng(3)
    pair = [np.eye(10)[said] + 0.01 * rng.random((400, 10)) for _ in range(2)]

    assert told([*models, *map(made.answer_of, pair)]) == []


def test_numbers_with_the_same_errors_are_told(made: Any) -> None:
    targets = made.labels()[:, None] * 1.0
    rng = np.random.default_rng(8)
    common = rng.normal(size=(400, 1))
    models = [targets + common + rng.normal(size=(400, 1)) for _ in range(20)]
    models.append(models[4] + 0.05 * rng.normal(size=(400, 1)))

    (pair,) = alike_answers([made.answer_of(m, Kind.NUMBERS) for m in models])

    assert (pair.a, pair.b, pair.both_wrong) == (4, 20, None)
    assert pair.correlation == pytest.approx(1, abs=0.02)


def test_errors_that_all_make_are_no_likeness(made: Any) -> None:
    targets = made.labels()[:, None] * 1.0
    rng = np.random.default_rng(8)
    common = 20 * rng.normal(size=(400, 1))
    models = [targets + common + rng.normal(size=(400, 1)) for _ in range(30)]

    assert told([made.answer_of(m, Kind.NUMBERS) for m in models]) == []


def test_identical_predictions_are_told_even_of_two(made: Any) -> None:
    one = made.answer_of(made.answers(1))

    assert alike_answers([one, one, one]) == [
        AnswerPair(a=0, b=1, is_identical=True),
        AnswerPair(a=0, b=2, is_identical=True),
    ]


def test_models_without_ranks_or_wrong_answers_are_left_out(made: Any) -> None:
    perfect = [
        replace(made.answer_of(made.answers(seed)), wrong="", ranks="")
        for seed in range(6)
    ]

    assert told(perfect) == []
    assert told([]) == []


def test_pairs_are_found_across_blocks(
    made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = [made.answers(seed) for seed in range(10)]
    rng = np.random.default_rng(9)
    models.append(models[0] + 1e-6 * rng.random((400, 10)))
    prints = [replace(made.answer_of(m), wrong="") for m in models]

    monkeypatch.setattr(module, "_BLOCK", 4)

    assert told(prints) == [(0, 10)]
