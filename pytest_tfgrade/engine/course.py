"""Everything a grader wrote: exam, rubrics, descriptions of data; held together."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from pytest_tfgrade.core.contract import InputSpec
from pytest_tfgrade.core.errors import RubricError
from pytest_tfgrade.datasets import Description, read_description
from pytest_tfgrade.documents import Invalid, Problem, suggestion
from pytest_tfgrade.rubric import Exam, Rubric, read_exam, read_rubric
from pytest_tfgrade.rubric.exam import FILE_NAME


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The tasks of an exam and where their hidden data lie."""

    title: str
    """Of the exam."""

    rubrics: tuple[Rubric, ...]
    """In the exam's order."""

    pass_mark: Decimal | None
    """Share of the points that passes; None if there is no rule."""

    data: Path
    """Folder of the evaluation datasets."""


def read_course(rubrics: Path, data: Path, *, data_from_hook: bool = False) -> Course:
    """Read a rubric or a folder of them, the exam file, and what the data declare.

    Args:
        rubrics: A rubric, or a folder of rubrics with or without an exam file.
        data: The folder of evaluation datasets.
        data_from_hook: Whether datasets may come from elsewhere; then one that is not
            in the folder is not a mistake.

    Raises:
        RubricError: With every problem of every rubric and of the exam.
        DatasetError: The rubrics are in order, a description of data is not.
    """
    files = _rubric_files(rubrics)
    problems: list[Problem] = []
    found = [r for r in (_read(file, problems) for file in files) if r is not None]
    problems += _duplicates(found)
    exam = _read_exam(rubrics, problems)
    ordered = _in_order(found, exam, problems, complete=len(found) == len(files))
    for rubric in ordered:
        problems += _data_problems(rubric, data, data_from_hook=data_from_hook)
    if problems:
        raise RubricError("\n".join(str(problem) for problem in sorted(set(problems))))
    return Course(
        title=exam.title if exam else rubrics.resolve().stem,
        rubrics=tuple(ordered),
        pass_mark=exam.pass_mark if exam else None,
        data=data,
    )


def _rubric_files(rubrics: Path) -> list[Path]:
    if rubrics.is_file():
        return [rubrics]
    if not rubrics.is_dir():
        text = (
            f"{rubrics}: there are no rubrics; give their place: --tfgrade-rubrics PATH"
        )
        raise RubricError(text)
    files = sorted(
        path
        for ending in ("*.yaml", "*.yml")
        for path in rubrics.glob(ending)
        if path.name != FILE_NAME
    )
    if not files:
        text = f"{rubrics}: there is no rubric; write TASK.yaml, one for each task"
        raise RubricError(text)
    return files


def _read(path: Path, problems: list[Problem]) -> Rubric | None:
    try:
        return read_rubric(path)
    except Invalid as invalid:
        problems += invalid.problems
        return None


def _read_exam(rubrics: Path, problems: list[Problem]) -> Exam | None:
    path = rubrics / FILE_NAME
    if not path.is_file():
        return None
    try:
        return read_exam(path)
    except Invalid as invalid:
        problems += invalid.problems
        return None


def _duplicates(rubrics: list[Rubric]) -> Iterator[Problem]:
    seen: dict[str, Rubric] = {}
    for rubric in rubrics:
        first = seen.setdefault(rubric.task, rubric)
        if first is not rubric:
            text = (
                f"the task {rubric.task!r} has a rubric already, {first.document.path}"
            )
            yield Problem(rubric.document.locate(("task",)), f"{text}; rename one")


def _in_order(
    rubrics: list[Rubric],
    exam: Exam | None,
    problems: list[Problem],
    *,
    complete: bool,
) -> list[Rubric]:
    """Return the exam's rubrics in its order; all of them if there is no exam."""
    if exam is None:
        return rubrics
    by_task = {rubric.task: rubric for rubric in rubrics}
    for index, task in enumerate(exam.tasks):
        if task not in by_task and complete:
            text = f"no rubric has the task {task!r}; {suggestion(task, by_task)}"
            problems.append(Problem(exam.document.locate(("tasks", index)), text))
    return [by_task[task] for task in exam.tasks if task in by_task]


def _data_problems(
    rubric: Rubric, data: Path, *, data_from_hook: bool
) -> Iterator[Problem]:
    """Hold a rubric's contract against what its evaluation dataset declares."""
    if rubric.dataset is None:
        return
    folder = data / rubric.dataset
    if not (folder / "dataset.yaml").is_file():
        if not data_from_hook:
            yield _no_dataset(rubric, rubric.dataset, data)
        return
    description = read_description(folder)
    document = rubric.document
    for name, spec in rubric.contract.inputs.items():
        text = _input_problem(name, spec, description)
        if text:
            where = document.locate(("contract", "inputs", name), at_key=True)
            yield Problem(where, text)
    for name in rubric.contract.outputs:
        if name not in description.targets:
            text = f"the dataset {rubric.dataset!r} has no target {name!r}; "
            where = document.locate(("contract", "outputs", name), at_key=True)
            yield Problem(where, text + suggestion(name, description.targets))


def _no_dataset(rubric: Rubric, name: str, data: Path) -> Problem:
    there = [path.parent.name for path in data.glob("*/dataset.yaml")]
    text = (
        f"there is no evaluation dataset {name!r} in {data}; {suggestion(name, there)}"
    )
    return Problem(rubric.document.locate(("dataset",)), text)


def _input_problem(name: str, spec: InputSpec, description: Description) -> str | None:
    if name not in description.inputs:
        text = f"the dataset {description.dataset!r} has no input {name!r}; "
        return text + suggestion(name, description.inputs)
    part = description.inputs[name]
    if (part.dtype == "string") != (spec.dtype == "string"):
        return (
            f"the dataset's {name!r} holds {part.dtype}, the contract says {spec.dtype}"
        )
    if not _reshapes(tuple(part.shape), spec.shape[1:]):
        text = f"one example of {name!r} has the shape {tuple(part.shape)}"
        return f"{text}, the contract says {spec.shape[1:]}; correct one"
    return None


def _reshapes(shape: tuple[int, ...], required: tuple[int | None, ...]) -> bool:
    """Return whether an example fits a contract, axes of size 1 at the end aside.

    >>> _reshapes((8, 8), (8, 8, 1)), _reshapes((8, 8), (64,)), _reshapes((), (1,))
    (True, False, True)
    """
    longer = max(len(shape), len(required))
    padded = shape + (1,) * (longer - len(shape))
    wanted = required + (1,) * (longer - len(required))
    return all(b is None or a == b for a, b in zip(padded, wanted, strict=True))
