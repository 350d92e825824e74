"""Trying a rubric on files and trivial predictors whose points are known."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from typing import Final

from pytest_tfgrade.checks import Check, Needs
from pytest_tfgrade.core.criterion import CriterionResult, Measured
from pytest_tfgrade.core.grade import TaskGrade
from pytest_tfgrade.core.scale import BandTable
from pytest_tfgrade.core.score import counted, points_text
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.engine.grading import grade_criteria
from pytest_tfgrade.engine.predictor_evidence import CANNOT_TELL, PredictorEvidence
from pytest_tfgrade.engine.shelf import Shelf
from pytest_tfgrade.predictors import PREDICTORS, NotApplicable
from pytest_tfgrade.rubric import BoundCriterion, BoundGroup, Rubric
from pytest_tfgrade.rubric.model import AllowedPredictor

LEAST_DISTANCE: Final = 3
"""Standard errors that neighbouring bands must lie apart at least."""

_OF_MODELS: Final = frozenset({"predict.ablate", "predict.latency", "predict.memory"})
"""Checks of predictions that a predictor, which has no layers and no cost, escapes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a file or a predictor got, criterion by criterion."""

    name: str
    """Path of the file, or name of the predictor."""

    is_predictor: bool
    """Whether it is a trivial predictor, and no file."""

    criteria: tuple[CriterionResult, ...]
    """What became of those that say something about it."""

    points: Decimal | None
    """Earned in all; None if the score stays open."""

    expected: Decimal
    """What a file must get; the most that a predictor may get."""

    @property
    def is_as_expected(self) -> bool:
        """Whether the points are what they must be."""
        if self.points is None:
            return False
        if self.is_predictor:
            return self.points <= self.expected
        return self.points == self.expected

    @property
    def problem(self) -> str | None:
        """What is wrong, and the way out; None if nothing is."""
        if self.is_as_expected:
            return None
        if self.points is None:
            why = next(c.detail for c in self.criteria if c.points is None) or ""
            last_line = why.strip().rpartition("\n")[2]
            return f"{self.name} has no score: {last_line}"
        got, due = counted(self.points), points_text(self.expected)
        if self.is_predictor:
            way_out = "make the bounds harder, or allow it"
            return f"{self.name} earns {got} and may earn {due}; {way_out}"
        reasons = [c for c in self.criteria if c.verdict is not Verdict.PASSED]
        why = f" ({reasons[0].id}: {reasons[0].rationale})" if reasons else ""
        way_out = "correct the bounds, or the points"
        return f"{self.name} gets {got} and must get {due}{why}; {way_out}"


def try_predictors(rubric: Rubric, shelf: Shelf) -> Iterator[Trial]:
    """Yield what trivial predictors earn: those declared, else all that make sense.

    Criteria that look at a file and not at predictions are taken as met, and their
    points do not count: a model can have the right layers and predict a constant. So
    are those that try how a model reacts, unless the predictor is a constant.

    Raises:
        DatasetError: Hidden data are not what they should be.
        NotApplicable: A declared predictor makes no sense for this task.
    """
    declared = rubric.selftest.predictors
    for allowed in declared or _all_predictors():
        try:
            yield _tried(rubric, shelf, allowed)
        except NotApplicable:
            if declared:
                raise


def trial_of_file(name: str, grade: TaskGrade, expected: Decimal) -> Trial:
    """Return what grading a file gave."""
    return Trial(
        name=name,
        is_predictor=False,
        criteria=grade.criteria,
        points=grade.points,
        expected=expected,
    )


def band_problems(rubric: Rubric, trials: Sequence[Trial]) -> Iterator[str]:
    """Find bands that lie so close that chance decides between them.

    The standard error at a bound is taken from the nearest value that was measured.
    """
    for criterion in rubric.checked:
        if not isinstance(criterion.scale, BandTable):
            continue
        results = [c for t in trials for c in t.criteria if c.id == criterion.id]
        errors = {
            c.value: c.uncertainty.standard_error
            for c in results
            if c.value is not None and c.uncertainty is not None
        }
        bounds = criterion.scale.bands.bounds
        for (less, easy), (more, hard) in pairwise(sorted(bounds.items())):
            middle = float(easy + hard) / 2
            if not errors:
                continue
            error = errors[min(errors, key=lambda value: abs(value - middle))]
            distance = abs(float(hard - easy))
            if distance < LEAST_DISTANCE * error:
                yield (
                    f"{criterion.id}: the bands for {points_text(less)} and "
                    f"{points_text(more)} points lie {distance:.3g} apart, less than "
                    f"{LEAST_DISTANCE} standard errors of {error:.2g}; move them apart"
                )


def _all_predictors() -> Iterator[AllowedPredictor]:
    for name, predictor in PREDICTORS.items():
        if not predictor.required_options and name != "linear":  # it learns
            yield AllowedPredictor(name=name, points=Decimal(0), options={})


def _tried(rubric: Rubric, shelf: Shelf, allowed: AllowedPredictor) -> Trial:
    evidence = PredictorEvidence(rubric, shelf, allowed)
    for dataset in rubric.datasets:
        evidence.evaluation(dataset)  # raises NotApplicable here, not as an error
    known = {c.id for c in rubric.checked if _is_answerable(c)}
    results = _graded(rubric, evidence, known)
    if evidence.unanswered:
        known -= {r.id for r in results if CANNOT_TELL in (r.detail or "")}
        results = _graded(rubric, evidence, known)
    groups = {c.group for c in rubric.checked if c.id in known}
    telling = tuple(result for result in results if result.id in known | groups)
    grade = TaskGrade(id=rubric.task, criteria=telling, max_points=rubric.points)
    return Trial(
        name=allowed.name,
        is_predictor=True,
        criteria=telling,
        points=grade.points,
        expected=allowed.points,
    )


def _graded(
    rubric: Rubric, evidence: PredictorEvidence, known: Collection[str]
) -> tuple[CriterionResult, ...]:
    """Return what becomes of criteria, those not known taken as met."""
    criteria = tuple(_as_far_as_known(entry, known) for entry in rubric.criteria)
    return grade_criteria(replace(rubric, criteria=criteria), evidence)


def _as_far_as_known(
    entry: BoundCriterion | BoundGroup, known: Collection[str]
) -> BoundCriterion | BoundGroup:
    """Return what a predictor is asked: a group without members taken as met."""
    if isinstance(entry, BoundGroup):
        members = tuple(member for member in entry.members if member in known)
        return replace(entry, members=members or entry.members)
    return entry if entry.id in known else _taken_as_met(entry)


def _is_answerable(criterion: BoundCriterion) -> bool:
    """Return whether a predictor can be asked what a criterion asks of a model."""
    check = criterion.check
    return check.needs is Needs.PREDICTIONS and check.name not in _OF_MODELS


def _taken_as_met(criterion: BoundCriterion) -> BoundCriterion:
    met = Check(name="met", needs=Needs.ARTIFACT, function=lambda _: _MET)
    return replace(criterion, check=met, parameters={}, scale=None)


_MET: Final = Measured(rationale="taken as met")
