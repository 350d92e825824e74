"""The function that reads TFLite, on files that no converter writes."""

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_tfgrade.runner.worker.tflite_file import read_tflite

Table = dict[int, Any]
Read = Callable[[bytes], dict[str, Any]]

UINT8, STRING, INT4 = 3, 5, 17


def number(code: str, value: float) -> bytes:
    """Return a number as it lies in a table."""
    return struct.pack("<" + code, value)


def numbers(code: str, *values: float) -> tuple[int, bytes]:
    """Return a vector: its length and its bytes."""
    return len(values), struct.pack(f"<{len(values)}{code}", *values)


def data(code: str, *values: float) -> Table:
    """Return a buffer with the bytes of numbers."""
    _, raw = numbers(code, *values)
    return {0: (len(raw), raw)}


def flatbuffer(root: Table) -> bytes:
    """Return a file of tables, each a mapping from the numbers of fields to values.

    ``bytes`` lie in the table itself. Texts, vectors of ``numbers``, tables and lists
    of tables are referred to; what is there twice in a list is once in the file.
    """
    file = bytearray(b"\0\0\0\0TFL3")
    refer(file, 0, put(file, root))
    return bytes(file)


def put(file: bytearray, value: Any) -> int:
    """Append what is referred to, and return where it lies."""
    if isinstance(value, dict):
        return put_table(file, value)
    if isinstance(value, str):
        value = (len(value.encode()), value.encode())
    start = len(file)
    if isinstance(value, tuple):
        count, raw = value
        file += struct.pack("<I", count) + raw
        return start
    file += struct.pack("<I", len(value)) + bytes(4 * len(value))
    once = {id(item): put(file, item) for item in {id(i): i for i in value}.values()}
    for index, item in enumerate(value):
        refer(file, start + 4 + 4 * index, once[id(item)])
    return start


def put_table(file: bytearray, fields: Table) -> int:
    """Append a table behind its vtable; each field has eight bytes."""
    slots = max(fields, default=-1) + 1
    vtable = len(file)
    file += struct.pack("<HH", 4 + 2 * slots, 4 + 8 * slots)
    file += b"".join(
        struct.pack("<H", 4 + 8 * slot if slot in fields else 0)
        for slot in range(slots)
    )
    start = len(file)
    file += struct.pack("<i", start - vtable) + bytes(8 * slots)
    for slot, value in fields.items():
        at = start + 4 + 8 * slot
        if isinstance(value, bytes):
            file[at : at + len(value)] = value
        else:
            refer(file, at, put(file, value))
    return start


def refer(file: bytearray, at: int, to: int) -> None:
    struct.pack_into("<I", file, at, to - at)


def tensor(name: str = "t", *shape: int, **more: Any) -> Table:
    """Return a tensor; ``more`` are fields by number, as ``_1``."""
    return {
        0: numbers("i", *shape),
        3: name,
        8: number("B", 1),
        **{int(field[1:]): value for field, value in more.items()},
    }


