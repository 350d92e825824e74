"""The architecture of a model as it is drawn."""

from collections.abc import Mapping
from typing import Any

import pytest

from pytest_tfgrade.core.facts import Facts, Layer, Part, Weights
from pytest_tfgrade.core.portrait import Architecture, DrawnLayer
from pytest_tfgrade.core.submission import ArtifactFormat
from pytest_tfgrade.engine.drawing import drawn


def layer(kind: str, name: str, *layers: Layer, **more: Any) -> Layer:
    """Return a layer; what is no field of it is a setting."""
    fields = {"registered_name", "inbound", "on_path"}
    own = {key: more.pop(key) for key in fields & more.keys()}
    return Layer(
        **{"registered_name": None, **own},
        name=name,
        class_name=kind,
        module="keras.layers",
        config=more,
        layers=layers,
    )


def facts(
    *layers: Layer,
    sizes: Mapping[tuple[str, ...], int] | None = None,
    holds: frozenset[Part] = frozenset(Part),
) -> Facts:
    """Return the facts of a model of 1234 parameters."""
    return Facts(
        format=ArtifactFormat.KERAS,
        keras_version=None,
        model_class="Functional",
        layers=layers,
        inputs=(),
        outputs=(),
        last_activation=None,
        weights=Weights(parameters=1234, model_bytes=0, optimizer_bytes=0),
        compile_settings=None,
        holds=holds,
        layer_parameters=sizes,
    )


def settings(kind: str = "Dense", **config: Any) -> str:
    """Return the settings of a layer as they are drawn."""
    found = drawn(facts(layer(kind, "one", **config)))
    assert found is not None
    return found.layers[0].settings


def test_layers_are_drawn_with_what_they_take_and_how_large_they_are() -> None:
    model = facts(
        layer("InputLayer", "in", batch_shape=[None, 28, 28, 1]),
        layer(
            "Conv2D",
            "conv",
            inbound=("in",),
            filters=8,
            kernel_size=[3, 3],
            strides=[1, 1],
            padding="same",
            activation="relu",
        ),
        layer("Flatten", "flat", inbound=("conv",)),
        layer("Add", "add", inbound=("flat", "in")),
        sizes={("conv",): 80},
    )

    found = drawn(model)

    assert found == Architecture(
        layers=(
            DrawnLayer(
                name="in", kind="InputLayer", settings="shape 28x28x1", parameters=0
            ),
            DrawnLayer(
                name="conv",
                kind="Conv2D",
                settings="8 filters, kernel 3x3, padding same, relu",
                parameters=80,
                inputs=("in",),
            ),
            DrawnLayer(name="flat", kind="Flatten", parameters=0, inputs=("conv",)),
            DrawnLayer(name="add", kind="Add", parameters=0, inputs=("flat", "in")),
        ),
        left_out=0,
        parameters=1234,
    )


def test_what_is_inside_follows_and_counts_for_what_is_around_it() -> None:
    model = facts(
        layer(
            "Sequential",
            "base",
            layer("TimeDistributed", "each", layer("Dense", "dense", units=4)),
        ),
        layer("Dense", "dense", units=1),
        sizes={("base", "each", "dense"): 8, ("dense",): 4},
    )

    found = drawn(model)

    assert found is not None
    assert [(one.name, one.depth, one.parameters) for one in found.layers] == [
        ("base", 0, 8),
        ("each", 1, 8),
        ("dense", 2, 8),
        ("dense", 0, 4),
    ]


def test_the_two_directions_of_a_wrapper_are_drawn_once() -> None:
    both = (layer("LSTM", "forward", units=8), layer("LSTM", "backward", units=8))

    found = drawn(facts(layer("Bidirectional", "both", *both, merge_mode="concat")))

    assert found is not None
    assert [one.name for one in found.layers] == ["both", "forward"]
    assert found.left_out == 0


def test_layers_have_no_size_if_nobody_says_whose_the_weights_are() -> None:
    found = drawn(facts(layer("Dense", "one", units=1)))

    assert found is not None
    assert (found.layers[0].parameters, found.parameters) == (None, 1234)


