"""What a confined process claims about a TFLite file, and what is made of it."""

from typing import Any

import pytest

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.facts import Facts, Part, Tensor, Weights
from pytest_tfgrade.core.submission import ArtifactFormat
from pytest_tfgrade.facts.tflite import parse_tflite_facts, require_harmless_operators

X = ["x:0", "uint8", [1, 28, 28], [-1, 28, 28], [0.5, -3]]
TABLE = ["table:0", "float32", [1, 2], None, None]
Y = ["y:0", "float32", [1, 10], None, None]
Z = ["z:0", "string", None, None, None]
DEFAULT: dict[str, Any] = {
    "inputs": {"image": X, "aside": TABLE},
    "outputs": {"output_10": Z, "output_2": Y},
}
OTHER: dict[str, Any] = {"inputs": {"q": TABLE}, "outputs": {"r": TABLE}}
GOOD: dict[str, Any] = {
    "version": 3,
    "description": "MLIR Converted.",
    "inputs": [X, TABLE],
    "outputs": [Z, Y],
    "operators": ["ADD", "FlexCumprod"],
    "signatures": {"other": OTHER, "serving_default": DEFAULT},
    "parameters": [45, 180],
    "problems": [],
}


def facts(signature: str | None, *tensors: tuple[Tensor, ...]) -> Facts:
    """Return the facts of ``GOOD`` under a signature, with its inputs and outputs."""
    inputs, outputs = tensors
    return Facts(
        format=ArtifactFormat.TFLITE,
        keras_version=None,
        model_class="TFLite",
        layers=(),
        inputs=inputs,
        outputs=outputs,
        inputs_in_order=signature is None or len(inputs) <= 1,
        outputs_in_order=True,
        last_activation=None,
        weights=Weights(parameters=45, model_bytes=180, optimizer_bytes=0),
        compile_settings=None,
        holds=frozenset({Part.ENDS}),
        signature=signature,
        operations=("ADD", "FlexCumprod"),
    )


def image(name: str) -> Tensor:
    return Tensor(
        name=name, shape=(None, 28, 28), dtype="uint8", quantization=(0.5, -3)
    )


def pair(name: str) -> Tensor:
    return Tensor(name=name, shape=(1, 2), dtype="float32")


def ten(name: str) -> Tensor:
    return Tensor(name=name, shape=(1, 10), dtype="float32")


def text(name: str) -> Tensor:
    return Tensor(name=name, shape=None, dtype="string")


CALLED_BY_DEFAULT = facts(
    "serving_default",
    (image("image"), pair("aside")),
    (ten("output_2"), text("output_10")),
)


def test_tensors_bear_the_names_of_the_default_signature() -> None:
    assert parse_tflite_facts(GOOD) == CALLED_BY_DEFAULT


def test_the_signature_that_is_asked_for_is_taken() -> None:
    result = parse_tflite_facts(GOOD, signature="other")

    assert result == facts("other", (pair("q"),), (pair("r"),))


def test_the_only_signature_is_taken_whatever_its_name() -> None:
    result = parse_tflite_facts({**GOOD, "signatures": {"other": OTHER}})

    assert result == facts("other", (pair("q"),), (pair("r"),))


@pytest.mark.parametrize("signatures", [{}, {"a": OTHER, "b": OTHER}])
def test_without_a_signature_to_take_the_first_graph_is_as_it_is(
    signatures: dict[str, Any],
) -> None:
    result = parse_tflite_facts({**GOOD, "signatures": signatures})

    assert result == facts(
        None, (image("x:0"), pair("table:0")), (text("z:0"), ten("y:0"))
    )


@pytest.mark.parametrize(
    ("signatures", "has"),
    [
        ({}, "it has no signatures"),
        (GOOD["signatures"], "it has 'other', 'serving_default'"),
        ({"\x1b[31m": OTHER}, r"it has '\\x1b[31m'"),
        (
            {str(number): OTHER for number in range(11)},
            "it has '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ...",
        ),
    ],
)
def test_a_signature_that_is_not_there_is_told_with_those_that_are(
    signatures: dict[str, Any], has: str
) -> None:
    with pytest.raises(Ungradable) as caught:
        parse_tflite_facts({**GOOD, "signatures": signatures}, signature="embed")

    assert (caught.value.code, caught.value.rationale) == (
        Code.FORMAT,
        f"the TFLite file lacks the signature 'embed'; {has}",
    )


