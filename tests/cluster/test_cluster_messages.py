"""Orders and answers cross as they were; nothing in them is ever executed."""

from pathlib import Path

import numpy as np
import pytest

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.contract import OutputKind, OutputSpec
from pytest_tfgrade.core.errors import (
    ChannelsFirst,
    RunnerError,
    SourceMissing,
    Ungradable,
    Unloadable,
)
from pytest_tfgrade.core.limits import Limits
from pytest_tfgrade.core.setup import Feed, Feeding, Setup, Take
from pytest_tfgrade.core.submission import Artifact, ArtifactFormat, Source
from pytest_tfgrade.runner import Pass, Predictions, SharedInputs
from pytest_tfgrade.runner.cluster.messages import (
    RunGone,
    answer_from_bytes,
    order_from_bytes,
    order_to_bytes,
    predictions_to_bytes,
    raised_to_bytes,
)
from pytest_tfgrade.runner.cluster.parcel import unwrap
from pytest_tfgrade.runner.packing import pack, unpack

OUTPUTS = {
    "z": OutputSpec(shape=(None, None, 3), kind=OutputKind.PROBABILITIES),
    "a": OutputSpec(shape=(None,), last_step=True),
}

SETUP = Setup(
    runtime="old",
    feeding=Feeding(
        feeds={"x": Feed(key="in", axes=(0, None), quantization=(0.5, 3))},
        takes={"z": Take(key="out", index=2)},
        batch=7,
        notes=("x: as float32",),
    ),
    signature="serve",
    allow_lambda=True,
    keras_version="2.15.0",
    onednn=True,
    parameters=12,
)


def an_artifact(folder: Path) -> Artifact:
    folder.mkdir(exist_ok=True)
    path = folder / "model.keras"
    path.write_bytes(b"a model")
    return Artifact(
        path=path,
        name="alice/model.keras",
        format=ArtifactFormat.KERAS,
        sha256="12",
        size=7,
    )


def test_an_order_arrives_as_it_was_given(tmp_path: Path) -> None:
    artifact = an_artifact(tmp_path)
    limits = Limits(seconds=1.5, memory=3 << 30)
    with SharedInputs({"x": np.zeros((4, 2))}) as inputs:
        passes = [
            Pass(inputs=inputs, batch=3, kind="plain"),
            Pass(inputs=inputs, without="caf\u00e9\ud800", kind=("a", "kind")),
            Pass(inputs=inputs, mixed="dense", kind="plain"),
        ]

        message = order_to_bytes(artifact, passes, OUTPUTS, limits, SETUP)
        order, contents = order_from_bytes(message)

        told = [{**one, "inputs": inputs} for one in order.passes]
        assert [Pass(**one).without for one in told] == [None, "caf\u00e9\ud800", None]
        assert [one["kind"] for one in told] == [0, 1, 0]
        assert {one["inputs"] for one in order.passes} == {inputs.digest}
    assert list(order.outputs.items()) == list(OUTPUTS.items())
    assert (order.limits, order.setup) == (limits, SETUP)
    assert [bytes(part) for part in contents] == [b"a model"]
    assert str(tmp_path).encode() not in message


def test_a_file_and_the_code_beside_it_arrive_whole(tmp_path: Path) -> None:
    sent = an_artifact(tmp_path / "here")
    code = tmp_path / "here" / "source.py"
    code.write_bytes(b"def build(): ...")
    source = Source(path=code, name="alice/m.py", sha256="34", builds="build")
    sent = Artifact(
        path=sent.path,
        name=sent.name,
        format=ArtifactFormat.WEIGHTS,
        sha256="12",
        size=7,
        source=source,
    )
    there = tmp_path / "there"
    there.mkdir()

    order, contents = order_from_bytes(order_to_bytes(sent, [], {}, Limits(), SETUP))
    got = unwrap(order.artifact, contents, there)

    assert got.source is not None
    assert (got.path.read_bytes(), got.path.name) == (b"a model", "model.keras")
    assert got.source.path.read_bytes() == b"def build(): ..."
    assert got.source.path.is_relative_to(there)
    assert got.format is ArtifactFormat.WEIGHTS
    assert got.identity == sent.identity
    assert (got.source.name, got.source.builds) == ("alice/m.py", "build")


