"""What a confined process claims about an HDF5 file, and what is made of it."""

import pytest

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.facts import Weights
from pytest_tfgrade.facts import Hdf5Content, parse_hdf5_content
from pytest_tfgrade.facts.hdf5 import Variable
from pytest_tfgrade.facts.weights import count_weights

GOOD: dict[str, object] = {
    "attributes": {"model_config": "{}", "keras_version": "2.3.1"},
    "variables": [["a/b", "float32", [2, 3]]],
    "problems": [],
}


def test_a_well_formed_answer_becomes_a_value() -> None:
    assert parse_hdf5_content(GOOD) == Hdf5Content(
        model_config="{}",
        training_config=None,
        keras_version="2.3.1",
        variables=(Variable(path="a/b", dtype="float32", shape=(2, 3)),),
    )


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        {},
        {**GOOD, "attributes": []},
        {**GOOD, "attributes": {"model_config": 3}},
        {**GOOD, "variables": {}},
        {**GOOD, "variables": ["abc"]},
        {**GOOD, "variables": [["a", "float32"]]},
        {**GOOD, "variables": [["a", "float32", [-1]]]},
        {**GOOD, "variables": [["a", "float32", [2.0]]]},
        {**GOOD, "variables": [["a", "float32", [True]]]},
        {**GOOD, "variables": [["a", "float32", [2**63]]]},
        {**GOOD, "variables": [["a", "float32", [1] * 33]]},
        {**GOOD, "variables": [["a", "f", []]] * 100_001},
        {**GOOD, "problems": ["external"]},
        {**GOOD, "problems": [["something", "else"]]},
    ],
    ids=lambda raw: repr(raw)[:60],
)
def test_an_answer_of_another_form_is_a_disturbed_channel(raw: object) -> None:
    with pytest.raises(Ungradable) as caught:
        parse_hdf5_content(raw)

    assert caught.value.code is Code.PROTOCOL
    assert caught.value.rationale == Code.PROTOCOL.text


@pytest.mark.parametrize(
    ("problem", "code", "rationale"),
    [
        (
            ["external", "weights/\x1bkernel"],
            Code.LOAD,
            "the file refers to external data in 'weights/\\\\x1bkernel'",
        ),
        (
            ["bomb", "w declares 4000000000 bytes"],
            Code.LOAD,
            "the file declares far larger weights than it stores",
        ),
        (
            ["large", "more than 100000 objects"],
            Code.FORMAT,
            "the file holds more parts than any model has",
        ),
        (
            ["unreadable", "OSError: truncated file"],
            Code.FORMAT,
            "the HDF5 data are damaged or incomplete",
        ),
    ],
)
def test_a_problem_of_the_file_is_a_finding(
    problem: list[str], code: Code, rationale: str
) -> None:
    with pytest.raises(Ungradable) as caught:
        parse_hdf5_content({**GOOD, "problems": [problem]})

    assert (caught.value.code, caught.value.rationale) == (code, rationale)


MODEL = Weights(parameters=6, model_bytes=24, optimizer_bytes=0)
OPTIMIZER = Weights(parameters=0, model_bytes=0, optimizer_bytes=24)
NEITHER = Weights(parameters=0, model_bytes=0, optimizer_bytes=0)


@pytest.mark.parametrize(
    ("path", "weights"),
    [
        ("layers/dense/vars/0", MODEL),
        ("model_weights/optimizer/kernel", MODEL),  # a layer may be named so
        ("optimizer/vars/2", OPTIMIZER),
        ("layers/sequential/optimizer/vars/2", OPTIMIZER),
        ("optimizer_weights/adam/m", OPTIMIZER),
        ("layers/dropout/seed_generator/vars/0", NEITHER),
        ("metrics/mean/vars/0", NEITHER),
    ],
)
def test_a_variable_is_counted_where_it_belongs(path: str, weights: Weights) -> None:
    variable = Variable(path=path, dtype="float32", shape=(2, 3))

    assert count_weights([variable]) == weights
