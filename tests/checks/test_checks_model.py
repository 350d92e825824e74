"""Checks of the file and of what it says about its model."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from pytest_tfgrade.checks import CHECKS, Model
from pytest_tfgrade.core.contract import Contract, InputSpec, OutputSpec, Side, WordIds
from pytest_tfgrade.core.facts import (
    Layer,
    StoredVariable,
    StoredWeights,
    Tensor,
    Weights,
)
from pytest_tfgrade.core.submission import Artifact

if TYPE_CHECKING:
    from conftest import Ask

MakeModel = Callable[..., Model]
Problems = Callable[..., list[tuple[str, str]]]


def layer(class_name: str, *inside: Layer) -> Layer:
    return Layer(
        name=f"my_{class_name.lower()}",
        class_name=class_name,
        module=None,
        registered_name=None,
        config={},
        layers=inside,
    )


def tensor(
    *shape: int | None, name: str = "any", dtype: str | None = "float32"
) -> Tensor:
    return Tensor(name=name, shape=shape, dtype=dtype)


def contract(*inputs: InputSpec, outputs: int = 1) -> Contract:
    return Contract(
        inputs={f"in{number}": spec for number, spec in enumerate(inputs)},
        outputs={f"out{n}": OutputSpec(shape=(None, 3)) for n in range(outputs)},
    )


TITLES = {
    "file": "One saved model of an accepted format and size was handed in.",
    "model.meta": "The model was saved by an accepted version of Keras.",
    "model.kind": "The model was built in the required way.",
    "model.layers": "The model has the required layers.",
    "model.forbid": "The model has no layer of a forbidden kind.",
    "model.io": "The file declares the inputs and outputs that the task asks for.",
    "model.params": "The number of the model's parameters lies within bounds.",
    "model.compile": "The model was compiled with the required settings.",
}


def test_checks_have_a_title_a_student_can_read() -> None:
    assert {name: CHECKS[name].title for name in TITLES} == TITLES


@pytest.mark.parametrize(
    ("size", "text"),
    [(1_234_567, "1235 kB"), (1, "1 kB"), (1499, "1 kB"), (0, "1 kB")],
)
def test_a_file_is_there_and_says_what_it_is(
    ask: "Ask", artifact: Artifact, size: int, text: str
) -> None:
    told = ask("file", replace(artifact, size=size))

    assert told.texts == (True, f"work/digits.keras, keras, {text}", None)


# model.layers


def two_convolutions() -> Iterator[Layer]:
    yield layer("Conv2D")
    yield layer("TimeDistributed", layer("Sequential", layer("Conv2D")))
    yield layer("Dense")


@pytest.mark.parametrize(
    ("parameters", "texts"),
    [
        ({"class_": "Conv2D"}, (True, "2 Conv2D layers", None)),
        ({"class_": "Conv2D", "min_": 2, "max_": 2}, (True, "2 Conv2D layers", None)),
        ({"class_": "Conv*"}, (True, "2 Conv* layers", None)),
        (
            {"class_": "keras.layers.Conv2D"},
            (True, "2 keras.layers.Conv2D layers", None),
        ),
        (
            {"class_": ["Conv2D", "Dense"], "min_": 3},
            (True, "3 Conv2D or Dense layers", None),
        ),
        (
            {"class_": "Conv2D", "min_": 3},
            (False, "2 Conv2D layers, required >= 3", "Add a Conv2D layer."),
        ),
        (
            {"class_": "Conv2D", "max_": 1},
            (False, "2 Conv2D layers, required <= 1", "Use fewer Conv2D layers."),
        ),
        (
            {"class_": ["LSTM", "GRU"]},
            (False, "0 LSTM or GRU layers, required >= 1", "Add a LSTM or GRU layer."),
        ),
        (
            {"class_": "conv2d"},
            (False, "0 conv2d layers, required >= 1", "Add a conv2d layer."),
        ),
    ],
)
def test_layers_are_counted_wherever_they_are(
    ask: "Ask",
    model: MakeModel,
    parameters: dict[str, Any],
    texts: tuple[bool, str, str | None],
) -> None:
    told = ask("model.layers", model(*two_convolutions()), **parameters)

    assert told.texts == texts


# model.forbid


def test_a_model_without_forbidden_layers_passes(ask: "Ask", model: MakeModel) -> None:
    told = ask("model.forbid", model(*two_convolutions()), layers=["Lambda", "LSTM"])

    assert told.texts == (True, "no Lambda or LSTM layers", None)


def test_a_forbidden_layer_is_found_inside_others(ask: "Ask", model: MakeModel) -> None:
    hidden = layer("Bidirectional", layer("LSTM"))

    told = ask("model.forbid", model(layer("GRU"), hidden), layers=["LSTM", "G*"])

    assert told.texts == (
        False,
        "the model uses GRU (my_gru), LSTM (my_lstm)",
        "Replace it by other built-in layers.",
    )


def test_the_name_of_a_layer_cannot_steer_a_terminal(
    ask: "Ask", model: MakeModel
) -> None:
    evil = replace(layer("Lambda"), name="\x1b[2J\n" + "x" * 300)

    told = ask("model.forbid", model(evil), layers=["Lambda"])

    start = r"the model uses Lambda (\x1b[2J\n"
    assert (
        told.rationale
        == start + "x" * (len("the model uses ") + 197 - len(start)) + "..."
    )


# model.params


@pytest.mark.parametrize(
    ("parameters", "texts"),
    [
        ({"min_": 100, "max_": 100}, (True, "100 parameters", None)),
        (
            {"min_": 101},
            (False, "100 parameters, required >= 101", "Use a larger model."),
        ),
        (
            {"max_": 99},
            (False, "100 parameters, required <= 99", "Use a smaller model."),
        ),
    ],
)
def test_parameters_are_counted_without_the_optimizer(
    ask: "Ask",
    model: MakeModel,
    parameters: dict[str, Any],
    texts: tuple[bool, str, str | None],
) -> None:
    weights = Weights(parameters=100, model_bytes=400, optimizer_bytes=800)

    told = ask("model.params", model(weights=weights), **parameters)

    assert told.texts == texts
    assert told.value == 100


def test_numbers_in_arrays_of_operations_are_parameters_and_are_named(
    ask: "Ask", model: MakeModel
) -> None:
    weights = Weights(
        parameters=203,
        model_bytes=812,
        optimizer_bytes=0,
        constants=3200,
        constant_bytes=12_800,
    )
    bounds: list[dict[str, Any]] = [
        {"max_": 3402},
        {"max_": 3403, "max_bytes": "14 kB"},
        {"max_bytes": 12_000},
    ]

    told = [ask("model.params", model(weights=weights), **one) for one in bounds]

    assert [one.texts for one in told] == [
        (
            False,
            "3403 parameters (3200 in arrays of operations), required <= 3402",
            "Use a smaller model.",
        ),
        (
            True,
            "3403 parameters (3200 in arrays of operations), 14 kB of weights",
            None,
        ),
        (
            False,
            "14 kB of weights, required <= 12000",
            "Use a smaller model, or layers of a smaller dtype.",
        ),
    ]


def variable(layer: str, *shape: int, within: tuple[str, ...] = ()) -> StoredVariable:
    return StoredVariable(
        path="any",
        layer=layer,
        within=within,
        dtype="float32",
        shape=shape,
        sha256="0" * 64,
        nonfinite=0,
    )


@pytest.fixture
def transfer(model: MakeModel) -> Model:
    """Return a frozen base of 20 parameters, a normalisation of 8 and a head of 10."""
    base = layer(
        "Functional",
        replace(layer("Dense"), name="inner", config={"trainable": False}),
    )
    stored = StoredWeights(
        model=(
            variable("inner", 4, 5, within=("my_functional",)),
            *(variable("my_batchnormalization", 2) for _ in range(4)),
            variable("my_dense", 2, 5),
        ),
        optimizer=(variable("my_dense", 1000),),
    )
    parts = base, layer("BatchNormalization"), layer("Dense")
    weights = Weights(parameters=38, model_bytes=152, optimizer_bytes=4000)
    return model(*parts, stored=stored, weights=weights)


def test_neither_frozen_layers_nor_running_means_are_trainable(
    ask: "Ask", transfer: Model
) -> None:
    told = ask("model.params", transfer, trainable_max=14)

    assert told.texts == (True, "38 parameters, 14 of them trainable", None)


@pytest.mark.parametrize(
    ("parameters", "rationale", "hint"),
    [
        (
            {"trainable_max": 13},
            "14 trainable parameters, required <= 13",
            "Freeze more layers, or use fewer.",
        ),
        (
            {"trainable_min": 15},
            "14 trainable parameters, required >= 15",
            "Freeze fewer layers.",
        ),
    ],
)
def test_a_base_that_is_trained_or_a_head_that_is_not_is_found(
    ask: "Ask",
    transfer: Model,
    parameters: dict[str, Any],
    rationale: str,
    hint: str,
) -> None:
    told = ask("model.params", transfer, **parameters)

    assert told.texts == (False, rationale, hint)


@pytest.mark.parametrize(
    ("most", "texts"),
    [
        ("5 MB", (True, "100 parameters, 5000 kB of weights", None)),
        (5_000_000, (True, "100 parameters, 5000 kB of weights", None)),
        (
            "4.99 MB",
            (
                False,
                "5000 kB of weights, required <= 4.99 MB",
                "Use a smaller model, or layers of a smaller dtype.",
            ),
        ),
        ("4.77 MiB", (True, "100 parameters, 5000 kB of weights", None)),
    ],
)
def test_the_size_of_weights_is_bounded_without_the_optimizer(
    ask: "Ask",
    model: MakeModel,
    most: str | int,
    texts: tuple[bool, str, str | None],
) -> None:
    weights = Weights(parameters=100, model_bytes=5_000_000, optimizer_bytes=10**9)

    told = ask("model.params", model(weights=weights), max_bytes=most)

    assert told.texts == texts


# model.meta


@pytest.mark.parametrize(
    ("version", "accepted"),
    [
        ("3.15.1", ">=3.0,<4"),
        ("3.0.0.dev2024010100", ">=3.0.0.dev0"),
        ("3.1.0rc1", ">=3.0"),
        ("2.2.4-tf", "<3"),
        ("2.21.0", "~=2.0"),
    ],
)
def test_a_version_in_the_range_passes(
    ask: "Ask", model: MakeModel, version: str, accepted: str
) -> None:
    told = ask("model.meta", model(keras_version=version), keras=accepted)

    assert told.texts == (True, f"saved by Keras {version}", None)


@pytest.mark.parametrize(
    ("version", "rationale"),
    [
        ("2.15.0", "saved by Keras 2.15.0, required >=3.0,<4"),
        ("4.0.0", "saved by Keras 4.0.0, required >=3.0,<4"),
        ("2.2.4-tf", "saved by Keras 2.2.4-tf, required >=3.0,<4"),
        (None, "the file names no version of Keras, required >=3.0,<4"),
        ("", "the file names no version of Keras, required >=3.0,<4"),
        (
            "new",
            "the file names 'new', which is no version, required >=3.0,<4",
        ),
    ],
)
def test_another_version_or_none_fails(
    ask: "Ask", model: MakeModel, version: str | None, rationale: str
) -> None:
    told = ask("model.meta", model(keras_version=version), keras=">=3.0,<4")

    assert told.texts == (
        False,
        rationale,
        "Save the model again with Keras >=3.0,<4.",
    )


# model.kind


@pytest.mark.parametrize(
    ("found", "asked", "texts"),
    [
        ("Functional", "Functional", (True, "the model is Functional", None)),
        (
            "Sequential",
            ["Functional", "Sequential"],
            (True, "the model is Sequential", None),
        ),
        ("Mine", "custom", (True, "the model is custom (Mine)", None)),
        (
            "Sequential",
            "Functional",
            (
                False,
                "the model is Sequential, required Functional",
                "Build the model as keras.Model(inputs, outputs).",
            ),
        ),
        (
            "Sequential\x1b[2J",
            ["Sequential"],
            (
                False,
                r"the model is custom (Sequential\x1b[2J), required Sequential",
                "Build the model as keras.Sequential([...]).",
            ),
        ),
    ],
)
def test_the_kind_of_a_model_is_told_by_its_class(
    ask: "Ask",
    model: MakeModel,
    found: str,
    asked: str | list[str],
    texts: tuple[bool, str, str | None],
) -> None:
    told = ask("model.kind", model(model_class=found), kind=asked)

    assert told.texts == texts


# model.io


@pytest.mark.parametrize(
    ("facts", "rationale"),
    [
        ({}, "(None, 8, 8) -> (None, 3)"),
        ({"inputs": (tensor(None, None, None),)}, "(None, None, None) -> (None, 3)"),
        ({"inputs": (tensor(32, 8, 8),)}, "(32, 8, 8) -> (None, 3)"),
        ({"inputs": (tensor(None, 8, 8, 1),)}, "(None, 8, 8, 1) -> (None, 3)"),
        ({"inputs": (tensor(None, 8, 8, dtype="uint8"),)}, "(None, 8, 8) -> (None, 3)"),
        ({"inputs": (), "outputs": ()}, "unknown -> unknown"),
    ],
)
def test_a_model_that_takes_and_returns_what_the_task_says_passes(
    ask: "Ask", model: MakeModel, facts: dict[str, Any], rationale: str
) -> None:
    told = ask("model.io", model(**facts))

    assert told.texts == (True, rationale, None)


@pytest.mark.parametrize(
    ("facts", "rationale", "hint"),
    [
        pytest.param(
            {"inputs": (tensor(None, 64),)},
            "the model takes inputs of shape (None, 64), the task gives (None, 8, 8)",
            "Build the model with exactly the input shape the task states.",
            id="input-flattened",
        ),
        pytest.param(
            {"inputs": (tensor(None, 8, 8, 3),)},
            "the model takes inputs of shape (None, 8, 8, 3), "
            "the task gives (None, 8, 8)",
            "Build the model with exactly the input shape the task states.",
            id="input-with-channels",
        ),
        pytest.param(
            {"inputs": (tensor(None, 8, 8), tensor(None, 8, 8))},
            "the model takes 2 inputs, the task gives 1",
            "Build the model with exactly the input shape the task states.",
            id="too-many-inputs",
        ),
        pytest.param(
            {"inputs": (tensor(None, 8, 8, dtype="string"),)},
            "the model takes string inputs, the task gives float32",
            "Build the model for these inputs.",
            id="texts-for-numbers",
        ),
        pytest.param(
            {"outputs": (tensor(None, 4),)},
            "the output has shape (None, 4), required (None, 3)",
            "Check the number of units of the last layer and its output rank.",
            id="too-many-classes",
        ),
        pytest.param(
            {"outputs": (tensor(None, 3), tensor(None, 1))},
            "the model has 2 outputs, required 1",
            "Return what the task asks for alone; the outputs are 'any', 'any'.",
            id="too-many-outputs",
        ),
    ],
)
def test_a_model_of_other_shapes_is_told_both_sides(
    ask: "Ask", model: MakeModel, facts: dict[str, Any], rationale: str, hint: str
) -> None:
    told = ask("model.io", model(**facts))

    assert told.texts == (False, rationale, hint)


def test_an_output_that_is_known_only_by_running_is_left_to_the_predictions(
    ask: "Ask", model: MakeModel
) -> None:
    unknown = Tensor(name="custom", shape=None, dtype=None)

    told = ask("model.io", model(outputs=(unknown,)))

    assert told.texts == (True, "(None, 8, 8) -> unknown", None)


def of_sequences(*shape: int | None, **more: Any) -> dict[str, Any]:
    """Return what a model of two ends says, and what is asked of it."""
    asked = Contract(
        inputs={"in": InputSpec(shape=(None, 8, 8), dtype="float32")},
        outputs={"out": OutputSpec(shape=(None, 3), last_step=True)},
    )
    return {"outputs": (tensor(*shape),), "contract": asked, **more}


@pytest.mark.parametrize(
    ("shape", "passed"),
    [
        ((None, 3), True),
        ((None, 30, 3), True),
        ((None, None, 3), True),
        ((None, 30, 4), False),
        ((None, 30, 7, 3), False),
    ],
)
def test_of_a_sequence_the_last_step_counts_where_the_contract_says_so(
    ask: "Ask", model: MakeModel, shape: tuple[int | None, ...], passed: bool
) -> None:
    told = ask("model.io", model(**of_sequences(*shape)))

    assert told.passed is passed


def test_a_sequence_of_fixed_length_is_as_free_as_its_last_step(
    ask: "Ask", model: MakeModel
) -> None:
    told = ask("model.io", model(**of_sequences(None, 30, 3)), dynamic=True)

    assert told.passed


TEXTS = Contract(
    inputs={
        "text": InputSpec(
            shape=(None, 1),
            dtype="string",
            ids=WordIds(
                words=("a", "b"), length=4, padding=Side.POST, truncation=Side.POST
            ),
        )
    },
    outputs={"out": OutputSpec(shape=(None, 3))},
)


@pytest.mark.parametrize("asked", [{"dtypes": True}, {"dynamic": True}])
def test_of_texts_with_ids_ids_will_do(
    ask: "Ask", model: MakeModel, asked: dict[str, bool]
) -> None:
    of_ids = model(inputs=(tensor(None, 4, dtype="int32"),), contract=TEXTS)

    told = ask("model.io", of_ids, **asked)

    assert told.texts == (True, "(None, 4) -> (None, 3)", None)


def test_an_axis_that_is_added_keeps_the_others_free(
    ask: "Ask", model: MakeModel
) -> None:
    asked = contract(InputSpec(shape=(None, None, 8), dtype="float32"))
    fixed = model(inputs=(tensor(None, 9, 8, 1),), contract=asked)

    told = ask("model.io", fixed, dynamic=True)

    assert told.texts == (
        False,
        "the input 'in0' is fixed to 9 on axis 1; any size is required",
        "Declare the Input with None there, and without a batch size.",
    )


def test_inputs_are_found_by_their_names_before_their_places(
    ask: "Ask", model: MakeModel
) -> None:
    asked = contract(
        InputSpec(shape=(None, 2), dtype="float32"),
        InputSpec(shape=(None, 5), dtype="float32"),
    )
    swapped = (tensor(None, 5, name="in1"), tensor(None, 2, name="in0"))

    told = ask("model.io", model(inputs=swapped, contract=asked))

    assert told.passed


@pytest.mark.parametrize(
    ("last", "asked", "texts"),
    [
        ("softmax", "softmax", (True, "(None, 8, 8) -> (None, 3)", None)),
        ("softmax", ["sigmoid", "softmax"], (True, "(None, 8, 8) -> (None, 3)", None)),
        (
            "linear",
            "softmax",
            (
                False,
                "the last activation is linear, required softmax",
                "Change the activation of the last layer.",
            ),
        ),
        (
            None,
            ["sigmoid", "softmax"],
            (
                False,
                "the last activation is unknown, required sigmoid or softmax",
                "Change the activation of the last layer.",
            ),
        ),
    ],
)
def test_the_last_activation_can_be_asked_for(
    ask: "Ask",
    model: MakeModel,
    last: str | None,
    asked: str | list[str],
    texts: tuple[bool, str, str | None],
) -> None:
    told = ask("model.io", model(last_activation=last), activation=asked)

    assert told.texts == texts


# What is wrong with parameters


@pytest.mark.parametrize(
    ("check", "parameters", "found"),
    [
        ("model.layers", {"class_": "Dense", "min_": 1, "max_": 1}, []),
        (
            "model.layers",
            {"class_": "Dense", "min_": 3, "max_": 2},
            [("max", "max 2 is below min 3; no model can pass")],
        ),
        (
            "model.layers",
            {"class_": "Dense", "min_": 1, "max_": 0},
            [("max", "max 0 is below min 1; use the check model.forbid")],
        ),
        (
            "model.layers",
            {"class_": [], "min_": 1, "max_": None},
            [("class", "names no layer; write a class, as Conv2D")],
        ),
        ("model.forbid", {"layers": ["Lambda"]}, []),
        (
            "model.forbid",
            {"layers": []},
            [("layers", "names no layer; write a class, as [Lambda]")],
        ),
        ("model.params", {"min_": 1, "max_": 1}, []),
        (
            "model.params",
            {"min_": 2, "max_": 1},
            [("max", "max 1 is below min 2; no model can pass")],
        ),
        (
            "model.params",
            {"min_": None, "max_": None},
            [("check", "model.params needs a bound; add min or max")],
        ),
        (
            "model.params",
            {"trainable_min": 20, "max_": 10},
            [("max", "max 10 is below trainable_min 20; no model can pass")],
        ),
        (
            "model.params",
            {"trainable_min": 2, "trainable_max": 1},
            [
                (
                    "trainable_max",
                    "trainable_max 1 is below trainable_min 2; no model can pass",
                )
            ],
        ),
        ("model.params", {"max_bytes": "5 MB"}, []),
        (
            "model.params",
            {"max_bytes": "five"},
            [("max_bytes", "must be a number and a unit, as 5 MB, got 'five'")],
        ),
        ("model.meta", {"keras": ">=3.0,<4"}, []),
        (
            "model.meta",
            {"keras": "3.x"},
            [
                (
                    "keras",
                    "'3.x' is no range of versions; "
                    "write it with comparisons, as '>=3.0,<4'",
                )
            ],
        ),
        (
            "model.meta",
            {"keras": ""},
            [("keras", "accepts every version; write a range, as '>=3.0,<4'")],
        ),
        ("model.kind", {"kind": ["Functional", "custom"]}, []),
        (
            "model.kind",
            {"kind": []},
            [("kind", "names no kind; write one, as Functional")],
        ),
        (
            "model.kind",
            {"kind": ["Functional", "custom", "Sequential"]},
            [("kind", "names every kind, so any model passes; remove the criterion")],
        ),
        ("file", {}, []),
    ],
)
def test_parameters_that_make_no_sense_are_named(
    problems: Problems,
    check: str,
    parameters: dict[str, Any],
    found: list[tuple[str, str]],
) -> None:
    assert problems(check, **parameters) == found
