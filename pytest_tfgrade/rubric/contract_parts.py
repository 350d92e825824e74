"""``contract``: the types behind its YAML, and what they cannot say themselves."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Final

import numpy as np
from pydantic import BeforeValidator, Field, WithJsonSchema

from pytest_tfgrade.core.contract import (
    Contract,
    DtypeName,
    InputSpec,
    OutputKind,
    OutputSpec,
    Side,
    Standardize,
    WordIds,
)
from pytest_tfgrade.documents import Strict, shown
from pytest_tfgrade.documents.document import KeyPath
from pytest_tfgrade.rubric.values import Flag, NamedVocabulary, Real, Shape, Whole

_MOST: Final = 1_000_000_000
"""No vocabulary has more words; and all ids are numbers of int32."""

Id = Annotated[
    Whole,
    Field(ge=0, le=_MOST),
    WithJsonSchema({"type": "integer", "minimum": 0, "maximum": _MOST}),
]
"""A number that stands for a word."""

Length = Annotated[
    Whole,
    Field(ge=1, le=_MOST),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": _MOST}),
]
"""Ids of each text."""


class IdsPart(Strict):
    """``ids``: how texts become ids of words, for models that take numbers."""

    vocabulary: NamedVocabulary
    length: Length
    padding: Side = Field(description="Where a short text is filled up")
    truncation: Side = Field(description="Where a long text loses words")
    pad: Id = 0
    unknown: Id = 1
    first: Id = Field(default=2, description="The id of the vocabulary's first word")
    standardize: Standardize = Standardize.LOWER_AND_STRIP_PUNCTUATION

    def bound(self) -> WordIds:
        """Return it as a plain value."""
        return WordIds(
            words=self.vocabulary,
            length=self.length,
            padding=self.padding,
            truncation=self.truncation,
            pad=self.pad,
            unknown=self.unknown,
            first=self.first,
            standardize=self.standardize,
        )


def _both_ends(value: object) -> object:
    """Refuse a number that stands alone, for it says not which end it is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    what = f"must be the least and the largest value, got {shown(value)}"
    raise ValueError(f"{what}; write {shown([0, value] if value > 0 else [0, 255])}")


class InputPart(Strict):
    """One of ``contract: inputs:``."""

    shape: Shape
    dtype: DtypeName = "float32"
    exact: Flag = Field(
        default=False, description="Whether models must declare this shape and dtype"
    )
    range: Annotated[tuple[Real, Real] | None, BeforeValidator(_both_ends)] = Field(
        default=None, description="The least and the largest value"
    )
    ids: IdsPart | None = Field(
        default=None, description="Of texts: what models get that take numbers"
    )

    def bound(self) -> InputSpec:
        """Return it as a plain value."""
        return InputSpec(
            shape=self.shape,
            dtype=self.dtype,
            exact=self.exact,
            range=self.range,
            ids=self.ids.bound() if self.ids else None,
        )


class OutputPart(Strict):
    """One of ``contract: outputs:``."""

    shape: Shape
    kind: OutputKind = OutputKind.ANY
    last_step: Flag = Field(
        default=False, description="Whether of a sequence the last step counts"
    )

    def bound(self) -> OutputSpec:
        """Return it as a plain value."""
        return OutputSpec(shape=self.shape, kind=self.kind, last_step=self.last_step)


class ContractPart(Strict):
    """``contract``: what the model takes and returns."""

    inputs: Mapping[str, InputPart] = Field(min_length=1)
    outputs: Mapping[str, OutputPart] = Field(min_length=1)

    def bound(self) -> Contract:
        """Return it as a plain value."""
        return Contract(
            inputs={name: part.bound() for name, part in self.inputs.items()},
            outputs={name: part.bound() for name, part in self.outputs.items()},
        )


def contract_problems(part: ContractPart) -> Iterator[tuple[KeyPath, str]]:
    """Yield the keys under ``contract`` that contradict others, and why."""
    for name, given in part.inputs.items():
        for keys, text in (*_range_problems(given), *_ids_problems(given)):
            yield ("inputs", name, *keys), text


def _range_problems(part: InputPart) -> Iterator[tuple[KeyPath, str]]:
    if part.range is None:
        return
    low, high = part.range
    if part.dtype in {"string", "bool"}:
        yield ("range",), f"values of dtype {part.dtype} have no range; remove it"
    elif low >= high:
        text = f"the least value stands first, got [{low:g}, {high:g}]"
        yield ("range",), f"{text}; write it as [0, 255]"
    elif np.dtype(part.dtype).kind in "iu":
        least, most = np.iinfo(part.dtype).min, np.iinfo(part.dtype).max
        if low < least or high > most:
            text = f"{part.dtype} goes from {least} to {most}"
            yield ("range",), f"{text}, got [{low:g}, {high:g}]; correct one"


def _ids_problems(part: InputPart) -> Iterator[tuple[KeyPath, str]]:
    ids = part.ids
    if ids is None:
        return
    if part.dtype != "string":
        text = f"only texts become ids of words, and this is {part.dtype}"
        yield ("ids",), f"{text}; write dtype: string, or remove ids"
    elif part.shape not in {(None,), (None, 1)}:
        text = f"each example must be one text, got the shape {shown(list(part.shape))}"
        yield ("ids",), f"{text}; write [null, 1]"
    if part.exact:
        text = "a model that takes ids does not declare texts"
        yield ("exact",), f"{text}; remove exact or ids"
    last = ids.first + len(ids.vocabulary) - 1
    if ids.pad == ids.unknown:
        text = f"pad and unknown are the same id, {ids.pad}"
        key = "unknown" if "unknown" in ids.model_fields_set else "pad"
        yield ("ids", key), f"{text}; correct one"
    for key, id_ in (("pad", ids.pad), ("unknown", ids.unknown)):
        if ids.first <= id_ <= last:
            text = f"{id_} is the id of a word, which are {ids.first} to {last}"
            at = ("ids", key) if key in ids.model_fields_set else ("ids", "first")
            yield at, f"{key} {text}; correct {key} or first"
