"""What the worker decides of a model's inputs; no TensorFlow is needed to ask."""

from types import SimpleNamespace

import pytest

from pytest_tfgrade.runner.worker.opening import KerasModel

OUTPUTS = [{"name": "y", "key": None, "index": None}]

TASK = {"num": None, "seq": None}


def named(*names: str) -> list[SimpleNamespace]:
    return [SimpleNamespace(name=name) for name in names]


@pytest.mark.parametrize(
    ("model", "by_name"),
    [
        pytest.param(
            SimpleNamespace(inputs=named("seq", "num"), input=[]),
            True,
            id="the-same-names-in-another-order",
        ),
        pytest.param(
            SimpleNamespace(inputs=named("input_1", "input_2"), input=[]),
            False,
            id="names-of-its-own",
        ),
        pytest.param(
            SimpleNamespace(inputs=named("a", "b"), input={"num": 1, "seq": 2}),
            True,
            id="built-on-a-dict",
        ),
        pytest.param(SimpleNamespace(), False, id="a-model-that-declares-none"),
    ],
)
def test_inputs_are_given_by_name_where_a_model_knows_the_names(
    model: SimpleNamespace, by_name: bool
) -> None:
    assert KerasModel(model, OUTPUTS)._takes_names(TASK) is by_name
