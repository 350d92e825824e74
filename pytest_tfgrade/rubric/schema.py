"""The types behind the YAML: what a rubric may say, and its JSON Schema."""

import inspect
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from typing import Annotated, Any, Final, Literal, get_type_hints

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ByteSize,
    Field,
    TypeAdapter,
    WithJsonSchema,
    create_model,
)

from pytest_tfgrade.checks import CHECKS, Check
from pytest_tfgrade.core.contract import Contract, InputSpec, OutputKind, OutputSpec
from pytest_tfgrade.core.limits import Limits
from pytest_tfgrade.core.submission import ArtifactFormat
from pytest_tfgrade.documents import Strict, shown, suggestion
from pytest_tfgrade.metrics import METRICS, Metric

_WORD: Final = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}"


def _word(text: str) -> str:
    if re.fullmatch(_WORD, text):
        return text
    what = (
        "must begin with a letter or digit and go on with up to 59 letters, digits, "
        f"'_', '.' or '-', got {shown(text)}"
    )
    better = re.sub(r"[^A-Za-z0-9_.]+", "-", text).strip("-_.")[:60]
    raise ValueError(f"{what}; write {better}" if better else what)


Word = Annotated[
    str,
    AfterValidator(_word),
    WithJsonSchema({"type": "string", "pattern": f"^{_WORD}$"}),
]
"""An identifier: letters, digits, ``_``, ``.`` and ``-``."""


def _axis(size: object) -> object:
    if size is None or (type(size) is int and size > 0):
        return size
    raise ValueError(f"must be a whole number above 0 or null, got {shown(size)}")


Size = Annotated[
    int | None,
    BeforeValidator(_axis),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}]}),
]
"""Of one axis; null is any size."""

Dtype = Literal[
    "bool",
    "float16",
    "float32",
    "float64",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "string",
]
"""Of an input; the names that descriptions of evaluation datasets use."""

_BYTES: Final = r"\d*\.?\d+ ?[A-Za-z]*"
_PARSED: Final = TypeAdapter(ByteSize)


def _bytes(least: int, example: str) -> Callable[[object], int]:
    """Return a reader of sizes that refuses what is too small to be meant."""

    def read(size: object) -> int:
        parsed = _parsed_bytes(size)
        if parsed is None:
            text = f"must be a number and a unit, as {example}, got {shown(size)}"
            raise ValueError(text)
        if parsed < least:
            text = f"must be at least {ByteSize(least).human_readable()}"
            raise ValueError(f"{text}, got {shown(size)}; write it as {example}")
        return parsed

    return read


def _parsed_bytes(size: object) -> int | None:
    written = size if isinstance(size, str) else shown(size)
    if not re.fullmatch(_BYTES, written):
        return None
    try:
        return int(_PARSED.validate_python(size))
    except ValueError:
        return None  # there is no such unit


_BYTES_SCHEMA: Final = WithJsonSchema(
    {"anyOf": [{"type": "string", "pattern": f"^{_BYTES}$"}, {"type": "integer"}]}
)
FileSize = Annotated[int, BeforeValidator(_bytes(1024, "5 MB")), _BYTES_SCHEMA]
Memory = Annotated[int, BeforeValidator(_bytes(256 << 20, "2 GiB")), _BYTES_SCHEMA]


def _find_metric(name: object) -> object:
    if isinstance(name, str) and name in METRICS:
        return METRICS[name]
    close = get_close_matches(str(name), METRICS, n=1)
    names = close or sorted({metric.name for metric in METRICS.values()})
    raise ValueError(f"unknown metric {shown(name)}; {suggestion(str(name), names)}")


NamedMetric = Annotated[
    Metric,
    BeforeValidator(_find_metric),
    WithJsonSchema({"type": "string", "enum": sorted(METRICS)}),
]


