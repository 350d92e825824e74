"""Reading evaluation datasets: from files, checksums first, or from a generator."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pytest_tfgrade.datasets.blocks import Blocks
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
from pytest_tfgrade.datasets.fitting import Fitted, Fitting, Keep
from pytest_tfgrade.datasets.generating import generated
from pytest_tfgrade.datasets.hidden import Array, HiddenArrays
from pytest_tfgrade.datasets.interface import (
    EvaluationDataset,
    Loader,
    Source,
    Unfit,
    frozen_mask,
)
from pytest_tfgrade.datasets.loaders import FOLDER, LOADERS, ending
from pytest_tfgrade.datasets.splitting import public_mask, public_rows
from pytest_tfgrade.documents import Document, Invalid, Problem


def load_dataset(
    folder: Path,
    *,
    seed: int | None = None,
    loaders: Mapping[str, Loader] = LOADERS,
    keep: Keep | None = None,
) -> EvaluationDataset:
    """Return a dataset, complete and checked.

    Every file's sha256 is checked before any of them is opened.
    Arrays are read, checked and kept some rows at a time.

    Args:
        folder: Of the dataset.
        seed: Given to the generator in place of the described one; renews the data.
        loaders: What opens files, by their endings in lower case.
        keep: Says by an input's name who keeps it; None: nobody, it is checked only.
            The dataset has no inputs then, but reads them again if they are asked for.

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
            found = generated(folder, document, description, used, keep)
        elif seed is not None:
            what = "there is no 'generator' that could take a seed; leave the seed out"
            raise Invalid([Problem(document.locate(("files",), at_key=True), what)])
        else:
            require_unchanged(folder, document, description)
            found = _Reading(folder, document, description, loaders, keep).fitted()

    def again() -> HiddenArrays:
        return load_dataset(folder, seed=seed, loaders=loaders).inputs

    return EvaluationDataset(
        name=description.dataset,
        rows=description.rows,
        inputs=HiddenArrays(found.inputs)
        if keep is None
        else HiddenArrays.later(again),
        targets=HiddenArrays(found.targets),
        sha256=found.sha256,
        public=_public(description),
        ranges={n: p.range for n, p in description.inputs.items() if p.range},
        classes={n: p.classes for n, p in description.targets.items() if p.classes},
    )


def _public(description: Description) -> NDArray[np.bool_] | None:
    if description.public is None:
        return None
    count = public_rows(description.rows, description.public)
    mask = public_mask(description.rows, count, description.public_seed)
    return frozen_mask(mask, description.rows, description.dataset)


class _Reading:
    """Reads every field of a dataset and gathers what is wrong with them."""

    def __init__(
        self,
        folder: Path,
        document: Document,
        description: FilesDescription,
        loaders: Mapping[str, Loader],
        keep: Keep | None,
    ) -> None:
        self._folder = folder
        self._description = description
        self._fields = by_keys(description.inputs, description.targets)
        self._loaders = loaders
        self._fitting = Fitting(document, description.rows, keep)

    def fitted(self) -> Fitted:
        """Return inputs and targets by their names.

        Raises:
            Invalid: With a problem for each thing that is not as described.
        """
        sources = self._sources()
        for keys, field in self._fields:
            if field.file not in sources:
                continue
            blocks = self._blocks(sources[field.file], keys, field)
            if blocks is not None:
                subject = f"{field.file}, {field.label}"
                try:
                    self._fitting.fit(blocks, keys, field, subject)
                except Unfit as unfit:
                    self._unfit(keys, field, unfit)
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

    def _blocks(
        self, source: Source, keys: tuple[str, str], field: FieldDescription
    ) -> Blocks | None:
        """Return a field's array as its file has it, or note why there is none."""
        try:
            found = source.read(field)
            if not isinstance(found, Blocks):
                return Blocks.of(np.asarray(found))
            return replace(found, parts=_watched(found))
        except Unfit as unfit:
            self._unfit(keys, field, unfit)
        except (Invalid, OSError):
            raise
        except Exception as error:  # a plug-in's loader may raise anything
            self._fitting.add((*keys, "field"), _failure(field.file, error))
        return None

    def _unfit(
        self, keys: tuple[str, str], field: FieldDescription, unfit: Unfit
    ) -> None:
        self._fitting.add((*keys, unfit.key), f"{field.file}: {unfit}")

    def _is_folder(self, file: str) -> bool:
        return self._description.is_folder(file)

    def _loader(self, file: str) -> Loader:
        key = FOLDER if self._is_folder(file) else ending(file, self._loaders)
        return self._loaders[key or ""]  # that there is one was checked before


def _watched(blocks: Blocks) -> Iterator[Array]:
    """Yield the blocks of a loader, which may be a plug-in's and raise anything.

    Raises:
        Unfit: They are not what was announced, or the loader failed.
    """
    try:
        yield from _as_announced(blocks) if blocks.shape else blocks.parts
    except (Unfit, Invalid, OSError):
        raise
    except Exception as error:
        raise Unfit(_failed(error)) from None


def _as_announced(blocks: Blocks) -> Iterator[Array]:
    """Yield the blocks; a mistake in them is a ``ValueError``."""
    rows = 0
    for block in blocks.parts:
        rows += len(block)
        if (block.dtype, block.shape[1:]) != (blocks.dtype, blocks.shape[1:]):
            announced = f"{blocks.dtype} {blocks.shape[1:]}"
            raise ValueError(f"{block.dtype} {block.shape[1:]}, not {announced}")
        if rows <= blocks.shape[0]:
            yield block
    if rows != blocks.shape[0]:
        raise ValueError(f"{rows} rows, not {blocks.shape[0]}")


def _failure(file: str, error: Exception) -> str:
    return f"{file}: {_failed(error)}"


def _failed(error: Exception) -> str:
    what = "its loader failed; correct the file or the loader"
    return f"{what}:\n{last_lines(error)}"
