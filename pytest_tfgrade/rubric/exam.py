"""The exam file: which tasks, in which order and weight, and when it is passed."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field

from pytest_tfgrade.core.localized import Localized
from pytest_tfgrade.core.reckoning import LateRule
from pytest_tfgrade.core.runtime import BUILT_IN, ChosenRuntime, Library
from pytest_tfgrade.documents import (
    Document,
    Invalid,
    Problem,
    Strict,
    read_document,
    validate,
)
from pytest_tfgrade.rubric.defaults import Defaults
from pytest_tfgrade.rubric.handing_in import (
    Candidates,
    Due,
    Duplicates,
    HandingIn,
    handing_in,
)
from pytest_tfgrade.rubric.lateness import LatePart, late_problems, late_rule
from pytest_tfgrade.rubric.schema import ArtifactPart, LimitsPart
from pytest_tfgrade.rubric.values import Number, Points, Text, Word
from pytest_tfgrade.rubric.vocabulary import Place

FILE_NAME: Final = "exam.yaml"
"""Beside the rubrics; without it all rubrics count, in the order of their names."""

_READER: Final = "reader"
"""What reports call the process that reads files."""


def _share(value: Decimal) -> Decimal:
    if 0 <= value <= 1:
        return value
    what = f"is a share of all points, from 0 to 1, got {value}"
    share = value / 100
    raise ValueError(f"{what}; write {share.normalize():f}" if 0 < share <= 1 else what)


def _weight(value: Decimal) -> Decimal:
    if value > 0:
        return value
    raise ValueError(f"must be above 0, got {value}; leave the task out instead")


class TaskPart(Strict):
    """One of ``tasks:``, if more is to be said than its name."""

    task: Word
    weight: Annotated[Number, AfterValidator(_weight)] = Decimal(1)
    minimum: Points = Field(
        default=Decimal(0),
        description="Points of this task without which the exam is not passed",
    )


def _entry(value: object) -> object:
    """Take a name alone for a task of which nothing else is said."""
    return value if isinstance(value, dict) else {"task": value}


class DefaultsPart(Strict):
    """``defaults``: what holds for each task whose rubric says nothing."""

    artifact: ArtifactPart = ArtifactPart()
    limits: LimitsPart = LimitsPart()


HERE: Final = "here"
"""In place of a path: the Python that grades."""


class RuntimePart(Strict):
    """One of ``runtimes:``, if more is to be said than its path."""

    python: str = Field(default=HERE, description="Path of a Python with TensorFlow")
    library: Library = Field(
        default="keras", description="The package that loads what Keras saved"
    )


def _runtime(value: object) -> object:
    """Take a path alone for a runtime of which nothing else is said."""
    return value if isinstance(value, dict) else {"python": value}


class ExamFile(Strict):
    """``exam.yaml``."""

    exam: Text
    tasks: tuple[Annotated[TaskPart, BeforeValidator(_entry)], ...] = Field(
        min_length=1
    )
    pass_mark: Annotated[Number, AfterValidator(_share)] | None = Field(
        default=None, description="Share of all points that passes the exam"
    )
    defaults: DefaultsPart = DefaultsPart()
    runtimes: Mapping[Word, Annotated[RuntimePart, BeforeValidator(_runtime)]] = Field(
        default={},
        min_length=1,
        description="What runs models, the preferred first: a name, and the path of a "
        "Python with its own TensorFlow. Default: keras3 and tf_keras of the Python "
        "that grades",
    )
    candidates: Candidates | None = Field(
        default=None,
        description="What names of folders and files are like: moodle, canvas, "
        "gradescope or github-classroom, or a regular expression with a group named "
        "candidate. Default: found out, where the names leave no doubt",
    )
    duplicates: Duplicates | None = Field(
        default=None,
        description="Which counts, if a candidate handed in more than once for a "
        "task: latest, first, or refuse for none",
    )
    due: Due = Field(
        default=None,
        description="When candidates had to hand in, with a time zone; what came "
        "later is marked as late",
    )
    late: LatePart | None = Field(
        default=None, description="What lateness costs. Default: nothing"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamTask:
    """One task of an exam."""

    task: str
    """The rubric's."""

    weight: Decimal = Decimal(1)
    """How often its points count."""

    minimum: Decimal = Decimal(0)
    """Points of this task without which the exam is not passed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exam:
    """The set of tasks and the pass rule."""

    title: Localized
    """What reports call it."""

    tasks: tuple[ExamTask, ...]
    """In order."""

    pass_mark: Decimal | None
    """Share of the points that passes; None if there is no rule."""

    defaults: Defaults
    """What holds where a rubric says nothing."""

    handing_in: HandingIn
    """Whose a folder or file is, what counts, and when it was due."""

    runtimes: tuple[ChosenRuntime, ...]
    """What runs models, the preferred first."""

    document: Document
    """Where it was read from; for messages that name a place."""

    late: LateRule | None = None
    """What lateness costs; None if nothing."""

    @property
    def candidates(self) -> re.Pattern[str] | None:
        """What finds a candidate's identity in a name, if a pattern was given."""
        return self.handing_in.pattern


