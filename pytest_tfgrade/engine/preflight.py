"""What can be said of a model before it is handed in: without any hidden data.

A rubric is cut down to what can be decided, and graded like any other.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.criterion import ArtifactRecord, CriterionResult
from pytest_tfgrade.core.errors import RunnerError, Ungradable
from pytest_tfgrade.core.grade import TaskGrade
from pytest_tfgrade.core.isolation import Mode
from pytest_tfgrade.core.submission import HandedIn, Submission
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.engine.as_handed_in import bears_name, names_accepted
from pytest_tfgrade.engine.course import Course
from pytest_tfgrade.engine.extensions import Extensions
from pytest_tfgrade.engine.job import Job
from pytest_tfgrade.engine.made_up_rows import made_up_dataset
from pytest_tfgrade.engine.preflight_plan import (
    FILE,
    INPUTS,
    TRIAL,
    Entry,
    PreflightPlan,
)
from pytest_tfgrade.engine.run import GradingRun
from pytest_tfgrade.engine.trial import NOWHERE, Trial, refusal_of, trial_of
from pytest_tfgrade.rubric import Rubric
from pytest_tfgrade.runner import Confinement, LocalRunner

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
class Finding:
    """Something against a model that no criterion asks for."""

    what: str
    """Of the model."""

    code: Code
    """What grading would most likely say."""

    rationale: str
    """What is wrong."""

    hint: str
    """What to try."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preflight:
    """What is known of a model before it is handed in."""

    rubric: Rubric
    """What the task asks."""

    artifact: ArtifactRecord | None
    """The file; None if there is none that could be read."""

    sources: tuple[str, ...]
    """Names of the code that would be handed in with it; printable."""

    findings: tuple[Finding, ...]
    """What is against it besides."""

    adapted: tuple[str, ...]
    """What would be adapted between the task's inputs and the model's."""

    decided: tuple[Decided, ...]
    """In the rubric's order."""

    call: CriterionResult | None = None
    """Whether the predictions for made-up inputs are of the kind that is asked for."""

    tried: tuple[CriterionResult, ...] = ()
    """Of criteria that hidden data decide: what made-up inputs show."""

    trial: Trial | None = None
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
            and not self.findings
            and not any(each.counts_against for each in self.decided)
            and all(result.verdict not in _LOST for result in tried)
        )


def preflight(  # noqa: PLR0913 - what a run is made of
    course: Course,
    rubric: Rubric,
    file: Path,
    *,
    sources: Sequence[Path] = (),
    load: bool = False,
    sandbox: Mode = Mode.AUTO,
    extensions: Extensions,
) -> Preflight:
    """Return what can be said of a file without hidden data.

    Criteria that candidates may not see from the start are left out, asked and told.
    A model of which it is known that it cannot be graded is not loaded.

    Args:
        course: With the runtimes.
        rubric: What the task asks.
        file: What would be handed in.
        sources: Code that would be handed in with it; one file, else it is refused.
        load: Whether to load the model and call it on made-up inputs.
        sandbox: How models are isolated.
        extensions: What plug-ins add.

    Raises:
        RunnerError: The machine is at fault; not if it lacks what runs the model, which
            ``Preflight.trial`` tells.
    """
    plan = PreflightPlan(rubric, load=load)
    files, code = (_handed_in(file),), tuple(map(_handed_in, sources))
    candidate = Submission(
        id=_WHO,
        found={rubric.task: files, TRIAL: files},
        sources={rubric.task: code, TRIAL: code},
    )
    run = GradingRun(
        replace(course, rubrics=(plan.known(), plan.trial()), data=NOWHERE),
        (candidate,),
        runner=LocalRunner(course.runtimes, confinement=Confinement(mode=sandbox)),
        load_dataset=lambda name, folder: made_up_dataset(name, plan.made_up_contract),
        workers=1,
        extensions=extensions,
    )
    with closing(run):
        known = _known(plan, _graded(run, rubric.task), file, code)
        if known.refusal is not None or not (load and rubric.runs_models):
            return known
        try:
            return _tried(known, plan, _graded(run, TRIAL))
        except RunnerError as error:
            trial = Trial(untried=str(error), machine_at_fault=True)
            return replace(known, trial=trial)


def _handed_in(path: Path) -> HandedIn:
    return HandedIn(name=printable(path.name), path=path.absolute())


def _graded(run: GradingRun, task: str) -> TaskGrade:
    job = Job(_WHO, task)
    run.begin([job], ahead=False)
    return run.grade(job)


def _known(
    plan: PreflightPlan, grade: TaskGrade, file: Path, code: Sequence[HandedIn]
) -> Preflight:
    """Sort what the file alone decides into what a candidate is told.

    Raises:
        RunnerError: The machine is at fault.
    """
    results = {result.id: result for result in grade.criteria}
    own = [results.pop(id_) for id_ in (FILE, INPUTS)]
    for result in own:
        if result.verdict is Verdict.ERROR:
            raise RunnerError(result.detail or result.rationale)
    known = {id_: r for id_, r in results.items() if r.verdict is not Verdict.ERROR}
    refusal = next(_refusals([*known.values(), *own]), None)
    return Preflight(
        rubric=plan.rubric,
        artifact=grade.artifact,
        sources=tuple(source.name for source in code),
        findings=tuple(_findings(plan, grade.artifact, file)),
        adapted=tuple(plan.adapted),
        decided=tuple(
            Decided(
                result=result,
                provided=plan.provided(plan.decided[id_]),
                counts_against=_counts_against(result, grade, known),
            )
            for id_, result in known.items()
        ),
        waiting=() if refusal else tuple(e for e in plan.shown if e.id not in known),
        refusal=refusal,
    )


def _findings(
    plan: PreflightPlan, artifact: ArtifactRecord | None, file: Path
) -> Iterator[Finding]:
    rule = plan.rubric.artifact
    if not bears_name(file, rule):
        accepted = names_accepted(rule, artifact.format if artifact else None)
        yield Finding(
            what="name",
            code=Code.MISSING,
            rationale="this name is not accepted",
            hint=f"Hand it in as {accepted}.",
        )
    if plan.nonfinite:
        text = f"weights of {plan.nonfinite} are NaN or infinite"
        yield Finding(
            what="weights",
            code=Code.NONFINITE,
            rationale=f"{text}, and so is what is computed with them",
            hint=Code.NONFINITE.hint,
        )


def _tried(known: Preflight, plan: PreflightPlan, grade: TaskGrade) -> Preflight:
    """Add what made-up inputs show; a call tells more of weights than they do.

    Raises:
        RunnerError: The machine is at fault.
    """
    call, *others = grade.criteria
    trial = trial_of(grade, call, plan.returned)
    tried = {
        result.id: plan.hinted(result, call)
        for result in others
        if result.verdict is not Verdict.ERROR
    }
    refusal = next(_refusals([call, *tried.values()]), None)
    waiting = tuple(entry for entry in known.waiting if entry.id not in tried)
    return replace(
        known,
        findings=tuple(f for f in known.findings if f.code is not Code.NONFINITE),
        call=call,
        tried=tuple(tried.values()),
        trial=trial,
        waiting=() if refusal else waiting,
        refusal=refusal,
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
