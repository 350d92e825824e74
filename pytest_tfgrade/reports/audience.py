"""What a candidate may see of the grades; decided here and nowhere else."""

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.criterion import CriterionResult
from pytest_tfgrade.core.grade import Gradebook, TakenIn, TaskGrade
from pytest_tfgrade.core.localized import DEFAULT
from pytest_tfgrade.core.outline import TaskOutline
from pytest_tfgrade.core.portrait import Portrait, Rows
from pytest_tfgrade.core.reckoning import Override
from pytest_tfgrade.core.visibility import Visibility
from pytest_tfgrade.languages.sentences import sentences_in

NOT_SHOWN: Final = "not shown to candidates"
"""Stands in place of what a hidden criterion says."""


def for_candidates(gradebook: Gradebook) -> Gradebook:
    """Return the same grades without what only the grader may see.

    Of a criterion that is not visible yet, its id, verdict and points are left; of its
    group, which speaks of its members, as well. Where it met an ungradable artifact, it
    says so in the fixed words of the code: nobody loses a task without a reason. Of a
    model, its layers and what it predicted of public rows.
    """
    outlines = _outlines(gradebook)
    secret = {
        name: _datasets(outline) - _datasets(outlines[name])
        for name, outline in gradebook.outlines.items()
    }
    grades = tuple(
        replace(
            grade,
            taken_in=TakenIn(),
            override=_override(grade.override),
            tasks=tuple(
                _without_pictures(
                    task_for_candidates(task, gradebook.revealed, gradebook.language),
                    secret.get(task.id, frozenset()),
                )
                for task in grade.tasks
            ),
        )
        for grade in gradebook.grades
    )
    rule = gradebook.late_rule
    return replace(
        gradebook,
        grades=grades,
        notices=(),
        unmatched=gradebook.unmatched if len(grades) == 1 else (),
        course={},
        outlines=outlines,
        late_rule=rule and replace(rule, extensions={}),
    )


def _datasets(outline: TaskOutline) -> frozenset[str]:
    """Return the evaluation datasets that criteria look at."""
    rules = outline.criteria.values()
    return frozenset(name for rule in rules for name in rule.datasets)


def _without_pictures(task: TaskGrade, datasets: Collection[str]) -> TaskGrade:
    """Return a task without pictures of datasets that hidden criteria alone look at."""
    pictures = tuple(p for p in task.portrait.pictures if p.dataset not in datasets)
    return replace(task, portrait=replace(task.portrait, pictures=pictures))


def _outlines(gradebook: Gradebook) -> dict[str, TaskOutline]:
    """Return what rubrics say of criteria that are visible for everybody."""
    shown = _shown(gradebook.revealed)
    covered = {
        (task.id, id_)
        for grade in gradebook.grades
        for task in grade.tasks
        for id_ in _covered_ids(task, shown)
    }
    return {
        name: replace(
            outline,
            criteria={
                id_: rule
                for id_, rule in outline.criteria.items()
                if rule.visibility in shown and (name, id_) not in covered
            },
        )
        for name, outline in gradebook.outlines.items()
    }


def task_for_candidates(
    task: TaskGrade, revealed: Collection[Visibility], language: str = DEFAULT
) -> TaskGrade:
    """Return the same of one task.

    Args:
        task: Its texts are in ``language``.
        revealed: What may be seen by now.
        language: Of what is said in place of what is hidden.
    """
    covered = _covered_ids(task, _shown(revealed))
    return replace(
        task,
        override=_override(task.override),
        portrait=_portrait(task.portrait),
        criteria=tuple(
            _covered(c, language) if c.id in covered else _uncovered(c)
            for c in task.criteria
        ),
    )


def _shown(revealed: Collection[Visibility]) -> set[Visibility]:
    return {Visibility.VISIBLE, *revealed}


def _covered_ids(task: TaskGrade, shown: Collection[Visibility]) -> set[str]:
    """Return the criteria that are not visible, and groups that speak of such."""
    hidden = [c for c in task.criteria if c.visibility not in shown]
    return {c.id for c in hidden} | {c.group for c in hidden if c.group}


def _portrait(portrait: Portrait) -> Portrait:
    """Return the layers, and what was predicted of rows that are public."""
    return Portrait(
        architecture=portrait.architecture,
        pictures=tuple(p for p in portrait.pictures if p.rows is Rows.PUBLIC),
    )


def _override(override: Override | None) -> Override | None:
    """Return other points and the comment, without who decided and why."""
    return override and replace(override, by="", at="", why="")


def _uncovered(criterion: CriterionResult) -> CriterionResult:
    """Return a criterion with the value of the public part, if there are parts."""
    shown = replace(criterion, detail=None, override=_override(criterion.override))
    if criterion.public is None:
        return shown
    value = criterion.public.value
    return replace(shown, value=value, uncertainty=None, borderline=False)


def _covered(criterion: CriterionResult, language: str) -> CriterionResult:
    said = sentences_in(language).translated
    override = _override(criterion.override)
    code = next((known for known in Code if known == criterion.code), None)
    return replace(
        criterion,
        title="",
        check="",
        rationale=said(code.text if code else NOT_SHOWN),
        hint=said(code.hint) if code else None,
        detail=None,
        value=None,
        skills=(),
        uncertainty=None,
        borderline=False,
        public=None,
        override=override and replace(override, comment=""),
    )
