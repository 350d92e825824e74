"""The exam file: which tasks, in which order and weight, and when it is passed."""

import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field

from pytest_tfgrade.core.localized import Localized
from pytest_tfgrade.documents import (
    Document,
    Invalid,
    Problem,
    Strict,
    read_document,
    shown,
    validate,
)
from pytest_tfgrade.rubric.defaults import Defaults
from pytest_tfgrade.rubric.schema import ArtifactPart, LimitsPart
from pytest_tfgrade.rubric.values import Number, Points, Text, Word

FILE_NAME: Final = "exam.yaml"
"""Beside the rubrics; without it all rubrics count, in the order of their names."""

CANDIDATE: Final = "candidate"
"""The group of the pattern that is a candidate's identity."""


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


def _pattern(text: str) -> re.Pattern[str]:
    try:
        pattern = re.compile(text)
    except re.error as error:
        what = f"is no regular expression, got {shown(text)}"
        raise ValueError(f"{what}; {error}") from None
    if CANDIDATE not in pattern.groupindex:
        what = f"must have a group named {CANDIDATE}, got {shown(text)}"
        raise ValueError(f"{what}; write it as ^(?P<{CANDIDATE}>[^_]+)_")
    return pattern


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
    candidates: str | None = Field(
        default=None,
        description="Regular expression with a group named candidate; finds who "
        "handed in a folder or file, in its name",
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

    candidates: re.Pattern[str] | None
    """Finds a candidate's identity in the name of a folder or file."""

    document: Document
    """Where it was read from; for messages that name a place."""


def read_exam(path: Path) -> Exam:
    """Return the exam in a file.

    Raises:
        Invalid: With every problem of the file.
    """
    document = read_document(path)
    part = validate(document, ExamFile)
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
    pattern = None
    try:
        if part.candidates is not None:
            pattern = _pattern(part.candidates)
    except ValueError as error:
        problems.append(Problem(document.locate(("candidates",)), str(error)))
    if part.defaults.artifact.names:
        what = "names are each task's own; write them into its rubric"
        problems.append(
            Problem(
                document.locate(("defaults", "artifact", "names"), at_key=True), what
            )
        )
    if problems:
        raise Invalid(problems)
    return Exam(
        title=part.exam,
        tasks=tasks,
        pass_mark=part.pass_mark,
        defaults=Defaults(part.defaults.artifact, part.defaults.limits),
        candidates=pattern,
        document=document,
    )
