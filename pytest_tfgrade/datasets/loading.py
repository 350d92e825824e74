"""Reading evaluation datasets: checksums first, then every field."""

from pathlib import Path

from pytest_tfgrade.datasets.checksums import require_unchanged
from pytest_tfgrade.datasets.describing import dataset_errors, described
from pytest_tfgrade.datasets.description import (
    FOLDER_LIST,
    Description,
    FieldDescription,
)
from pytest_tfgrade.datasets.fitting import converted, misfits
from pytest_tfgrade.datasets.hidden import Array, HiddenArrays, digest
from pytest_tfgrade.datasets.interface import EvaluationDataset, Source, Unfit
from pytest_tfgrade.datasets.loaders import FOLDER, LOADERS, ending
from pytest_tfgrade.documents import Document, Invalid, Problem


def load_dataset(folder: Path) -> EvaluationDataset:
    """Return a dataset, complete and checked.

    Every file's sha256 is checked before any of them is opened.

    Raises:
        DatasetError: A file has changed, or does not hold what the description
            says; with all problems at once, and without a hidden value.
    """
    with dataset_errors():
        document, description = described(folder)
        require_unchanged(folder, document, description)
        arrays = _Reading(folder, document, description).arrays()
    inputs, targets = (
        HiddenArrays({name: arrays[role, name] for name in fields})
        for role, fields in (
            ("inputs", description.inputs),
            ("targets", description.targets),
        )
    )
    return EvaluationDataset(
        name=description.dataset,
        rows=description.rows,
        inputs=inputs,
        targets=targets,
        sha256=digest(inputs, targets),
    )


class _Reading:
    """Reads every field of a dataset and gathers what is wrong with them."""

    def __init__(
        self, folder: Path, document: Document, description: Description
    ) -> None:
        self.folder = folder
        self.document = document
        self.description = description
        self.problems: list[Problem] = []

    def arrays(self) -> dict[tuple[str, str], Array]:
        """Return the array of each field, by its role and name.

        Raises:
            Invalid: With a problem for each thing that is not as described.
        """
        sources = self._sources()
        arrays = {}
        for keys, field in self.description.fields():
            if field.file not in sources:
                continue
            array = self._array(sources[field.file], keys, field)
            if array is not None:
                arrays[keys] = array
        if self.problems:
            raise Invalid(self.problems)
        return arrays

    def _sources(self) -> dict[str, Source]:
        """Open each file once, however many fields it holds."""
        sources = {}
        for file in dict.fromkeys(f.file for _, f in self.description.fields()):
            is_folder = self.description.is_folder(file)
            loader = LOADERS[FOLDER if is_folder else ending(file)]
            try:
                sources[file] = loader(self.folder / file)
            except Unfit as unfit:
                listed = f"{file}/{FOLDER_LIST}" if is_folder else file
                self._add(("files", listed), f"{file}: {unfit}")
        return sources

    def _array(
        self, source: Source, keys: tuple[str, str], field: FieldDescription
    ) -> Array | None:
        """Return a field's array, or note why there is none."""
        subject = field.file
        try:
            found = source.read(field)
            subject = f"{field.file}, {field.label}"
            array = converted(found, field)
        except Unfit as unfit:
            self._add((*keys, unfit.key), f"{subject}: {unfit}")
            return None
        finite = keys[0] == "targets"
        for misfit in misfits(array, field, self.description.rows, finite=finite):
            at = ("rows",) if misfit.key is None else (*keys, misfit.key)
            self._add(at, f"{subject}: {misfit.text}")
        return array

    def _add(self, keys: tuple[str, ...], text: str) -> None:
        self.problems.append(Problem(self.document.locate(keys), text))
