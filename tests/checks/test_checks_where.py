"""Conditions on settings, as Keras saves them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_tfgrade.checks.model.where import meets, meets_all


def saved(class_name: str, **config: Any) -> dict[str, Any]:
    return {"module": "keras", "class_name": class_name, "config": config}


RELU = {"module": "builtins", "class_name": "function", "config": "relu"}


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        pytest.param(16, 16, id="a-number"),
        pytest.param(0.001, 0.0010000000474974513, id="a-number-of-32-bits"),
        pytest.param(3, [3, 3], id="a-number-for-each-axis"),
        pytest.param([3, 3], [3, 3], id="a-list"),
        pytest.param((3, 3), [3, 3], id="a-tuple"),
        pytest.param([3, 3], 3, id="a-list-for-one-number"),
        pytest.param(">= 16", 16, id="the-bound-itself"),
        pytest.param(">=16", 17, id="without-a-space"),
        pytest.param("> 0", 0.1, id="above"),
        pytest.param("< 1", 0.5, id="below"),
        pytest.param("<= 0.001", 0.0010000000474974513, id="the-bound-in-32-bits"),
        pytest.param(">= 16, <= 64", 32, id="between"),
        pytest.param(">= 3", [3, 5], id="each-axis"),
        pytest.param("!= 0", 0.5, id="another-number"),
        pytest.param("!= relu", "elu", id="another-name"),
        pytest.param("!= relu", None, id="no-name-is-another"),
        pytest.param("relu", "relu", id="a-name"),
        pytest.param("relu", RELU, id="a-function"),
        pytest.param("*elu", "selu", id="a-glob"),
        pytest.param("he_normal", saved("HeNormal", seed=None), id="an-object"),
        pytest.param("HeNormal", "he_normal", id="an-object-by-function"),
        pytest.param("l2", saved("L2", l2=0.01), id="a-regularizer"),
        pytest.param("gelu", "Course>gelu", id="a-registered-name"),
        pytest.param(
            "mixed_float16", saved("DTypePolicy", name="mixed_float16"), id="a-policy"
        ),
        pytest.param({"any": ["relu", "elu"]}, "elu", id="one-of-several"),
        pytest.param({"any": [1, "> 8"]}, 9, id="one-of-several-conditions"),
        pytest.param(True, True, id="true"),
        pytest.param(None, None, id="nothing"),
    ],
)
def test_a_setting_meets_its_condition(wanted: object, found: object) -> None:
    assert meets(wanted, found)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        pytest.param(16, 17, id="another-number"),
        pytest.param(1, True, id="true-is-no-number"),
        pytest.param(True, 1, id="one-is-not-true"),
        pytest.param(False, None, id="nothing-is-not-false"),
        pytest.param(16, None, id="nothing"),
        pytest.param(16, "16", id="a-text"),
        pytest.param(3, [3, 5], id="one-axis-differs"),
        pytest.param(3, [], id="no-axis"),
        pytest.param([3, 3], [3, 3, 3], id="another-length"),
        pytest.param([], 3, id="an-empty-list"),
        pytest.param(">= 16", 15, id="too-small"),
        pytest.param("> 16", 16, id="the-bound-itself"),
        pytest.param("< 0.001", 0.0010000000474974513, id="the-bound-in-32-bits"),
        pytest.param(">= 16, <= 64", 65, id="not-between"),
        pytest.param(">= 16", "many", id="a-text-against-a-bound"),
        pytest.param(">= 16", True, id="true-against-a-bound"),
        pytest.param(">= 16", float("nan"), id="nan"),
        pytest.param(">= 16", float("inf"), id="infinity"),
        pytest.param(">= 16", 10**400, id="beyond-any-float"),
        pytest.param(">= 3", [3, 2], id="one-axis-too-small"),
        pytest.param("!= relu", "relu", id="the-same-name"),
        pytest.param("!= 0", 0, id="the-same-number"),
        pytest.param("relu", "relu6", id="a-longer-name"),
        pytest.param("relu", None, id="no-name"),
        pytest.param("relu", 3, id="a-number-for-a-name"),
        pytest.param({"any": ["relu", "elu"]}, "tanh", id="none-of-several"),
    ],
)
def test_a_setting_misses_its_condition(wanted: object, found: object) -> None:
    assert not meets(wanted, found)


def test_every_condition_has_to_hold() -> None:
    settings = {"units": 16, "activation": "relu"}

    assert meets_all({"units": 16, "activation": "relu"}, settings)
    assert not meets_all({"units": 16, "activation": "elu"}, settings)
    assert meets_all({}, settings)


def test_settings_of_an_object_are_reached_with_a_point() -> None:
    settings = {"kernel_regularizer": saved("L2", l2=0.01), "bias_regularizer": None}

    assert meets_all({"kernel_regularizer.l2": ">= 0.01"}, settings)
    assert not meets_all({"kernel_regularizer.l1": ">= 0"}, settings)
    assert not meets_all({"bias_regularizer.l2": ">= 0"}, settings)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=8), inner, max_size=3)
        | st.builds(lambda config: {"class_name": "L2", "config": config}, inner)
    ),
    max_leaves=6,
)


@given(JSON, st.sampled_from([16, 0.5, [3, 3], ">= 16", "!= relu", "relu", None]))
def test_whatever_a_file_says_it_meets_a_condition_or_not(
    found: object, wanted: object
) -> None:
    assert meets(wanted, found) in {True, False}
