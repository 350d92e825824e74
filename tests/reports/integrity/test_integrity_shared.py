"""Which files share some arrays."""

from typing import Any

import numpy as np

from pytest_tfgrade.reports.integrity.shared import SharedArrays, shared_arrays


def test_a_copy_with_another_last_layer_shares_the_first(made: Any) -> None:
    models = [made.weights(seed) for seed in range(6)]
    copy = [*models[2][:2], *made.weights(50)[2:]]

    found = shared_arrays([made.print_of(m) for m in (*models, copy)])

    assert found == [
        SharedArrays(holders=(2, 6), shapes=((12, 20), (20,)), share=0.5532, others=5)
    ]


def test_other_layers_may_follow(made: Any) -> None:
    models = [made.weights(seed) for seed in range(6)]
    copy = [*models[2][:2], np.ones((20, 7)), np.arange(7.0)]

    (found,) = shared_arrays([made.print_of(m) for m in (*models, copy)])

    assert (found.holders, found.shapes) == ((2, 6), ((12, 20), (20,)))


def test_layers_that_many_have_were_handed_out(made: Any) -> None:
    base = made.weights(0)
    models = [[*base[:2], *made.weights(seed)[2:]] for seed in range(1, 9)]
    models += [made.weights(seed) for seed in range(20, 28)]

    assert shared_arrays([made.print_of(m) for m in models]) == []


def test_nothing_follows_where_nobody_has_other_values(made: Any) -> None:
    base = made.weights(0)
    pair = [[*base[:2], *made.weights(seed)[2:]] for seed in (1, 2)]

    assert shared_arrays([made.print_of(m) for m in pair]) == []


def test_biases_as_they_started_are_not_shared(made: Any) -> None:
    models = [made.weights(seed) for seed in range(6)]
    models[0][1], models[1][1] = np.zeros(20), np.zeros(20)

    assert shared_arrays([made.print_of(m) for m in models]) == []
