"""Facts of models that Keras 3 and tf-keras saved, against what the libraries say."""

import importlib.metadata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.facts import Facts, Tensor, Weights
from pytest_tfgrade.core.submission import ArtifactFormat

Read = Callable[[Path], Facts]

NAMES = (
    *("plain", "compiled", "late_softmax", "text", "series", "two_ends"),
    *("dictionaries", "nested", "segmentation", "reshaped", "trained_base"),
    "half_precision",
)
EVERY_FILE = [
    f"{library}/{name}.{ending}"
    for library in ("keras3", "tfkeras")
    for name in NAMES
    for ending in ("keras", "h5")
]
NOT_COUNTED = {
    "InputLayer",  # Sequential models do not count theirs
    "NotEqual",  # an operation that mask_zero adds to a functional model
}


def sizes(tensors: tuple[Tensor, ...]) -> list[list[int | None]]:
    """Return the shapes without an order, for libraries sort those with names."""
    return sorted((list(tensor.shape or ()) for tensor in tensors), key=str)


@pytest.mark.parametrize("file", EVERY_FILE)
def test_facts_agree_with_the_library_that_saved_the_model(
    file: str, models: Path, expected: dict[str, Any], read: Read
) -> None:
    library_says = expected[file.rpartition(".")[0]]

    facts = read(models / file)

    assert {
        "class": facts.model_class,
        "parameters": facts.weights.parameters,
        "inputs": sizes(facts.inputs),
        "outputs": sizes(facts.outputs),
        "layers": [
            layer.class_name
            for layer in facts.layers
            if layer.class_name not in NOT_COUNTED
        ],
    } == {
        **library_says,
        "inputs": sorted(library_says["inputs"], key=str),
        "outputs": sorted(library_says["outputs"], key=str),
        "layers": [name for name in library_says["layers"] if name not in NOT_COUNTED],
    }


def test_every_model_that_is_saved_is_read(expected: dict[str, Any]) -> None:
    libraries = ("keras3", "tfkeras")

    assert set(expected) == {
        f"{library}/{name}" for library in libraries for name in NAMES
    }


@pytest.mark.parametrize("file", ["keras3/plain.keras", "keras3/plain.h5"])
def test_a_plain_model_is_described_whole(file: str, models: Path, read: Read) -> None:
    facts = read(models / file)

    assert facts == Facts(
        format=ArtifactFormat(file.rpartition(".")[2]),
        keras_version=importlib.metadata.version("keras"),
        model_class="Sequential",
        layers=facts.layers,
        inputs=(Tensor(name="image", shape=(None, 8, 8, 1), dtype="float32"),),
        outputs=(Tensor(name="digit", shape=(None, 10), dtype="float32"),),
        last_activation="softmax",
        weights=Weights(parameters=410, model_bytes=1640, optimizer_bytes=0),
        compile_settings=None,
        weight_print=facts.weight_print,
    )
    assert [(layer.name, layer.class_name) for layer in facts.walk()] == [
        ("image", "InputLayer"),
        ("conv", "Conv2D"),
        ("pool", "MaxPooling2D"),
        ("flatten", "Flatten"),
        ("dropout", "Dropout"),
        ("digit", "Dense"),
    ]
    conv = facts.layers[1]
    assert (conv.registered_name, conv.layers, conv.config["filters"]) == (None, (), 4)


ACTIVATIONS = {
    "plain": "softmax",
    "compiled": "linear",
    "late_softmax": "softmax",
    "text": "sigmoid",
    "series": "linear",
    "two_ends": "linear",
    "nested": "sigmoid",
    "segmentation": "sigmoid",
    "reshaped": "linear",
}


@pytest.mark.parametrize(
    "file", [file for file in EVERY_FILE if Path(file).stem in ACTIVATIONS]
)
def test_the_last_activation_is_found_wherever_it_sits(
    file: str, models: Path, read: Read
) -> None:
    facts = read(models / file)

    assert facts.last_activation == ACTIVATIONS[Path(file).stem]


