"""Numbers that a configuration holds: as Keras 3 writes them, and as it does not."""

from typing import Any

import pytest

from pytest_tfgrade.facts.constants import Constants, count_constants

Object = dict[str, Any]

TENSOR: Object = {"class_name": "__keras_tensor__", "config": {"shape": [None, 4]}}


def array(value: object, dtype: object = "float32", kind: str = "numpy") -> Object:
    return {"class_name": f"__{kind}__", "config": {"value": value, "dtype": dtype}}


def operation(*args: object, **kwargs: object) -> Object:
    node = {"args": [TENSOR, *args], "kwargs": kwargs}
    return {"class_name": "Add", "config": {"name": "add"}, "inbound_nodes": [node]}


def layer(module: str = "keras.layers", **config: object) -> Object:
    return {"module": module, "class_name": "Some", "config": config}


def model(*layers: Object, **more: object) -> Object:
    return {"class_name": "Functional", "config": {"layers": [*layers]}, **more}


SIX = array([[1, 2.0, 3], [0.5, -1, 0]])


@pytest.mark.parametrize(
    ("saved", "numbers", "size"),
    [
        pytest.param(model(operation(SIX)), 6, 24, id="an-argument"),
        pytest.param(model(operation(x=SIX)), 6, 24, id="a-named-argument"),
        pytest.param(model(operation([SIX, SIX])), 12, 48, id="a-list-of-arguments"),
        pytest.param(model(operation({"a": SIX})), 6, 24, id="a-dict-of-arguments"),
        pytest.param(
            model(operation({"compile_config": SIX, "initializer": SIX})),
            *(12, 48),
            id="names-that-mean-nothing-there",
        ),
        pytest.param(model(model(operation(SIX))), 6, 24, id="in-a-nested-model"),
        pytest.param(model(layer(scale=SIX)), 6, 24, id="a-setting-of-a-layer"),
        pytest.param(
            model(operation(array([True], "bool", "tensor"), 2.0)), 1, 1, id="a-tensor"
        ),
        pytest.param(model(operation(array([], "int8"))), 0, 0, id="an-empty-array"),
    ],
)
def test_arrays_are_counted_wherever_a_prediction_may_depend_on_them(
    saved: Object, numbers: int, size: int
) -> None:
    assert count_constants(saved) == Constants(numbers, size)


@pytest.mark.parametrize(
    "saved",
    [
        pytest.param(model(operation(2.0, axes=[0, 1])), id="plain-arguments"),
        pytest.param(
            model(layer(kernel_initializer=layer("keras.initializers", value=SIX))),
            id="what-weights-begin-with",
        ),
        pytest.param(
            model(compile_config={"loss_weights": SIX}), id="settings-of-compile"
        ),
    ],
)
def test_what_no_prediction_depends_on_is_left_out(saved: Object) -> None:
    assert count_constants(saved) == Constants(0, 0)


@pytest.mark.parametrize(
    ("made", "numbers", "size"),
    [
        (array([1, 2], "f4"), 2, 16),
        (array([1, 2], 4), 2, 16),
        (array([1, [2, [3]]], None), 3, 24),
        (array("1234"), 0, 0),
        (array({"value": [1]}), 0, 0),
        ({"class_name": "__numpy__", "config": None}, 0, 0),
        ({"class_name": "__numpy__", "config": [1, 2]}, 0, 0),
    ],
)
def test_what_keras_does_not_write_is_counted_as_far_as_it_goes(
    made: Object, numbers: int, size: int
) -> None:
    assert count_constants(model(operation(made))) == Constants(numbers, size)


def test_a_deep_configuration_is_walked_without_recursion() -> None:
    deep: object = SIX
    for _ in range(100_000):
        deep = [deep]

    assert count_constants(model(operation(deep))) == Constants(6, 24)
