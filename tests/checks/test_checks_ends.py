"""Inputs and outputs by name, and what stands before an output."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from pytest_tfgrade.checks import Model
from pytest_tfgrade.core.contract import Contract, InputSpec, OutputKind, OutputSpec
from pytest_tfgrade.core.facts import Layer, Tensor

if TYPE_CHECKING:
    from conftest import Ask

MakeModel = Callable[..., Model]
Problems = Callable[..., list[tuple[str, str]]]
Texts = tuple[bool, str, str | None]

PARTS = Contract(
    inputs={
        "image": InputSpec(shape=(None, 8), dtype="float32"),
        "tokens": InputSpec(shape=(None, None), dtype="int32"),
    },
    outputs={
        "kind": OutputSpec(shape=(None, 3), kind=OutputKind.PROBABILITIES),
        "price": OutputSpec(shape=(None, 1)),
    },
)
SHAPES = "(None, 8), (None, None) -> (None, 3), (None, 1)"


def layer(class_name: str, *inside: Layer, name: str, **config: Any) -> Layer:
    after = config.pop("after", ())
    return Layer(
        name=name,
        class_name=class_name,
        module=config.pop("module", "keras.layers"),
        registered_name=None,
        config=config,
        layers=inside,
        inbound=after,
    )


def tensor(name: str, *shape: int | None, dtype: str = "float32") -> Tensor:
    return Tensor(name=name, shape=shape, dtype=dtype)


def two_ends(model: MakeModel, *layers: Layer, **facts: Any) -> Model:
    said: dict[str, Any] = {
        "inputs": (
            tensor("image", None, 8),
            tensor("tokens", None, None, dtype="int32"),
        ),
        "outputs": (tensor("kind", None, 3), tensor("price", None, 1)),
        "last_activation": "linear",
        "contract": PARTS,
    }
    return model(*layers, **said | facts)


HEADS = (
    layer("Dense", name="hidden", activation="relu"),
    layer("Dense", name="logits", activation="linear", after=("hidden",)),
    layer("Softmax", name="kind", after=("logits",)),
    layer("Dense", name="price", activation=None, after=("hidden",)),
)


# Names


def test_ends_in_another_order_are_known_by_their_names(
    ask: "Ask", model: MakeModel
) -> None:
    swapped = two_ends(
        model,
        inputs=(tensor("tokens", None, 9), tensor("image", None, 8)),
        outputs=(tensor("price", None, 1), tensor("kind", None, 3)),
    )

    told = ask("model.io", swapped, names=True)

    assert told.passed


def test_ends_with_other_names_are_known_by_their_places(
    ask: "Ask", model: MakeModel
) -> None:
    renamed = two_ends(
        model, outputs=(tensor("dense", None, 3), tensor("end", None, 1))
    )

    told = ask("model.io", renamed)

    assert told.texts == (True, SHAPES, None)


def test_an_output_of_a_wrong_shape_is_named(ask: "Ask", model: MakeModel) -> None:
    wide = two_ends(model, outputs=(tensor("kind", None, 3), tensor("price", None, 2)))

    told = ask("model.io", wide)

    assert told.texts == (
        False,
        "the output 'price' has shape (None, 2), required (None, 1)",
        "Check the number of units of the last layer and its output rank.",
    )


def test_an_input_of_a_wrong_shape_is_named(ask: "Ask", model: MakeModel) -> None:
    narrow = two_ends(
        model, inputs=(tensor("image", None, 7), tensor("tokens", None, None))
    )

    told = ask("model.io", narrow)

    assert told.texts == (
        False,
        "the model takes inputs of shape (None, 7) for 'image', "
        "the task gives (None, 8)",
        "Build the model with exactly the input shape the task states.",
    )


def test_names_can_be_insisted_on(ask: "Ask", model: MakeModel) -> None:
    renamed = two_ends(
        model, outputs=(tensor("dense\n", None, 3), tensor("price", None, 1))
    )

    told = ask("model.io", renamed, names=True)

    assert told.texts == (
        False,
        r"the model calls its outputs 'dense\n', 'price', required 'kind', 'price'",
        "Give the Input and the last layers these names.",
    )


# dtypes


@pytest.mark.parametrize(
    ("dtype", "texts"),
    [
        ("int32", (True, SHAPES, None)),
        (
            "float32",
            (
                False,
                "the input 'tokens' is float32, required int32",
                "Declare it as Input(..., dtype='int32').",
            ),
        ),
    ],
)
def test_the_dtype_of_an_input_can_be_insisted_on(
    ask: "Ask", model: MakeModel, dtype: str, texts: Texts
) -> None:
    inputs = (tensor("image", None, 8), tensor("tokens", None, None, dtype=dtype))

    told = ask("model.io", two_ends(model, inputs=inputs), dtypes=True)

    assert told.texts == texts


# dynamic


@pytest.mark.parametrize(
    ("facts", "rationale"),
    [
        pytest.param(
            {"inputs": (tensor("image", None, 8), tensor("tokens", None, 40))},
            "the input 'tokens' is fixed to 40 on axis 1; any size is required",
            id="time",
        ),
        pytest.param(
            {"inputs": (tensor("image", 32, 8), tensor("tokens", None, None))},
            "the input 'image' is fixed to 32 on axis 0, the batch; "
            "any size is required",
            id="batch",
        ),
        pytest.param(
            {"outputs": (tensor("kind", 32, 3), tensor("price", None, 1))},
            "the output 'kind' is fixed to 32 on axis 0, the batch; "
            "any size is required",
            id="batch-of-an-output",
        ),
    ],
)
def test_a_fixed_size_fails_where_any_size_is_required(
    ask: "Ask", model: MakeModel, facts: dict[str, Any], rationale: str
) -> None:
    fixed = two_ends(model, **facts)

    told = ask("model.io", fixed, dynamic=True)

    hint = "Declare the Input with None there, and without a batch size."
    assert told.texts == (False, rationale, hint)
    assert ask("model.io", fixed).passed


def test_open_and_unknown_sizes_are_dynamic(ask: "Ask", model: MakeModel) -> None:
    unknown = Tensor(name="price", shape=None, dtype=None)
    open_ended = two_ends(model, outputs=(tensor("kind", None, 3), unknown))

    told = ask("model.io", open_ended, dynamic=True)

    assert told.passed


# activation


def test_each_output_has_an_activation_of_its_own(ask: "Ask", model: MakeModel) -> None:
    told = ask(
        "model.io",
        two_ends(model, *HEADS),
        activation={"kind": "softmax", "price": ["linear", "relu"]},
    )

    assert told.texts == (True, SHAPES, None)


@pytest.mark.parametrize(
    ("activation", "rationale"),
    [
        (
            {"kind": "sigmoid"},
            "the last activation of 'kind' is softmax, required sigmoid",
        ),
        ("softmax", "the last activation of 'price' is linear, required softmax"),
    ],
)
def test_an_output_with_another_activation_is_named(
    ask: "Ask", model: MakeModel, activation: Any, rationale: str
) -> None:
    told = ask("model.io", two_ends(model, *HEADS), activation=activation)

    assert told.texts == (
        False,
        rationale,
        "Change the activation of the last layer.",
    )


def sigmoid_inside() -> Layer:
    return layer("Dense", name="inner", activation="sigmoid")


@pytest.mark.parametrize(
    "ends",
    [
        pytest.param(
            (layer("TimeDistributed", sigmoid_inside(), name="kind"),), id="wrapped"
        ),
        pytest.param(
            (layer("Sequential", sigmoid_inside(), name="kind"),), id="nested"
        ),
        pytest.param(
            (
                layer(
                    "Functional",
                    sigmoid_inside(),
                    layer("Reshape", name="reshape", after=("inner",)),
                    name="model",
                ),
                layer("Flatten", name="kind", after=("model",)),
            ),
            id="nested-and-reshaped",
        ),
        pytest.param(
            (layer("Sigmoid", name="kind", module="keras.src.ops.nn"),), id="operation"
        ),
        pytest.param((layer("Sigmoid", name="kind", module=None),), id="h5"),
        pytest.param(
            (
                layer(
                    "TFOpLambda",
                    name="kind",
                    module=None,
                    function="math.sigmoid",
                ),
            ),
            id="keras-2",
        ),
        pytest.param(
            (
                layer(
                    "Activation",
                    name="kind",
                    activation={"class_name": "function", "config": "sigmoid"},
                ),
            ),
            id="function",
        ),
    ],
)
def test_an_activation_is_found_wherever_it_sits(
    ask: "Ask", model: MakeModel, ends: tuple[Layer, ...]
) -> None:
    told = ask("model.io", two_ends(model, *ends), activation={"kind": "sigmoid"})

    assert told.passed


@pytest.mark.parametrize("asked", ["swish", "silu"])
def test_an_activation_is_known_by_all_its_names(
    ask: "Ask", model: MakeModel, asked: str
) -> None:
    told = ask("model.io", model(last_activation="silu"), activation=asked)

    assert told.passed


def test_layers_that_go_round_in_a_circle_have_no_end(
    ask: "Ask", model: MakeModel
) -> None:
    circle = (
        layer("Flatten", name="kind", after=("other",)),
        layer("Flatten", name="other", after=("kind",)),
        layer("Functional", layer("Flatten", name="a", after=("a",)), name="price"),
    )

    told = ask("model.io", two_ends(model, *circle), activation="softmax")

    assert told.rationale == (
        "the last activation of 'kind' is unknown, required softmax"
    )


# last


@pytest.mark.parametrize(
    ("last", "texts"),
    [
        ("Dense", (True, SHAPES, None)),
        ({"kind": "Softmax", "price": "Dense"}, (True, SHAPES, None)),
        (
            {"price": ["LSTM", "GRU"]},
            (
                False,
                "the last layer of 'price' is Dense, required LSTM or GRU",
                "End the model with a LSTM or GRU layer.",
            ),
        ),
    ],
)
def test_the_last_layer_may_have_its_activation_behind_it(
    ask: "Ask", model: MakeModel, last: Any, texts: Texts
) -> None:
    told = ask("model.io", two_ends(model, *HEADS), last=last)

    assert told.texts == texts


def test_a_wrapped_layer_is_the_last(ask: "Ask", model: MakeModel) -> None:
    wrapped = layer("TimeDistributed", sigmoid_inside(), name="kind")

    told = ask("model.io", two_ends(model, wrapped), last={"kind": "Dense"})

    assert told.passed


def test_a_model_that_names_no_layers_has_no_last(ask: "Ask", model: MakeModel) -> None:
    told = ask("model.io", model(outputs=()), last="Dense")

    assert told.texts == (
        False,
        "the last layer is unknown, required Dense",
        "End the model with a Dense layer.",
    )


# What is wrong with parameters


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({"activation": ["softmax", "swish", "Course>own"], "last": "Dense"}, []),
        ({"activation": {"kind": "softmax"}, "last": {"price": "Dense"}}, []),
        (
            {"activation": "sofmax"},
            [("activation", "unknown activation 'sofmax'; did you mean 'softmax'?")],
        ),
        (
            {"activation": []},
            [("activation", "names no activation; write one, as softmax")],
        ),
        (
            {"activation": {"prize": "relu"}},
            [
                (
                    "activation",
                    "no output 'prize' in the contract; use kind or price",
                )
            ],
        ),
        ({"last": "dense"}, [("last", "unknown layer 'dense'; did you mean 'Dense'?")]),
    ],
)
def test_ends_that_no_model_could_have_are_said_when_the_rubric_is_read(
    problems: Problems, parameters: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    assert problems("model.io", contract=PARTS, **parameters) == found
