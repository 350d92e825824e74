"""Which weights are told to be nearly the same, and which are not."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pytest_tfgrade.reports.integrity import weights as bounds
from pytest_tfgrade.reports.integrity.weights import WeightPair, similar_weights


def told(prints: list[Any]) -> list[tuple[int, int, bool]]:
    """Return the pairs, and whether their units are in another order."""
    return [(p.a, p.b, p.is_reordered) for p in similar_weights(prints)]


def test_models_that_were_trained_apart_are_not_told(made: Any) -> None:
    apart = [made.print_of(made.weights(seed)) for seed in range(40)]

    assert told(apart) == []


@pytest.mark.parametrize("moved", [0.02, 0.1, 0.3])
def test_nor_are_those_that_started_from_the_same_weights(
    moved: float, made: Any
) -> None:
    apart = [
        made.print_of(made.weights(seed, start=1, moved=moved)) for seed in range(40)
    ]

    assert told(apart) == []


@pytest.mark.parametrize("start", [None, 1], ids=["own start", "same start"])
def test_a_copy_that_was_trained_on_is_told_with_its_distances(
    start: int | None, made: Any
) -> None:
    models = [made.weights(seed, start) for seed in range(12)]
    copy = made.tuned(models[3], 0.05)

    (pair,) = similar_weights([*map(made.print_of, models), made.print_of(copy)])

    assert (pair.a, pair.b, pair.is_reordered) == (3, 12, False)
    assert pair.kernels == pytest.approx(0.05, abs=0.02)
    assert pair.vectors == pytest.approx(0.05, abs=0.02)
    assert pair.typical is not None
    assert pair.typical > 4 * pair.kernels


def test_two_models_alone_can_be_told(made: Any) -> None:
    model = made.weights(1)
    copy = made.tuned(model, 0.05)

    (pair,) = similar_weights([made.print_of(model), made.print_of(copy)])

    assert (pair.a, pair.b, pair.typical) == (0, 1, None)


def test_a_copy_whose_units_are_permuted_is_told_as_such(made: Any) -> None:
    models = [made.weights(seed) for seed in range(12)]
    copy = made.permuted(models[5])

    (pair,) = similar_weights([*map(made.print_of, models), made.print_of(copy)])

    assert (pair.a, pair.b, pair.is_reordered) == (5, 12, True)
    assert pair.any_order is not None
    assert pair.any_order < 0.01


def test_of_those_like_a_permuted_copy_the_original_alone_is_told(
    made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Models with the same seed are like it, too, if the bound is a wide one."""
    monkeypatch.setattr(bounds, "NEAR_IN_ANY_ORDER", 0.4)
    models = [made.weights(seed) for seed in range(20, 32)]
    models += [made.weights(seed, start=1, moved=0.05) for seed in (1, 2)]
    models.append(made.permuted(models[12]))

    pairs = similar_weights([made.print_of(model) for model in models])

    assert [(pair.a, pair.b) for pair in pairs] == [(12, 14)]


def test_a_pair_that_is_as_near_as_all_others_is_not_told(made: Any) -> None:
    base = made.weights(1)
    alike = [made.print_of(made.tuned(base, 0.04, seed)) for seed in range(10)]

    assert told(alike) == []


def test_arrays_that_many_have_were_handed_out_and_tell_nothing(made: Any) -> None:
    base = made.weights(0)
    models = [[*base[:2], *made.weights(seed)[2:]] for seed in range(1, 13)]

    assert told([made.print_of(model) for model in models]) == []


def test_biases_that_nobody_trained_tell_nothing(made: Any) -> None:
    models = [made.weights(seed) for seed in range(8)]
    models.append(made.tuned(models[2], 0.03))
    for model in models:
        model[1], model[3] = np.zeros(20), np.zeros(10)

    (pair,) = similar_weights([made.print_of(model) for model in models])

    assert (pair.a, pair.b, pair.vectors) == (2, 8, None)


def test_without_biases_kernels_must_be_nearer(made: Any) -> None:
    models = [made.weights(seed) for seed in range(8)]
    models.append(made.tuned(models[2], 0.08))
    with_biases = [made.print_of(model) for model in models]
    without = [made.print_of([model[0], model[2]]) for model in models]

    assert (told(with_biases), told(without)) == ([(2, 8, False)], [])


def test_models_of_other_layouts_are_not_compared(made: Any) -> None:
    model = made.weights(1)
    other = [*model, np.ones((3, 3))]

    assert told([made.print_of(model), made.print_of(other)]) == []


def test_small_models_are_not_compared(made: Any) -> None:
    small = made.print_of([np.ones((9, 10)), np.arange(9.0)])
    same = made.print_of([np.ones((9, 10)) * 1.001, np.arange(9.0)])
    large = [made.print_of([np.ones((10, 11)) * k, np.arange(9.0)]) for k in (1, 1.001)]

    assert told([small, same]) == []
    assert told(large) == [(0, 1, False)]


def test_a_sketch_of_another_size_counts_as_nothing(made: Any) -> None:
    one, two = made.print_of(made.weights(1)), made.print_of(made.weights(2))

    assert told([one, replace(two, sketch="AAAA"), replace(two, sketch="")]) == []


def test_units_that_are_all_alike_have_no_order_to_speak_of(made: Any) -> None:
    rng = np.random.default_rng(0)
    turned = np.arange(16)[:, None] - np.arange(16)  # each row is the last one turned
    models = [made.print_of([rng.normal(size=16)[turned]]) for _ in range(6)]

    assert told(models) == []


def test_pairs_are_found_across_blocks(
    made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = [made.weights(seed) for seed in range(9)]
    models.append(made.tuned(models[0], 0.03))
    models.append(made.permuted(models[4]))
    prints = [made.print_of(model) for model in models]
    whole = similar_weights(prints)

    monkeypatch.setattr(bounds, "_BLOCK", 3)

    parts = similar_weights(prints)
    assert (
        [(p.a, p.b) for p in parts]
        == [(p.a, p.b) for p in whole]
        == [
            (4, 10),
            (0, 9),
        ]
    )


def test_the_nearest_pair_comes_first(made: Any) -> None:
    models = [made.weights(seed) for seed in range(10)]
    models += [made.tuned(models[1], 0.06), made.tuned(models[2], 0.02)]

    pairs: list[WeightPair] = similar_weights([made.print_of(m) for m in models])

    assert [(p.a, p.b) for p in pairs] == [(2, 11), (1, 10)]
