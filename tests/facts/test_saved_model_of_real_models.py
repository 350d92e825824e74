"""SavedModels as TensorFlow and both Keras write them, against TensorFlow's reading."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.contract import Shape
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.facts import Facts, Part, StoredWeights, Tensor, Weights
from pytest_tfgrade.core.submission import ArtifactFormat
from pytest_tfgrade.facts.saved_model import (
    parse_saved_model_facts,
    parse_saved_model_weights,
)
from pytest_tfgrade.runner.worker.saved_model import read_saved_model

HERE = Path(__file__).parent

KERAS = [
    f"{library}_{name}"
    for library in ("keras3", "tfkeras")
    for name in ("two_ends", "trained", "deep", "text")
] + ["keras3_saved", "tfkeras_own"]
EVERY = [*KERAS, "functions", "unsigned", "python", "print", "stderr", "file"]

Read = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of SavedModels; see ``save_saved_models.py``."""
    folder = tmp_path_factory.mktemp("saved_models")
    subprocess.run(
        [sys.executable, str(HERE / "save_saved_models.py"), str(folder)],
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"},
        capture_output=True,
        check=True,
        timeout=180,
    )
    return folder


@pytest.fixture(scope="module")
def expected(folder: Path) -> dict[str, Any]:
    """What TensorFlow says of each."""
    said: dict[str, Any] = json.loads((folder / "expected.json").read_text("utf-8"))
    return said


@pytest.fixture(scope="module")
def read(folder: Path) -> Read:
    """The function of the worker, by way of JSON as between processes."""

    def read_one(name: str, *, values: bool = False) -> dict[str, Any]:
        raw = read_saved_model(str(folder / name), values)
        told: dict[str, Any] = json.loads(json.dumps(raw))
        return told

    return read_one


@pytest.fixture(scope="module")
def weights_of(read: Read) -> Callable[[str], StoredWeights]:
    """What a SavedModel stores of each variable."""

    def weights(name: str) -> StoredWeights:
        raw = read(name, values=True)
        return parse_saved_model_weights(raw, parse_saved_model_facts(raw))

    return weights


@pytest.mark.parametrize("name", EVERY)
def test_every_field_is_what_tensorflow_reads(
    name: str, expected: dict[str, Any], read: Read
) -> None:
    theirs = expected[name]

    raw = read(name, values=True)

    ours = {key: raw[key] for key in ("tensorflow_version", "signatures")}
    operations = [name for name in raw["operations"] if name != "PrintV2 to a file"]
    variables = [[*variable[:4]] for variable in raw["variables"]]
    assert raw["problems"] == []
    assert {**ours, "operations": operations, "variables": variables} == {
        key: theirs[key]
        for key in ("tensorflow_version", "signatures", "operations", "variables")
    }


def test_a_checkpoint_of_every_dtype_is_read_block_by_block(
    folder: Path, expected: dict[str, Any], read: Read
) -> None:
    (folder / "bundle" / "saved_model.pb").write_bytes(
        (folder / "functions" / "saved_model.pb").read_bytes()
    )

    raw = read("bundle", values=True)

    assert raw["problems"] == []
    assert [[*variable[:4]] for variable in raw["variables"]] == expected["bundle"][
        "variables"
    ]


@pytest.mark.parametrize("name", KERAS)
def test_parameters_are_those_that_keras_counts(
    name: str, expected: dict[str, Any], read: Read
) -> None:
    facts = parse_saved_model_facts(read(name))

    assert facts.weights.parameters == expected[name]["parameters"]


def test_a_model_of_keras_2_is_described_whole(
    read: Read, expected: dict[str, Any]
) -> None:
    facts = parse_saved_model_facts(read("tfkeras_trained"))

    layers = [(layer.name, layer.class_name, layer.inbound) for layer in facts.layers]
    settings = facts.compile_settings or {}
    assert layers == [
        ("num", "InputLayer", ()),
        ("hidden", "Dense", ("num",)),
        ("kind", "Dense", ("hidden",)),
        ("amount", "Dense", ("hidden",)),
    ]
    assert settings["optimizer"]["class_name"] == "Adam"
    assert settings["loss"] == {
        "kind": "sparse_categorical_crossentropy",
        "amount": "mse",
    }
    assert facts == Facts(
        format=ArtifactFormat.SAVED_MODEL,
        keras_version=facts.keras_version,
        model_class="Functional",
        layers=facts.layers,
        inputs=(Tensor(name="num", shape=(None, 4), dtype="float32"),),
        outputs=(
            Tensor(name="kind", shape=(None, 2), dtype="float32"),
            Tensor(name="amount", shape=(None, 1), dtype="float32"),
        ),
        last_activation="linear",
        weights=Weights(parameters=27, model_bytes=108, optimizer_bytes=228),
        compile_settings=settings,
        holds=frozenset(Part) - {Part.CALLS},
        tensorflow_version=expected["tfkeras_trained"]["tensorflow_version"],
        signature="serving_default",
        operations=tuple(expected["tfkeras_trained"]["operations"]),
    )
    assert facts.layer_parameters == {("hidden",): 15, ("kind",): 8, ("amount",): 4}


