"""Reading evaluation datasets: from files, checksums first, or from a generator."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pytest_tfgrade.datasets.checksums import require_unchanged
from pytest_tfgrade.datasets.describing import dataset_errors, described
from pytest_tfgrade.datasets.description import (
    FOLDER_LIST,
    Description,
    FilesDescription,
    GeneratedDescription,
    by_keys,
)
from pytest_tfgrade.datasets.failures import last_lines
from pytest_tfgrade.datasets.fields import FieldDescription
from pytest_tfgrade.datasets.fitting import Fitting
from pytest_tfgrade.datasets.generating import generated
from pytest_tfgrade.datasets.hidden import Array
from pytest_tfgrade.datasets.interface import EvaluationDataset, Loader, Source, Unfit
from pytest_tfgrade.datasets.loaders import FOLDER, LOADERS, ending
from pytest_tfgrade.datasets.splitting import public_mask, public_rows
from pytest_tfgrade.documents import Document, Invalid, Problem


def load_dataset(
    folder: Path,
    *,
    seed: int | None = None,
    loaders: Mapping[str, Loader] = LOADERS,
) -> EvaluationDataset:
    """Return a dataset, complete and checked.

    Every file's sha256 is checked before any of them is opened.

    Args:
        folder: Of the dataset.
        seed: Given to the generator in place of the described one; renews the data.
        loaders: What opens files, by their endings in lower case.

    Raises:
        DatasetError: A file has changed, or file or generator do not hold what the
            description says; with all problems at once, and without a hidden value,
            except what a generator or loader says by an exception of its own. Or a
            seed is given and there is no generator.
    """
    with dataset_errors():
        document, description = described(folder, loaders)
        if isinstance(description, GeneratedDescription):
            used = description.generator.seed if seed is None else seed
            inputs, targets = generated(folder, document, description, used)
        elif seed is not None:
            what = "there is no 'generator' that could take a seed; leave the seed out"
            raise Invalid([Problem(document.locate(("files",), at_key=True), what)])
        else:
            require_unchanged(folder, document, description)
            reading = _Reading(folder, document, description, loaders)
            inputs, targets = reading.arrays()
    return EvaluationDataset.of(
        description.dataset,
        inputs,
        targets,
        public=_public(description),
        ranges={n: p.range for n, p in description.inputs.items() if p.range},
    )


def _public(description: Description) -> NDArray[np.bool_] | None:
    if description.public is None:
        return None
    count = public_rows(description.rows, description.public)
    return public_mask(description.rows, count, description.public_seed)


class _Reading:
    """Reads every field of a dataset and gathers what is wrong with them."""

    def __init__(
        self,
        folder: Path,
        document: Document,
        description: FilesDescription,
        loaders: Mapping[str, Loader],
    ) -> None:
        self._folder = folder
        self._description = description
        self._fields = by_keys(description.inputs, description.targets)
        self._loaders = loaders
        self._fitting = Fitting(document, description.rows)

    def arrays(self) -> tuple[dict[str, Array], dict[str, Array]]:
        """Return inputs and targets by their names.

        Raises:
            Invalid: With a problem for each thing that is not as described.
        """
        sources = self._sources()
        for keys, field in self._fields:
            if field.file not in sources:
                continue
            array = self._array(sources[field.file], keys, field)
            if array is not None:
                subject = f"{field.file}, {field.label}"
                self._fitting.fit(array, keys, field, subject)
        return self._fitting.result()

    def _sources(self) -> dict[str, Source]:
        """Open each file once, however many fields it holds."""
        sources = {}
        for file in dict.fromkeys(field.file for _, field in self._fields):
            listed = f"{file}/{FOLDER_LIST}" if self._is_folder(file) else file
            try:
                sources[file] = self._loader(file)(self._folder / file)
            except Unfit as unfit:
                self._fitting.add(("files", listed), f"{file}: {unfit}")
            except (Invalid, OSError):
                raise
            except Exception as error:  # a plug-in's loader may raise anything
                self._fitting.add(("files", listed), _failure(file, error))
        return sources

    def _array(
        self, source: Source, keys: tuple[str, str], field: FieldDescription
    ) -> Array | None:
        """Return a field's array as its file has it, or note why there is none."""
        try:
            return np.asarray(source.read(field))
        except Unfit as unfit:
            self._fitting.add((*keys, unfit.key), f"{field.file}: {unfit}")
        except (Invalid, OSError):
            raise
        except Exception as error:  # a plug-in's loader may raise anything
            self._fitting.add((*keys, "field"), _failure(field.file, error))
        return None

    def _is_folder(self, file: str) -> bool:
        return self._description.is_folder(file)

    def _loader(self, file: str) -> Loader:
        key = FOLDER if self._is_folder(file) else ending(file, self._loaders)
        return self._loaders[key or ""]  # that there is one was checked before


def _failure(file: str, error: Exception) -> str:
    what = f"{file}: its loader failed; correct the file or the loader"
    return f"{what}:\n{last_lines(error)}"
