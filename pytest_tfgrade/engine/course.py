"""Everything a grader wrote: exam, rubrics, descriptions of data; held together."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from pytest_tfgrade.core.errors import DatasetError, RubricError
from pytest_tfgrade.documents import Invalid, Problem, suggestion
from pytest_tfgrade.engine.agreement import data_problems
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
    wrong_data: list[str] = []
    for rubric in ordered:
        try:
            problems += data_problems(rubric, data, data_from_hook=data_from_hook)
        except DatasetError as error:
            wrong_data.append(str(error))
    if problems:
        raise RubricError("\n".join(str(problem) for problem in sorted(set(problems))))
    if wrong_data:
        raise DatasetError("\n".join(dict.fromkeys(wrong_data)))
    return Course(
        title=exam.title if exam else rubrics.resolve().stem,
        rubrics=tuple(ordered),
        pass_mark=exam.pass_mark if exam else None,
        data=data,
    )


def _rubric_files(rubrics: Path) -> list[Path]:
    if rubrics.is_file():
        if rubrics.name == FILE_NAME:
            text = (
                f"{rubrics}: is the exam file, not a rubric; give the folder it is in"
            )
            raise RubricError(text)
        return [rubrics]
    if not rubrics.is_dir():
        way_out = "give the place of a rubric or of a folder of them"
        raise RubricError(f"{rubrics}: there are no rubrics; {way_out}")
    files = sorted(
        path
        for ending in ("*.yaml", "*.yml")
        for path in rubrics.glob(ending)
        if path.name != FILE_NAME and not path.name.startswith(".")
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
