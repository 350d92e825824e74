"""What a confined process claims of the values in a file, and what is made of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.facts import (
    Facts,
    Layer,
    StoredVariable,
    StoredWeights,
    Weights,
)
from pytest_tfgrade.core.submission import Artifact, ArtifactFormat
from pytest_tfgrade.facts import read_stored_weights

SHA = "0f" * 32

Stored = Callable[..., StoredWeights]


def dense(name: str, *inner: Layer, class_name: str = "Dense") -> Layer:
    return Layer(
        name=name,
        class_name=class_name,
        module=None,
        registered_name=None,
        config={},
        layers=inner,
    )


@pytest.fixture
def stored() -> Stored:
    """Return what becomes of an answer of the process."""

    def read(
        raw: object, *layers: Layer, form: ArtifactFormat = ArtifactFormat.KERAS
    ) -> StoredWeights:
        facts = Facts(
            format=form,
            keras_version=None,
            model_class="Sequential",
            layers=layers,
            inputs=(),
            outputs=(),
            last_activation=None,
            weights=Weights(parameters=0, model_bytes=0, optimizer_bytes=0),
            compile_settings=None,
        )
        artifact = Artifact(
            path=Path("/nowhere"), name="m", format=form, sha256="", size=0
        )
        return read_stored_weights(artifact, lambda *_, values: raw, facts)

    return read


def answer(*variables: object) -> dict[str, Any]:
    return {"variables": list(variables), "problems": []}


def variable(path: str, *summary: object) -> list[object]:
    """Return two numbers at a path."""
    return [path, "float32", [2], *(summary or (SHA, 0, 1, [0, 0.5]))]


def test_an_answer_becomes_weights_of_the_model_and_of_its_optimizer(
    stored: Stored,
) -> None:
    raw = answer(
        variable("layers/dense_1/vars/0"),
        variable("optimizer/vars/2", SHA, 2, 0, None),
        variable("metrics/mean/vars/0"),
        variable("layers/dense/vars/words", None, 0, 0, None),
    )

    weights = stored(raw, dense("one"), dense("two"))

    assert weights == StoredWeights(
        model=(
            StoredVariable(
                path="layers/dense_1/vars/0",
                layer="two",
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
                path="optimizer/vars/2",
                layer=None,
                dtype="float32",
                shape=(2,),
                sha256=SHA,
                nonfinite=2,
                zeros=0,
            ),
        ),
    )


@pytest.mark.parametrize(
    "raw",
    [
        None,
        {},
        {"variables": {}, "problems": []},
        answer("abc"),
        answer(["a", "float32"]),
        answer(["a", "float32", [2]]),
        answer(["a", "float32", [-1], SHA, 0, 0, None]),
        answer(variable("a", SHA[1:], 0, 0, None)),
        answer(variable("a", "G" * 64, 0, 0, None)),
        answer(variable("a", None, 1, 0, None)),
        answer(variable("a", SHA, 3, 0, None)),
        answer(variable("a", SHA, 0, -1, None)),
        answer(variable("a", SHA, 2, 1, None)),
        answer(variable("a", SHA, 0, 0, [1])),
        answer(variable("a", SHA, 0, 0, [1, "2"])),
        answer(variable("a", SHA, 0, 0, [1, 10**400])),
        answer(["a", "float32", [17], SHA, 0, 0, [0.5] * 17]),
        answer(*[variable("a")] * 100_001),
    ],
    ids=lambda raw: repr(raw)[:60],
)
def test_an_answer_of_another_form_is_a_disturbed_channel(
    raw: object, stored: Stored
) -> None:
    with pytest.raises(Ungradable) as caught:
        stored(raw)

    assert caught.value.code is Code.PROTOCOL


def test_a_problem_of_the_file_is_a_finding(stored: Stored) -> None:
    raw = {"variables": [], "problems": [["unreadable", "OSError: cannot read"]]}

    with pytest.raises(Ungradable) as caught:
        stored(raw)

    assert caught.value.rationale == "the HDF5 data are damaged or incomplete"


WRAPPED = dense("each", dense("inner"), class_name="TimeDistributed")
NESTED = dense("net", dense("a"), dense("b"), class_name="Sequential")


@pytest.mark.parametrize(
    ("form", "path", "owner"),
    [
        ("keras", "layers/dense/vars/0", ((), "one")),
        ("keras", "_layer_checkpoint_dependencies/dense/vars/0", ((), "one")),
        ("keras", "layers/dense/query_dense/vars/0", ((), "one")),
        ("keras", "layers/sequential/layers/dense_1/vars/0", (("net",), "b")),
        ("keras", "layers/dense_7/vars/0", ((), None)),
        ("keras", "layers/sequential/layers/gru/vars/0", ((), None)),
        ("keras", "decoration/vars/0", ((), None)),
        ("keras", "layers", ((), None)),
        ("h5", "model_weights/one/one/kernel:0", ((), "one")),
        ("h5", "model_weights/block/one/block/one/kernel:0", ((), "block/one")),
        ("h5", "model_weights/net/b/kernel:0", (("net",), "b")),
        ("h5", "model_weights/net/net/b/kernel", (("net",), "b")),
        ("h5", "model_weights/net/kernel", ((), "net")),
        ("h5", "model_weights/each/each/kernel:0", (("each",), "inner")),
        ("h5", "model_weights/top_level_model_weights/x", ((), None)),
        ("h5", "kernel", ((), None)),
    ],
)
def test_a_variable_belongs_to_the_layer_that_its_path_names(
    form: str, path: str, owner: tuple[tuple[str, ...], str | None], stored: Stored
) -> None:
    layers = (dense("one"), dense("block/one"), WRAPPED, NESTED)

    [found] = stored(answer(variable(path)), *layers, form=ArtifactFormat(form)).model

    assert (found.within, found.layer) == owner
