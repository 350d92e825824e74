"""Who moved between two runs, for programs."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from pytest_tfgrade.commands.comparison import (
    Comparison,
    CriterionMove,
    Move,
    TaskMove,
)
from pytest_tfgrade.commands.grades_file import KnownCriterion, KnownTask
from pytest_tfgrade.commands.inspection_json import dumped
from pytest_tfgrade.commands.moving_reasons import Reason
from pytest_tfgrade.core.score import measured, number


def as_json(found: Comparison) -> str:
    """Return one JSON object; keys are added to it, never renamed."""
    counts = found.counts
    return dumped(
        {
            "schema": 1,
            "compared": found.compared,
            "moved": len(found.moves),
            "up": counts.up,
            "down": counts.down,
            "new": counts.new,
            "gone": counts.gone,
            "passes": [
                {"before": before, "after": after, "submissions": count}
                for (before, after), count in counts.passes.items()
            ],
            "unexplained": counts.unexplained,
            "moves": [_move(move) for move in found.moves],
        }
    )


def _move(move: Move) -> dict[str, Any]:
    before, after = move.before, move.after
    return {
        "id": move.id,
        "before": before and _score(before.points, before.max_points, before.passed),
        "after": after and _score(after.points, after.max_points, after.passed),
        "reasons": _reasons(move.reasons),
        "tasks": [_task(task) for task in move.tasks],
    }


def _score(
    points: Decimal | None, max_points: Decimal, passed: bool | None
) -> dict[str, Any]:
    return {
        "points": number(points),
        "max_points": number(max_points),
        "passed": passed,
    }


def _task(move: TaskMove) -> dict[str, Any]:
    return {
        "id": move.id,
        "before": move.before and _known_task(move.before),
        "after": move.after and _known_task(move.after),
        "reasons": _reasons(move.reasons),
        "criteria": [_criterion(criterion) for criterion in move.criteria],
    }


def _known_task(task: KnownTask) -> dict[str, Any]:
    return {
        "points": number(task.points),
        "max_points": number(task.max_points),
        "result": task.result.value,
        "code": task.code,
    }


def _criterion(move: CriterionMove) -> dict[str, Any]:
    return {
        "id": move.id,
        "before": move.before and _known_criterion(move.before),
        "after": move.after and _known_criterion(move.after),
    }


def _known_criterion(criterion: KnownCriterion) -> dict[str, Any]:
    return {
        "points": number(criterion.points),
        "max_points": number(criterion.max_points),
        "verdict": criterion.verdict.value,
        "value": measured(criterion.value),
        "rationale": criterion.rationale,
    }


def _reasons(reasons: Sequence[Reason]) -> list[dict[str, str]]:
    return [{"name": reason.why.value, "text": reason.text} for reason in reasons]
