"""Reading SavedModels that nobody's library wrote: damaged, hostile and rare ones."""

import hashlib
import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from pytest_tfgrade.runner.worker.protobuf import (
    Budget,
    MalformedError,
    Message,
    TooLargeError,
    varint,
)
from pytest_tfgrade.runner.worker.saved_model import read_saved_model

FLOAT, STRING = 1, 7
MAGIC = 0xDB4775248B80FB57
DATA = "variables.data-00000-of-00001"
KERNEL = np.array([[1.5, 0, -2]], "<f4")


def number(value: int) -> bytes:
    """Write a varint."""
    value &= 2**64 - 1
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])


def field(at: int, value: int | str | bytes) -> bytes:
    """Write one field of a message."""
    if isinstance(value, int):
        return number(at << 3) + number(value)
    data = value.encode() if isinstance(value, str) else value
    return number(at << 3 | 2) + number(len(data)) + data


def shape(*sizes: int) -> bytes:
    return b"".join(field(2, field(1, size)) for size in sizes)


def tensor(dtype: int, *sizes: int) -> bytes:
    return field(1, "name:0") + field(2, dtype) + field(3, shape(*sizes))


def pair(key: str, value: bytes) -> bytes:
    """Write an entry of a map."""
    return field(1, key) + field(2, value)


def node(operation: str, **texts: str) -> bytes:
    attributes = [
        field(5, pair(name, field(2, text) if text else field(9, "outer")))
        for name, text in texts.items()
    ]
    return field(1, "n") + field(2, operation) + b"".join(attributes)


SIGNATURE = (
    field(1, pair("x", tensor(FLOAT, -1, 3)))
    + field(2, pair("y", tensor(FLOAT, -1)))
    + field(3, "predict")
)


def meta(*parts: bytes, tags: tuple[str, ...] = ("serve",)) -> bytes:
    """Write a graph with tags, and more parts."""
    info = b"".join(field(4, tag) for tag in tags) + field(5, "2.9.1")
    return field(2, field(1, info) + b"".join(parts))


def graph(*nodes: bytes) -> bytes:
    return field(2, b"".join(field(1, one) for one in nodes))


SERVED = field(5, pair("serving_default", SIGNATURE))
PLAIN = meta(graph(node("VarHandleOp"), node("MatMul")), SERVED)


def entry(dtype: int, sizes: tuple[int, ...], offset: int, size: int) -> bytes:
    """Write what an index says of a variable."""
    place = field(4, offset) + field(5, size)
    return field(1, dtype) + field(2, shape(*sizes)) + place


def block(rows: list[tuple[bytes, bytes]]) -> bytes:
    """Write a block of a table; each key shares what it can with the one before."""
    text, before = b"", b""
    for key, value in rows:
        shared = 0
        while shared < min(len(key), len(before)) and key[shared] == before[shared]:
            shared += 1
        lengths = number(shared) + number(len(key) - shared) + number(len(value))
        text += lengths + key[shared:] + value
        before = key
    return text + struct.pack("<II", 0, 1)


def table(rows: dict[str, bytes], header: bytes = field(1, 1)) -> bytes:
    """Write an index with all rows in one block."""
    keyed = [(b"", header), *((key.encode(), value) for key, value in rows.items())]
    data = block(keyed)
    where = number(0) + number(len(data))
    index = block([(b"\xff", where)])
    start = number(len(data) + 5) + number(len(index))
    footer = (where + start).ljust(40, b"\0") + struct.pack("<Q", MAGIC)
    return data + b"\0" * 5 + index + b"\0" * 5 + footer


INDEX = table({"w": entry(FLOAT, (1, 3), 0, 12)})

Make = Callable[..., dict[str, Any]]


@pytest.fixture
def read(tmp_path: Path) -> Make:
    """Write a folder and return what the worker says of it, by way of JSON."""

    def made(
        saved: bytes = PLAIN,
        index: bytes | None = INDEX,
        data: bytes | None = KERNEL.tobytes(),
        *,
        keras: bytes | None = None,
    ) -> dict[str, Any]:
        (tmp_path / "variables").mkdir(exist_ok=True)
        for name, content in (
            ("saved_model.pb", saved),
            ("keras_metadata.pb", keras),
            ("variables/variables.index", index),
            (f"variables/{DATA}", data),
        ):
            if content is not None:
                (tmp_path / name).write_bytes(content)
        raw = read_saved_model(str(tmp_path), values=True)
        told: dict[str, Any] = json.loads(json.dumps(raw))
        assert told.pop("prints") == []  # values were asked for
        return told

    return made


