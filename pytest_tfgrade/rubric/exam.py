"""The exam file: which tasks, in which order, and when the exam is passed."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from pytest_tfgrade.documents import (
    Document,
    Invalid,
    Problem,
    Strict,
    read_document,
    validate,
)
from pytest_tfgrade.rubric.values import Word

FILE_NAME = "exam.yaml"
"""Beside the rubrics; without it all rubrics count, in the order of their names."""


def _share(value: Decimal) -> Decimal:
    if 0 <= value <= 1:
        return value
    what = f"is a share of all points, from 0 to 1, got {value}"
    share = value / 100
    raise ValueError(f"{what}; write {share.normalize():f}" if 0 < share <= 1 else what)


class ExamFile(Strict):
    """``exam.yaml``."""

    exam: str
    tasks: tuple[Word, ...] = Field(min_length=1)
    pass_mark: Annotated[Decimal, AfterValidator(_share)] | None = Field(
        default=None, description="Share of all points that passes the exam"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Exam:
    """The set of tasks and the pass rule."""

    title: str
    """What reports call it."""

    tasks: tuple[str, ...]
    """In order."""

    pass_mark: Decimal | None
    """Share of the points that passes; None if there is no rule."""

    document: Document
    """Where it was read from; for messages that name a place."""


def read_exam(path: Path) -> Exam:
    """Return the exam in a file.

    Raises:
        Invalid: With every problem of the file.
    """
    document = read_document(path)
    part = validate(document, ExamFile)
    twice = [n for n, task in enumerate(part.tasks) if task in part.tasks[:n]]
    if twice:
        text = "the task {!r} stands here a second time; remove one"
        raise Invalid(
            Problem(document.locate(("tasks", n)), text.format(part.tasks[n]))
            for n in twice
        )
    return Exam(
        title=part.exam,
        tasks=part.tasks,
        pass_mark=part.pass_mark,
        document=document,
    )
