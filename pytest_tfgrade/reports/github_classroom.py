"""``github-classroom/``: points for GitHub Classroom, in both ways that it takes them.

* ``output.txt`` goes to the outputs of the step: as ``result``, the JSON of
  ``result.json`` in base64, for the ``autograding-grading-reporter`` of Classroom;
* ``notices.txt`` goes to the log: the two notices that this reporter makes, so that it
  is not needed.

Classroom counts in whole points. What has halves is rounded so that the tests add up to
the rounded total; every message has the exact points.
"""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_FLOOR, Decimal
from itertools import accumulate, pairwise
from typing import Any, Final

from pytest_tfgrade.core.criterion import CriterionResult
from pytest_tfgrade.core.errors import UsageError
from pytest_tfgrade.core.grade import Grade, Gradebook, TaskGrade
from pytest_tfgrade.core.reckoning import Override
from pytest_tfgrade.core.score import points_text, score_text
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.reports.audience import for_candidates
from pytest_tfgrade.reports.interface import (
    Audience,
    Destination,
    ReportFile,
    Request,
)
from pytest_tfgrade.reports.notes import NOT_ISOLATED
from pytest_tfgrade.reports.workflow_commands import Level, annotation

LONGEST_TEXT: Final = 500
"""Characters of a message or an output."""

_VERSION: Final = 3
"""Of the results, as Classroom's own grader for Python writes them."""

_OPEN: Final = "the grader could not finish: no points are told to GitHub Classroom"

_HALF: Final = Decimal("0.5")


