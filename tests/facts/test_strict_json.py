"""JSON that would slow down, confuse or crash a reader."""

import pytest

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.facts.strict_json import parse_json_object


def nested(levels: int) -> str:
    return '{"a":' * levels + "{}" + "}" * levels


@pytest.mark.parametrize(
    ("text", "code", "rationale"),
    [
        (nested(200), Code.LOAD, "config.json is nested more than 200 levels deep"),
        (
            '{"a":' + "[" * 100_000,
            Code.LOAD,
            "config.json is nested more than 200 levels deep",
        ),
        ('{"a": 1, "b": 2, "a": 3}', Code.LOAD, "config.json has the key 'a' twice"),
        ('{"a": NaN}', Code.LOAD, "config.json holds NaN, which is not JSON"),
        (
            '{"a": -Infinity}',
            Code.LOAD,
            "config.json holds -Infinity, which is not JSON",
        ),
        (
            '{"a": ' + "9" * 5000 + "}",
            Code.LOAD,
            "config.json holds a number of more than 20 digits",
        ),
        (
            '{"a": [' + "0," * 999_999 + "0]}",
            Code.LOAD,
            "config.json holds more than 1000000 values",
        ),
        (
            b'{"a": [' + b"{}," * 2_000_000 + b"0]}",
            Code.LOAD,
            "config.json holds more than 1000000 values",
        ),
        ('{"a":', Code.FORMAT, "config.json is not valid JSON"),
        (b'{"\xff": 1}', Code.FORMAT, "config.json is not valid JSON"),
        ("[]", Code.FORMAT, "config.json is not a JSON object"),
        (" " * (2**23 + 1), Code.FORMAT, "config.json is larger than 8 MiB"),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_what_keras_never_writes_is_refused(
    text: str | bytes, code: Code, rationale: str
) -> None:
    with pytest.raises(Ungradable) as caught:
        parse_json_object(text, "config.json")

    assert (caught.value.code, caught.value.rationale) == (code, rationale)


def test_as_many_values_as_are_allowed_are_read() -> None:
    text = '{"a": [' + "0," * 999_998 + "0]}"

    assert len(parse_json_object(text, "config.json")["a"]) == 999_999


def test_the_deepest_nesting_that_is_allowed_is_read() -> None:
    assert list(parse_json_object(nested(199), "config.json")) == ["a"]
