"""The names that rubrics are held against, and those that Keras has."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pytest_tfgrade.checks.model.compile_settings import canonical, is_named
from pytest_tfgrade.checks.model.ends import canonical_activation
from pytest_tfgrade.core.keras_activations import KERAS_ACTIVATIONS
from pytest_tfgrade.core.keras_layers import (
    COMMON_ENDINGS,
    COMMON_SETTINGS,
    KERAS_LAYERS,
    LAYER_ALIASES,
    LAYER_SETTINGS,
)
from pytest_tfgrade.core.keras_training import (
    KERAS_LOSSES,
    KERAS_METRICS,
    KERAS_SCHEDULES,
    OPTIMIZER_SETTINGS,
)

LIBRARIES = ("keras", "tf_keras")


@pytest.fixture(scope="module")
def keras_has() -> list[dict[str, Any]]:
    """What each library has; asked in a process of its own, for it takes seconds."""
    program = Path(__file__).parent / "keras_names.py"
    shown = subprocess.run(
        [sys.executable, str(program)],
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"},
        capture_output=True,
        check=True,
        timeout=120,
    )
    names: list[dict[str, Any]] = json.loads(shown.stdout)
    return names


def test_every_layer_of_keras_is_known_with_its_settings(
    keras_has: list[dict[str, Any]],
) -> None:
    missing = [
        (layer, setting)
        for library in keras_has
        for layer, settings in library["layers"].items()
        for setting in settings
        if setting not in LAYER_SETTINGS.get(layer, ())
        and setting not in COMMON_SETTINGS
        and not setting.endswith(COMMON_ENDINGS)
    ]
    layers = {layer for library in keras_has for layer in library["layers"]}

    assert missing == []
    assert layers <= KERAS_LAYERS


def test_every_alias_of_a_layer_is_known(keras_has: list[dict[str, Any]]) -> None:
    aliases = keras_has[0]["aliases"] | keras_has[1]["aliases"]

    assert aliases == LAYER_ALIASES


def test_all_that_keras_trains_with_is_known(keras_has: list[dict[str, Any]]) -> None:
    has = {
        kind: {name for library in keras_has for name in library[kind]}
        for kind in ("optimizers", "schedules", "losses", "metrics")
    }

    assert has == {
        "optimizers": set(OPTIMIZER_SETTINGS),
        "schedules": KERAS_SCHEDULES,
        "losses": KERAS_LOSSES,
        "metrics": KERAS_METRICS,
    }


def test_every_setting_of_an_optimizer_is_known(
    keras_has: list[dict[str, Any]],
) -> None:
    missing = [
        (optimizer, setting)
        for library in keras_has
        for optimizer, settings in library["optimizers"].items()
        for setting in settings
        if setting not in OPTIMIZER_SETTINGS[optimizer]
    ]

    assert missing == []


def test_every_function_of_keras_is_known_under_the_name_of_its_class(
    keras_has: list[dict[str, Any]],
) -> None:
    known = KERAS_LOSSES | KERAS_METRICS
    unknown = {
        name
        for library in keras_has
        for kind in ("loss_functions", "metric_functions")
        for name in library[kind]
        if not any(is_named(name, one) for one in known)
    }

    assert unknown == set()


def test_every_activation_of_keras_is_known(keras_has: list[dict[str, Any]]) -> None:
    has = {
        canonical_activation(name)
        for library in keras_has
        for name in library["activations"]
    }

    assert has <= KERAS_ACTIVATIONS


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("MSE", "mean_squared_error"),
        ("kullback_leibler_divergence", "kl_divergence"),
        ("SparseTopKCategoricalAccuracy", "sparse_top_k_categorical_accuracy"),
        ("R2Score", "r2_score"),
        ("CTC", "ctc"),
        ("my_loss", "my_loss"),
    ],
)
def test_a_loss_or_metric_has_one_name(name: str, meant: str) -> None:
    assert canonical(name) == meant
