"""Gradescope: the ``results.json`` of an autograder.

What is read there is in its specification (specs.md of its autograder samples). A
``score`` on top overrides the sum of the tests; a test that is not visible hides the
total. Gradescope itself shows tests after the due date, or when grades are published;
so their texts are in the file, which is for Gradescope and not for candidates' eyes.
What is hidden for good is not in it. A group is shown when all its members are.
"""

import gettext
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from pytest_tfgrade.core.criterion import CriterionResult
from pytest_tfgrade.core.errors import UsageError
from pytest_tfgrade.core.grade import Grade, Gradebook, TaskGrade, total
from pytest_tfgrade.core.reckoning import gives_points
from pytest_tfgrade.core.score import measured, number, score_text
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.core.threshold import Direction
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.core.visibility import STAGES, Visibility
from pytest_tfgrade.languages import translations
from pytest_tfgrade.reports.audience import for_candidates
from pytest_tfgrade.reports.gradescope_summary import Standing, so_far, summary
from pytest_tfgrade.reports.interface import Audience, ReportFile, Request

if TYPE_CHECKING:
    from pytest_tfgrade.reports.gradescope_metadata import Metadata

_PLACES: Final = 5
"""Decimal places of scores; more only show float noise there."""

_STRICTNESS: Final = (Visibility.VISIBLE, *STAGES, Visibility.HIDDEN)
"""The later somebody may see it, the further behind."""

_STATUS: Final = {
    Verdict.PASSED: "passed",
    Verdict.PARTIAL: "failed",
    Verdict.FAILED: "failed",
    Verdict.SKIPPED: "failed",
}
"""Of an error Gradescope is told none: it knows but two."""


class GradescopeReport:
    """What Gradescope shows a student, and when."""

    file_name = "results.json"
    audience = Audience.CANDIDATE

    def render(self, gradebook: Gradebook, request: Request) -> Iterator[ReportFile]:
        """Yield the results of the one submission there is.

        While its score is open, or a part of it was not graded, no score is given: not
        on top, and of no test, for Gradescope would add these up.

        Raises:
            UsageError: There is not exactly one submission, or what Gradescope says of
                it cannot be read.
        """
        if len(gradebook.grades) != 1:
            what = f"gradescope: there are {len(gradebook.grades)} submissions, and "
            what += "results.json is of one"
            remedy = "choose one by --tfgrade-candidate (tfgrade report: --candidate)"
            raise UsageError(f"{what}; {remedy}")
        metadata = None
        if request.metadata is not None:
            # pydantic is loaded only where there is something to be checked.
            from pytest_tfgrade.reports.gradescope_metadata import (  # noqa: PLC0415
                read_metadata,
            )

            metadata = read_metadata(request.metadata)
        results = _results(gradebook, metadata, translations(request.language))
        text = json.dumps(results, ensure_ascii=False, indent=2, allow_nan=False)
        return iter([ReportFile(name=self.file_name, text=[text, "\n"])])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Test:
    """A criterion, and when it is shown."""

    number: str
    """As ``1.2``: the task, and the criterion within it."""

    task: TaskGrade
    criterion: CriterionResult
    visibility: Visibility


def _results(
    gradebook: Gradebook, metadata: "Metadata | None", words: gettext.NullTranslations
) -> dict[str, Any]:
    shown = for_candidates(replace(gradebook, revealed=frozenset(STAGES)))
    (grade,) = shown.grades
    tests = [*_tests(grade, gradebook.revealed)]
    is_open = grade.points is None or not grade.complete
    standing = _standing(grade, tests, is_open=is_open)
    several = len(grade.tasks) > 1
    entries = [_entry(test, words, is_open=is_open, several=several) for test in tests]
    if not standing.all_visible:
        entries.insert(0, _so_far(standing, words))
    seconds = sum(sum(task.seconds.values()) for task in grade.tasks)
    return {
        **({} if is_open else {"score": _score(grade.points)}),
        "execution_time": number(round(seconds, 3)),
        **_text(summary(gradebook.isolated, grade, standing, metadata, words)),
        "test_name_format": "text",
        "test_output_format": "text",
        "stdout_visibility": "hidden",
        "tests": entries,
        "leaderboard": [*_leaderboard(shown, standing, tests, words)],
        "extra_data": {"isolated": gradebook.isolated, "complete": grade.complete},
    }


def _tests(grade: Grade, revealed: frozenset[Visibility]) -> Iterator[_Test]:
    for place, task in enumerate(grade.tasks, 1):
        for within, criterion in enumerate(task.criteria, 1):
            speaks_of = [c for c in task.criteria if c.group == criterion.id]
            seen = (
                Visibility.VISIBLE if c.visibility in revealed else c.visibility
                for c in (criterion, *speaks_of)
            )
            yield _Test(
                number=f"{place}.{within}",
                task=task,
                criterion=criterion,
                visibility=max(seen, key=_STRICTNESS.index),
            )


