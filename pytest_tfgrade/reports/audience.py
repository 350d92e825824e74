"""What a candidate may see of the grades; decided here and nowhere else."""

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.criterion import CriterionResult
from pytest_tfgrade.core.grade import Gradebook, TakenIn, TaskGrade
from pytest_tfgrade.core.visibility import Visibility

NOT_SHOWN: Final = "not shown to candidates"
"""Stands in place of what a hidden criterion says."""


def for_candidates(gradebook: Gradebook) -> Gradebook:
    """Return the same grades without what only the grader may see.

    Of a criterion that is not visible yet, its id, verdict and points are left; of its
    group, which speaks of its members, as well. Where it met an ungradable artifact, it
    says so in the fixed words of the code: nobody loses a task without a reason.
    """
    grades = tuple(
        replace(
            grade,
            taken_in=TakenIn(),
            tasks=tuple(
                task_for_candidates(task, gradebook.revealed) for task in grade.tasks
            ),
        )
        for grade in gradebook.grades
    )
    return replace(gradebook, grades=grades, notices=())


def task_for_candidates(task: TaskGrade, revealed: Collection[Visibility]) -> TaskGrade:
    """Return the same of one task; ``revealed`` is what may be seen by now."""
    shown = {Visibility.VISIBLE, *revealed}
    criteria = task.criteria
    covered = {c.group for c in criteria if c.visibility not in shown and c.group}
    seen = (
        _uncovered(c) if c.visibility in shown and c.id not in covered else _covered(c)
        for c in criteria
    )
    return replace(task, criteria=tuple(seen))


def _uncovered(criterion: CriterionResult) -> CriterionResult:
    """Return a criterion with the value of the public part, if there are parts."""
    shown = replace(criterion, detail=None)
    if criterion.public is None:
        return shown
    value = criterion.public.value
    return replace(shown, value=value, uncertainty=None, borderline=False)


def _covered(criterion: CriterionResult) -> CriterionResult:
    code = next((known for known in Code if known == criterion.code), None)
    return replace(
        criterion,
        title="",
        check="",
        rationale=code.text if code else NOT_SHOWN,
        hint=code.hint if code else None,
        detail=None,
        value=None,
        skills=(),
        uncertainty=None,
        borderline=False,
        public=None,
    )
