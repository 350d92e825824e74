"""How the rows of an input lie in memory, as a file says."""

from typing import Any

import pytest

from pytest_tfgrade.core.facts import TensorKind
from pytest_tfgrade.facts.model_config import parse_signature


def input_layer(**more: Any) -> dict[str, Any]:
    config = {"name": "x", "batch_shape": [None, 3], "dtype": "float32", **more}
    return {"class_name": "InputLayer", "config": config, "inbound_nodes": []}


DENSE = {
    "class_name": "Dense",
    "config": {"name": "y", "units": 1},
    "inbound_nodes": [[["x", 0, 0, {}]]],
}


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({}, TensorKind.DENSE),
        ({"sparse": False, "ragged": False}, TensorKind.DENSE),
        ({"sparse": True}, TensorKind.SPARSE),
        ({"ragged": True}, TensorKind.RAGGED),
    ],
)
@pytest.mark.parametrize("class_name", ["Sequential", "Functional"])
def test_a_sparse_or_ragged_input_is_known(
    class_name: str, said: dict[str, Any], kind: TensorKind
) -> None:
    config: dict[str, Any] = {"layers": [input_layer(**said), DENSE]}
    if class_name == "Functional":
        ends = {"input_layers": [["x", 0, 0]], "output_layers": [["y", 0, 0]]}
        config = {**config, **ends}

    (found,) = parse_signature({"class_name": class_name, "config": config}).inputs

    assert found.kind is kind


def test_ends_of_a_dictionary_have_keys() -> None:
    ends = {"input_layers": {"a": ["x", 0, 0]}, "output_layers": {"b": ["y", 0, 0]}}
    config = {"layers": [input_layer(), DENSE], **ends}

    signature = parse_signature({"class_name": "Functional", "config": config})

    assert [(t.name, t.key) for t in (*signature.inputs, *signature.outputs)] == [
        ("x", "a"),
        ("y", "b"),
    ]
