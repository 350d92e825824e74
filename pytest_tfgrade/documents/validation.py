"""Checking a document against types, with the place of every problem."""

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

import pydantic
from pydantic_core import ErrorDetails

from pytest_tfgrade.documents.document import Document, KeyPath
from pytest_tfgrade.documents.problems import (
    Elsewhere,
    Invalid,
    Problem,
    closest,
    suggestion,
)
from pytest_tfgrade.documents.wording import (
    kind_wanted,
    other_text,
    shown,
    unknown_value,
    wrong_kind,
)


class Strict(pydantic.BaseModel):
    """A part of a document; unknown keys are mistakes, values do not change."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)


def no_boolean(value: object) -> object:
    """Return what may be a number: to pydantic, true is 1.

    Raises:
        ValueError: It is true or false.
    """
    if isinstance(value, bool):
        text = f"must be a number, got {shown(value)}"
        raise ValueError(text)  # noqa: TRY004 - pydantic takes no TypeError
    return value


Model = TypeVar("Model", bound=pydantic.BaseModel)


def validate(
    document: Document,
    model: type[Model],
    *,
    at: KeyPath = (),
    context: Mapping[str, Any] | None = None,
    sayings: Mapping[str, str] = MappingProxyType({}),
) -> Model:
    """Return a document, or the part of it under ``at``, as a value of a type.

    Args:
        document: Where the value stands.
        model: The type.
        at: Keys and indexes that lead to the value.
        context: What validators of the type want to know.
        sayings: What to say of keys that are unknown or missing right under ``at``, in
            place of the usual.

    Raises:
        Invalid: With a problem for each value that does not fit.
    """
    value = document.at(at)
    try:
        return model.model_validate(value, context=context)
    except pydantic.ValidationError as error:
        schema = model.model_json_schema()
        details = error.errors(include_url=False)
        findings = [
            _finding(document, at, d, schema) for d in details if not _miscounts(d)
        ]
        raise Invalid(
            f.elsewhere or Problem(document.locate(f.keys, at_key=f.at_key), f.text)
            for f in _without_echoes([_said(f, at, sayings) for f in findings])
        ) from None


class _Finding(NamedTuple):
    """One thing that pydantic found, in the words of this project."""

    keys: KeyPath
    text: str = ""
    at_key: bool = False
    wanted: str | None = None
    """The kind of value that should be here; then the text is not yet written."""

    value: object = None
    missing: str | None = None
    """The key that is missing."""

    meant: str | None = None
    """The key that an unknown key is taken for; empty if it is like no other."""

    elsewhere: Problem | None = None
    """What is wrong in another file."""


def _miscounts(details: ErrorDetails) -> bool:
    """Return whether a list is called too short for the wrong values in it."""
    least = details.get("ctx", {}).get("min_length", 0)
    given = details["input"]
    is_list = isinstance(given, list) and details["type"] == "too_short"
    return is_list and len(given) >= least


def _finding(
    document: Document, at: KeyPath, details: ErrorDetails, schema: Mapping[str, Any]
) -> _Finding:
    at_key = details["loc"][-1:] == ("[key]",)
    loc = details["loc"][:-1] if at_key else details["loc"]
    is_absent = details["type"] == "missing"
    keys = (*at, *_without_tags(document, at, loc, is_absent=is_absent))
    context = details.get("ctx", {})
    match details["type"]:
        case "extra_forbidden":
            return _unknown_key(keys, _keys_allowed(schema, loc[:-1]))
        case "missing":
            return _missing(keys)
        case "union_tag_not_found":
            return _missing((*keys, context["discriminator"].strip("'")))
        case "union_tag_invalid":
            keys = (*keys, context["discriminator"].strip("'"))
            text = unknown_value(context["tag"], context["expected_tags"])
            return _Finding(keys, text)
        case _:
            wanted, value = kind_wanted(details), details["input"]
            text = "" if wanted else other_text(details)
            error = context.get("error")
            elsewhere = error.problem if isinstance(error, Elsewhere) else None
            return _Finding(
                keys,
                text,
                at_key=at_key,
                wanted=wanted,
                value=value,
                elsewhere=elsewhere,
            )


def _said(finding: _Finding, at: KeyPath, sayings: Mapping[str, str]) -> _Finding:
    """Return a finding, in other words if there are some for its key."""
    *parent, key = finding.keys or ("",)
    is_of_key = finding.missing is not None or finding.meant is not None
    if is_of_key and tuple(parent) == at and key in sayings:
        return finding._replace(text=sayings[str(key)], meant="")
    return finding


def _unknown_key(keys: KeyPath, allowed: Collection[str]) -> _Finding:
    name = str(keys[-1])
    text = f"unknown key {name!r}; {suggestion(name, allowed)}"
    return _Finding(keys, text, at_key=True, meant=closest(name, allowed) or "")


def _missing(keys: KeyPath) -> _Finding:
    name = keys[-1]
    if isinstance(name, int):
        return _Finding(keys, f"value {name + 1} of the list is missing; add it")
    return _Finding(keys, f"the key {name!r} is missing; add it", missing=name)


def _without_echoes(findings: list[_Finding]) -> Iterator[_Finding]:
    """Leave one finding of those that one mistake makes.

    A misspelt key is not also missing. A value that may be of several kinds is of none
    of them only once; if it is a list with a wrong value in it, only that is wrong,
    and if it is of one kind but out of bounds, only that.
    """
    meant = {(*f.keys[:-1], f.meant) for f in findings if f.meant}
    wanted: dict[tuple[KeyPath, bool], list[_Finding]] = {}
    for finding in findings:
        if finding.wanted is not None:
            wanted.setdefault((finding.keys, finding.at_key), []).append(finding)
        elif finding.missing is None or finding.keys not in meant:
            yield finding
    inside = {f.keys[:n] for f in findings for n in range(len(f.keys))}
    inside |= {f.keys for f in findings if f.wanted is None}
    for (keys, _), found in wanted.items():
        if keys not in inside:
            kinds = dict.fromkeys(f.wanted for f in found if f.wanted)
            text = wrong_kind(" or ".join(kinds), found[0].value)
            yield found[0]._replace(text=text)


def _without_tags(
    document: Document, at: KeyPath, loc: KeyPath, *, is_absent: bool
) -> KeyPath:
    """Leave out what pydantic adds to a path: names of union members.

    Of a key that is absent, the last part of the path is not in the document.
    """
    value = document.at(at)
    keys: list[str | int] = []
    for index, key in enumerate(loc):
        if isinstance(value, list) and isinstance(key, int):
            value = value[key] if key < len(value) else None
        elif isinstance(value, dict):
            match = next((k for k in value if k == key or str(k) == key), None)
            if match is None and not (is_absent and index == len(loc) - 1):
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
