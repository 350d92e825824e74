"""The settings of a layer that are worth showing."""

from typing import Any

import pytest

from pytest_tfgrade.commands.layer_settings import settings_that_matter
from pytest_tfgrade.core.facts import Layer


def layer(**config: Any) -> Layer:
    return Layer(
        name="a", class_name="B", module=None, registered_name=None, config=config
    )


def test_ordinary_settings_go_without_saying() -> None:
    ordinary = {
        "strides": [1, 1],
        "padding": "valid",
        "activation": "linear",
        "use_bias": True,
        "return_sequences": False,
        "trainable": True,
        "kernel_initializer": {"class_name": "GlorotUniform", "config": {}},
    }

    assert settings_that_matter(layer(units=3, **ordinary)) == {"units": 3}


def test_strides_are_told_where_they_differ_from_the_pool() -> None:
    same = settings_that_matter(layer(pool_size=[2, 2], strides=[2, 2]))
    other = settings_that_matter(layer(pool_size=[2, 2], strides=[1, 2]))

    assert same == {"pool_size": [2, 2]}
    assert other == {"strides": [1, 2], "pool_size": [2, 2]}


@pytest.mark.parametrize(
    ("saved", "shown"),
    [
        ({"class_name": "function", "config": "relu"}, "relu"),
        ({"class_name": "Package>Wave", "config": {"speed": 3}}, "Wave"),
        ({"module": "builtins", "class_name": "function", "config": "a>b"}, "a>b"),
        ("\x1b[31m", "\\x1b[31m"),
        ("x" * 100, "x" * 37 + "..."),
    ],
)
def test_functions_and_objects_go_by_their_name(saved: object, shown: str) -> None:
    assert settings_that_matter(layer(activation=saved)) == {"activation": shown}


@pytest.mark.parametrize(
    "odd", [10**30, [1] * 9, [[1]], {"a": 1}, [True], [10**30], None, []]
)
def test_what_is_no_setting_is_left_out(odd: object) -> None:
    assert settings_that_matter(layer(units=odd)) == {}