def read_exam(path: Path, *, files_elsewhere: bool = False) -> Exam:
    """Return the exam in a file.

    Args:
        path: Of the file.
        files_elsewhere: Whether programs that it names may be missing here, as they
            are where candidates look at their own models; such runtimes are left out.

    Raises:
        Invalid: With every problem of the file.
    """
    document = read_document(path)
    place = Place(folder=path.parent)
    part = validate(document, ExamFile, context={"place": place})
    tasks = tuple(
        ExamTask(task=entry.task, weight=entry.weight, minimum=entry.minimum)
        for entry in part.tasks
    )
    names = [task.task for task in tasks]
    text = "the task {!r} stands here a second time; remove one"
    problems = [
        Problem(document.locate(("tasks", n)), text.format(name))
        for n, name in enumerate(names)
        if name in names[:n]
    ]
    rules = HandingIn()
    try:
        rules = handing_in(part.candidates, part.duplicates, part.due)
    except ValueError as error:
        problems.append(Problem(document.locate(("candidates",)), str(error)))
    if part.late is not None:
        problems += late_problems(document, part.late, part.due)
    if part.defaults.artifact.names:
        what = "names are each task's own; write them into its rubric"
        problems.append(
            Problem(
                document.locate(("defaults", "artifact", "names"), at_key=True), what
            )
        )
    runtimes = [
        _chosen(document, name, runtime, problems)
        for name, runtime in part.runtimes.items()
        if not files_elsewhere or _is_here(document, runtime)
    ]
    if problems:
        raise Invalid(problems)
    return Exam(
        title=part.exam,
        tasks=tasks,
        pass_mark=part.pass_mark,
        defaults=Defaults(part.defaults.artifact, part.defaults.limits),
        handing_in=rules,
        runtimes=tuple(runtimes) or BUILT_IN,
        document=document,
        late=late_rule(part.late, part.due) if part.late and part.due else None,
    )


def _chosen(
    document: Document, name: str, part: RuntimePart, problems: list[Problem]
) -> ChosenRuntime:
    """Return a runtime; if its Python is none, add what is wrong."""
    built_in = {runtime.name: runtime for runtime in BUILT_IN}
    if name == _READER or (name in built_in and part.python != HERE):
        text = f"the name {name!r} is one of the grader's own; choose another"
        where = document.locate(("runtimes", name), at_key=True)
        problems.append(Problem(where, text))
    if part.python == HERE:
        library = part.library
        if "library" not in part.model_fields_set and name in built_in:
            library = built_in[name].library
        return ChosenRuntime(name=name, library=library)
    python = document.path.parent / Path(part.python).expanduser()
    if not _is_here(document, part):
        text = f"there is no program {os.path.normpath(python)}; give the path of a "
        where = document.locate(("runtimes", name))
        way_out = f"Python that has TensorFlow, relative to this file, or {HERE!r}"
        problems.append(Problem(where, text + way_out))
    # Not resolved: the Python of a virtual environment is a link out of it.
    return ChosenRuntime(name=name, library=part.library, python=python.absolute())


def _is_here(document: Document, part: RuntimePart) -> bool:
    python = document.path.parent / Path(part.python).expanduser()
    return part.python == HERE or (python.is_file() and os.access(python, os.X_OK))
