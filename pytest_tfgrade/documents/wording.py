"""What pydantic found, in words for people who write YAML and not Python."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import yaml
from pydantic_core import ErrorDetails

from pytest_tfgrade.documents.problems import closest

_LONGEST_VALUE: Final = 60

_TEXT: Final = "text"
_WHOLE: Final = "a whole number"
_NUMBER: Final = "a number"
_LIST: Final = "a list of values"
_MAPPING: Final = "a mapping of keys to values"

_KINDS: Final = {
    "string_type": _TEXT,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "decimal_type": _NUMBER,
    "decimal_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "tuple_type": _LIST,
    "list_type": _LIST,
    "sequence_str": _LIST,
    "is_instance_of": _LIST,  # of collections.abc.Sequence: a parameter of a check
    "model_type": _MAPPING,
    "dict_type": _MAPPING,
    "mapping_type": _MAPPING,
}

_USUAL: Final = {
    "float": "float32",
    "double": "float64",
    "int": "int32",
    "str": "string",
    "text": "string",
    "boolean": "bool",
}
"""What is meant by words that name no size, as Keras has it."""

_BOUNDS: Final = {
    "greater_than": "must be above {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be below {lt}",
    "less_than_equal": "must be at most {le}",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "too_short": "must have at least {min_length} values",
    "too_long": "must have at most {max_length} values",
}


def shown(value: object) -> str:
    """Write a value as YAML does, texts in quotes, cut to a readable length.

    >>> shown("a"), shown(None), shown(True), shown([None, {"a": 1}])
    ("'a'", 'nothing', 'true', '[null, {a: 1}]')
    """
    match value:
        case str():
            text = repr(value)
        case None:
            text = "nothing"
        case bool() | int() | float():
            text = json.dumps(value).lower().removesuffix(".0")
        case list() | dict():
            text = yaml.safe_dump(
                value,
                default_flow_style=True,
                sort_keys=False,
                allow_unicode=True,
                width=10**6,
            ).strip()
        case _:
            text = str(value)
    return text if len(text) <= _LONGEST_VALUE else text[:_LONGEST_VALUE] + "..."


def kind_wanted(details: ErrorDetails) -> str | None:
    """Return the kind of value that was wanted, if one of another kind was found."""
    return _KINDS.get(details["type"])


def wrong_kind(wanted: str, value: object) -> str:
    """Say that a value is of another kind than wanted, and the way out if it is plain.

    >>> wrong_kind("a number", "92 %")
    "must be a number, got '92 %'; write 0.92"
    >>> wrong_kind("a list of values", "keras")
    "must be a list of values, got 'keras'; write [keras]"
    """
    if value is None:
        return f"has no value; write {wanted}"
    way_out = _way_out(wanted, value)
    return f"must be {wanted}, got {shown(value)}" + (way_out and f"; {way_out}")


def _way_out(wanted: str, value: object) -> str:
    match value:
        case bool() if wanted == _TEXT:
            return "yes, no, on and off mean true or false, so put them in quotes"
        case dict() if wanted == _LIST:
            return "begin each with '- '"
        case str() if wanted == _NUMBER:
            return _number_meant(value)
        case _ if wanted == _TEXT and not isinstance(value, list | dict):
            return "put it in quotes"
        case _ if wanted == _LIST:
            return _list_meant(value if isinstance(value, str) else shown(value))
        case _:
            return ""


def _list_meant(text: str) -> str:
    if re.fullmatch(r"\(.*\)", text):
        return square_brackets(text)
    return f"write [{text}]" if len(text) <= _LONGEST_VALUE else ""


def square_brackets(text: str) -> str:
    """Return the way out for a list that is written as in Python.

    >>> square_brackets("(None, 8,)")
    'write [null, 8]'
    """
    inside = text.strip("()").strip().removesuffix(",").rstrip()
    plain = re.sub(r"\bNone\b", "null", inside)
    return f"write [{plain}]"


def _number_meant(text: str) -> str:
    if re.fullmatch(r"[+-]?\d+,\d+", text):
        return f"write {text.replace(',', '.')}"
    if re.fullmatch(r"\d+(\.\d+)?\s*%", text):
        return f"write {(Decimal(text.rstrip(' %')) / 100).normalize():f}"
    return ""


def other_text(details: ErrorDetails) -> str:
    """Write a finding that is neither about a key nor about the kind of a value."""
    context: Mapping[str, Any] = details.get("ctx", {})
    match details["type"]:
        case "literal_error" | "enum":
            return unknown_value(details["input"], context["expected"])
        case "value_error" | "assertion_error":
            return str(context.get("error", details["msg"]))
        case "string_too_short" | "too_short" if context["min_length"] == 1:
            return "must not be empty; write at least one"
        case kind if kind in _BOUNDS:
            bounds = {name: shown(bound) for name, bound in context.items()}
            got = shown(details["input"])
            return f"{_BOUNDS[kind].format_map(bounds)}, got {got}"
        case _:
            message = details["msg"].removeprefix("Input ")
            got = shown(details["input"])
            return f"{message[:1].lower()}{message[1:]}, got {got}"


def unknown_value(value: object, expected: str) -> str:
    """Name the closest of the words that pydantic expected; without one, all."""
    if value is None:
        return f"has no value; use {expected}"
    words = re.findall("'([^']*)'", expected)
    usual = _USUAL.get(str(value))
    close = usual if usual in words else closest(str(value), words)
    way_out = f"did you mean {close!r}?" if close else f"use {expected}"
    return f"unknown value {shown(value)}; {way_out}"
