"""How passes are laid out in orders."""

import hashlib

import numpy as np
import pytest

from pytest_tfgrade.core.errors import RunnerError
from pytest_tfgrade.runner import Pass, SharedInputs
from pytest_tfgrade.runner.passes import MOST_PASSES, order_of, side_by_side, split
from pytest_tfgrade.runner.worker.frames import MOST_INPUTS


def inputs(*names: str) -> SharedInputs:
    return SharedInputs(dict.fromkeys(names, np.zeros((2, 1), np.float32)))


def test_inputs_that_passes_share_are_sent_once() -> None:
    with inputs("a", "b") as both, inputs("a", "b") as changed:
        passes = [
            Pass(inputs=both),
            Pass(inputs=changed, batch=7),
            Pass(inputs=both, without="conv", mixed="gate"),
        ]

        order, files = order_of(passes)

        assert files == (*both.descriptors, *changed.descriptors)
        assert order == {
            "inputs": [
                {**item, "feed": None}
                for item in (*both.description, *changed.description)
            ],
            "batch": None,
            "passes": [
                {
                    "inputs": [0, 1],
                    "batch": None,
                    "at_once": 1,
                    "without": None,
                    "mixed": None,
                },
                {
                    "inputs": [2, 3],
                    "batch": 7,
                    "at_once": 1,
                    "without": None,
                    "mixed": None,
                },
                {
                    "inputs": [0, 1],
                    "batch": None,
                    "at_once": 1,
                    "without": hashlib.sha256(b"conv").hexdigest(),
                    "mixed": hashlib.sha256(b"gate").hexdigest(),
                },
            ],
        }


def test_more_passes_than_an_order_holds_are_split_in_order() -> None:
    with inputs("x") as shared:
        passes = [Pass(inputs=shared, batch=n) for n in range(1, 2 * MOST_PASSES + 2)]

        parts = list(split(passes))

    assert [len(part) for part in parts] == [MOST_PASSES, MOST_PASSES, 1]
    assert [one for part in parts for one in part] == passes


def test_more_inputs_than_an_order_brings_along_are_split() -> None:
    names = [str(n) for n in range(MOST_INPUTS // 2)]
    with inputs(*names) as first, inputs(*names) as second, inputs("x") as third:
        passes = [Pass(inputs=i) for i in (first, second, first, third, first)]

        parts = list(split(passes))

    assert parts == [passes[:3], passes[3:]]


def test_a_model_of_more_inputs_than_can_be_given_is_an_error_of_ours() -> None:
    with inputs(*map(str, range(MOST_INPUTS + 1))) as many:
        passes = [Pass(inputs=many)]

        (part,) = split(passes)

        with pytest.raises(RunnerError, match="129 inputs, more than 128"):
            order_of(part)


@pytest.mark.parametrize("batch", [0, -1])
def test_a_batch_holds_a_row(batch: int) -> None:
    with inputs("x") as shared, pytest.raises(ValueError, match="at least one row"):
        Pass(inputs=shared, batch=batch)


def test_only_passes_of_a_kind_share_a_process() -> None:
    with SharedInputs({"x": np.zeros((2, 1))}) as inputs:
        plain = Pass(inputs=inputs, kind="plain")
        single = Pass(inputs=inputs, batch=1, kind="single")
        passes = [plain, single, plain, single, plain]

        places = side_by_side(passes)
        parts = list(split([passes[place] for place in places]))

    assert places == [0, 2, 4, 1, 3]
    assert parts == [[plain] * 3, [single] * 2]
