"""Changes of inputs, as rubrics write them: ``{rotate: 15, noise: {sigma: 0.1}}``."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields
from functools import cache
from typing import Annotated, Any, Final, Literal, cast, get_args, get_origin

import numpy as np
from pydantic import PlainValidator, TypeAdapter, ValidationError, WithJsonSchema

from pytest_tfgrade.checks.predict.wording import unknown
from pytest_tfgrade.core.contract import Contract, InputSpec
from pytest_tfgrade.transforms import TRANSFORMS, Transform

_ANY_SIZE: Final = 16
"""What stands for an axis of any size when a change is tried."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Several changes of inputs, one after another."""

    steps: tuple[Transform, ...]
    """In the order in which they are made; at least one."""

    def apply(self, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return changed inputs."""
        for step in self.steps:
            inputs = step.apply(inputs)
        return inputs

    def describe(self) -> str:
        """Say what is done, to go on with after "inputs"; candidates see it."""
        *others, last = [step.describe() for step in self.steps]
        return f"{', '.join(others)} and {last}" if others else last


def bind_changes(written: object) -> Changes:
    """Return the changes that a rubric names.

    >>> bind_changes({"rotate": 15, "shift": {"pixels": 2}}).describe()
    'turned by up to 15 degrees and shifted by up to 2 pixels'

    Args:
        written: A name, if nothing has to be said of the change; a mapping of names to
            what is said of them: the first setting alone, a list of the first ones, or
            a mapping; or a list of these.

    Raises:
        ValueError: A name, a setting or a value is wrong.
    """
    steps = tuple(_steps(written))
    if not steps:
        raise ValueError("names no change; write one, as {rotate: 15}")
    return Changes(steps)


def _steps(written: object) -> Iterator[Transform]:
    match written:
        case str():
            yield _bound(written, None)
        case Mapping():
            for name, settings in written.items():
                yield _bound(name, settings)
        case list() | tuple():
            for item in written:
                yield from _steps(item)
        case _:
            text = f"must be a mapping of changes, got {_yaml(written)}"
            raise ValueError(f"{text}; write {{rotate: 15}}")


def _bound(name: object, written: object) -> Transform:
    if not isinstance(name, str) or name not in TRANSFORMS:
        raise ValueError(unknown("change", name, TRANSFORMS))
    settings = _settings(name, written)
    try:
        return _adapter(name).validate_python(settings)
    except ValidationError as error:
        details = error.errors(include_url=False)[0]
        raise ValueError(f"{name}: {_problem(details, settings)}") from None


def _settings(name: str, written: object) -> dict[str, object]:
    """Return settings by name."""
    known = [field.name for field in _fields(name)]
    match written:
        case None:
            return {}
        case Mapping():
            for key in written:
                if key not in known:
                    text = unknown("setting", key, known)
                    raise ValueError(f"{name}: {text}")
            return dict(written)
        case list() | tuple():
            if len(written) > len(known):
                text = f"at most {len(known)} settings, got {len(written)}"
                raise ValueError(f"{name}: {text}; use {', '.join(known)}")
            return dict(zip(known, written, strict=False))
        case _:
            return {known[0]: written}


def _fields(name: str) -> "tuple[Field[Any], ...]":
    """Return the settings of a change, the main one first."""
    return fields(cast("type[Any]", TRANSFORMS[name]))


@cache
def _adapter(name: str) -> TypeAdapter[Transform]:
    return TypeAdapter(TRANSFORMS[name])


_WANTED: Final = {"float": "a number", "int": "a whole number", "string": "a name"}
"""Kinds of values, by how pydantic's types of errors begin."""


def _problem(details: Mapping[str, Any], settings: Mapping[str, object]) -> str:
    """Write what pydantic or the change itself has against the settings."""
    if details["type"] == "value_error":
        return str(details["ctx"]["error"])
    setting = details["loc"][0]
    if details["type"] == "missing":
        return f"{setting!r} is missing; add it"
    kind = _WANTED.get(details["type"].partition("_")[0])
    wanted = kind or details.get("ctx", {}).get("expected", "another value")
    return f"{setting} must be {wanted}, got {_yaml(settings[setting])}"


def _yaml(value: object) -> str:
    return json.dumps(value, default=str)


def change_problems(changes: Changes, contract: Contract) -> Iterator[tuple[str, str]]:
    """Find changes that the contract's inputs do not allow, by trying them."""
    inputs = {name: _example(spec) for name, spec in contract.inputs.items()}
    if inputs:
        try:
            changes.apply(inputs)
        except ValueError as error:
            text = str(error)
            way_out = "" if ";" in text else "; choose another change"
            yield "change", text + way_out


def _example(spec: InputSpec) -> Any:  # noqa: ANN401 - an array of any dtype
    """Return two examples as the contract describes them."""
    shape = [2, *(_ANY_SIZE if size is None else size for size in spec.shape[1:])]
    if spec.dtype == "string":
        return np.full(shape, "some words")
    return np.ones(shape, spec.dtype)


_KINDS: Final[Mapping[Any, str]] = {float: "number", int: "integer", bool: "boolean"}
"""What JSON Schema calls the types of settings."""


def _schema() -> dict[str, Any]:
    """Return the JSON Schema of what ``bind_changes`` takes."""
    one = {
        "type": "object",
        "properties": {name: _change_schema(name) for name in sorted(TRANSFORMS)},
        "additionalProperties": False,
    }
    named = {"type": "string", "enum": [n for n in sorted(TRANSFORMS) if _bare(n)]}
    several = {"type": "array", "items": {"anyOf": [one, named]}}
    return {"anyOf": [one, named, several]}


def _change_schema(name: str) -> dict[str, Any]:
    settings = _fields(name)
    schemas = {field.name: _setting_schema(field) for field in settings}
    required = [f.name for f in settings if f.default is MISSING]
    whole = {
        "type": "object",
        "properties": schemas,
        "required": required,
        "additionalProperties": False,
    }
    return {"anyOf": [whole, {"type": "array"}, *list(schemas.values())[:1]]}


def _setting_schema(field: "Field[Any]") -> dict[str, Any]:
    if get_origin(field.type) is Literal:
        return {"type": "string", "enum": list(get_args(field.type))}
    kind = "string" if field.name == "input" else _KINDS[field.type]
    return {"type": kind}


def _bare(name: str) -> bool:
    """Return whether a change can be named without a setting."""
    return all(field.default is not MISSING for field in _fields(name))


NamedChanges = Annotated[
    Changes, PlainValidator(bind_changes), WithJsonSchema(_schema())
]
"""One change of inputs or several, by name."""