class GithubClassroomReport:
    """What Classroom shows of one submission, and the points that it counts."""

    file_name = "github-classroom"
    audience = Audience.CANDIDATE

    def render(self, gradebook: Gradebook, request: Request) -> Iterator[ReportFile]:
        """Yield result, output and notices.

        Raises:
            UsageError: There is not just one submission.
        """
        del request  # nothing of it matters here
        grade = _only(for_candidates(gradebook).grades)
        result = _result(grade, isolated=gradebook.isolated)
        text = json.dumps(result, separators=(",", ":"), allow_nan=False)
        encoded = base64.b64encode(text.encode()).decode()
        yield ReportFile(name=f"{self.file_name}/result.json", text=(text,))
        yield ReportFile(
            name=f"{self.file_name}/output.txt",
            text=(f"result={encoded}\n",),
            destination=Destination.GITHUB_OUTPUT,
        )
        yield ReportFile(
            name=f"{self.file_name}/notices.txt",
            text=_notices(result),
            destination=Destination.LOG,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Something that adds to the points of a submission, or takes from them."""

    name: str
    points: Decimal  # weighted; 0 while open
    message: str
    status: str = "pass"
    output: str = ""
    check: str = ""
    path: str = ""
    seconds: float = 0
    task: int = 0  # its place in the exam


def _only(grades: tuple[Grade, ...]) -> Grade:
    if len(grades) == 1:
        return grades[0]
    remedy = "choose one by --tfgrade-candidate (tfgrade report: --candidate)"
    text = f"the report github-classroom: takes one submission, got {len(grades)}"
    raise UsageError(f"{text}; {remedy}")


def _result(grade: Grade, *, isolated: bool) -> dict[str, Any]:
    """Return what the reporter of Classroom reads.

    While a score is open no points are possible: then the reporter tells Classroom
    nothing, where otherwise it would tell too few.
    """
    parts = list(_parts(grade))
    scores = _whole([part.points for part in parts])
    passes = all(part.status == "pass" for part in parts)
    result: dict[str, Any] = {
        "version": _VERSION,
        "status": "pass" if passes else "fail",
        "max_score": _rounded(grade.max_points),
        "tests": [_test(*pair) for pair in zip(parts, scores, strict=True)],
    }
    notes = [] if isolated else [NOT_ISOLATED]
    if grade.points is None:
        notes.append(_OPEN)
        result |= {"status": "error", "max_score": 0}
        result["tests"] = [{**test, "score": 0} for test in result["tests"]]
    return result | {"message": "; ".join(notes)} if notes else result


def _parts(grade: Grade) -> Iterator[_Part]:
    """Yield what adds up to the points of a submission, if these are not open."""
    parts = [
        replace(part, task=place)
        for place, task in enumerate(grade.tasks, start=1)
        for part in _parts_of_task(task)
    ]
    if grade.penalty is not None and grade.penalty_points:
        message = f"{points_text(grade.penalty_points)} points are taken off"
        parts.append(_Part(name="late", points=-grade.penalty_points, message=message))
    yield from parts
    yield from _rest(grade.points, parts, "changed by hand", grade.override)


def _parts_of_task(task: TaskGrade) -> Iterator[_Part]:
    name = printable(task.id)
    parts = [_part(criterion, task) for criterion in task.criteria]
    yield from parts
    points = None if task.points is None else task.weight * task.points
    reason = "no less than 0" if task.override is None else "changed by hand"
    yield from _rest(points, parts, f"{name}::{reason}", task.override)


def _part(criterion: CriterionResult, task: TaskGrade) -> _Part:
    points = None if criterion.group else criterion.points
    score = score_text(criterion.points, criterion.max_points)
    comment = criterion.override.comment if criterion.override else None
    told = [printable(text) for text in (criterion.hint, comment) if text]
    first = criterion is task.criteria[0]
    return _Part(
        name=f"{printable(task.id)}::{printable(criterion.id)}",
        points=task.weight * (points or 0),
        status=_status(criterion, task),
        message=f"{score} points: {printable(criterion.rationale)}",
        output="\n".join(told),
        check=printable(criterion.check),
        path=printable(task.artifact.path) if task.artifact else "",
        seconds=round(sum(task.seconds.values()), 3) if first else 0,
    )


def _rest(
    points: Decimal | None,
    parts: Iterable[_Part],
    name: str,
    override: Override | None,
) -> Iterator[_Part]:
    """Yield what is missing from parts to the points that count, if anything is."""
    if points is None:
        return
    rest = points - sum(part.points for part in parts)
    if rest:
        comment = printable(override.comment) if override else ""
        yield _Part(name=name, points=rest, message=comment)


def _status(criterion: CriterionResult, task: TaskGrade) -> str:
    if task.tolerates(criterion):
        return "pass"
    match criterion.verdict:
        case Verdict.PASSED:
            return "pass"
        case Verdict.PARTIAL | Verdict.FAILED | Verdict.SKIPPED:
            return "fail"
        case Verdict.ERROR:
            return "error"


def _test(part: _Part, score: int) -> dict[str, Any]:
    test: dict[str, Any] = {
        "name": part.name,
        "status": part.status,
        "message": _cut(part.message),
        "test_code": part.check,
        "task_id": part.task,
        "filename": part.path,
        "line_no": 0,
        "duration": part.seconds,
        "score": score,
    }
    return {**test, "output": _cut(part.output)} if part.output else test


def _whole(points: Iterable[Decimal]) -> list[int]:
    """Round parts so that they add up to the rounded sum of them all.

    >>> _whole([Decimal("0.5"), Decimal("0.25"), Decimal("0.25")])
    [1, 0, 0]
    """
    sums = [_rounded(summed) for summed in accumulate(points)]
    return [after - before for before, after in pairwise([0, *sums])]


def _rounded(points: Decimal) -> int:
    """Return the nearest whole number; a half is rounded up."""
    return int((points + _HALF).to_integral_value(ROUND_FLOOR))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"


def _notices(result: Mapping[str, Any]) -> Iterator[str]:
    """Yield the notices that Classroom reads, unless points are open."""
    if "message" in result:
        yield f"{annotation(Level.WARNING, 'tfgrade', result['message'])}\n"
    if result["status"] == "error":
        return
    points = {
        "totalPoints": sum(test["score"] for test in result["tests"]),
        "maxPoints": result["max_score"],
    }
    text = f"Points {points['totalPoints']}/{points['maxPoints']}"
    yield f"{annotation(Level.NOTICE, 'Autograding complete', text)}\n"
    report = json.dumps(points, separators=(",", ":"))
    yield f"{annotation(Level.NOTICE, 'Autograding report', report)}\n"
