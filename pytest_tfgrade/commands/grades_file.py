"""``grades.json`` of an earlier run, as far as a comparison needs it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, FiniteFloat, TypeAdapter, ValidationError

from pytest_tfgrade.core.errors import UsageError
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.core.verdict import TaskResult, Verdict

SCHEMA: Final = 1
"""Of ``grades.json``; keys are added to it, never renamed."""

MAX_BYTES: Final = 1 << 30
"""Of one file; ten thousand submissions of ten criteria take about 100 MB."""

MOST_PROBLEMS: Final = 5
"""Of one file that are named."""

_FILE_NAME: Final = "grades.json"

Points = Annotated[Decimal, Field(max_digits=30)]
"""A number of points; of more digits it is none that anybody wrote."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSubmission:
    """What a run said of one submission."""

    id: str
    points: Points | None
    max_points: Points
    passed: bool | None
    tasks: tuple[KnownTask, ...]


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
    file = path / _FILE_NAME if path.is_dir() else path
    name = printable(str(file))
    text = _text(file, name)
    try:
        grades = _GRADES.validate_json(text)
    except ValidationError as error:
        _require_schema(_stamp(text), name)
        raise UsageError("\n".join(_problems(error, name))) from None
    _require_schema(grades.schema, name)
    _require_unique(grades, name)
    return grades


def _text(file: Path, name: str) -> bytes:
    remedy = "give grades.json of a run, or the folder of its reports"
    try:
        if not file.is_file():
            there = "it is no file" if file.exists() else "there is no such file"
            raise UsageError(f"{name}: {there}; {remedy}")
        with file.open("rb") as opened:
            text = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(
            f"{name}: cannot be read: {error.strerror}; {remedy}"
        ) from None
    if len(text) > MAX_BYTES:
        raise UsageError(
            f"{name}: larger than {MAX_BYTES >> 20} MiB; grade the candidates in "
            "several runs, and compare these"
        )
    return text


def _stamp(text: bytes) -> int | str:
    """Return the schema, or the one that can be read where there is none."""
    try:
        return _STAMP.validate_json(text).schema
    except ValidationError:
        return SCHEMA


def _require_schema(found: int | str, name: str) -> None:
    if found != SCHEMA:
        shown = printable(str(found), limit=40)
        raise UsageError(
            f"{name}: written in schema {shown}, this version reads {SCHEMA}; use the "
            "pytest-tfgrade that wrote it"
        )


def _problems(error: ValidationError, name: str) -> Iterator[str]:
    """Yield what is wrong, and where in the file."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    for problem in found[:MOST_PROBLEMS]:
        place = ".".join(map(str, problem["loc"]))
        where = f"{name}: {printable(place, limit=200)}" if place else name
        what = printable(problem["msg"], limit=200)
        yield f"{where}: {what[:1].lower()}{what[1:]}; give the file as a run wrote it"
    if len(found) > MOST_PROBLEMS:
        yield f"{name}: {len(found) - MOST_PROBLEMS} more of the kind"


def _require_unique(grades: KnownGrades, name: str) -> None:
    _require_once((s.id for s in grades.submissions), f"{name}: submission")
    for submission in grades.submissions:
        where = f"{name}: {printable(submission.id, limit=80)}"
        _require_once((task.id for task in submission.tasks), f"{where}: task")
        for task in submission.tasks:
            ids = (criterion.id for criterion in task.criteria)
            _require_once(ids, f"{where}: {printable(task.id, limit=80)}: criterion")


def _require_once(ids: Iterable[str], what: str) -> None:
    known = tuple(ids)
    if len(set(known)) < len(known):
        twice = next(id_ for id_, count in Counter(known).items() if count > 1)
        raise UsageError(
            f"{what} {printable(twice, limit=80)!r} is there twice; give the file as a "
            "run wrote it"
        )