def test_a_whole_folder_becomes_plain_values(read: Make) -> None:
    said = read()

    assert said == {
        "tensorflow_version": "2.9.1",
        "signatures": {
            "serving_default": {
                "method": "predict",
                "inputs": {"x": ["float32", [-1, 3], "dense"]},
                "outputs": {"y": ["float32", [-1], "dense"]},
            }
        },
        "operations": ["MatMul", "VarHandleOp"],
        "keras_metadata": None,
        "owners": {},
        "variables": [
            [
                *("w", "float32", [1, 3]),
                hashlib.sha256(KERNEL.tobytes()).hexdigest(),
                *(0, 1, [1.5, 0.0, -2.0]),
            ]
        ],
        "problems": [],
    }


def test_the_last_of_two_values_counts_as_in_the_library(read: Make) -> None:
    twice = field(1, "n") + field(2, "MatMul") + field(2, "ReadFile")

    said = read(meta(graph(node("Add")), graph(twice), SERVED))

    assert said["operations"] == ["Add", "ReadFile"]


def test_operations_inside_of_functions_are_found(read: Make) -> None:
    function = field(1, field(3, node("PyFunc")))

    said = read(meta(field(2, field(2, function)), SERVED))

    assert said["operations"] == ["PyFunc"]


@pytest.mark.parametrize(
    ("stream", "to_file"),
    [("stderr", False), ("log(info)", False), ("file:///tmp/x", True), ("", True)],
)
def test_printing_is_told_from_writing_a_file(
    stream: str, to_file: bool, read: Make
) -> None:
    said = read(meta(graph(node("PrintV2", output_stream=stream)), SERVED))

    assert ("PrintV2 to a file" in said["operations"]) is to_file


def test_sparse_and_composite_tensors_are_told_apart(read: Make) -> None:
    sparse = field(4, field(1, "values")) + field(2, FLOAT) + field(3, shape(-1, 4))
    unranked = field(1, "n") + field(2, STRING + 100) + field(3, field(3, 1))
    inputs = {"a": sparse, "b": field(5, b""), "c": unranked}
    signature = b"".join(field(1, pair(*item)) for item in inputs.items())

    said = read(meta(field(5, pair("s", signature))))

    assert said["signatures"]["s"]["inputs"] == {
        "a": ["float32", [-1, 4], "sparse"],
        "b": [None, None, "composite"],
        "c": ["string", None, "dense"],
    }


KERAS = '{"name": "net", "class_name": "Sequential"}'


def described(*numbers: int, text: str) -> bytes:
    """Write what ``keras_metadata.pb`` says of objects."""
    return b"".join(
        field(1, field(2, at) + field(4, "_tf_keras_layer") + field(5, text))
        for at in numbers
    )


def child(name: str, at: int) -> bytes:
    return field(1, field(1, at) + field(2, name))


OBJECTS = [
    child("w", 3) + child("list", 1) + child("layer", 2),
    child("0", 3) + child("up", 0),
    child("kernel", 3) + child("far", 10**9) + child("behind", -1),
    field(7, b""),
]


def test_a_variable_belongs_to_the_layer_that_holds_it(read: Make) -> None:
    objects = field(7, b"".join(field(1, one) for one in OBJECTS))
    layer = described(2, text='{"name": "dense"}')

    said = read(meta(SERVED, objects), keras=described(0, text=KERAS) + layer)

    assert said["keras_metadata"] == KERAS
    assert said["owners"] == {"w": ["dense"]}


def test_before_tensorflow_2_5_the_graph_holds_what_keras_says(read: Make) -> None:
    said_of = {
        at: field(4, field(1, "_tf_keras_layer") + field(3, text))
        for at, text in ((0, KERAS), (2, '{"name": "dense"}'))
    }
    objects = [one + said_of.get(at, b"") for at, one in enumerate(OBJECTS)]

    said = read(meta(SERVED, field(7, b"".join(field(1, one) for one in objects))))

    assert (said["keras_metadata"], said["owners"]) == (KERAS, {"w": ["dense"]})


