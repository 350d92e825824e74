"""``grades.json``: everything that is known, for programs and for other reports."""

import json
from dataclasses import asdict
from datetime import UTC
from typing import Any

from pytest_tfgrade.core.criterion import ArtifactRecord, CriterionResult, RunRecord
from pytest_tfgrade.core.grade import Grade, Gradebook, TakenIn, TaskGrade
from pytest_tfgrade.core.score import measured, number
from pytest_tfgrade.core.text import printable


class JsonReport:
    """The whole gradebook, ``detail`` included: for graders, not for candidates."""

    file_name = "grades.json"

    def render(self, gradebook: Gradebook) -> str:
        """Return the grades as JSON; only times differ between equal runs."""
        tree = _printable(_gradebook(gradebook))
        return json.dumps(tree, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _gradebook(gradebook: Gradebook) -> dict[str, Any]:
    runtimes = {
        name: dict(sorted(versions.items()))
        for name, versions in sorted(gradebook.runtimes.items())
    }
    return {
        "schema": 1,
        "exam": gradebook.exam,
        "pass_mark": number(gradebook.pass_mark),
        "isolated": gradebook.isolated,
        "sandbox": gradebook.sandbox,
        "complete": gradebook.complete,
        "tool": {"version": gradebook.version, "runtimes": runtimes},
        "course": {
            task: {"rubric": origin.rubric, "data": dict(origin.data)}
            for task, origin in gradebook.course.items()
        },
        "submissions": [_submission(grade) for grade in gradebook.grades],
        "unmatched": list(gradebook.unmatched),
        "notices": list(gradebook.notices),
    }


def _submission(grade: Grade) -> dict[str, Any]:
    return {
        "id": grade.id,
        "points": number(grade.points),
        "max_points": number(grade.max_points),
        "passed": grade.passed,
        **_taken_in(grade.taken_in),
        "tasks": [_task(task) for task in grade.tasks],
    }


def _taken_in(known: TakenIn) -> dict[str, Any]:
    """Return who handed in and when; nothing of what is not known."""
    stamp = known.handed_in
    found: dict[str, Any] = {
        "people": [
            {name: text for name, text in asdict(person).items() if text}
            for person in known.people
        ],
        "on_roster": known.on_roster,
        "handed_in": stamp
        and {"at": stamp.at.astimezone(UTC).isoformat(), "by": stamp.clock.value},
        "late": known.late,
        "set_aside": list(known.set_aside),
    }
    return {name: value for name, value in found.items() if value not in (None, [])}


def _task(task: TaskGrade) -> dict[str, Any]:
    return {
        "id": task.id,
        "title": task.title,
        "weight": number(task.weight),
        "minimum": number(task.minimum),
        "result": task.result.value,
        "code": task.code,
        "points": number(task.points),
        "max_points": number(task.max_points),
        "artifact": None if task.artifact is None else _artifact(task.artifact),
        "run": None if task.run is None else _run(task.run),
        "seconds": {
            step: number(round(seconds, 3))
            for step, seconds in sorted(task.seconds.items())
        },
        "criteria": [_criterion(criterion) for criterion in task.criteria],
    }


def _artifact(artifact: ArtifactRecord) -> dict[str, Any]:
    known: dict[str, Any] = {
        "path": artifact.path,
        "format": artifact.format,
        "sha256": artifact.sha256,
        "bytes": artifact.bytes,
    }
    if artifact.source is not None:
        known["source"] = artifact.source
    return known


def _run(run: RunRecord) -> dict[str, Any]:
    return {
        "runtime": run.runtime,
        "repairs": list(run.repairs),
        "adapted": list(run.adapted),
    }


def _criterion(criterion: CriterionResult) -> dict[str, Any]:
    known: dict[str, Any] = {
        "id": criterion.id,
        "title": criterion.title,
        "check": criterion.check,
        "verdict": criterion.verdict.value,
        "points": number(criterion.points),
        "max_points": number(criterion.max_points),
        "group": criterion.group,
        "bonus": criterion.bonus,
        "value": measured(criterion.value),
        **_uncertainty(criterion),
        "rationale": criterion.rationale,
        "hint": criterion.hint,
        "visibility": criterion.visibility.value,
        "skills": list(criterion.skills),
    }
    if criterion.public is not None:
        known["public"] = {
            "value": measured(criterion.public.value),
            "points": number(criterion.public.points),
            "n": criterion.public.n,
        }
    if criterion.detail is not None:
        known["detail"] = tuple(criterion.detail.splitlines())
    return known


def _uncertainty(criterion: CriterionResult) -> dict[str, Any]:
    """Return how sure the value is, if the check measured it on examples."""
    known = criterion.uncertainty
    if known is None:
        return {}
    return {
        "n": known.n,
        "standard_error": measured(known.standard_error),
        "interval": [measured(bound) for bound in known.interval],
        "borderline": criterion.borderline,
    }


def _printable(node: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Make every text of a tree printable; a tuple of lines becomes one text."""
    match node:
        case str():
            return printable(node)
        case tuple():
            return "\n".join(printable(line) for line in node)
        case list():
            return [_printable(item) for item in node]
        case dict():
            return {printable(key): _printable(item) for key, item in node.items()}
        case _:
            return node
