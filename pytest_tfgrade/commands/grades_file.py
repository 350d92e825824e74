"""``grades.json`` of an earlier run, as far as a comparison needs it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, FiniteFloat, TypeAdapter, ValidationError

from pytest_tfgrade.core.errors import UsageError
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.core.verdict import TaskResult, Verdict
from pytest_tfgrade.reports.grades_tree import SCHEMA
from pytest_tfgrade.reports.reading import (
    problems,
    read_text,
    require_once,
    require_schema,
)

Points = Annotated[Decimal, Field(max_digits=30)]
"""A number of points; of more digits it is none that anybody wrote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownOverride:
    """What a person said of a result."""

    points: Points | None
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPenalty:
    """What lateness costs."""

    points: Points | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCriterion:
    """What a run said of one criterion; words as in ``core.criterion``."""

    id: str
    verdict: Verdict
    points: Points | None
    max_points: Points
    check: str = ""
    value: FiniteFloat | None = None
    rationale: str = ""
    group: str | None = None
    bonus: bool = False
    override: KnownOverride | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownArtifact:
    """The file of a task."""

    path: str
    sha256: str
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRun:
    """How a model was run."""

    runtime: str
    repairs: tuple[str, ...] = ()
    adapted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownTask:
    """What a run said of one task of one submission."""

    id: str
    result: TaskResult
    code: str | None
    points: Points | None
    max_points: Points
    criteria: tuple[KnownCriterion, ...]
    artifact: KnownArtifact | None = None
    run: KnownRun | None = None
    weight: Points = Decimal(1)
    minimum: Points = Decimal(0)
    override: KnownOverride | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSubmission:
    """What a run said of one submission."""

    id: str
    points: Points | None
    max_points: Points
    passed: bool | None
    tasks: tuple[KnownTask, ...]
    penalty: KnownPenalty | None = None
    override: KnownOverride | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCourse:
    """What decides the grades of one task, as digests."""

    rubric: str
    """Of the rubric, and of the code that it names."""

    data: Mapping[str, str]
    """Of each dataset that it names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownTool:
    """What graded."""

    version: str
    runtimes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownGrades:
    """What one run said."""

    schema: int
    isolated: bool
    tool: KnownTool
    submissions: tuple[KnownSubmission, ...]
    exam: str = ""
    sandbox: str | None = None
    complete: bool = True
    course: Mapping[str, KnownCourse] | None = None
    """By task; None in files of versions that did not write it."""


@dataclass(frozen=True, slots=True)
class _Stamp:
    """What says whether the rest can be read."""

    schema: int | str


_STAMP: Final = TypeAdapter(_Stamp)
_GRADES: Final = TypeAdapter(KnownGrades)


def read_grades(path: Path) -> KnownGrades:
    """Read the grades of a run.

    Args:
        path: ``grades.json``, whatever its name, or the folder that holds it.

    Raises:
        UsageError: There is none, or it is not what a run writes.
    """
    name, text = read_text(path)
    try:
        grades = _GRADES.validate_json(text)
    except ValidationError as error:
        require_schema(_stamp(text), name)
        raise UsageError("\n".join(problems(error, name))) from None
    require_schema(grades.schema, name)
    _require_unique(grades, name)
    return grades


def _stamp(text: bytes) -> int | str:
    """Return the schema, or the one that can be read where there is none."""
    try:
        return _STAMP.validate_json(text).schema
    except ValidationError:
        return SCHEMA


def _require_unique(grades: KnownGrades, name: str) -> None:
    require_once([s.id for s in grades.submissions], f"{name}: submission")
    for submission in grades.submissions:
        where = f"{name}: {printable(submission.id, limit=80)}"
        require_once([task.id for task in submission.tasks], f"{where}: task")
        for task in submission.tasks:
            ids = [criterion.id for criterion in task.criteria]
            require_once(ids, f"{where}: {printable(task.id, limit=80)}: criterion")
