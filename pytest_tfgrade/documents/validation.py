"""Checking a document against types, with the place of every problem."""

import difflib
import re
from collections.abc import Collection, Mapping
from typing import Any, Final, TypeVar

import pydantic
from pydantic_core import ErrorDetails

from pytest_tfgrade.documents.document import Document, KeyPath
from pytest_tfgrade.documents.problems import Invalid, Problem, suggestion


class Strict(pydantic.BaseModel):
    """A part of a document; unknown keys are mistakes, values do not change."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)


Model = TypeVar("Model", bound=pydantic.BaseModel)


def validate(document: Document, model: type[Model], *, at: KeyPath = ()) -> Model:
    """Return a document, or the part of it under ``at``, as a value of a type.

    Raises:
        Invalid: With a problem for each value that does not fit.
    """
    value = document.value
    for key in at:
        value = value[key]
    try:
        return model.model_validate(value)
    except pydantic.ValidationError as error:
        schema = model.model_json_schema()
        details = error.errors(include_url=False)
        raise Invalid(_problem(document, at, d, schema) for d in details) from None


def _problem(
    document: Document, at: KeyPath, details: ErrorDetails, schema: Mapping[str, Any]
) -> Problem:
    """Write one of pydantic's findings in the words of this project."""
    at_key = details["loc"][-1:] == ("[key]",)
    loc = details["loc"][:-1] if at_key else details["loc"]
    keys = (*at, *_without_tags(document, at, loc))
    name = keys[-1] if keys else ""
    context = details.get("ctx", {})
    match details["type"]:
        case "extra_forbidden":
            allowed = _keys_allowed(schema, loc[:-1])
            text = f"unknown key {name!r}; {suggestion(str(name), allowed)}"
            return Problem(document.locate(keys, at_key=True), text)
        case "missing":
            text = f"the key {name!r} is missing; add it"
        case "union_tag_not_found":
            text = f"the key {context['discriminator']} is missing; add it"
        case "union_tag_invalid":
            keys = (*keys, context["discriminator"].strip("'"))
            text = _unknown_value(context["tag"], context["expected_tags"])
        case "tuple_type" | "list_type":
            text = f"must be a list of values, got {_got(details['input'])}"
        case "model_type" | "dataclass_type" | "dict_type":
            text = f"must be a mapping of keys to values, got {_got(details['input'])}"
        case "literal_error" | "enum":
            text = _unknown_value(details["input"], context["expected"])
        case "value_error" | "assertion_error":
            text = str(context.get("error", details["msg"]))
        case _:
            message = details["msg"].removeprefix("Input ")
            text = f"{message[:1].lower()}{message[1:]}, got {_got(details['input'])}"
    return Problem(document.locate(keys, at_key=at_key), text)


def _unknown_value(value: object, expected: str) -> str:
    """Name the closest of the words that pydantic expected; without one, all."""
    words = re.findall("'([^']*)'", expected)
    close = difflib.get_close_matches(str(value), words, n=1)
    way_out = f"did you mean {close[0]!r}?" if close else f"use {expected}"
    return f"unknown value {_got(value)}; {way_out}"


_LONGEST_VALUE: Final = 60


def _got(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_VALUE else text[:_LONGEST_VALUE] + "..."


def _without_tags(document: Document, at: KeyPath, loc: KeyPath) -> KeyPath:
    """Leave out what pydantic adds to a path: names of union members."""
    value = document.value
    for key in at:
        value = value[key]
    keys: list[str | int] = []
    for index, key in enumerate(loc):
        if isinstance(value, list) and isinstance(key, int):
            value = value[key] if key < len(value) else None
        elif isinstance(value, dict):
            match = next((k for k in value if k == key or str(k) == key), None)
            if match is None and index < len(loc) - 1:
                continue
            value, key = value.get(match), (key if match is None else match)  # noqa: PLW2901
        else:
            continue
        keys.append(key)
    return tuple(keys)


def _keys_allowed(schema: Mapping[str, Any], loc: KeyPath) -> Collection[str]:
    """Return the keys that a JSON Schema allows at a path."""
    nodes = _resolved(schema, schema)
    for key in loc:
        steps = [step for node in nodes for step in _step(node, key)]
        found = [node for step in steps for node in _resolved(schema, step)]
        nodes = found or nodes
    return sorted({name for node in nodes for name in node.get("properties", {})})


def _resolved(
    schema: Mapping[str, Any], node: Mapping[str, Any]
) -> list[Mapping[str, Any]]:
    """Follow references and unions to the schemas that describe a value."""
    if "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        return _resolved(schema, schema["$defs"][name])
    if "anyOf" in node:
        return [found for part in node["anyOf"] for found in _resolved(schema, part)]
    return [node]


def _member(node: Mapping[str, Any], tag: str) -> list[Mapping[str, Any]]:
    """Return the member of a tagged union."""
    references = node.get("discriminator", {}).get("mapping", {})
    return [{"$ref": references[tag]}] if tag in references else []


def _step(node: Mapping[str, Any], key: str | int) -> list[Mapping[str, Any]]:
    if isinstance(key, int):
        candidates = [node.get("items")]
    else:
        candidates = [
            node.get("properties", {}).get(key),
            node.get("additionalProperties"),
            *_member(node, key),
        ]
    return [step for step in candidates if isinstance(step, Mapping)]