class ArtifactPart(Strict):
    """``artifact``: where the saved model lies and what it may be."""

    names: tuple[str, ...] = Field(default=(), description="Default: the task's name")
    formats: tuple[ArtifactFormat, ...] = tuple(ArtifactFormat)
    max_size: FileSize = 50_000_000


class InputPart(Strict):
    """One of ``contract: inputs:``."""

    shape: tuple[Size, ...]
    dtype: Dtype = "float32"


class OutputPart(Strict):
    """One of ``contract: outputs:``."""

    shape: tuple[Size, ...]
    kind: OutputKind = OutputKind.ANY


class ContractPart(Strict):
    """``contract``: what the model takes and returns."""

    inputs: Mapping[str, InputPart] = Field(min_length=1)
    outputs: Mapping[str, OutputPart] = Field(min_length=1)

    def bound(self) -> Contract:
        """Return it as a plain value."""
        return Contract(
            inputs={
                name: InputSpec(shape=part.shape, dtype=part.dtype)
                for name, part in self.inputs.items()
            },
            outputs={
                name: OutputSpec(shape=part.shape, kind=part.kind)
                for name, part in self.outputs.items()
            },
        )


class LimitsPart(Strict):
    """``limits``: what the model may use."""

    seconds: float = Field(default=Limits().seconds, gt=0, le=86400)
    memory: Memory = Limits().memory

    def bound(self) -> Limits:
        """Return it as a plain value."""
        return Limits(seconds=self.seconds, memory=self.memory)


class RubricFile(Strict):
    """A rubric; each of ``criteria`` is checked by the type of its own check."""

    task: Word
    title: str = ""
    description: str = ""
    dataset: Word | None = None
    artifact: ArtifactPart = ArtifactPart()
    contract: ContractPart
    limits: LimitsPart = LimitsPart()
    points: Annotated[Decimal, Field(ge=0)] | None = Field(
        default=None, description="What the criteria must add up to; checked if given"
    )
    criteria: tuple[Mapping[str, Any], ...] = Field(min_length=1)


class CriterionPart(Strict):
    """What every criterion may say, whatever its check."""

    id: Word
    check: str
    title: str = ""
    points: Annotated[Decimal, Field(ge=0)] | None = Field(
        default=None, description="Default: the best band, or 0"
    )
    requires: tuple[str, ...] = ()
    hint: str | None = None
    skills: tuple[str, ...] = ()


@cache
def criterion_type(check: Check) -> type[CriterionPart]:
    """Return the type of criteria that name a check: its parameters are keys."""
    hints = get_type_hints(check.function)
    fields: dict[str, Any] = {"check": (Literal[check.name], ...)}
    for parameter in _parameters(check):
        hint = NamedMetric if hints[parameter] is Metric else hints[parameter]
        default = inspect.signature(check.function).parameters[parameter].default
        required = default is inspect.Parameter.empty
        alias = parameter.removesuffix("_")
        fields[f"p_{parameter}"] = (
            hint,
            Field(default=... if required else default, alias=alias),
        )
    return create_model(
        check.name,
        __base__=CriterionPart,
        __doc__=check.title,
        **fields,
    )


def parameters_of(check: Check, part: CriterionPart) -> dict[str, Any]:
    """Return the keyword arguments that a criterion gives its check."""
    return {name: getattr(part, f"p_{name}") for name in _parameters(check)}


def _parameters(check: Check) -> list[str]:
    signature = inspect.signature(check.function)
    return [p.name for p in signature.parameters.values() if p.kind is p.KEYWORD_ONLY]


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a rubric, for editors; generated from these types."""
    schema = RubricFile.model_json_schema()
    kinds = []
    for check in CHECKS.values():
        kind = criterion_type(check).model_json_schema()
        schema["$defs"] |= kind.pop("$defs", {})
        schema["$defs"][check.name] = kind
        kinds.append({"$ref": f"#/$defs/{check.name}"})
    schema["properties"]["criteria"]["items"] = {"anyOf": kinds}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
