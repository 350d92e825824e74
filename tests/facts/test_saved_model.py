"""What a confined process claims about a SavedModel, and what is made of it."""

import json
from typing import Any

import pytest

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.facts import (
    Facts,
    Part,
    StoredVariable,
    StoredWeights,
    Tensor,
    TensorKind,
    Weights,
)
from pytest_tfgrade.core.submission import ArtifactFormat
from pytest_tfgrade.facts.saved_model import (
    parse_saved_model_facts,
    parse_saved_model_weights,
)

SHA = "0f" * 32
X: dict[str, Any] = {"x": ["float32", [-1, 3], "dense"]}
Y: dict[str, Any] = {"y": ["float32", None, "dense"]}


def signature(inputs: object = X, outputs: object = Y) -> dict[str, object]:
    return {"method": "predict", "inputs": inputs, "outputs": outputs}


def claims(**changed: object) -> dict[str, object]:
    """Return an answer of the worker, with changes."""
    return {
        "tensorflow_version": "2.9.1",
        "signatures": {"serving_default": signature()},
        "operations": ["MatMul"],
        "keras_metadata": None,
        "owners": {},
        "variables": [["w", "float32", [2]]],
        "problems": [],
        **changed,
    }


def test_a_well_formed_answer_becomes_facts() -> None:
    assert parse_saved_model_facts(claims()) == Facts(
        format=ArtifactFormat.SAVED_MODEL,
        keras_version=None,
        model_class="SavedModel",
        layers=(),
        inputs=(Tensor(name="x", shape=(None, 3), dtype="float32"),),
        outputs=(Tensor(name="y", shape=None, dtype="float32"),),
        last_activation=None,
        weights=Weights(parameters=2, model_bytes=8, optimizer_bytes=0),
        compile_settings=None,
        holds=frozenset({Part.ENDS, Part.WEIGHTS}),
        tensorflow_version="2.9.1",
        signature="serving_default",
        operations=("MatMul",),
    )


@pytest.mark.parametrize(
    "raw",
    [
        None,
        {},
        claims(tensorflow_version=2),
        claims(signatures=[]),
        claims(signatures={"s": []}),
        claims(signatures={"s": {"inputs": {}}}),
        claims(signatures={"s" * 1001: signature()}),
        claims(signatures={"s": signature({"x": ["float32", [-1, 3]]})}),
        claims(signatures={"s": signature({"x": ["float32", [-2], "dense"]})}),
        claims(signatures={"s": signature({"x": ["float32", [True], "dense"]})}),
        claims(signatures={"s": signature({"x": ["float32", [2**63], "dense"]})}),
        claims(signatures={"s": signature({"x": ["float32", [1] * 255, "dense"]})}),
        claims(signatures={"s": signature({"x": ["float32", "3", "dense"]})}),
        claims(signatures={"s": signature({"x": [1, [-1], "dense"]})}),
        claims(signatures={"s": signature({"x": ["float32", [-1], "odd"]})}),
        claims(operations=["A"] * 5002),
        claims(operations=[1]),
        claims(keras_metadata={}),
        claims(owners={"w": "dense"}),
        claims(owners={"w": ["a"] * 21}),
        claims(owners={"w": [1]}),
        claims(variables=[["w", "float32"]]),
        claims(variables=["abc"]),
        claims(variables=[["w", "float32", [-1]]]),
        claims(variables=[["w", "float32", [2]]] * 100_001),
        claims(problems=["missing"]),
        claims(problems=[["odd", "x"]]),
        claims(problems=[["missing", 3]]),
    ],
    ids=lambda raw: repr(raw)[:100],
)
def test_an_answer_of_another_form_is_a_disturbed_channel(raw: object) -> None:
    with pytest.raises(Ungradable) as caught:
        parse_saved_model_facts(raw)

    assert caught.value.code is Code.PROTOCOL


@pytest.mark.parametrize(
    ("kind", "code", "rationale"),
    [
        ("missing", Code.FORMAT, "the SavedModel lacks its variables: \\x1b"),
        (
            "asset",
            Code.FORMAT,
            "the SavedModel lacks a file that it needs: there is no \\x1b",
        ),
        ("unreadable", Code.FORMAT, "the SavedModel is damaged or incomplete"),
        ("large", Code.FORMAT, "the SavedModel holds more parts than any model has"),
        (
            "tags",
            Code.FORMAT,
            "the SavedModel has no graph with the tag 'serve' alone; its tags: \\x1b",
        ),
        (
            "external",
            Code.LOAD,
            "the SavedModel refers to a file outside of its folder: \\x1b",
        ),
        (
            "bomb",
            Code.LOAD,
            "the SavedModel declares far larger weights than it stores",
        ),
    ],
)
def test_a_problem_of_the_folder_is_a_finding(
    kind: str, code: Code, rationale: str
) -> None:
    with pytest.raises(Ungradable) as caught:
        parse_saved_model_facts(claims(problems=[[kind, "\x1b"]]))

    assert (caught.value.code, caught.value.rationale) == (code, rationale)


