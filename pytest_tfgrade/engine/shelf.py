"""Evaluation datasets of a run, each read once and laid out once for all models."""

import math
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np

from pytest_tfgrade.core.call import Transform
from pytest_tfgrade.core.contract import InputSpec, fits
from pytest_tfgrade.core.errors import DatasetError
from pytest_tfgrade.core.setup import Feeding
from pytest_tfgrade.datasets import LOADERS, EvaluationDataset, Loader, load_dataset
from pytest_tfgrade.datasets.hidden import Array, HiddenArrays
from pytest_tfgrade.documents import shown
from pytest_tfgrade.engine.lossless import casts, loss_of, lossy
from pytest_tfgrade.engine.stated_range import are_pixels, mapped, outside
from pytest_tfgrade.engine.word_ids import ids_of
from pytest_tfgrade.rubric import Rubric
from pytest_tfgrade.runner import SharedInputs

LoadDataset = Callable[[str, Path], EvaluationDataset | None]
"""Takes a dataset's name and folder; None leaves the dataset to ``load_dataset``."""

_InputsKey = tuple[str, str, Transform | None, frozenset[str]]


class Shelf:
    """Holds hidden data; gives inputs to the runner and targets to checks."""

    def __init__(
        self,
        data: Path,
        load: LoadDataset,
        loaders: Mapping[str, Loader] = LOADERS,
    ) -> None:
        """Read nothing yet.

        Args:
            data: The folder of evaluation datasets.
            load: Asked first for each dataset.
            loaders: What opens files, by their ending.
        """
        self._loaders = loaders
        self._data = data
        self._load = load
        self._lock = threading.Lock()
        self._datasets: dict[str, EvaluationDataset] = {}
        self._arrays: dict[tuple[str, str], HiddenArrays] = {}
        self._inputs: dict[_InputsKey, SharedInputs] = {}
        self._losses: dict[tuple[str, str, str, str], str | None] = {}

    def fetch(self, rubrics: Iterable[Rubric]) -> None:
        """Read the datasets of rubrics now, so that mistakes come before any model.

        Raises:
            DatasetError: A file is missing, changed, or not what it is said to be.
        """
        for rubric in rubrics:
            for name in rubric.datasets if rubric.runs_models else ():
                self.inputs(rubric, name)
                self.targets(rubric, name)

    def dataset(self, name: str) -> EvaluationDataset:
        """Return a dataset.

        Raises:
            DatasetError: It cannot be read as described.
        """
        with self._lock:
            if name not in self._datasets:
                folder = self._data / name
                found = self._load(name, folder)
                self._datasets[name] = found or _loaded(folder, self._loaders)
            return self._datasets[name]

    def arrays(self, rubric: Rubric, name: str) -> HiddenArrays:
        """Return a dataset's inputs that a rubric's contract names, shaped as it says.

        Raises:
            DatasetError: There is no such input, or it is of another type.
        """
        dataset = self.dataset(name)
        with self._lock:
            key = rubric.task, name
            if key not in self._arrays:
                self._arrays[key] = HiddenArrays(contract_inputs(dataset, rubric))
            return self._arrays[key]

    def inputs(
        self,
        rubric: Rubric,
        name: str,
        transform: Transform | None = None,
        as_ids: frozenset[str] = frozenset(),
    ) -> SharedInputs:
        """Return the same for the runner.

        Args:
            rubric: With the contract.
            name: Of the dataset.
            transform: What changes them, if anything does.
            as_ids: Inputs whose texts are given as ids of words, once changed.
        """
        arrays = self.arrays(rubric, name)
        with self._lock:
            key = rubric.task, name, transform, as_ids
            if key not in self._inputs:
                changed = transform.apply(arrays) if transform else arrays
                self._inputs[key] = SharedInputs(_with_ids(changed, rubric, as_ids))
            return self._inputs[key]

    def require_lossless(self, rubric: Rubric, name: str, feeding: Feeding) -> None:
        """Do nothing if a model gets every value of a dataset as it is.

        Raises:
            Ungradable: ``E_DTYPE``: a cast would lose something.
        """
        for input_, dtype in casts(feeding):
            key = rubric.task, name, input_, dtype
            if key not in self._losses:
                array = self.arrays(rubric, name)[input_]
                self._losses[key] = loss_of(array, dtype)
            loss = self._losses[key]
            if loss is not None:
                raise lossy(input_, rubric.contract.inputs[input_], dtype, loss)

    def targets(self, rubric: Rubric, name: str) -> dict[str, Array]:
        """Return the targets that a rubric's contract names."""
        dataset = self.dataset(name)
        return {name: _named(dataset, name) for name in rubric.contract.outputs}

    def close(self) -> None:
        """Give the shared memory back."""
        for inputs in self._inputs.values():
            inputs.close()
        self._inputs.clear()


