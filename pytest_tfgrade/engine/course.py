"""Everything a grader wrote: exam, rubrics, descriptions of data; held together."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TypeVar

from pytest_tfgrade.adjustments.known import CriterionWorth, TaskWorth
from pytest_tfgrade.core.errors import DatasetError, RubricError
from pytest_tfgrade.core.localized import Localized
from pytest_tfgrade.core.reckoning import LateRule
from pytest_tfgrade.core.runtime import BUILT_IN, ChosenRuntime
from pytest_tfgrade.core.score import counted
from pytest_tfgrade.documents import Invalid, Problem, suggestion
from pytest_tfgrade.engine.agreement import data_problems
from pytest_tfgrade.engine.extensions import NO_EXTENSIONS, Extensions
from pytest_tfgrade.rubric import Exam, ExamTask, Rubric, read_exam, read_rubric
from pytest_tfgrade.rubric.defaults import NO_DEFAULTS
from pytest_tfgrade.rubric.exam import FILE_NAME
from pytest_tfgrade.rubric.handing_in import DEFAULT, HandingIn

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The tasks of an exam and where their hidden data lie."""

    title: str
    """Of the exam."""

    rubrics: tuple[Rubric, ...]
    """In the exam's order."""

    pass_mark: Decimal | None
    """Share of the points that passes; None if there is no rule."""

    tasks: Mapping[str, ExamTask]
    """What the exam says of each task."""

    candidates: re.Pattern[str] | None
    """Finds a candidate's identity in the name of a folder or file."""

    data: Path
    """Folder of the evaluation datasets."""

    runtimes: tuple[ChosenRuntime, ...] = BUILT_IN
    """What runs models, the preferred first."""

    handing_in: HandingIn = DEFAULT
    """What the exam says of handing in."""

    late: LateRule | None = None
    """What the exam says that lateness costs; None if nothing."""

    titles: Localized | None = None
    """Of the exam, by language; None if it has but one."""

    @property
    def artifact_names(self) -> dict[str, tuple[str, ...]]:
        """By task, the paths of its artifact in a submission, without ending."""
        return {rubric.task: rubric.artifact.names for rubric in self.rubrics}

    @property
    def worth(self) -> dict[str, TaskWorth]:
        """What points there are, by task."""
        return {
            rubric.task: TaskWorth(
                weight=self.tasks[rubric.task].weight,
                criteria={
                    entry.id: CriterionWorth(points=entry.points, group=entry.group)
                    for entry in rubric.criteria
                },
            )
            for rubric in self.rubrics
        }

    @property
    def source_names(self) -> dict[str, tuple[str, ...]]:
        """By task that takes code of candidates, its paths, without ``.py``."""
        sources = {rubric.task: rubric.artifact.source for rubric in self.rubrics}
        return {task: rule.names for task, rule in sources.items() if rule is not None}


def read_course(
    rubrics: Path,
    data: Path,
    *,
    data_from_hook: bool = False,
    files_elsewhere: bool = False,
    extensions: Extensions = NO_EXTENSIONS,
) -> Course:
    """Read a rubric or a folder of them, the exam file, and what the data declare.

    Args:
        rubrics: A rubric, or a folder of rubrics with or without an exam file. To one
            rubric the defaults, runtimes and candidates of the exam beside it apply.
        data: The folder of evaluation datasets.
        data_from_hook: Whether datasets may come from elsewhere; then one that is not
            in the folder is not a mistake.
        files_elsewhere: Whether files that rubrics name may be missing here.
        extensions: What plug-ins add.

    Raises:
        RubricError: With every problem of every rubric and of the exam.
        DatasetError: The rubrics are in order, a description of data is not.
    """
    files = _rubric_files(rubrics)
    problems: list[Problem] = []
    folder = rubrics.parent if rubrics.is_file() else rubrics
    beside = _read_exam(folder, problems, files_elsewhere)
    exam = beside if rubrics.is_dir() else None
    read = partial(
        read_rubric,
        vocabulary=extensions.vocabulary,
        defaults=beside.defaults if beside else NO_DEFAULTS,
        files_elsewhere=files_elsewhere,
    )
    found = [r for file in files if (r := _heard(read, file, problems)) is not None]
    problems += _duplicates(found)
    ordered = _in_order(found, exam, problems, complete=len(found) == len(files))
    wrong_data: list[str] = []
    for rubric in ordered:
        try:
            problems += data_problems(
                rubric, data, data_from_hook=data_from_hook, loaders=extensions.loaders
            )
        except DatasetError as error:
            wrong_data.append(str(error))
    if problems:
        raise RubricError("\n".join(str(problem) for problem in sorted(set(problems))))
    if wrong_data:
        raise DatasetError("\n".join(dict.fromkeys(wrong_data)))
    return Course(
        title=exam.title.text() if exam else rubrics.resolve().stem,
        rubrics=tuple(ordered),
        pass_mark=exam.pass_mark if exam else None,
        tasks=_exam_tasks(ordered, exam),
        candidates=beside.candidates if beside else None,
        data=data,
        runtimes=beside.runtimes if beside else BUILT_IN,
        handing_in=beside.handing_in if beside else DEFAULT,
        late=beside.late if beside else None,
        titles=exam.title if exam and len(exam.title.texts) > 1 else None,
    )


def _exam_tasks(rubrics: Sequence[Rubric], exam: Exam | None) -> dict[str, ExamTask]:
    if exam is not None:
        return {task.task: task for task in exam.tasks}
    return {rubric.task: ExamTask(task=rubric.task) for rubric in rubrics}


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
    if any(path.name == "exam.yml" for path in files):
        raise RubricError(f"{rubrics}/exam.yml: is not read; call it {FILE_NAME}")
    if not files:
        text = f"{rubrics}: there is no rubric; write TASK.yaml, one for each task"
        raise RubricError(text)
    return files


def _heard(
    read: Callable[[Path], Read], path: Path, problems: list[Problem]
) -> Read | None:
    """Return what a file holds; if it is not in order, add what is wrong."""
    try:
        return read(path)
    except Invalid as invalid:
        problems += invalid.problems
        return None


def _read_exam(
    folder: Path, problems: list[Problem], files_elsewhere: bool
) -> Exam | None:
    path = folder / FILE_NAME
    read = partial(read_exam, files_elsewhere=files_elsewhere)
    return _heard(read, path, problems) if path.is_file() else None


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
    for index, entry in enumerate(exam.tasks):
        task = entry.task
        if task not in by_task and complete:
            text = f"no rubric has the task {task!r}; {suggestion(task, by_task)}"
            problems.append(Problem(exam.document.locate(("tasks", index)), text))
        elif task in by_task and entry.minimum > by_task[task].points:
            most = counted(by_task[task].points)
            text = f"the task has {most}, so nobody can reach the minimum"
            where = exam.document.locate(("tasks", index, "minimum"))
            problems.append(Problem(where, f"{text}; lower it"))
    return [by_task[entry.task] for entry in exam.tasks if entry.task in by_task]
