"""What ``dataset.yaml`` says of an evaluation dataset."""

import re
from pathlib import PurePosixPath
from typing import Annotated, Any, Final, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StringConstraints,
    model_validator,
)

from pytest_tfgrade.core.contract import DtypeName
from pytest_tfgrade.documents import Strict

FOLDER_LIST: Final = "SHA256SUMS"
"""The file inside a folder that lists the checksums of the others."""


def _file_name(name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or str(path) != name or name == ".":
        raise ValueError(f"{name!r} is not a file beside dataset.yaml; name one")
    return name


def _sha256(value: Any) -> str:  # noqa: ANN401 - any YAML
    if not isinstance(value, str) or not re.fullmatch("[0-9a-f]{64}", value):
        raise ValueError("is not a sha256; write the 64 digits that sha256sum prints")
    return value


def _field_names(value: Any) -> Any:  # noqa: ANN401 - any YAML
    names = value if isinstance(value, list) else [value]
    if not names or not all(isinstance(name, str) and name for name in names):
        raise ValueError(f"must be a name or a list of names, got {value!r}")
    return value


def _range(bounds: tuple[float, float]) -> tuple[float, float]:
    if not bounds[0] <= bounds[1]:
        raise ValueError("the lower bound stands first; swap the two")
    return bounds


Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Count = Annotated[int, Field(strict=True, gt=0)]
FileName = Annotated[str, AfterValidator(_file_name)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]


class FieldDescription(Strict):
    """One input or target: where it stands and what it holds."""

    file: FileName
    """The file that holds it, or a folder of images."""

    field: Annotated[str | tuple[str, ...], BeforeValidator(_field_names)]
    """Array, column or columns, key; ``image`` or ``label`` of a folder of images."""

    dtype: DtypeName
    """A NumPy dtype name, or ``string``."""

    shape: tuple[Count, ...]
    """Of one example, without the batch axis."""

    unit: Text | None = None
    """What the numbers mean, for people."""

    range: Annotated[tuple[Number, Number], AfterValidator(_range)] | None = None
    """The least and the greatest value; both occur at most."""

    classes: Annotated[tuple[Text, ...], Field(min_length=2)] | None = None
    """What the labels 0, 1, 2, ... mean."""

    @property
    def names(self) -> tuple[str, ...]:
        """The field's names; several make up the last axis."""
        return (self.field,) if isinstance(self.field, str) else self.field

    @property
    def label(self) -> str:
        """The field's names in a message."""
        first, *others = self.names
        return f"{first!r} and {len(others)} more" if others else repr(first)

    @model_validator(mode="after")
    def _texts_have_no_numbers(self) -> Self:
        if self.dtype == "string" and (self.range or self.classes):
            raise ValueError("texts have no 'range' and no 'classes'; remove them")
        return self


class Description(Strict):
    """An evaluation dataset as ``dataset.yaml`` describes it; holds no data."""

    dataset: Text
    """Its name, the same as the folder's."""

    title: Text
    """One line for people."""

    source: Text
    """Where the data come from and how they were made."""

    license: Text
    """An SPDX expression."""

    notice: FileName | None = None
    """A file with the notices that the license asks for."""

    files: Annotated[
        dict[FileName, Annotated[str, BeforeValidator(_sha256)]], Field(min_length=1)
    ]
    """The sha256 of every file that is read; of a folder, of its list."""

    rows: Count
    """Number of examples."""

    inputs: Annotated[dict[str, FieldDescription], Field(min_length=1)]
    """What models are given."""

    targets: Annotated[dict[str, FieldDescription], Field(min_length=1)]
    """What predictions are measured against."""

    def fields(self) -> list[tuple[tuple[str, str], FieldDescription]]:
        """Return every input and target with its keys in the file."""
        return [
            ((role, name), field)
            for role, fields in (("inputs", self.inputs), ("targets", self.targets))
            for name, field in fields.items()
        ]

    def is_folder(self, file: str) -> bool:
        """Return whether a field's file is a folder, listed by its checksums."""
        return f"{file}/{FOLDER_LIST}" in self.files
