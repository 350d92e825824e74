"""The types behind the YAML: what a rubric may say, and its JSON Schema."""

import inspect
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Literal, get_type_hints

from pydantic import Field, create_model

from pytest_tfgrade.checks import CHECKS, Check
from pytest_tfgrade.core.contract import (
    Contract,
    DtypeName,
    InputSpec,
    OutputKind,
    OutputSpec,
)
from pytest_tfgrade.core.limits import Limits
from pytest_tfgrade.core.submission import ArtifactFormat
from pytest_tfgrade.documents import Strict
from pytest_tfgrade.metrics import Metric
from pytest_tfgrade.rubric.values import (
    FileSize,
    Memory,
    NamedMetric,
    Shape,
    Word,
)


class ArtifactPart(Strict):
    """``artifact``: where the saved model lies and what it may be."""

    names: tuple[str, ...] = Field(default=(), description="Default: the task's name")
    formats: tuple[ArtifactFormat, ...] = tuple(ArtifactFormat)
    max_size: FileSize = 50_000_000


class InputPart(Strict):
    """One of ``contract: inputs:``."""

    shape: Shape
    dtype: DtypeName = "float32"


class OutputPart(Strict):
    """One of ``contract: outputs:``."""

    shape: Shape
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