@pytest.mark.parametrize("library", ["keras3", "tfkeras"])
@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_layers_inside_wrappers_and_models_are_found(
    library: str, ending: str, models: Path, read: Read
) -> None:
    text = read(models / library / f"text.{ending}")
    nested = read(models / library / f"nested.{ending}")

    assert {layer.class_name for layer in text.walk()} >= {"LSTM", "GRU", "Embedding"}
    assert [
        (layer.name, tuple(inner.class_name for inner in layer.layers))
        for layer in nested.layers
        if layer.layers
    ] == [
        ("base", ("InputLayer", "Dense", "BatchNormalization")),
        ("head", ("InputLayer", "Dense")),
    ]


@pytest.mark.parametrize("library", ["keras3", "tfkeras"])
@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_both_ends_of_a_model_keep_their_order_and_names(
    library: str, ending: str, models: Path, read: Read
) -> None:
    facts = read(models / library / f"two_ends.{ending}")

    assert facts.inputs == (
        Tensor(name="a", shape=(None, 4), dtype="float32"),
        Tensor(name="b", shape=(None, 2), dtype="float32"),
    )
    assert facts.outputs == (
        Tensor(name="kind", shape=(None, 3), dtype="float32"),
        Tensor(name="price", shape=(None, 1), dtype="float32"),
    )


@pytest.mark.parametrize("library", ["keras3", "tfkeras"])
@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_compile_settings_have_the_same_names_in_every_format(
    library: str, ending: str, models: Path, read: Read
) -> None:
    facts = read(models / library / f"compiled.{ending}")

    assert facts.compile_settings is not None
    optimizer = facts.compile_settings["optimizer"]
    assert optimizer["class_name"] == "Adam"
    assert optimizer["config"]["clipnorm"] == 1.0
    rate = optimizer["config"]["learning_rate"]
    assert (rate["class_name"], rate["config"]["decay_steps"]) == (
        "ExponentialDecay",
        10,
    )
    assert facts.compile_settings["loss"] == "mse"


@pytest.mark.parametrize("library", ["keras3", "tfkeras"])
@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_the_state_of_an_optimizer_is_told_from_the_weights(
    library: str, ending: str, models: Path, read: Read
) -> None:
    facts = read(models / library / f"compiled.{ending}")

    slots = 2 * 21 * 4  # Adam keeps two numbers for each of 21
    assert facts.weights == Weights(
        parameters=21, model_bytes=21 * 4, optimizer_bytes=slots + 8
    )


def test_the_type_a_layer_computes_in_is_its_outputs_type(
    models: Path, read: Read
) -> None:
    facts = read(models / "keras3" / "half_precision.keras")

    assert facts.outputs[0].dtype == "float16"
    assert facts.weights.model_bytes == 8 * 4


@pytest.mark.parametrize(
    ("file", "code", "rationale"),
    [
        *(
            (
                f"{file}.{ending}",
                Code.UNSAFE,
                f"layer {name!r} is a Lambda layer, which holds Python code",
            )
            for file, name in (("lambda", "times"), ("inner_lambda", "inner"))
            for ending in ("keras", "h5")
        ),
        (
            "custom.keras",
            Code.CUSTOM_OBJECT,
            "the model needs 'Custom' (layer 'mine'), which the grader does not have",
        ),
        (
            "function.keras",
            Code.CUSTOM_OBJECT,
            "the model needs 'square' (layer 'own'), which the grader does not have",
        ),
        (
            "unbuilt.keras",
            Code.FORMAT,
            "the model was saved before it was built, so the file holds no weights",
        ),
        (
            "unbuilt.h5",
            Code.FORMAT,
            "the model was saved before it was built, so the file holds no weights",
        ),
        (
            "only.weights.h5",
            Code.FORMAT,
            "the file holds weights only, without the model they belong to",
        ),
    ],
)
def test_a_real_model_that_cannot_be_graded_says_why(
    file: str, code: Code, rationale: str, models: Path, read: Read
) -> None:
    with pytest.raises(Ungradable) as caught:
        read(models / file)

    assert (caught.value.code, caught.value.rationale) == (code, rationale)


@pytest.mark.parametrize("file", ["own_loss.keras", "own_loss.h5", "custom.h5"])
def test_what_is_never_loaded_or_not_knowable_is_no_reason_to_refuse(
    file: str, models: Path, read: Read
) -> None:
    facts = read(models / file)

    assert facts.weights.parameters == 4