def _standing(grade: Grade, tests: list[_Test], *, is_open: bool) -> Standing:
    """Return what everybody may know by now."""
    visible = [t for t in tests if t.visibility is Visibility.VISIBLE]
    counting = [t for t in visible if t.criterion.group is None]
    possible = (
        t.task.weight * t.criterion.max_points
        for t in counting
        if not t.criterion.bonus
    )
    said = (grade.override, *(task.override for task in grade.tasks))
    is_other = any(map(gives_points, said))
    return Standing(
        is_open=is_open,
        all_visible=len(visible) == len(tests),
        later=frozenset(t.visibility for t in tests) & {*STAGES},
        earned=None if is_other else total(_weighted(t) for t in counting),
        possible=sum(possible, Decimal(0)),
    )


def _so_far(standing: Standing, words: gettext.NullTranslations) -> dict[str, Any]:
    """Return a test that students see at once: others keep the total from them."""
    scores: dict[str, Any] = {}
    if standing.earned is not None and not standing.is_open:
        possible = _score(standing.possible)
        scores = {"score": _score(standing.earned), "max_score": possible}
    return {
        "name": words.gettext("Shown so far"),
        "number": "0",
        **scores,
        **_text([*so_far(standing, words)]),
        "visibility": Visibility.VISIBLE.value,
    }


def _weighted(test: _Test) -> Decimal | None:
    points = test.criterion.points
    return None if points is None else test.task.weight * points


def _entry(
    test: _Test, words: gettext.NullTranslations, *, is_open: bool, several: bool
) -> dict[str, Any]:
    """Return a test as Gradescope reads it."""
    criterion, task = test.criterion, test.task
    name = criterion.title or criterion.id
    counts = criterion.group is None and not is_open
    return {
        "name": printable(f"{task.title or task.id}: {name}" if several else name),
        "number": test.number,
        **(_scores(test) if counts else {}),
        **_status(task, criterion),
        **_text(_output(criterion, words, with_points=not counts)),
        "tags": [printable(skill) for skill in criterion.skills],
        "visibility": test.visibility.value,
        "extra_data": {
            "task": printable(task.id),
            "criterion": printable(criterion.id),
            "verdict": criterion.verdict.value,
            "value": measured(criterion.value),
        },
    }


def _scores(test: _Test) -> dict[str, Any]:
    possible = test.task.weight * test.criterion.max_points
    return {"score": _score(_weighted(test)), "max_score": _score(possible)}


def _status(task: TaskGrade, criterion: CriterionResult) -> dict[str, str]:
    """Return passed or failed; nothing where no points were lost, or none is known."""
    if criterion.verdict is Verdict.ERROR or task.tolerates(criterion):
        return {}
    return {"status": _STATUS[criterion.verdict]}


def _output(
    criterion: CriterionResult, words: gettext.NullTranslations, *, with_points: bool
) -> list[str]:
    lines = [criterion.rationale, criterion.hint or ""]
    if with_points and criterion.points is not None:
        score = score_text(criterion.points, criterion.max_points)
        lines.insert(0, words.gettext("%(score)s points") % {"score": score})
    if criterion.override is not None:
        lines.append(criterion.override.comment)
    return lines


def _text(lines: list[str]) -> dict[str, str]:
    """Return lines as they are shown: none can do anything, markup included."""
    output = "\n".join(printable(line) for line in lines if line)
    return {"output": output, "output_format": "text"}


def _score(points: Decimal | None) -> int | float | None:
    return None if points is None else number(round(points, _PLACES))


def _leaderboard(
    gradebook: Gradebook,
    standing: Standing,
    tests: list[_Test],
    words: gettext.NullTranslations,
) -> Iterator[Mapping[str, Any]]:
    """Yield what a class may compare: points, and what visible criteria measured.

    Points are those of the total as soon as nothing is kept back; a value is of the
    public part, if there are parts, and is there if it is known which are better.
    """
    (grade,) = gradebook.grades
    if standing.all_visible and not standing.is_open:
        yield {"name": words.gettext("Points"), "value": _score(grade.points)}
    names = {words.gettext("Points")}
    for test in tests:
        id_, task = test.criterion.id, test.task
        outline = gradebook.outlines.get(task.id)
        rule = None if outline is None else outline.criteria.get(id_)
        value = measured(test.criterion.value)
        if test.visibility is not Visibility.VISIBLE or value is None:
            continue
        if rule is None or rule.scale is None:
            continue
        name = printable(f"{task.title or task.id}: {rule.measure or id_}")
        name = f"{name} ({printable(id_)})" if name in names else name
        names.add(name)
        ascending = rule.scale.direction is Direction.LOWER_IS_BETTER
        yield {"name": name, "value": value, **({"order": "asc"} if ascending else {})}