@pytest.mark.parametrize("text", ["", "[", "[" * 10**5, "[1]", '{"name": 3}'])
def test_what_keras_says_may_be_out_of_order(text: str, read: Make) -> None:
    objects = field(7, b"".join(field(1, one) for one in OBJECTS))

    said = read(meta(SERVED, objects), keras=described(2, text=text) + b"\xff")

    assert (said["owners"], said["problems"]) == ({}, [])


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (entry(FLOAT, (1, 3), 4, 12), "missing"),
        (entry(FLOAT, (3, 0), 0, 0), None),
        (entry(FLOAT, (1, 3), -4, 12), "unreadable"),
        (entry(FLOAT, (2**40, 3), 0, 12), "unreadable"),
        (entry(FLOAT, (2**31, 2**31), 0, 2**64), "unreadable"),
        (entry(FLOAT, (1 << 38,), 0, 1 << 40), "missing"),
        (entry(FLOAT, (-1, 3), 0, 12), "unreadable"),
        (entry(FLOAT, (1,) * 33, 0, 4), "unreadable"),
        (entry(STRING, (2,), 0, 2**62), "missing"),
        (entry(999, (2,), 0, 12), None),
        (entry(FLOAT, (1, 3), 0, 12) + field(3, 5), "unreadable"),
        (entry(FLOAT, (1, 3), 0, 12) + field(3, -1), "unreadable"),
        (b"\x08" + b"\xff" * 11, "unreadable"),
        (field(2, b"\x0a\x7f"), "unreadable"),
    ],
)
def test_what_an_index_declares_is_held_against_the_data(
    row: bytes, problem: str | None, read: Make
) -> None:
    said = read(index=table({"w": row}))

    assert [kind for kind, _ in said["problems"]] == [problem] * bool(problem)
    assert all(len(found) == 3 or not problem for found in said["variables"])


def test_variables_that_share_bytes_are_a_bomb(read: Make) -> None:
    same = {f"w{at}": entry(FLOAT, (1, 3), 0, 12) for at in range(1000)}

    said = read(index=table(same))

    assert said["problems"] == [["bomb", f"variables/{DATA} declares 12000 bytes"]]
    assert {len(variable) for variable in said["variables"]} == {3}


def test_values_of_a_big_endian_machine_are_the_same_values(read: Make) -> None:
    rows = {"w": entry(FLOAT, (1, 3), 0, 12)}
    header = field(1, 1) + field(2, 1)

    said = read(index=table(rows, header), data=KERNEL.astype(">f4").tobytes())

    assert said["variables"] == read()["variables"]


@pytest.mark.parametrize(
    ("index", "what"),
    [
        (b"", "MalformedError: no index of variables"),
        (INDEX[:-1], "MalformedError: no index of variables"),
        (INDEX[:-48] + b"\xff" * 40 + INDEX[-8:], "MalformedError: a number that does"),
        (b"\0" * 40 + INDEX[-8:], "MalformedError: a block outside the index"),
        (table({"k" * 1001: b""}), "MalformedError: a key that does not fit"),
        (table({}, field(1, 2**40)), "MalformedError: an index of 1099511627776 files"),
    ],
)
def test_a_damaged_index_is_unreadable(index: bytes, what: str, read: Make) -> None:
    [[kind, text]] = read(index=index)["problems"]

    assert (kind, text[: len(what)]) == ("unreadable", what)


def test_more_variables_than_any_model_has_are_too_many(read: Make) -> None:
    row = entry(STRING, (), 0, 0)

    said = read(index=table({f"{at:06}": row for at in range(100_001)}))

    assert said["problems"] == [["large", "more than 100000 variables"]]


