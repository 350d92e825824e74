"""What ``dataset.yaml`` says of an evaluation dataset."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field

from pytest_tfgrade.datasets.fields import (
    ArrayDescription,
    Count,
    FieldDescription,
    FileName,
    InNoFile,
    ReturnedDescription,
    Text,
)
from pytest_tfgrade.datasets.functions import is_function_name
from pytest_tfgrade.documents import Strict, shown

FOLDER_LIST: Final = "SHA256SUMS"
"""The file inside a folder that lists the checksums of the others."""

_GREATEST_PUBLIC_SEED: Final = 2**32 - 1
"""What NumPy's frozen random stream takes."""


def _is_sha256(value: object) -> bool:
    return isinstance(value, str) and bool(re.fullmatch("[0-9a-f]{64}", value))


def _of_file(value: Any) -> Any:  # noqa: ANN401 - any YAML
    if not _is_sha256(value):
        raise ValueError("is not a sha256; write the 64 digits that sha256sum prints")
    return value


def _of_data(value: Any) -> Any:  # noqa: ANN401 - any YAML
    if not _is_sha256(value):
        raise ValueError("is not a sha256; write its 64 digits or leave it out")
    return value


def _function(name: str) -> str:
    if not is_function_name(name):
        raise ValueError(
            f"{name!r} is no function; write FILE.py:NAME or package.module:NAME"
        )
    return name


def _options(options: dict[str, Any]) -> dict[str, Any]:
    if "seed" in options:
        raise ValueError("'seed' is no option; write it beside 'options'")
    return options


def _public(value: Any) -> int | float:  # noqa: ANN401 - any YAML
    match value:
        case bool():
            pass
        case int() if value > 0:
            return value
        case float() if 0 < value < 1:
            return value
    text = "must be a number of rows, as 150, or a share between 0 and 1, as 0.3"
    got = value if isinstance(value, float) else shown(value)  # 1.0 is not 1 here
    raise ValueError(f"{text}, got {got}")


Sha256OfFile = Annotated[str, BeforeValidator(_of_file)]
Sha256OfData = Annotated[str, BeforeValidator(_of_data)]


class GeneratorDescription(Strict):
    """The function that makes a dataset, and what it is called with."""

    function: Annotated[str, AfterValidator(_function)]
    """``FILE.py:NAME`` beside ``dataset.yaml``, or ``package.module:NAME``."""

    seed: Annotated[int, Field(strict=True, ge=0)]
    """Given as ``seed``; another seed renews the data."""

    options: Annotated[dict[str, Any], AfterValidator(_options)] = Field(
        default_factory=dict
    )
    """Given as keyword arguments."""

    sha256: Sha256OfData | None = None
    """Of what it returns for this seed, as ``EvaluationDataset.sha256`` says."""


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

    rows: Count
    """Number of examples."""

    public: Annotated[int | float | None, BeforeValidator(_public)] = None
    """How many rows are public, or which share; None: the rows are not split."""

    public_seed: Annotated[int, Field(strict=True, ge=0, le=_GREATEST_PUBLIC_SEED)] = 0
    """Chooses which rows are public."""

    generator: GeneratorDescription | None = None
    """What makes the data; None: they lie in files."""

    inputs: Mapping[str, ArrayDescription]
    """What models are given."""

    targets: Mapping[str, ArrayDescription]
    """What predictions are measured against."""


class FilesDescription(Description):
    """An evaluation dataset that lies in files."""

    files: Annotated[dict[FileName, Sha256OfFile], Field(min_length=1)]
    """The sha256 of every file that is read; of a folder, of its list."""

    inputs: Annotated[dict[str, FieldDescription], Field(min_length=1)]
    targets: Annotated[dict[str, FieldDescription], Field(min_length=1)]

    def is_folder(self, file: str) -> bool:
        """Return whether a field's file is a folder, listed by its checksums."""
        return f"{file}/{FOLDER_LIST}" in self.files


class GeneratedDescription(Description):
    """An evaluation dataset that a generator makes."""

    files: InNoFile = None
    """Never given."""

    generator: GeneratorDescription
    inputs: Annotated[dict[str, ReturnedDescription], Field(min_length=1)]
    targets: Annotated[dict[str, ReturnedDescription], Field(min_length=1)]


Part = TypeVar("Part", bound=ArrayDescription)


def by_keys(
    inputs: Mapping[str, Part], targets: Mapping[str, Part]
) -> list[tuple[tuple[str, str], Part]]:
    """Return every input and target with its keys in the file."""
    return [
        ((role, name), part)
        for role, parts in (("inputs", inputs), ("targets", targets))
        for name, part in parts.items()
    ]
