"""What can be said of a model before it is handed in: without any hidden data.

A rubric is cut down to what can be decided, and graded like any other.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Final

from pytest_tfgrade.checks import Check, Evaluation, Model, Needs
from pytest_tfgrade.checks.interface import Outcome
from pytest_tfgrade.checks.model.feeding import feeding_for
from pytest_tfgrade.checks.predict.contract import CONTRACT
from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.criterion import ArtifactRecord, CriterionResult, Measured
from pytest_tfgrade.core.errors import CheckFailed, RunnerError, Ungradable
from pytest_tfgrade.core.grade import TaskGrade
from pytest_tfgrade.core.localized import Localized
from pytest_tfgrade.core.submission import HandedIn, Submission
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.core.visibility import Visibility
from pytest_tfgrade.engine.course import Course
from pytest_tfgrade.engine.extensions import Extensions
from pytest_tfgrade.engine.run import GradingRun, Job
from pytest_tfgrade.engine.trial import (
    NOWHERE,
    Returned,
    Trial,
    made_up_check,
    made_up_dataset,
    returned,
    trial_of,
)
from pytest_tfgrade.rubric import BoundCriterion, BoundGroup, Rubric
from pytest_tfgrade.runner import LocalRunner

_INPUTS: Final = "(inputs)"
_CALL: Final = "(call)"
"""Ids of our own criteria; no rubric can have one like them."""

_WHO: Final = "candidate"
_MADE_UP: Final = "made-up inputs"

_KIND_HINT: Final = (
    "End the model with a softmax activation, or with sigmoid if several labels of an "
    "example may be true."
)

_LOST: Final = frozenset({Verdict.FAILED, Verdict.PARTIAL, Verdict.SKIPPED})

Entry = BoundCriterion | BoundGroup


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
    plan = _Plan(rubric, load=load and rubric.runs_models)
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


class _Plan:
    """What of a rubric can be asked here, and what has to wait."""

    def __init__(self, rubric: Rubric, *, load: bool) -> None:
        """Divide the criteria that candidates may see.

        Args:
            rubric: What the task asks.
            load: Whether made-up inputs may be tried.
        """
        self.rubric = rubric
        self.load = load
        self.adapted: list[str] = []
        self.returned: list[Returned] = []
        unseen = _unseen(rubric)
        self.shown = [e for e in rubric.criteria if e.id not in unseen]
        self.decided: dict[str, Entry] = {}
        for entry in self.shown:
            if self._needs_no_data(entry):
                self.decided[entry.id] = entry
        self.tried = {
            entry.id: entry
            for entry in self.shown
            if load and isinstance(entry, BoundCriterion) and entry.check is CONTRACT
        }

    def _needs_no_data(self, entry: Entry) -> bool:
        if isinstance(entry, BoundGroup):
            return all(member in self.decided for member in entry.members)
        return entry.check.needs is not Needs.PREDICTIONS

    def provided(self, entry: Entry) -> tuple[str, ...]:
        """Return what a criterion requires and is not known yet."""
        shown = {other.id for other in self.shown}
        return tuple(
            id_ for id_ in entry.requires if id_ in shown and id_ not in self.decided
        )

    def cut_down(self) -> Rubric:
        """Return the rubric that is graded in place of the whole."""
        feed = Check(name=_INPUTS, needs=Needs.FACTS, function=self._feed)
        known = [
            replace(e, requires=tuple(r for r in e.requires if r in self.decided))
            for e in self.decided.values()
        ]
        return replace(
            self.rubric,
            dataset=_MADE_UP,
            criteria=(
                _own(_INPUTS, feed),
                *known,
                *self._calls(),
            ),
        )

    def _calls(self) -> Iterator[BoundCriterion]:
        """Yield what is asked on made-up inputs; whether values are in a range is not.

        Made-up inputs are unlike any that the model was trained on.
        """
        if not self.load:
            return
        call = Check(name=_CALL, needs=Needs.PREDICTIONS, function=self._call)
        yield _own(_CALL, made_up_check(call))
        for entry in self.tried.values():
            check = made_up_check(entry.check, range_=None)
            yield replace(entry, check=check, dataset=None, requires=(), group=None)

    def _feed(self, model: Model) -> Measured:
        """Find out how the model takes the inputs of the task."""
        if self.rubric.runs_models:
            self.adapted[:] = feeding_for(model.facts, model.contract).notes
        return Measured(rationale="the file can be read")

    def _call(self, run: Evaluation) -> Outcome:
        """Take down what the model returns; ask whether it is of the right kind."""
        self.returned[:] = returned(run)
        try:
            return CONTRACT.function(run)
        except CheckFailed as finding:  # whose hint depends on targets
            raise CheckFailed(finding.rationale, hint=_KIND_HINT) from None

    def hinted(
        self, result: CriterionResult, call: CriterionResult | None
    ) -> CriterionResult:
        """Return a result on made-up inputs, with a hint that needs no targets."""
        own = self.tried[result.id].hint
        if own is None and call is not None and result.rationale == call.rationale:
            return replace(result, hint=call.hint)
        return result


def _own(id_: str, check: Check) -> BoundCriterion:
    return BoundCriterion(
        id=id_,
        title=Localized.of(check.name),
        points=Decimal(0),
        check=check,
        parameters={},
    )


def _unseen(rubric: Rubric) -> set[str]:
    """Return what candidates may not see: as reports have it, and groups around it."""
    hidden = {e.id for e in rubric.criteria if e.visibility is not Visibility.VISIBLE}
    inner = {e.id for e in rubric.criteria if e.id in hidden or e.group in hidden}
    return inner | {e.group for e in rubric.criteria if e.id in inner and e.group}


def _judged(plan: _Plan, grade: TaskGrade) -> Preflight:
    results = {result.id: result for result in grade.criteria}
    inputs = results.pop(_INPUTS)
    if inputs.verdict is Verdict.ERROR:
        raise RunnerError(inputs.detail or inputs.rationale)
    call = results.pop(_CALL, None)
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
            yield Ungradable(
                Code(result.code),
                result.rationale,
                hint=result.hint,
                detail=result.detail,
            )