def _loaded(folder: Path, loaders: Mapping[str, Loader]) -> EvaluationDataset:
    try:
        return load_dataset(folder, loaders=loaders)
    except OSError as error:
        where = error.filename or folder
        raise DatasetError(f"{where}: cannot be read: {error.strerror}") from None


def with_ids(
    arrays: Mapping[str, Array], rubric: Rubric, feeding: Feeding
) -> Mapping[str, Array]:
    """Return inputs with ids of words where a model takes these for texts."""
    as_ids = frozenset(name for name, feed in feeding.feeds.items() if feed.as_ids)
    return _with_ids(arrays, rubric, as_ids)


def _with_ids(
    arrays: Mapping[str, Array], rubric: Rubric, as_ids: frozenset[str]
) -> Mapping[str, Array]:
    specs = rubric.contract.inputs
    return {
        name: ids_of(array, ids)
        if name in as_ids and (ids := specs[name].ids)
        else array
        for name, array in arrays.items()
    }


def contract_inputs(dataset: EvaluationDataset, rubric: Rubric) -> dict[str, Array]:
    """Return a dataset's inputs as a rubric's contract wants them.

    Pixels are mapped to the range that the contract states.

    Raises:
        DatasetError: There is no such input, or it is of another type, or holds values
            outside of the range that the contract states.
    """
    return {
        name: _as_contract_says(dataset, name, spec)
        for name, spec in rubric.contract.inputs.items()
    }


def _as_contract_says(dataset: EvaluationDataset, name: str, spec: InputSpec) -> Array:
    """Return an input with a contract's dtype and its axes of size 1 at the end."""
    if name not in dataset.inputs:
        raise DatasetError(f"the dataset {dataset.name!r} has no input {name!r}")
    array = dataset.inputs[name]
    is_text = array.dtype.kind == "U"
    if is_text != (spec.dtype == "string") or not (
        is_text or np.can_cast(array.dtype, spec.dtype, casting="same_kind")
    ):
        held = "string" if is_text else array.dtype.name
        text = f"the dataset {dataset.name!r} holds {name!r} as {held}, "
        raise DatasetError(f"{text}which does not fit {spec.dtype}; correct one")
    extra = len(spec.shape) - array.ndim
    shape = array.shape + (1,) * extra if extra > 0 else array.shape[: len(spec.shape)]
    if math.prod(shape) != array.size or not fits(shape, spec.shape):
        text = f"one example of {name!r} in the dataset {dataset.name!r} has the shape "
        found, required = shown(list(array.shape[1:])), shown(list(spec.shape[1:]))
        raise DatasetError(f"{text}{found}, the contract says {required}; correct one")
    shaped = array.reshape(shape)
    return shaped if is_text else _in_range(dataset, name, shaped, spec)


def _in_range(
    dataset: EvaluationDataset, name: str, array: Array, spec: InputSpec
) -> Array:
    """Return numbers with a contract's dtype, in the range that it states."""
    if spec.range is None:
        return array.astype(spec.dtype, copy=False)
    if are_pixels(array.dtype.name, dataset.ranges.get(name), spec):
        return mapped(array, spec.range, spec.dtype)
    numbers: Array = array.astype(spec.dtype, copy=False)
    extreme = outside(numbers, spec.range)
    if extreme is not None:
        low, high = spec.range
        text = f"the dataset {dataset.name!r} holds {extreme:g} in {name!r}"
        promise = f"the contract promises {low:g} to {high:g}"
        raise DatasetError(f"{text}, {promise}; correct one")
    return numbers


def _named(dataset: EvaluationDataset, name: str) -> Array:
    if name not in dataset.targets:
        raise DatasetError(f"the dataset {dataset.name!r} has no target {name!r}")
    return dataset.targets[name]
