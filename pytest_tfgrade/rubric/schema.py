"""The types behind the YAML: what a rubric may say."""

import inspect
import types
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from functools import cache, reduce
from operator import or_
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self, Union, get_args, get_origin

from pydantic import (
    ConfigDict,
    Field,
    PydanticUserError,
    TypeAdapter,
    WithJsonSchema,
    create_model,
    model_validator,
)

from pytest_tfgrade.checks import Check, Needs
from pytest_tfgrade.core.limits import Limits
from pytest_tfgrade.core.submission import ArtifactFormat
from pytest_tfgrade.core.visibility import Visibility
from pytest_tfgrade.documents import Strict
from pytest_tfgrade.metrics import Metric
from pytest_tfgrade.rubric.code import described
from pytest_tfgrade.rubric.contract_parts import ContractPart
from pytest_tfgrade.rubric.values import (
    SOURCE_AS_KEYS,
    FileSize,
    Flag,
    FunctionName,
    Memory,
    NamedFile,
    NamedMetric,
    NamedSource,
    Number,
    Points,
    Real,
    SourceName,
    Text,
    Whole,
    Word,
)


class SourcePart(Strict):
    """``source``: the Python code that goes with an artifact."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"required": ["names"], "properties": {"names": {"minItems": 1}}},
                {"required": ["file"]},
            ]
        }
    )

    names: tuple[SourceName, ...] = Field(
        default=(), description="The candidate's, beside the artifact, without .py"
    )
    file: NamedSource | None = Field(
        default=None, description="The course's own, in place of the candidate's"
    )
    builds: FunctionName = Field(
        default="build_model",
        description="The function that returns the model that weights belong to",
    )

    @model_validator(mode="after")
    def _is_from_one_place(self) -> Self:
        if bool(self.names) == bool(self.file):
            what = "the code is the candidate's or the course's own"
            raise ValueError(f"{what}; write names: [model] or file: model.py")
        return self


class ArtifactPart(Strict):
    """``artifact``: where the saved model lies and what it may be."""

    names: tuple[str, ...] = Field(default=(), description="Default: the task's name")
    formats: tuple[ArtifactFormat, ...] = Field(
        default=(), min_length=1, description="Default: all; weights with a source only"
    )
    max_size: FileSize = 50_000_000
    source: Annotated[SourcePart | None, SOURCE_AS_KEYS] = None
    signature: Annotated[str, Field(min_length=1)] | None = Field(
        default=None, description="What is called of a SavedModel or TFLite file"
    )
    allow_lambda: Flag = Field(
        default=False,
        description="Whether Lambda layers may run, in the sandbox",
    )


_MOST_SECONDS: Final = 86_400
"""A day."""


class LimitsPart(Strict):
    """``limits``: what the model may use."""

    seconds: Annotated[
        Real,
        Field(gt=0, le=_MOST_SECONDS),
        WithJsonSchema(
            {"type": "number", "exclusiveMinimum": 0, "maximum": _MOST_SECONDS}
        ),
    ] = Limits().seconds
    memory: Memory = Limits().memory

    def bound(self) -> Limits:
        """Return it as a plain value."""
        return Limits(seconds=self.seconds, memory=self.memory)


class ReferencePart(Strict):
    """One of ``selftest: artifacts:``."""

    file: NamedFile
    points: Points = Field(description="What grading it must give")


class PredictorPart(Strict):
    """One of ``selftest: predictors:`` that takes options."""

    points: Points = Field(description="The most that it may earn")
    options: Mapping[str, Any] = {}


class SelfTestPart(Strict):
    """``selftest``: what the rubric must give for files and predictors known."""

    artifacts: tuple[ReferencePart, ...] = ()
    predictors: Mapping[str, Points | PredictorPart] = Field(
        default={}, description="Trivial predictors and the most that each may earn"
    )


class RubricFile(Strict):
    """A rubric; each of ``criteria`` is checked by the type of its own check."""

    task: Word
    title: Text | None = None
    description: Text | None = None
    dataset: Word | None = None
    artifact: ArtifactPart = ArtifactPart()
    contract: ContractPart | None = None
    limits: LimitsPart = LimitsPart()
    points: Points | None = Field(
        default=None, description="What the criteria must add up to; checked if given"
    )
    criteria: tuple[Mapping[str, Any], ...] = Field(min_length=1)
    selftest: SelfTestPart | None = None


class EntryPart(Strict):
    """What every criterion and every group may say."""

    id: Word
    title: Text | None = None
    points: Points | None = Field(
        default=None, description="Default: those of the best band, or 0"
    )
    requires: tuple[str, ...] = ()
    hint: Text | None = None
    skills: tuple[str, ...] = ()
    visibility: Visibility = Visibility.VISIBLE
    bonus: Flag = Field(
        default=False, description="Whether the points come on top of the possible"
    )


class IfUnknown(StrEnum):
    """What becomes of a criterion that a format holds no facts for."""

    SKIP = "skip"
    FAIL = "fail"


class CriterionPart(EntryPart):
    """What every criterion may say, whatever its check."""

    check: str
    if_unknown: IfUnknown = Field(
        default=IfUnknown.SKIP,
        description="What becomes of it if the format does not hold what it looks at",
    )
    penalty: Points | None = Field(
        default=None, description="What failing costs; in place of points"
    )


class PredictionPart(CriterionPart):
    """What a criterion may say if its check looks at predictions."""

    dataset: Word | None = Field(
        default=None, description="Default: the evaluation dataset of the rubric"
    )


class MeasuringPart(PredictionPart):
    """What a criterion may say if its check measures a value."""

    threshold: Number | None = Field(
        default=None, description="The bound that earns all points"
    )
    bands: Mapping[Number, Number] | None = Field(
        default=None, description="Points, and the bound that earns them"
    )
    curve: Mapping[Number, Number] | None = Field(
        default=None, description="Points and values; straight lines between them"
    )
    cases: Mapping[Word, Number] | None = Field(
        default=None, description="Evaluation datasets, and the bound on each"
    )


class GroupRule(StrEnum):
    """How the points of a group follow from those of its members."""

    SUM = "sum"  # all of them; `points` is the most that count
    MIN = "min"  # those of the worst member
    MAX = "max"  # those of the best member
    ANY = "any"  # the group's points, if one member passed
    ALL = "all"  # the group's points, if all members passed


class GroupPart(EntryPart):
    """A group of criteria."""

    group: GroupRule
    criteria: tuple[Mapping[str, Any], ...] = Field(min_length=1)


_YAML_TYPES: Final[Mapping[object, Any]] = {
    Metric: NamedMetric,
    Path: NamedFile,
    Decimal: Number,
    bool: Flag,
    int: Whole,
    float: Real,
}


@cache
def criterion_type(check: Check) -> type[CriterionPart]:
    """Return the type of criteria that name a check: its parameters are keys.

    Raises:
        ValueError: A parameter has the name of a key that every criterion has, or is
            annotated with what no value of a rubric can be.
    """
    base = base_type(check)
    fields: dict[str, Any] = {"check": (Literal[check.name], ...)}
    defaults = inspect.signature(check.function).parameters
    for parameter, hint in described(check.function).items():
        alias = parameter.removesuffix("_")
        if alias in base.model_fields:
            what = f"its parameter {alias!r} is a key that every criterion has"
            raise ValueError(f"{check.name} cannot be used: {what}; rename it")
        default = defaults[parameter].default
        required = default is inspect.Parameter.empty
        fields[f"p_{parameter}"] = (
            yaml_type(hint),
            Field(default=... if required else default, alias=alias),
        )
    try:
        return create_model(check.name, __base__=base, __doc__=check.title, **fields)
    except PydanticUserError:
        what = (
            f"its parameter {_unwritten(check)!r} is of a type that YAML does not have"
        )
        remedy = "annotate it with int, float, str, bool or lists of them"
        text = f"{check.name} cannot be used: {what}; {remedy}"
        raise ValueError(text) from None


def _unwritten(check: Check) -> str:
    """Return the parameter that is of a type that pydantic cannot check."""
    for parameter, hint in described(check.function).items():
        try:
            TypeAdapter(yaml_type(hint))
        except PydanticUserError:
            return parameter.removesuffix("_")
    raise AssertionError(f"all parameters of {check.name} have types that YAML has")


def base_type(check: Check) -> type[CriterionPart]:
    """Return what a criterion may say beside the parameters of its check."""
    if check.measures:
        return MeasuringPart
    return PredictionPart if check.needs is Needs.PREDICTIONS else CriterionPart


def yaml_type(hint: Any) -> Any:  # noqa: ANN401 - any annotation
    """Return how a value of a Python type is written in a rubric."""
    if get_origin(hint) in {Union, types.UnionType}:
        return reduce(or_, (yaml_type(member) for member in get_args(hint)))
    return _YAML_TYPES.get(hint, hint)


def parameters_of(check: Check, part: CriterionPart) -> dict[str, Any]:
    """Return the keyword arguments that a criterion gives its check."""
    return {name: getattr(part, f"p_{name}") for name in described(check.function)}