def test_of_too_many_layers_the_outermost_stay_then_the_first_and_last_inside() -> None:
    inner = [layer("ReLU", f"inner_{n}") for n in range(200)]
    model = facts(
        layer("Dense", "before"),
        layer("Functional", "base", *inner),
        layer("Dense", "behind"),
    )

    found = drawn(model)

    assert found is not None
    first, last = (
        [f"inner_{n}" for n in range(39)],
        [f"inner_{n}" for n in range(162, 200)],
    )
    names = ["before", "base", *first, *last, "behind"]
    assert [one.name for one in found.layers] == names
    assert (len(names), found.left_out) == (80, 123)


@pytest.mark.parametrize(
    ("kind", "config", "text"),
    [
        ("Dense", {"units": 32, "activation": "relu"}, "32 units, relu"),
        ("Dense", {"units": 1, "activation": "linear"}, "1 units"),
        ("Dropout", {"rate": 0.5, "seed": None, "noise_shape": None}, "rate 0.5"),
        (
            "MaxPooling2D",
            {"pool_size": [2, 2], "strides": [2, 2], "padding": "valid"},
            "pool 2x2",
        ),
        (
            "MaxPooling2D",
            {"pool_size": [3, 3], "strides": [2, 2]},
            "pool 3x3, strides 2x2",
        ),
        (
            "Embedding",
            {"input_dim": 4000, "output_dim": 16},
            "input_dim 4000, output_dim 16",
        ),
        (
            "LSTM",
            {
                "units": 8,
                "activation": "tanh",
                "return_sequences": True,
                "dropout": 0.0,
            },
            "8 units, return_sequences, tanh",
        ),
        ("ZeroPadding2D", {"padding": [[1, 1], [1, 1]]}, "padding 1"),
        ("ZeroPadding2D", {"padding": [[0, 1], [0, 1]]}, ""),
        ("Reshape", {"target_shape": [7, 7, -1]}, "target_shape 7x7x-1"),
        ("Rescaling", {"scale": 1 / 255, "offset": 0.0}, "scale 0.003922"),
        (
            "Activation",
            {"activation": {"class_name": "function", "config": "softmax"}},
            "softmax",
        ),
        ("Dense", {"units": 4, "trainable": False}, "frozen, 4 units"),
        ("Dense", {"units": 4, "trainable": True}, "4 units"),
        ("Dense", {"units": 4, "on_path": False}, "not connected, 4 units"),
    ],
)
def test_settings_that_matter_are_short_text(
    kind: str, config: Mapping[str, Any], text: str
) -> None:
    assert settings(kind, **config) == text


@pytest.mark.parametrize(
    "config",
    [
        {"units": 10**5000},
        {"units": {"class_name": 3, "config": {}}},
        {"kernel_size": [[[[3]]]]},
        {"kernel_size": [1] * 100_000},
        {"kernel_size": [[1, 1]] * 100_000},
        {"kernel_size": ["3", None]},
        {"batch_shape": [None]},
        {"batch_shape": None, "batch_input_shape": []},
        {"activation": ["relu"]},
        {"strides": [[], 1]},
    ],
)
def test_a_setting_of_a_strange_type_is_left_out(config: Mapping[str, Any]) -> None:
    assert settings(**config) == ""


def test_a_hostile_file_says_little_and_nothing_that_is_not_printable() -> None:
    name = "\x1b[2J" + "n" * 500
    hostile = layer(
        "K" * 500,
        name,
        activation="::set-output name=x::1",
        padding="\u202e" + "p" * 500,
        mode="m" * 500,
        merge_mode="m" * 500,
        output_mode="m" * 500,
        registered_name="Own>" + "K" * 500,
        inbound=(name,) * 500,
    )

    found = drawn(facts(hostile))

    cut = "\\x1b[2J" + "n" * 30 + "..."
    assert found == Architecture(
        layers=(
            DrawnLayer(
                name=cut,
                kind="Own>" + "K" * 33 + "...",
                settings=(
                    "padding \\u202e" + "p" * 11 + "..., mode " + "m" * 17 + "..., "
                    "output_mode " + "m" * 8 + "..."
                ),
                inputs=(cut,) * 8,
            ),
        ),
        parameters=1234,
    )


def test_a_format_without_layers_has_no_drawing() -> None:
    held = frozenset(Part) - {Part.LAYERS}

    assert drawn(facts(holds=held)) is None
    assert drawn(facts()) is None


def test_what_the_file_does_not_store_has_no_size() -> None:
    held = frozenset(Part) - {Part.WEIGHTS}

    found = drawn(facts(layer("Dense", "one"), holds=held))

    assert found is not None
    assert found.parameters is None