@pytest.mark.parametrize(
    ("keys", "wanted", "chosen"),
    [
        (["other", "serve", "serving_default"], None, "serving_default"),
        (["other", "serve"], None, "serve"),
        (["other"], None, "other"),
        (["other", "serving_default"], "other", "other"),
    ],
)
def test_the_signature_to_call_is_chosen(
    keys: list[str], wanted: str | None, chosen: str
) -> None:
    raw = claims(signatures=dict.fromkeys(keys, signature()))

    assert parse_saved_model_facts(raw, signature=wanted).signature == chosen


@pytest.mark.parametrize(
    ("keys", "wanted", "rationale"),
    [
        (
            ["b", "a"],
            None,
            "the SavedModel has no signature 'serving_default'; it has 'a', 'b'",
        ),
        (["a"], "b", "the SavedModel has no signature 'b'; it has 'a'"),
        ([], "b", "the SavedModel has no signature, so nothing in it can be called"),
        (
            [f"\x1b{at}" for at in range(7)],
            "b",
            "the SavedModel has no signature 'b'; it has "
            "'\\x1b0', '\\x1b1', '\\x1b2', '\\x1b3', '\\x1b4', ...",
        ),
    ],
)
def test_a_signature_that_is_not_there_is_named(
    keys: list[str], wanted: str | None, rationale: str
) -> None:
    raw = claims(signatures=dict.fromkeys(keys, signature()))

    with pytest.raises(Ungradable) as caught:
        parse_saved_model_facts(raw, signature=wanted)

    assert (caught.value.code, caught.value.rationale) == (Code.FORMAT, rationale)


def test_names_with_numbers_are_in_the_order_of_the_numbers() -> None:
    names = ["output_10", "b", "output_2", "output_2_x", "output_"]
    outputs = dict.fromkeys(names, Y["y"])
    raw = claims(signatures={"s": signature(outputs=outputs)})

    facts = parse_saved_model_facts(raw)

    assert [tensor.name for tensor in facts.outputs] == [
        *("b", "output_", "output_2", "output_2_x", "output_10")
    ]


def test_inputs_that_are_not_dense_say_so() -> None:
    inputs = {"a": ["int64", [-1, 9], "sparse"], "b": [None, None, "composite"]}
    raw = claims(signatures={"s": signature(inputs)})

    assert parse_saved_model_facts(raw).inputs == (
        Tensor(name="a", shape=(None, 9), dtype="int64", kind=TensorKind.SPARSE),
        Tensor(name="b", shape=None, dtype=None, kind=TensorKind.RAGGED),
    )


@pytest.mark.parametrize(
    ("operations", "code", "rationale"),
    [
        (
            ["PyFunc", "ReadFile"],
            Code.LOAD,
            "the model calls Python code that is not in the file (PyFunc)",
        ),
        (
            ["WriteFile", "MatchingFiles", "MatMul"],
            Code.POLICY,
            "the model reads or writes files (MatchingFiles, WriteFile)",
        ),
        (["RpcCall"], Code.POLICY, "the model uses the network (RpcCall)"),
        (
            ["DatasetFromGraph"],
            Code.POLICY,
            "the model holds a graph that cannot be looked at (DatasetFromGraph)",
        ),
    ],
)
def test_operations_that_do_more_than_compute_are_refused(
    operations: list[str], code: Code, rationale: str
) -> None:
    with pytest.raises(Ungradable) as caught:
        parse_saved_model_facts(claims(operations=operations))

    assert (caught.value.code, caught.value.rationale) == (code, rationale)


def test_what_saving_and_vocabularies_need_is_let_pass() -> None:
    operations = [
        *("InitializeTableFromTextFileV2", "LookupTableImportV2", "MergeV2Checkpoints"),
        *("PrintV2", "RestoreV2", "SaveV2", "ShardedFilename"),
    ]

    assert parse_saved_model_facts(claims(operations=operations)).operations == tuple(
        operations
    )


def sequential(*layers: object, **settings: object) -> str:
    """Return what Keras 2 says of a model, as JSON."""
    config = {"name": "net", "layers": layers}
    model = {"class_name": "Sequential", "config": config}
    return json.dumps({**model, "model_config": model, **settings})