def test_numbers_in_names_of_any_length_are_ordered() -> None:
    outputs = {f"output_{number}": TABLE for number in (10, 9, "9" * 5000, "007")}
    only = {"inputs": {}, "outputs": outputs}

    result = parse_tflite_facts({**GOOD, "signatures": {"only": only}})

    assert [tensor.name[:12] for tensor in result.outputs] == [
        *("output_007", "output_9", "output_10", "output_99999"),
    ]


def of_tensor(place: int, value: object) -> dict[str, Any]:
    """Return a claim with one thing about its first input changed."""
    changed = [value if place == index else part for index, part in enumerate(X)]
    return {**GOOD, "inputs": [changed], "signatures": {}}


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        {},
        {**GOOD, "inputs": {}},
        {**GOOD, "inputs": [[]], "signatures": {}},
        {**GOOD, "inputs": [X] * 1001, "signatures": {}},
        of_tensor(0, 3),
        of_tensor(0, "x" * 10_001),
        of_tensor(1, None),
        of_tensor(3, [1.0]),
        of_tensor(3, [-2]),
        of_tensor(3, [True]),
        of_tensor(3, [2**31]),
        of_tensor(3, [1] * 33),
        of_tensor(3, "12"),
        of_tensor(4, [0.0, 1]),
        of_tensor(4, [float("nan"), 1]),
        of_tensor(4, [float("inf"), 1]),
        of_tensor(4, [1, 1]),
        of_tensor(4, [0.5, 1.5]),
        of_tensor(4, [0.5, 2**63]),
        {**GOOD, "operators": [3]},
        {**GOOD, "operators": ["ADD"] * 5001},
        {**GOOD, "signatures": []},
        {**GOOD, "signatures": {3: DEFAULT}},
        {**GOOD, "signatures": {"a": []}},
        {**GOOD, "signatures": {"a": {"inputs": {}, "outputs": []}}},
        {**GOOD, "signatures": {"a": {"inputs": {3: X}, "outputs": {}}}},
        {**GOOD, "signatures": dict.fromkeys(map(str, range(1001)), OTHER)},
        {**GOOD, "parameters": [1]},
        {**GOOD, "parameters": [-1, 0]},
        {**GOOD, "parameters": [1.5, 0]},
        {**GOOD, "parameters": [0, 2**63]},
        {**GOOD, "problems": {}},
        {**GOOD, "problems": ["bomb"]},
        {**GOOD, "problems": [["something", "else"]]},
    ],
    ids=lambda raw: repr(raw)[-60:],
)
def test_an_answer_of_another_form_is_a_disturbed_channel(raw: object) -> None:
    with pytest.raises(Ungradable) as caught:
        parse_tflite_facts(raw)

    assert caught.value.code is Code.PROTOCOL
    assert caught.value.rationale == Code.PROTOCOL.text


@pytest.mark.parametrize(
    ("problem", "code", "rationale"),
    [
        (
            ["bomb", "huge declares 17179869185 bytes"],
            Code.LOAD,
            "the file declares far larger tensors than a model can use",
        ),
        (
            ["external", "weights"],
            Code.LOAD,
            "the file keeps data in another file",
        ),
        (
            ["large", "more parts than any model has"],
            Code.FORMAT,
            "the file holds more parts than any model has",
        ),
        (
            ["unreadable", "MalformedError: 4 bytes at 9 lie outside the file"],
            Code.FORMAT,
            "the TFLite file is damaged or incomplete",
        ),
    ],
)
def test_a_problem_of_the_file_is_a_finding(
    problem: list[str], code: Code, rationale: str
) -> None:
    with pytest.raises(Ungradable) as caught:
        parse_tflite_facts({**GOOD, "problems": [problem]})

    finding = caught.value
    assert (finding.code, finding.rationale) == (code, rationale)
    assert finding.detail == problem[1]


@pytest.mark.parametrize(
    ("operator", "rationale"),
    [
        ("FlexReadFile", "the model reads or writes files (ReadFile)"),
        ("FlexSaveV2", "the model reads or writes files (SaveV2)"),
        ("FlexRpcCall", "the model uses the network (RpcCall)"),
        (
            "FlexEagerPyFunc",
            "the model calls Python code that is not in the file (EagerPyFunc)",
        ),
    ],
)
def test_operators_that_reach_beyond_the_graph_are_refused(
    operator: str, rationale: str
) -> None:
    with pytest.raises(Ungradable) as caught:
        parse_tflite_facts({**GOOD, "operators": ["ADD", operator]})

    assert (caught.value.code, caught.value.rationale) == (Code.LOAD, rationale)


def test_other_operators_of_tensorflow_pass() -> None:
    require_harmless_operators(
        ["FlexErf", "FlexTensorListReserve", "FlexPrintV2", "ReadFile", "Flex", ""]
    )
