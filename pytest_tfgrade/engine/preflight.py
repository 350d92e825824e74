"""What can be said of a model before it is handed in: without any hidden data.

A rubric is cut down to what can be decided, and graded like any other.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.criterion import ArtifactRecord, CriterionResult
from pytest_tfgrade.core.errors import RunnerError, Ungradable
from pytest_tfgrade.core.grade import TaskGrade
from pytest_tfgrade.core.submission import HandedIn, Submission
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.engine.course import Course
from pytest_tfgrade.engine.extensions import Extensions
from pytest_tfgrade.engine.made_up_rows import made_up_dataset
from pytest_tfgrade.engine.preflight_plan import CALL, INPUTS, Entry, PreflightPlan
from pytest_tfgrade.engine.run import GradingRun, Job
from pytest_tfgrade.engine.trial import NOWHERE, Trial, refusal_of, trial_of
from pytest_tfgrade.rubric import Rubric
from pytest_tfgrade.runner import LocalRunner

_WHO: Final = "candidate"

_LOST: Final = frozenset({Verdict.FAILED, Verdict.PARTIAL, Verdict.SKIPPED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What became of a criterion or a group that needs no hidden data."""

    result: CriterionResult
    """As grading would have it."""

    provided: tuple[str, ...] = ()
    """What must pass on hidden data for it to count, as far as that may be named."""

    counts_against: bool = False
    """Whether points, or what hangs on it, are lost already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preflight:
    """What is known of a model before it is handed in."""

    rubric: Rubric
    """What the task asks."""

    artifact: ArtifactRecord | None
    """The file; None if there is none that could be read."""

    adapted: tuple[str, ...]
    """What would be adapted between the task's inputs and the model's."""

    decided: tuple[Decided, ...]
    """In the rubric's order."""

    call: CriterionResult | None
    """Whether the predictions for made-up inputs are of the kind that is asked for."""

    tried: tuple[CriterionResult, ...]
    """Of criteria that hidden data decide: what made-up inputs show."""

    trial: Trial | None
    """What became of loading and calling the model; None if it was not tried."""

    waiting: tuple[Entry, ...]
    """Criteria and groups that hidden data decide."""

    refusal: Ungradable | None
    """Why the model cannot be graded."""

    @property
    def is_clear(self) -> bool:
        """Whether nothing is known against it."""
        tried = (*self.tried, *((self.call,) if self.call else ()))
        return (
            self.refusal is None
            and not any(each.counts_against for each in self.decided)
            and all(result.verdict not in _LOST for result in tried)
        )


def preflight(  # noqa: PLR0913 - what a run is made of
    course: Course,
    rubric: Rubric,
    file: Path,
    *,
    source: Path | None = None,
    load: bool = False,
    extensions: Extensions,
) -> Preflight:
    """Return what can be said of a file without hidden data.

    Criteria that candidates may not see from the start are left out, asked and told.

    Args:
        course: With the runtimes.
        rubric: What the task asks.
        file: What would be handed in.
        source: Code that would be handed in with it.
        load: Whether to load the model and call it on made-up inputs.
        extensions: What plug-ins add.

    Raises:
        RunnerError: The machine is at fault, or lacks what runs the model.
    """
    plan = PreflightPlan(rubric, load=load and rubric.runs_models)
    candidate = Submission(
        id=_WHO,
        found={rubric.task: (_handed_in(file),)},
        sources={rubric.task: (_handed_in(source),)} if source else {},
    )
    run = GradingRun(
        replace(course, rubrics=(plan.cut_down(),), data=NOWHERE),
        (candidate,),
        runner=LocalRunner(course.runtimes),
        load_dataset=lambda name, folder: made_up_dataset(name, rubric.contract),
        workers=1,
        extensions=extensions,
    )
    with closing(run):
        job = Job(_WHO, rubric.task)
        run.begin([job], ahead=False)
        return _judged(plan, run.grade(job))


def _handed_in(path: Path) -> HandedIn:
    return HandedIn(name=printable(path.name), path=path.absolute())


def _judged(plan: PreflightPlan, grade: TaskGrade) -> Preflight:
    """Sort the results of a grade into what a candidate is told.

    Raises:
        RunnerError: The machine is at fault.
    """
    results = {result.id: result for result in grade.criteria}
    inputs = results.pop(INPUTS)
    if inputs.verdict is Verdict.ERROR:
        raise RunnerError(inputs.detail or inputs.rationale)
    call = results.pop(CALL, None)
    trial = trial_of(grade, call, plan.returned) if call is not None else None
    tried = [plan.hinted(results.pop(id_), call) for id_ in plan.tried]
    known = {id_: r for id_, r in results.items() if r.verdict is not Verdict.ERROR}
    asked = [inputs, *known.values(), *([call] if call else []), *tried]
    return Preflight(
        rubric=plan.rubric,
        artifact=grade.artifact,
        adapted=tuple(plan.adapted),
        decided=tuple(
            Decided(
                result=result,
                provided=plan.provided(plan.decided[id_]),
                counts_against=_counts_against(result, grade, known),
            )
            for id_, result in known.items()
        ),
        tried=tuple(tried),
        call=call,
        trial=trial,
        waiting=tuple(e for e in plan.shown if e.id not in known),
        refusal=next(_refusals(asked), None),
    )


def _counts_against(
    result: CriterionResult, grade: TaskGrade, known: Collection[str]
) -> bool:
    """Return whether points are lost, whatever the hidden data show."""
    if result.verdict not in _LOST or result.bonus or grade.tolerates(result):
        return False
    return result.group is None or result.group in known


def _refusals(results: Iterable[CriterionResult]) -> Iterator[Ungradable]:
    for result in results:
        if result.code is not None and result.code != Code.INFRA:
            yield refusal_of(result, Code(result.code))