DENSE = {
    "class_name": "Dense",
    "config": {
        "name": "end",
        "activation": "softmax",
        "batch_input_shape": {"class_name": "__tuple__", "items": [None, 3]},
    },
}


def test_the_configuration_beside_the_graph_is_read() -> None:
    sgd = {"class_name": "Custom>SGD", "config": {}}
    compiled = {"loss": "mse", "optimizer_config": sgd}
    raw = claims(
        keras_metadata=sequential(
            DENSE, keras_version="2.9.0\x1b", training_config=compiled
        )
    )

    facts = parse_saved_model_facts(raw)

    assert [dict(layer.config) for layer in facts.layers] == [
        {"name": "end", "activation": "softmax", "batch_input_shape": [None, 3]}
    ]
    assert (facts.model_class, facts.last_activation) == ("Sequential", "softmax")
    assert facts.keras_version == "2.9.0\\x1b"
    assert facts.compile_settings == {
        "loss": "mse",
        "optimizer": {"class_name": "SGD", "config": {}},
    }
    assert facts.holds == frozenset(Part) - {Part.CALLS}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"class_name": "Own", "config": {}}',
        sequential(),
        sequential(DENSE)[:-1],
        sequential(DENSE, more=float("nan")),
        '{"class_name": "Sequential", "config": {"layers": 3}}',
        "[" * 10**5,
    ],
    ids=lambda text: text[:60],
)
def test_a_configuration_that_is_out_of_order_counts_as_absent(text: str) -> None:
    facts = parse_saved_model_facts(claims(keras_metadata=text))

    assert (facts.layers, facts.model_class) == ((), "SavedModel")
    assert facts.holds == {Part.ENDS, Part.WEIGHTS}


VALUE = "/.ATTRIBUTES/VARIABLE_VALUE"


@pytest.mark.parametrize(
    ("paths", "parameters", "optimizer"),
    [
        ([f"layer_with_weights-0/kernel{VALUE}", f"variables/0{VALUE}"], 4, 0),
        ([f"variables/0{VALUE}", f"_all_variables/3{VALUE}"], 2, 0),
        ([f"_all_variables/0{VALUE}", f"_all_variables/1{VALUE}"], 4, 0),
        ([f"optimizer/_variables/1{VALUE}"], 0, 8),
        ([f"optimizer/_trainable_variables/1{VALUE}"], 2, 0),
        ([f"a/kernel/.OPTIMIZER_SLOT/optimizer/m{VALUE}"], 0, 8),
        ([f"keras_api/metrics/0/total{VALUE}", f"save_counter{VALUE}"], 0, 0),
        (["layer-0/table/.ATTRIBUTES/table-values"], 0, 0),
        (["dense/kernel", "dense/kernel/Adam_1", "beta1_power"], 2, 16),
        (["dense/kernel/Momentum/part_0", "global_step"], 0, 16),
        (["Adam/kernel"], 2, 0),
    ],
)
def test_paths_tell_weights_from_the_rest(
    paths: list[str], parameters: int, optimizer: int
) -> None:
    raw = claims(variables=[[path, "float32", [2]] for path in paths])

    weights = parse_saved_model_facts(raw).weights

    assert weights == Weights(
        parameters=parameters, model_bytes=4 * parameters, optimizer_bytes=optimizer
    )


def test_values_become_weights_that_know_their_layer() -> None:
    raw = claims(
        keras_metadata=sequential(DENSE),
        owners={"w": ["end", "part"]},
        variables=[
            ["w", "float32", [2], SHA, 0, 1, [0, 0.5]],
            ["_CHECKPOINTABLE_OBJECT_GRAPH", "string", [], None, 0, 0, None],
            ["optimizer/iter" + VALUE, "int64", [], SHA, 0, 0, [3]],
        ],
    )

    weights = parse_saved_model_weights(raw, parse_saved_model_facts(raw))

    assert weights == StoredWeights(
        model=(
            StoredVariable(
                path="w",
                layer="end",
                dtype="float32",
                shape=(2,),
                sha256=SHA,
                nonfinite=0,
                zeros=1,
                values=(0.0, 0.5),
            ),
        ),
        optimizer=(
            StoredVariable(
                path="optimizer/iter" + VALUE,
                layer=None,
                dtype="int64",
                shape=(),
                sha256=SHA,
                nonfinite=0,
                values=(3.0,),
            ),
        ),
    )


def test_values_of_another_form_are_a_disturbed_channel() -> None:
    raw = claims(variables=[["w", "float32", [2], SHA, 3, 0, None]])

    with pytest.raises(Ungradable) as caught:
        parse_saved_model_weights(raw, parse_saved_model_facts(claims()))

    assert caught.value.code is Code.PROTOCOL