@pytest.mark.parametrize(
    ("saved", "problem"),
    [
        (b"", ["unreadable", "MalformedError: saved_model.pb is empty"]),
        (b"\x0b", ["unreadable", "MalformedError: a field of wire type 3"]),
        (
            PLAIN[:-1],
            ["unreadable", "MalformedError: a field that is longer than its "],
        ),
        (PLAIN + PLAIN, ["unreadable", "MalformedError: several graphs for the same "]),
        (meta(SERVED, tags=("train",)), ["tags", "train"]),
        (meta(SERVED, tags=("gpu", "serve")), ["tags", "gpu+serve"]),
        (b"\x08\x01", ["tags", ""]),
        (
            meta(graph(*(node(f"Op{at}") for at in range(5001)))),
            ["large", "more than 5000 kinds of operations"],
        ),
        (meta(*[SERVED.replace(b"serving", b"servi%02d" % at) for at in range(3)]), []),
        (
            meta(*[field(5, pair(str(at), b"")) for at in range(1001)]),
            ["large", "more than 1000 signatures"],
        ),
        (meta(field(6, field(2, "../secret"))), ["external", "../secret"]),
        (meta(field(6, field(2, "words.txt"))), ["asset", "assets/words.txt"]),
        (
            meta(field(5, pair("s", field(1, pair("x", tensor(FLOAT, -7)))))),
            ["unreadable", "MalformedError: the shape of x"],
        ),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_graph_that_cannot_be_read_says_why(
    saved: bytes, problem: list[str], read: Make
) -> None:
    said = read(saved)

    told = [[kind, text[: len(problem[1])]] for kind, text in said["problems"]]
    assert told == ([problem] if problem else [])


def test_a_missing_file_is_unreadable(tmp_path: Path) -> None:
    [[kind, what]] = read_saved_model(str(tmp_path))["problems"]

    assert (kind, what.partition(":")[0]) == ("unreadable", "FileNotFoundError")


@pytest.mark.parametrize("fault", ["index", "data"])
def test_a_graph_with_variables_needs_their_files(fault: str, tmp_path: Path) -> None:
    (tmp_path / "saved_model.pb").write_bytes(PLAIN)
    if fault == "data":
        (tmp_path / "variables").mkdir()
        (tmp_path / "variables" / "variables.index").write_bytes(INDEX)
    name = {"index": "variables.index", "data": DATA}[fault]

    said = read_saved_model(str(tmp_path), values=True)

    assert said["problems"] == [["missing", f"there is no variables/{name}"]]


def test_a_graph_without_variables_needs_none(tmp_path: Path) -> None:
    (tmp_path / "saved_model.pb").write_bytes(meta(graph(node("Add")), SERVED))

    assert read_saved_model(str(tmp_path))["problems"] == []


@hypothesis.given(at=st.floats(0, 1), byte=st.integers(0, 255), cut=st.booleans())
@hypothesis.settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)
@pytest.mark.parametrize("file", ["saved", "index", "keras"])
def test_any_damage_is_a_problem_and_no_exception(
    file: str, at: float, byte: int, cut: bool, read: Make
) -> None:
    objects = field(7, b"".join(field(1, one) for one in OBJECTS))
    whole = {
        "saved": meta(graph(node("PrintV2", output_stream="stderr")), SERVED, objects),
        "index": INDEX,
        "keras": described(0, 2, text=KERAS),
    }
    content = whole[file]
    where = int(at * (len(content) - 1))
    rest = b"" if cut else bytes([byte]) + content[where + 1 :]

    said = read(**{**whole, file: content[:where] + rest})

    assert {kind for kind, _ in said["problems"]} <= {
        *("unreadable", "large", "missing", "bomb", "tags", "asset", "external")
    }


@hypothesis.given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_malformed(data: bytes) -> None:
    try:
        fields = list(Message(memoryview(data), Budget(50)))
    except (MalformedError, TooLargeError):
        return

    sizes = [len(value) for _, value in fields if isinstance(value, memoryview)]
    assert sum(sizes) + 2 * len(fields) <= len(data)


@hypothesis.given(st.integers(0, 2**64 - 1))
def test_a_varint_is_read_as_it_was_written(value: int) -> None:
    written = number(value)

    assert varint(b"\xff" + written + b"\x01", 1) == (value, 1 + len(written))


def test_a_message_inside_itself_is_read_no_deeper_than_asked() -> None:
    data = b""
    for _ in range(300):
        data = field(1, data)

    [inner] = Message(memoryview(data), Budget(10)).messages(1)

    assert [at for at, _ in inner] == [1]


def test_a_budget_ends_what_has_no_end() -> None:
    message = Message(memoryview(b"\x08\x01" * 1000), Budget(999))

    with pytest.raises(TooLargeError):
        message.integer(1)
