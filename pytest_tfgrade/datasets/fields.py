"""What ``dataset.yaml`` says of one input or target."""

from pathlib import PurePosixPath
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StringConstraints,
    model_validator,
)
from pydantic.json_schema import SkipJsonSchema

from pytest_tfgrade.core.contract import DtypeName
from pytest_tfgrade.documents import Strict


def _file_name(name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or str(path) != name or name == ".":
        raise ValueError(f"{name!r} is not a file beside dataset.yaml; name one")
    return name


def _field_names(value: Any) -> Any:  # noqa: ANN401 - any YAML
    names = value if isinstance(value, list) else [value]
    if not names or not all(isinstance(name, str) and name for name in names):
        raise ValueError(f"must be a name or a list of names, got {value!r}")
    return value


def _range(bounds: tuple[float, float]) -> tuple[float, float]:
    if not bounds[0] <= bounds[1]:
        raise ValueError("the lower bound stands first; swap the two")
    return bounds


def _in_no_file(_: Any) -> None:  # noqa: ANN401 - any YAML
    raise ValueError("a generator stands in place of files; remove one of the two")


Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Count = Annotated[int, Field(strict=True, gt=0)]
FileName = Annotated[str, AfterValidator(_file_name)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
InNoFile = Annotated[SkipJsonSchema[None], BeforeValidator(_in_no_file)]
"""A key that means files, where there are none."""


class ArrayDescription(Strict):
    """One input or target: what it holds, wherever it comes from."""

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

    @model_validator(mode="after")
    def _texts_have_no_numbers(self) -> Self:
        if self.dtype == "string" and (self.range or self.classes):
            raise ValueError("texts have no 'range' and no 'classes'; remove them")
        return self


class FieldDescription(ArrayDescription):
    """An input or target that a file holds."""

    file: FileName
    """The file that holds it, or a folder of images."""

    field: Annotated[str | tuple[str, ...], BeforeValidator(_field_names)]
    """Array, column or columns, key; ``image`` or ``label`` of a folder of images."""

    @property
    def names(self) -> tuple[str, ...]:
        """The field's names; several make up the last axis."""
        return (self.field,) if isinstance(self.field, str) else self.field

    @property
    def label(self) -> str:
        """The field's names in a message."""
        first, *others = self.names
        return f"{first!r} and {len(others)} more" if others else repr(first)


class ReturnedDescription(ArrayDescription):
    """An input or target that a generator returns by its name."""

    file: InNoFile = None
    """Never given."""

    field: InNoFile = None
    """Never given."""
