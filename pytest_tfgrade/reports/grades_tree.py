"""Grades as plain values, in the order in which ``grades.json`` has them.

Texts are as they were found: whoever writes them makes them printable. A tuple is the
lines of one text.
"""

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Final

from pytest_tfgrade.core.criterion import ArtifactRecord, CriterionResult, RunRecord
from pytest_tfgrade.core.grade import Grade, Gradebook, TakenIn, TaskGrade
from pytest_tfgrade.core.localized import ANY, Localized
from pytest_tfgrade.core.outline import CriterionOutline, TaskOutline
from pytest_tfgrade.core.portrait import NO_PORTRAIT, Portrait
from pytest_tfgrade.core.reckoning import LateRule, Override, Penalty
from pytest_tfgrade.core.score import measured, number

SCHEMA: Final = 1
"""Keys are added to it, never renamed."""


def head(gradebook: Gradebook) -> dict[str, Any]:
    """Return what stands before the submissions: how they were graded."""
    runtimes = {
        name: dict(sorted(versions.items()))
        for name, versions in sorted(gradebook.runtimes.items())
    }
    titles, rule = gradebook.titles, gradebook.late_rule
    return {
        "schema": SCHEMA,
        "exam": gradebook.exam,
        **({"titles": dict(titles.texts)} if titles else {}),
        "pass_mark": number(gradebook.pass_mark),
        **({"late_rule": _late_rule(rule)} if rule else {}),
        "isolated": gradebook.isolated,
        "sandbox": gradebook.sandbox,
        "complete": gradebook.complete,
        "planned": gradebook.planned,
        "revealed": sorted(gradebook.revealed),
        "tool": {"version": gradebook.version, "runtimes": runtimes},
        "course": {
            task: {"rubric": origin.rubric, "data": dict(origin.data)}
            for task, origin in gradebook.course.items()
        },
        "tasks": {task: _outline(o) for task, o in gradebook.outlines.items()},
    }


def tail(gradebook: Gradebook) -> dict[str, Any]:
    """Return what stands behind the submissions."""
    return {
        "unmatched": list(gradebook.unmatched),
        "notices": list(gradebook.notices),
    }


def _localized(text: Localized) -> str | dict[str, str]:
    """Return one text, or a text for each language; as rubrics write it."""
    return text.texts[ANY] if set(text.texts) == {ANY} else dict(text.texts)


def _outline(outline: TaskOutline) -> dict[str, Any]:
    described = outline.description
    return {
        "title": _localized(outline.title),
        **({"description": _localized(described)} if described else {}),
        "criteria": {id_: _rule(rule) for id_, rule in outline.criteria.items()},
    }


def _rule(rule: CriterionOutline) -> dict[str, Any]:
    known: dict[str, Any] = {"title": _localized(rule.title)}
    if rule.hint:
        known["hint"] = _localized(rule.hint)
    if rule.measure:
        known["measure"] = rule.measure
    if rule.datasets:
        known["datasets"] = list(rule.datasets)
    if rule.scale:
        steps = [[number(points), number(value)] for points, value in rule.scale.steps]
        known["scale"] = {
            "kind": rule.scale.kind,
            "direction": rule.scale.direction.value,
            "steps": steps,
        }
    return {**known, "visibility": rule.visibility.value}


def _late_rule(rule: LateRule) -> dict[str, Any]:
    return {
        "due": _time(rule.due),
        "grace": number(rule.grace.total_seconds()),
        "steps": [
            [number(late.total_seconds()), number(share)] for late, share in rule.steps
        ],
        "is_linear": rule.is_linear,
        "taken": rule.taken.value,
        "clock": rule.clock.value,
        "extensions": {who: _time(due) for who, due in rule.extensions.items()},
    }


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def submission(grade: Grade) -> dict[str, Any]:
    """Return a submission; portraits of models are left out."""
    return {
        "id": grade.id,
        "points": number(grade.points),
        "max_points": number(grade.max_points),
        "passed": grade.passed,
        "raw": number(grade.raw),
        "penalty": grade.penalty and _penalty(grade.penalty, grade.penalty_points),
        "override": grade.override and _override(grade.override),
        **({} if grade.whole else {"whole": False}),
        **_taken_in(grade.taken_in),
        "tasks": [_task(task) for task in grade.tasks],
    }


def _penalty(penalty: Penalty, points: Decimal | None) -> dict[str, Any]:
    return {
        "late": number(penalty.late.total_seconds()),
        "share": number(penalty.share),
        "taken": penalty.taken.value,
        "points": number(points),
    }


def _override(override: Override) -> dict[str, Any]:
    known: dict[str, Any] = {
        "points": number(override.points),
        "raw": number(override.raw),
        "comment": override.comment,
        "by": override.by,
        "at": override.at,
        "why": override.why,
    }
    if override.raw_verdict is not None:
        known["raw_verdict"] = override.raw_verdict.value
    return known


def _taken_in(known: TakenIn) -> dict[str, Any]:
    """Return who handed in and when; nothing of what is not known."""
    stamp = known.handed_in
    found: dict[str, Any] = {
        "people": [
            {name: text for name, text in asdict(person).items() if text}
            for person in known.people
        ],
        "on_roster": known.on_roster,
        "handed_in": stamp and {"at": _time(stamp.at), "by": stamp.clock.value},
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
        **({} if task.complete else {"planned": task.planned}),
        **({"override": _override(task.override)} if task.override else {}),
        "artifact": None if task.artifact is None else _artifact(task.artifact),
        "run": None if task.run is None else _run(task.run),
        "seconds": {
            step: number(round(seconds, 3))
            for step, seconds in sorted(task.seconds.items())
        },
        "criteria": [_criterion(criterion) for criterion in task.criteria],
    }


def portrait_tree(portrait: Portrait) -> dict[str, Any]:
    """Return what there is of a portrait."""
    if portrait == NO_PORTRAIT:
        return {}
    known = _plain_portrait()(portrait, mode="json")
    return {name: value for name, value in known.items() if value}


@cache
def _plain_portrait() -> Callable[..., dict[str, Any]]:
    """Return what makes plain values of a portrait; made but once, and when needed."""
    from pydantic import TypeAdapter  # noqa: PLC0415 - most that import reports need none

    return TypeAdapter(Portrait).dump_python


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
    if criterion.code is not None:
        known["code"] = criterion.code
    if criterion.override is not None:
        known["override"] = _override(criterion.override)
    if criterion.public is not None:
        known["public"] = {
            "value": measured(criterion.public.value),
            "points": number(criterion.public.points),
            "n": criterion.public.n,
        }
    if criterion.detail is not None:
        known["detail"] = tuple(criterion.detail.rstrip().splitlines())
    return known


def _uncertainty(criterion: CriterionResult) -> dict[str, Any]:
    """Return how sure the value is, if the check measured it on examples."""
    known = criterion.uncertainty
    if known is None:
        return {"borderline": True} if criterion.borderline else {}
    return {
        "n": known.n,
        "standard_error": measured(known.standard_error),
        "interval": [measured(bound) for bound in known.interval],
        "borderline": criterion.borderline,
    }
