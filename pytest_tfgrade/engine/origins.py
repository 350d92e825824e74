"""What the grades of a task are made from: its rubric, and its hidden data."""

import inspect
import threading
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pytest_tfgrade.core.grade import Origin
from pytest_tfgrade.engine.code_files import with_imports
from pytest_tfgrade.engine.digests import digest_of, digest_of_files
from pytest_tfgrade.engine.extensions import Extensions
from pytest_tfgrade.engine.shelf import Shelf
from pytest_tfgrade.metrics import Metric
from pytest_tfgrade.rubric import Rubric


class Origins:
    """Finds out what each task is graded by, once; safe to ask from threads."""

    def __init__(self, shelf: Shelf, extensions: Extensions) -> None:
        """Look at nothing yet."""
        self._shelf = shelf
        self._extensions = extensions
        self._lock = threading.Lock()
        self._known: dict[str, Origin] = {}
        self._datasets: dict[str, str] = {}

    def of(self, rubric: Rubric) -> Origin:
        """Return what a task is graded by; reads its hidden data if it runs models.

        Raises:
            DatasetError: They are not what they should be.
        """
        with self._lock:
            if rubric.task not in self._known:
                names = rubric.datasets if rubric.runs_models else ()
                self._known[rubric.task] = Origin(
                    rubric=digest_of_rubric(rubric, self._extensions),
                    data={name: self._dataset(name) for name in names},
                )
            return self._known[rubric.task]

    def _dataset(self, name: str) -> str:
        if name not in self._datasets:
            dataset = self._shelf.dataset(name)
            public = dataset.public
            rows = None if public is None else public.tobytes().hex()
            told = dict(dataset.ranges)  # decide whether bytes are pixels
            named = dict(dataset.classes)  # stand in pictures
            self._datasets[name] = digest_of(dataset.sha256, rows, told, named)
        return self._datasets[name]


def digest_of_rubric(rubric: Rubric, extensions: Extensions) -> str:
    """Return the sha256 of what a rubric says, in hexadecimal; comments do not count.

    With it count what the exam adds, the files that it names, and code of a course or a
    plug-in that it uses: the modules of the functions, all Python files beside or below
    the rubric, and what these import that is no installed package; see
    ``code_files.with_imports``.
    """
    return digest_of(
        rubric.document.value,
        (rubric.artifact.names, rubric.artifact.formats, rubric.artifact.max_size),
        (rubric.artifact.signature, rubric.artifact.allow_lambda),
        rubric.limits,
        rubric.contract,  # with the words of files that it names
        digest_of_files(sorted(set(_files(rubric)))),
        digest_of_files(_code(rubric, extensions)),
    )


def _files(rubric: Rubric) -> Iterator[Path]:
    """Yield the files of the course's own that grade with a rubric."""
    if rubric.artifact.source and rubric.artifact.source.file:
        yield rubric.artifact.source.file
    for criterion in rubric.checked:
        for value in criterion.parameters.values():
            if isinstance(value, Path):
                inner = value.rglob("*") if value.is_dir() else [value]
                yield from (path for path in inner if path.is_file())


def _code(rubric: Rubric, extensions: Extensions) -> Iterable[Path]:
    """Return the files of code that is not ours and grades with a rubric."""
    functions = [
        function
        for criterion in rubric.checked
        for function in _functions(criterion.check.function, criterion.parameters)
    ]
    functions += extensions.facts_readers.values()
    others = {file for function in functions if (file := _file_of(function))}
    if not others:
        return ()
    return with_imports([*others, *rubric.document.path.parent.rglob("*.py")])


def _functions(check: object, parameters: Mapping[str, object]) -> Iterator[object]:
    yield check
    yield from (v.function for v in parameters.values() if isinstance(v, Metric))


def _file_of(function: object) -> Path | None:
    """Return where code stands that is not ours; None if it is, or is no Python."""
    module = inspect.getmodule(inspect.unwrap(function))  # type: ignore[arg-type]
    if module is None or module.__name__.partition(".")[0] == "pytest_tfgrade":
        return None
    file = getattr(module, "__file__", None)
    return Path(file) if file and Path(file).is_file() else None
