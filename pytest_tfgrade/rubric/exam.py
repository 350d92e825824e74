"""The exam file: which tasks, in which order, and when the exam is passed."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from pydantic import Field

from pytest_tfgrade.documents import Document, Strict, read_document, validate
from pytest_tfgrade.rubric.schema import Word

FILE_NAME = "exam.yaml"
"""Beside the rubrics; without it all rubrics count, in the order of their names."""


class ExamFile(Strict):
    """``exam.yaml``."""

    exam: str
    tasks: tuple[Word, ...] = Field(min_length=1)
    pass_mark: Annotated[Decimal, Field(ge=0, le=1)] | None = Field(
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
    return Exam(
        title=part.exam,
        tasks=part.tasks,
        pass_mark=part.pass_mark,
        document=document,
    )