def model(*tensors: Table, **more: Any) -> Table:
    """Return a model of one graph; its first tensor goes in and the last comes out."""
    graph = {
        0: list(tensors),
        1: numbers("i", 0),
        2: numbers("i", len(tensors) - 1),
    }
    return {
        0: number("I", 3),
        2: [graph],
        3: "by hand",
        4: [{}],
        **{int(field[1:]): value for field, value in more.items()},
    }


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Read bytes as a file, by way of JSON."""

    def content(raw: bytes) -> dict[str, Any]:
        path = tmp_path / "made.tflite"
        path.write_bytes(raw)
        result: dict[str, Any] = json.loads(json.dumps(read_tflite(str(path))))
        return result

    return content


def problems(result: dict[str, Any]) -> list[list[str]]:
    """Return the problems; fail if there are none."""
    assert result["problems"]
    found: list[list[str]] = result["problems"]
    return found


def test_a_model_by_hand_is_read_like_any_other(read: Read) -> None:
    weights = tensor("w", 3, _2=number("I", 1))
    operators = {1: [{0: number("b", 99)}], 4: [{}, data("f", 1, 2, 3)]}
    made = model(tensor("x", 1, 3), weights, tensor("y", 1, 3))
    made.update(operators)
    made[2][0][3] = [{0: number("I", 0)}]

    result = read(flatbuffer(made))

    (index, _, is_initial, sketch), *others = result.pop("prints")
    assert (index, is_initial, bool(sketch), others) == (0, False, True, [])
    assert result == {
        "version": 3,
        "description": "by hand",
        "inputs": [["x", "float32", [1, 3], None, None]],
        "outputs": [["y", "float32", [1, 3], None, None]],
        "operators": ["SQUARED_DIFFERENCE"],
        "signatures": {},
        "parameters": [3, 12],
        "constants": [["w", "float32", [3]]],
        "problems": [],
    }


@pytest.mark.parametrize(
    ("changed", "described"),
    [
        (tensor("t", _8=number("B", 0)), ["t", "float32", None, None, None]),
        (tensor("t", -1, 2), ["t", "float32", [-1, 2], None, None]),
        (tensor("t", 1, _1=number("b", STRING)), ["t", "string", [1], None, None]),
        (tensor("t", 1, _1=number("b", 77)), ["t", "type_77", [1], None, None]),
        (tensor("t", 1, _1=number("b", -1)), ["t", "type_-1", [1], None, None]),
        (tensor("\x1b[1m", 1), ["\x1b[1m", "float32", [1], None, None]),
    ],
    ids=["no-rank", "any-size", "text", "later-type", "negative-type", "escape"],
)
def test_unusual_tensors_are_described(
    changed: Table, described: list[Any], read: Read
) -> None:
    result = read(flatbuffer(model(changed)))

    assert (result["inputs"], result["problems"]) == ([described], [])


@pytest.mark.parametrize(
    ("scales", "zeros", "quantization"),
    [
        (numbers("f", 0.5), numbers("q", -7), [0.5, -7]),
        (numbers("f", 0.5), numbers("q"), [0.5, 0]),
        (numbers("f", 0.5, 0.25), numbers("q", 0, 0), None),
        (numbers("f", 0), numbers("q", 0), None),
        (numbers("f"), numbers("q"), None),
    ],
)
def test_only_one_scale_for_all_is_a_quantization(
    scales: Any, zeros: Any, quantization: Any, read: Read
) -> None:
    changed = tensor("t", 1, _1=number("b", UINT8), _4={2: scales, 3: zeros})

    result = read(flatbuffer(model(changed)))

    assert result["inputs"] == [["t", "uint8", [1], None, quantization]]


def with_code(**fields: bytes) -> Table:
    """Return a model whose one operator has a code of these fields."""
    made = model(tensor())
    made[1] = [{int(field[1:]): value for field, value in fields.items()}]
    made[2][0][3] = [{0: number("I", 0)}]
    return made


@pytest.mark.parametrize(
    ("made", "operators"),
    [
        (with_code(_0=number("b", 9)), ["FULLY_CONNECTED"]),
        (with_code(_0=number("b", 127), _3=number("i", 150)), ["GELU"]),
        (with_code(_3=number("i", 2**31 - 1)), ["BUILTIN_2147483647"]),
        (with_code(_0=number("b", -1), _3=number("i", -5)), ["BUILTIN_-1"]),
        (with_code(_0=number("b", 32)), [""]),
    ],
)
def test_an_operator_has_the_name_of_the_larger_number(
    made: Table, operators: list[str], read: Read
) -> None:
    assert read(flatbuffer(made))["operators"] == operators


def test_four_bit_constants_count_as_far_as_there_are_data(read: Read) -> None:
    scale = {2: numbers("f", 0.5)}
    packed = tensor("w", 3, _1=number("b", INT4), _2=number("I", 1), _4=scale)
    lying = tensor("v", 9, 9, 9, _2=number("I", 2))
    buffers = [{}, data("B", 0x21, 0x03), data("f", 1, 2)]

    result = read(flatbuffer(model(packed, lying, _4=buffers)))

    assert (result["parameters"], result["problems"]) == ([3 + 2, 2 + 8], [])


def test_constants_that_share_their_data_count_once(read: Read) -> None:
    first, second = (tensor(name, 2, _2=number("I", 1)) for name in "ab")
    buffers = [{}, data("f", 1, 2)]

    result = read(flatbuffer(model(first, second, _4=buffers)))

    assert result["parameters"] == [2, 8]


def test_data_behind_the_tables_count(read: Read) -> None:
    weights = tensor("w", 2, _2=number("I", 1))
    behind = {1: number("Q", 8), 2: number("Q", 8)}

    result = read(flatbuffer(model(weights, _4=[{}, behind])))

    assert (result["parameters"], result["problems"]) == ([2, 8], [])


def test_a_tensor_beyond_any_memory_is_reported(read: Read) -> None:
    result = read(flatbuffer(model(tensor("huge", 2**31 - 1, 2**31 - 1))))

    assert problems(result) == [
        ["bomb", f"huge declares {4 * (2**31 - 1) ** 2} bytes"],
    ]


def test_data_in_another_file_are_reported(read: Read) -> None:
    result = read(flatbuffer(model(tensor("w", 2, _10=number("I", 1)))))

    assert problems(result) == [["external", "w"]]


def test_parts_that_are_shared_a_million_times_end_the_reading(read: Read) -> None:
    shared = tensor("t", *[1] * 32)

    result = read(flatbuffer(model(*[shared] * 300_000)))

    assert problems(result) == [["large", "more parts than any model has"]]


def test_a_vector_that_is_read_again_and_again_ends_the_reading(read: Read) -> None:
    wide = {2: numbers("f", *[1] * 50_000)}
    inputs = [0] * 1000
    made = model(tensor("t", 1, _1=number("b", UINT8), _4=wide))
    made[2][0][1] = numbers("i", *inputs)

    result = read(flatbuffer(made))

    assert problems(result) == [["large", "more parts than any model has"]]


def malformed(what: str) -> list[list[str]]:
    return [["unreadable", f"MalformedError: {what}"]]


def with_signature(*keys: str, graph: int = 0, outputs: Any = ()) -> Table:
    """Return a model whose signatures return what is said."""
    mapped = [{0: name, 1: number("I", index)} for name, index in outputs]
    return model(
        tensor(),
        _7=[{1: mapped, 2: key, 4: number("I", graph)} for key in keys],
    )


@pytest.mark.parametrize(
    ("made", "what"),
    [
        ({}, "the file holds no graph"),
        (model(), "there is no part 0 of 0"),
        (model(tensor("t", -2)), "a tensor of 1 axes, or of negative size"),
        (model(tensor("t", *[1] * 33)), "a tensor of 33 axes, or of negative size"),
        (model(tensor("x" * 10_001)), "a text of 10001 bytes"),
        (model(tensor(_2=number("I", 9))), "there is no part 9 of 1"),
        (
            with_signature("a", "a"),
            "a signature without a graph or a name of its own",
        ),
        (
            with_signature("a", graph=1),
            "a signature without a graph or a name of its own",
        ),
        (
            with_signature("a", outputs=[("y", 0), ("y", 0)]),
            "a signature uses a name twice",
        ),
        (with_signature("a", outputs=[("y", 7)]), "there is no part 7 of 1"),
        (
            model(
                tensor(
                    "t", 1, _1=number("b", UINT8), _4={2: numbers("f", float("nan"))}
                )
            ),
            "a tensor has no proper scale",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_refers_to_nothing_is_malformed(
    made: Table, what: str, read: Read
) -> None:
    assert problems(read(flatbuffer(made))) == malformed(what)


def test_data_that_lie_outside_the_file_are_malformed(read: Read) -> None:
    outside = {1: number("Q", 2**63), 2: number("Q", 2**63)}

    result = read(flatbuffer(model(tensor(_2=number("I", 1)), _4=[{}, outside])))

    assert problems(result) == malformed(
        "9223372036854775808 bytes at 9223372036854775808 lie outside the file"
    )


def test_a_vector_of_four_billion_numbers_is_not_made(read: Read) -> None:
    endless = (2**32 - 1, b"")
    made = model({**tensor(), 0: endless})

    [[kind, what]] = problems(read(flatbuffer(made)))

    assert (kind, what.partition(" at ")[0]) == (
        "unreadable",
        "MalformedError: 17179869180 bytes",
    )


ROOT = b"\x08\0\0\0TFL3"


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (b"\x08\0\0\0", "the file is not marked as TFL3"),
        (b"PK\x03\x04" + bytes(100), "the file is not marked as TFL3"),
        (b"\xff\xff\xff\xffTFL3", "4 bytes at 4294967295 lie outside the file"),
        (b"\0\0\0\0TFL3", "the table at 0 has no size"),
        (ROOT + b"\0\0\0\x80", "4 bytes at 2147483656 lie outside the file"),
        (ROOT + b"\x09\0\0\0", "4 bytes at -1 lie outside the file"),
        (
            ROOT + struct.pack("<iHH", -4, 60, 8),
            "60 bytes at 12 lie outside the file",
        ),
        (
            ROOT + struct.pack("<iHH", -4, 4, 600),
            "600 bytes at 8 lie outside the file",
        ),
        (
            ROOT + struct.pack("<iHHH", -4, 6, 4, 2),
            "a field lies outside the table at 8",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_distances_that_lead_nowhere_are_malformed(
    raw: bytes, what: str, read: Read
) -> None:
    assert problems(read(raw)) == malformed(what)


def test_an_empty_file_is_unreadable(read: Read) -> None:
    [[kind, what]] = problems(read(b""))

    assert (kind, what.partition(":")[0]) == ("unreadable", "ValueError")


def test_a_missing_file_is_unreadable(tmp_path: Path) -> None:
    [[kind, what]] = problems(read_tflite(str(tmp_path / "none.tflite")))

    assert (kind, what.partition(":")[0]) == ("unreadable", "FileNotFoundError")
