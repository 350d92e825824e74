"""Evaluation datasets of a run, each read once and laid out once for all models."""

import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from pytest_tfgrade.core.call import Transform
from pytest_tfgrade.core.errors import DatasetError
from pytest_tfgrade.core.setup import Feeding
from pytest_tfgrade.datasets import LOADERS, EvaluationDataset, Loader, load_dataset
from pytest_tfgrade.datasets.hidden import Array, HiddenArrays
from pytest_tfgrade.engine.laying_out import Inputs, LaidOut, LayingOut
from pytest_tfgrade.engine.lossless import casts, loss_of, lossy
from pytest_tfgrade.engine.word_ids import ids_of
from pytest_tfgrade.rubric import Rubric
from pytest_tfgrade.runner import SharedInputs

LoadDataset = Callable[[str, Path], EvaluationDataset | None]
"""Takes a dataset's name and folder; None leaves the dataset to ``load_dataset``."""

_Form = tuple[tuple[str, object, str, object], ...]
"""What a contract says of its inputs that decides how they are laid out."""

_InputsKey = tuple[str, _Form, Transform | None, frozenset[object]]


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
        self._from_files: set[str] = set()
        self._laid_out: dict[tuple[str, _Form], LaidOut] = {}
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
                found = self._load(name, self._data / name)
                self._datasets[name] = found or self._read(name, None)
            return self._datasets[name]

    def _read(self, name: str, layout: LayingOut | None) -> EvaluationDataset:
        """Read files; inputs go to a layout, if there is one, and nowhere else."""
        folder = self._data / name
        keep = None if layout is None else layout.keeper
        try:
            return load_dataset(folder, loaders=self._loaders, keep=keep)
        except OSError as error:
            where = error.filename or folder
            raise DatasetError(f"{where}: cannot be read: {error.strerror}") from None

    def _laid(self, rubric: Rubric, name: str) -> LaidOut:
        """Return inputs as a contract wants them; read once for all that want them so.

        Of files, nothing else is kept. A dataset that has its inputs in memory, as
        plug-ins give it, keeps them.
        """
        inputs = rubric.contract.inputs
        with self._lock:
            key = name, _form(inputs)
            if key not in self._laid_out:
                self._laid_out[key] = self._lay_out(name, inputs)
            return self._laid_out[key]

    def _lay_out(self, name: str, inputs: Inputs) -> LaidOut:
        known = self._datasets.get(name) or self._load(name, self._data / name)
        if known is not None and name not in self._from_files:
            self._datasets[name] = known
            return _laid_out(known, inputs)
        layout = LayingOut(name, inputs)
        try:
            found = self._read(name, layout)
        except BaseException:
            layout.close()
            raise
        self._datasets.setdefault(name, found)
        self._from_files.add(name)
        return layout.done()

    def arrays(self, rubric: Rubric, name: str) -> HiddenArrays:
        """Return a dataset's inputs that a rubric's contract names, shaped as it says.

        Raises:
            DatasetError: There is no such input, or it is of another type.
        """
        return self._laid(rubric, name).arrays

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
        laid_out, specs = self._laid(rubric, name), rubric.contract.inputs
        ids = frozenset((name, specs[name].ids) for name in as_ids)
        with self._lock:
            key = name, _form(specs), transform, ids
            if key not in self._inputs:
                arrays = laid_out.arrays
                changed = transform.apply(arrays) if transform else arrays
                given = _with_ids(changed, rubric, as_ids)
                pages = {
                    n: pages
                    for n, pages in laid_out.pages.items()
                    if given.get(n) is arrays[n]
                }
                self._inputs[key] = SharedInputs(given, pages)
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
        for laid_out in self._laid_out.values():
            laid_out.close()
        self._inputs.clear()
        self._laid_out.clear()


def _form(inputs: Inputs) -> _Form:
    return tuple((n, spec.shape, spec.dtype, spec.range) for n, spec in inputs.items())


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
    return dict(_laid_out(dataset, rubric.contract.inputs).arrays.items())


def _laid_out(dataset: EvaluationDataset, inputs: Inputs) -> LaidOut:
    layout = LayingOut(dataset.name, inputs)
    layout.take_all(dataset.inputs, dataset.ranges)
    return layout.done()


def _named(dataset: EvaluationDataset, name: str) -> Array:
    if name not in dataset.targets:
        raise DatasetError(f"the dataset {dataset.name!r} has no target {name!r}")
    return dataset.targets[name]