def test_the_folder_of_a_saved_model_arrives_whole(tmp_path: Path) -> None:
    folder = tmp_path / "here" / "model"
    (folder / "variables").mkdir(parents=True)
    (folder / "saved_model.pb").write_bytes(b"graph")
    (folder / "variables" / "variables.index").write_bytes(b"")
    (folder / "variables" / "variables.data-00000-of-00001").write_bytes(b"numbers")
    sent = Artifact(
        path=folder,
        name="model",
        format=ArtifactFormat.SAVED_MODEL,
        sha256="1",
        size=12,
    )
    there = tmp_path / "there"
    there.mkdir()

    order, contents = order_from_bytes(order_to_bytes(sent, [], {}, Limits(), SETUP))
    got = unwrap(order.artifact, contents, there)

    assert got.path == there / "model"
    assert {
        str(path.relative_to(got.path)): path.read_bytes()
        for path in got.path.rglob("*")
        if path.is_file()
    } == {
        "saved_model.pb": b"graph",
        "variables/variables.index": b"",
        "variables/variables.data-00000-of-00001": b"numbers",
    }


def test_predictions_arrive_as_they_were() -> None:
    arrays = {
        "z": np.array([[np.nan, -np.inf], [1e-45, 2]], np.float32),
        "b": np.array([True, False]),
        "none": np.zeros((0, 3), np.float16),
        "turned": np.arange(6, dtype=np.int64).reshape(2, 3).T,
    }
    sent = Predictions(
        arrays=arrays,
        seconds={"load": 0.1, "predict": 1 / 3},
        log="caf\u00e9",
        runtime="keras3",
        repairs=("a", "b"),
        memory=1 << 40,
    )

    message = predictions_to_bytes([sent], {"keras3": {"keras": "3.15"}})
    answer = answer_from_bytes(message)

    (got,) = answer.predictions
    assert answer.versions == {"keras3": {"keras": "3.15"}}
    assert list(got.arrays) == list(arrays)
    for name, array in arrays.items():
        assert got.arrays[name].dtype == array.dtype
        assert got.arrays[name].shape == array.shape
        assert got.arrays[name].tobytes() == array.tobytes()
        assert got.arrays[name].flags.aligned
        assert not got.arrays[name].flags.writeable
    assert (got.seconds, got.log, got.runtime) == (sent.seconds, "caf\u00e9", "keras3")
    assert (got.repairs, got.memory) == (("a", "b"), 1 << 40)


@pytest.mark.parametrize("kind", [Ungradable, Unloadable, ChannelsFirst, SourceMissing])
def test_a_finding_arrives_with_its_class_and_all_its_texts(
    kind: type[Ungradable],
) -> None:
    raised = kind(Code.LOAD, "no such layer", hint="Add it.", detail="at\nline 3\x00")

    with pytest.raises(Ungradable) as caught:
        answer_from_bytes(raised_to_bytes(raised))

    got = caught.value
    assert type(got) is kind
    assert (got.code, got.rationale) == (Code.LOAD, "no such layer")
    assert (got.hint, got.detail) == ("Add it.", "at\nline 3\x00")


def test_a_fault_of_the_machine_arrives_as_one() -> None:
    with pytest.raises(RunnerError, match=r"^the disk is full$"):
        answer_from_bytes(raised_to_bytes(RunnerError("the disk is full")))


def test_a_fault_of_ours_arrives_with_its_traceback() -> None:
    with pytest.raises(RunnerError, match=r"own:\nZeroDivisionError: oh"):
        answer_from_bytes(raised_to_bytes(ZeroDivisionError("oh")))


def test_a_worker_that_forgot_the_run_says_so() -> None:
    with pytest.raises(RunGone):
        answer_from_bytes(raised_to_bytes(RunGone()))


def test_an_answer_cannot_hold_objects() -> None:
    message = pack(
        {
            "done": [
                {
                    "arrays": [["y", "object", [1]]],
                    "seconds": {},
                    "log": "",
                    "runtime": "",
                    "repairs": [],
                    "memory": None,
                }
            ],
            "versions": {},
        },
        [b"12345678"],
    )

    with pytest.raises(ValueError, match="'object' is no type of predictions"):
        answer_from_bytes(message)


@pytest.mark.parametrize("cut", [0, 3, 10, -1])
def test_half_a_message_is_none(cut: int) -> None:
    message = pack({"a": 1}, [b"bytes"])

    with pytest.raises(ValueError, match=r"no message|a message says|Expecting|Unterm"):
        unpack(message[:cut])