@pytest.mark.parametrize(
    ("name", "model_class", "holds"),
    [
        ("tfkeras_two_ends", "Functional", set(Part) - {Part.COMPILE, Part.CALLS}),
        ("tfkeras_deep", "Sequential", set(Part) - {Part.COMPILE, Part.CALLS}),
        ("tfkeras_own", "SavedModel", {Part.ENDS, Part.WEIGHTS}),
        ("keras3_trained", "SavedModel", {Part.ENDS, Part.WEIGHTS}),
        ("stderr", "SavedModel", {Part.ENDS}),
    ],
)
def test_what_a_folder_cannot_tell_is_not_made_up(
    name: str, model_class: str, holds: set[Part], read: Read
) -> None:
    facts = parse_saved_model_facts(read(name))

    assert (facts.model_class, facts.holds) == (model_class, holds)
    assert bool(facts.layers) is (Part.LAYERS in holds)
    assert facts.compile_settings is None


@pytest.mark.parametrize(
    ("name", "inputs", "outputs"),
    [
        ("keras3_text", [("text", (None, 1), "string")], [("output_0", (None, 12))]),
        ("tfkeras_text", [("text", (None, 1), "string")], [("topic", (None, 12))]),
        (
            "keras3_two_ends",
            [("num", (None, 4), "float32")],
            [("output_0", (None, 2)), ("output_1", (None, 1))],
        ),
    ],
)
def test_inputs_and_outputs_are_those_of_the_signature(
    name: str,
    inputs: list[tuple[str, Shape, str]],
    outputs: list[tuple[str, Shape]],
    read: Read,
) -> None:
    facts = parse_saved_model_facts(read(name))

    assert [(at.name, at.shape, at.dtype) for at in facts.inputs] == inputs
    assert [(at.name, at.shape) for at in facts.outputs] == outputs


def test_one_of_several_signatures_can_be_asked_for(read: Read) -> None:
    facts = parse_saved_model_facts(read("functions"), signature="many")

    assert facts.signature == "many"
    assert facts.inputs == (Tensor(name="any", shape=None, dtype="int64"),)
    assert [at.name for at in facts.outputs] == [f"output_{at}" for at in range(11)]


@pytest.mark.parametrize(
    ("name", "code", "rationale"),
    [
        (
            "functions",
            Code.FORMAT,
            "the SavedModel has no signature 'serving_default'; it has 'line', 'many'",
        ),
        (
            "unsigned",
            Code.FORMAT,
            "the SavedModel has no signature, so nothing in it can be called",
        ),
        (
            "python",
            Code.LOAD,
            "the model calls Python code that is not in the file (EagerPyFunc)",
        ),
        ("file", Code.POLICY, "the model reads or writes files (ReadFile)"),
        ("print", Code.POLICY, "the model reads or writes files (PrintV2 to a file)"),
    ],
)
def test_what_cannot_be_graded_is_named(
    name: str, code: Code, rationale: str, read: Read
) -> None:
    with pytest.raises(Ungradable) as caught:
        parse_saved_model_facts(read(name))

    assert (caught.value.code, caught.value.rationale) == (code, rationale)


def test_a_variable_of_keras_2_knows_its_layer(
    weights_of: Callable[[str], StoredWeights],
) -> None:
    stored = weights_of("tfkeras_deep")

    owners = {(*found.within, found.layer): 0 for found in stored.model}
    for found in stored.model:
        owners[*found.within, found.layer] += 1
    assert owners == {
        ("end",): 2,
        ("net", "dense"): 2,
        ("net", "norm"): 4,
        ("both", "rnn"): 6,
    }


def test_the_optimizer_is_told_from_the_model(
    weights_of: Callable[[str], StoredWeights],
) -> None:
    stored = {name: weights_of(name) for name in ("tfkeras_trained", "keras3_saved")}

    assert {
        name: (len(found.model), len(found.optimizer)) for name, found in stored.items()
    } == {"tfkeras_trained": (6, 14), "keras3_saved": (6, 14)}


def test_a_model_of_tensorflow_1_has_names_slots_and_variables_in_parts(
    folder: Path, read: Read, weights_of: Callable[[str], StoredWeights]
) -> None:
    kernel = np.load(folder / "kernel.npy")

    stored = weights_of("session")

    values = {found.path: found.values for found in stored.model}
    assert values == {
        **{
            f"head/kernel/part_{at}": tuple(kernel[2 * at : 2 * at + 2].ravel())
            for at in range(3)
        },
        "head/bias": (0.5, -0.5),
    }
    assert len(stored.optimizer) == 2 * len(stored.model) + 3
    assert parse_saved_model_facts(read("session")).weights.parameters == 14


@pytest.mark.parametrize(
    ("file", "size", "rationale"),
    [
        (
            "variables.data-00000-of-00001",
            100,
            "the SavedModel lacks its variables: "
            "variables/variables.data-00000-of-00001 is incomplete",
        ),
        (
            "variables.data-00000-of-00001",
            None,
            "the SavedModel lacks its variables: "
            "there is no variables/variables.data-00000-of-00001",
        ),
        (
            "variables.index",
            None,
            "the SavedModel lacks its variables: there is no variables/variables.index",
        ),
        ("variables.index", 100, "the SavedModel is damaged or incomplete"),
    ],
)
def test_half_an_upload_is_named(
    file: str, size: int | None, rationale: str, folder: Path, tmp_path: Path
) -> None:
    whole = folder / "tfkeras_trained"
    (tmp_path / "variables").mkdir()
    for name in (
        "saved_model.pb",
        "variables/variables.index",
        "variables/variables.data-00000-of-00001",
    ):
        (tmp_path / name).write_bytes((whole / name).read_bytes())
    cut = tmp_path / "variables" / file
    if size is None:
        cut.unlink()
    else:
        os.truncate(cut, size)

    with pytest.raises(Ungradable) as caught:
        parse_saved_model_facts(read_saved_model(str(tmp_path)))

    assert (caught.value.code, caught.value.rationale) == (Code.FORMAT, rationale)
