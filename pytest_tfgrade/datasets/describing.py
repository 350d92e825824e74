"""Reading what ``dataset.yaml`` says, without opening a data file."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pytest_tfgrade.core.errors import DatasetError
from pytest_tfgrade.datasets.description import (
    FOLDER_LIST,
    Description,
    FilesDescription,
    GeneratedDescription,
    by_keys,
)
from pytest_tfgrade.datasets.functions import in_file
from pytest_tfgrade.datasets.interface import Loader
from pytest_tfgrade.datasets.loaders import FOLDER, LOADERS, ending
from pytest_tfgrade.datasets.splitting import public_rows
from pytest_tfgrade.documents import (
    Document,
    Invalid,
    Location,
    Problem,
    read_document,
    shown,
    suggestion,
    validate,
)

FILE_NAME: Final = "dataset.yaml"
"""The description inside a dataset's folder."""


def read_description(
    folder: Path, *, loaders: Mapping[str, Loader] = LOADERS
) -> Description:
    """Return what a dataset's ``dataset.yaml`` says; opens no data file.

    Args:
        folder: Of the dataset.
        loaders: What opens files, by their endings in lower case.

    Raises:
        DatasetError: It says something wrong, or a file is missing or empty; with
            all problems at once.
    """
    with dataset_errors():
        return described(folder, loaders)[1]


@contextmanager
def dataset_errors() -> Iterator[None]:
    """Turn an invalid document into an error that names the party at fault."""
    try:
        yield
    except Invalid as invalid:
        raise DatasetError(str(invalid)) from None


def described(
    folder: Path, loaders: Mapping[str, Loader]
) -> tuple[Document, FilesDescription | GeneratedDescription]:
    """Return a dataset's description, checked against the files beside it.

    Raises:
        Invalid: With all problems of the file; of the files beside it, if it is valid.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        others = [other.parent.name for other in folder.parent.glob(f"*/{FILE_NAME}")]
        way_out = suggestion(folder.name, others) if others else "create it"
        what = f"there is no evaluation dataset {folder.name!r}; {way_out}"
        raise Invalid([Problem(Location(path), what)])
    document = read_document(path)
    description = _validated(document)
    problems = [
        *_name_problems(folder, document, description),
        *_split_problems(document, description),
    ]
    if isinstance(description, GeneratedDescription):
        problems += _generator_problems(folder, document, description)
    else:
        problems += _file_problems(folder, document, description)
        problems += _field_problems(folder, document, description, loaders)
    if problems:
        raise Invalid(problems)
    return document, description


def _validated(document: Document) -> FilesDescription | GeneratedDescription:
    if isinstance(document.value, dict) and "generator" in document.value:
        return validate(document, GeneratedDescription)
    return validate(document, FilesDescription)


def _name_problems(
    folder: Path, document: Document, description: Description
) -> Iterator[Problem]:
    name = folder.resolve().name
    if description.dataset != name:
        what = f"is called {description.dataset!r} in the folder {name!r}; rename one"
        yield Problem(document.locate(("dataset",)), what)
    if description.notice and not (folder / description.notice).is_file():
        what = f"there is no file {description.notice!r}; add it"
        yield Problem(document.locate(("notice",)), what)


def _split_problems(document: Document, description: Description) -> Iterator[Problem]:
    public, rows = description.public, description.rows
    if public is None:
        if "public_seed" in description.model_fields_set:
            what = "there is no 'public' whose rows it could choose; add it"
            yield Problem(document.locate(("public_seed",), at_key=True), what)
        return
    count = public_rows(rows, public)
    if not 0 < count < rows:
        part, way_out = ("final", "less") if count else ("public", "more")
        what = f"{shown(public)} of {rows} rows leaves none that is {part}"
        yield Problem(document.locate(("public",)), f"{what}; write {way_out}")


def _generator_problems(
    folder: Path, document: Document, description: GeneratedDescription
) -> Iterator[Problem]:
    file = in_file(description.generator.function)
    if file is not None and not (folder / file).is_file():
        place = document.locate(("generator", "function"))
        yield Problem(place, f"there is no file {file!r}; add it")


def _file_problems(
    folder: Path, document: Document, description: FilesDescription
) -> Iterator[Problem]:
    for file in description.files:
        place = document.locate(("files", file), at_key=True)
        if not (folder / file).is_file():
            yield Problem(place, f"there is no file {file!r}; add it")
        elif (folder / file).stat().st_size == 0:
            yield Problem(place, f"the file {file!r} is empty; restore it")


def _field_problems(
    folder: Path,
    document: Document,
    description: FilesDescription,
    loaders: Mapping[str, Loader],
) -> Iterator[Problem]:
    for keys, field in by_keys(description.inputs, description.targets):
        place = document.locate((*keys, "file"))
        if description.is_folder(field.file):
            continue
        if field.file not in description.files:
            is_folder = (folder / field.file).is_dir()
            listed = f"{field.file}/{FOLDER_LIST}" if is_folder else field.file
            what = f"there is no sha256 of {listed!r}; add it under 'files'"
            yield Problem(place, what)
        elif ending(field.file, loaders) is None:
            endings = ", ".join(e for e in loaders if e != FOLDER)
            what = f"{field.file!r} is of no known format; use one of {endings}"
            yield Problem(place, what)
