"""Grading one task of one submission: criterion by criterion, in order."""

import traceback
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final, Protocol

from pytest_tfgrade.checks import Evaluation, Needs, Subject
from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.criterion import ArtifactRecord, CriterionResult, Measured
from pytest_tfgrade.core.errors import (
    CheckFailed,
    DatasetError,
    TfgradeError,
    Ungradable,
)
from pytest_tfgrade.core.grade import TaskGrade
from pytest_tfgrade.core.measurement import Measurement
from pytest_tfgrade.core.scale import Cases
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.engine.evidence import Evidence
from pytest_tfgrade.engine.grouping import group_score
from pytest_tfgrade.engine.scoring import (
    Score,
    score_cases,
    score_evidence,
    score_finding,
    score_measurement,
)
from pytest_tfgrade.rubric import BoundCriterion, BoundGroup, Rubric

_NOTHING: Final = Decimal(0)
_NO_POINTS_LOST: Final = "the grader could not check this; no points hang on it"

Entry = BoundCriterion | BoundGroup


def grade_task(rubric: Rubric, evidence: Evidence) -> TaskGrade:
    """Grade one task of one submission; whatever happens becomes a verdict."""
    try:
        return TaskGrade(
            id=rubric.task,
            title=rubric.title.text(),
            criteria=grade_criteria(rubric, evidence),
            planned=len(rubric.criteria),
            max_points=rubric.points,
            artifact=_record(evidence),
            seconds=dict(evidence.seconds),
        )
    finally:
        evidence.close()


class Subjects(Protocol):
    """Gives checks what they look at."""

    def subject(self, needs: Needs, dataset: str | None = None) -> Subject | None:
        """Return it, or raise why it cannot be had."""
        ...


def grade_criteria(rubric: Rubric, evidence: Subjects) -> tuple[CriterionResult, ...]:
    """Return what becomes of each criterion and each group, in order."""
    results: list[CriterionResult] = []
    for entry in rubric.criteria:
        if isinstance(entry, BoundGroup):
            results.append(_group_result(entry, results))
        else:
            results.append(_result(entry, evidence, results))
    return tuple(results)


def _result(
    criterion: BoundCriterion, evidence: Subjects, before: Sequence[CriterionResult]
) -> CriterionResult:
    """Return what becomes of a criterion.

    The first of these that applies:

    1. a criterion it requires has no verdict: error; did not pass: skipped;
    2. the artifact is ungradable: failed with the code where it is first met, skipped
       after that;
    3. the machine or the grader is at fault: error, the score stays open;
    4. the check decides, or the scale does on what it measured.
    """
    blocked = _blocked(criterion, before)
    if blocked is not None:
        return blocked
    try:
        return _scored(criterion, _asked(criterion, evidence))
    except Ungradable as finding:
        return _ungradable(criterion, finding, before)
    except CheckFailed as finding:
        return _scored(criterion, score_finding(finding))
    except TfgradeError as error:
        return _error(criterion, str(error))
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException:  # a course's own check may even call sys.exit or pytest.skip
        return _error(criterion, traceback.format_exc())


def _asked(criterion: BoundCriterion, evidence: Subjects) -> Score:
    """Ask the check, on each dataset if the criterion has cases."""
    subject = evidence.subject(criterion.check.needs, _first_dataset(criterion))
    scale = criterion.scale
    if isinstance(scale, Cases):
        if not isinstance(subject, Evaluation):
            raise _misbehaved(criterion, subject)
        measurements = {}
        for name in scale.thresholds:
            found = _call(criterion, subject.on(name))
            if not isinstance(found, Measurement):
                raise _misbehaved(criterion, found)
            measurements[name] = found
        return score_cases(measurements, scale)
    found = _call(criterion, subject)
    if isinstance(found, Measurement) and scale is not None:
        return score_measurement(found, scale)
    if isinstance(found, Measured) and scale is None:
        return score_evidence(found, criterion.points)
    raise _misbehaved(criterion, found)


def _first_dataset(criterion: BoundCriterion) -> str | None:
    return next(iter(criterion.datasets), None)


def _call(criterion: BoundCriterion, subject: object) -> object:
    """Ask the check; a shape that no model could change is not its fault."""
    try:
        return criterion.check.function(subject, **criterion.parameters)
    except Ungradable as finding:
        if finding.code is not Code.OUTPUT_SHAPE or not isinstance(subject, Evaluation):
            raise
        shapes = [spec.shape[1:] for spec in subject.contract.outputs.values()]
        if any(None in shape for shape in shapes):
            raise
        # The predictions are as the contract says, so the targets are not.
        text = (
            f"{subject.dataset}: {finding.rationale}; correct the data or the contract"
        )
        raise DatasetError(text) from None


def _misbehaved(criterion: BoundCriterion, found: object) -> TypeError:
    wanted = "a Measurement" if criterion.check.measures else "Measured"
    what = f"{criterion.check.name} returned {type(found).__name__}, not {wanted}"
    return TypeError(f"{what}; correct the check")


def _blocked(entry: Entry, before: Sequence[CriterionResult]) -> CriterionResult | None:
    """Return what becomes of a criterion whose requirements are not met."""
    verdicts = {result.id: result.verdict for result in before}
    required = entry.requires
    waiting = [id_ for id_ in required if verdicts.get(id_) is Verdict.ERROR]
    if waiting:
        return _error(entry, f"it needs {waiting[0]}, which has no verdict")
    missing = [id_ for id_ in required if verdicts.get(id_) is not Verdict.PASSED]
    if missing:
        names = " and ".join(missing)
        return _skipped(entry, f"needs {names}, which did not pass")
    return None


def _group_result(
    group: BoundGroup, before: Sequence[CriterionResult]
) -> CriterionResult:
    """Return what becomes of a group once its members are known."""
    blocked = _blocked(group, before)
    if blocked is not None:
        return blocked
    members = [result for result in before if result.id in group.members]
    verdicts = {member.verdict for member in members}
    score = group_score(group, members)
    if score is None:
        open_ = next(m.id for m in members if m.verdict is Verdict.ERROR)
        return _error(group, f"its member {open_} has no verdict")
    if verdicts == {Verdict.SKIPPED}:
        return _skipped(group, members[0].rationale)
    return _scored(group, score)


def _scored(entry: Entry, score: Score) -> CriterionResult:
    penalty = entry.penalty if isinstance(entry, BoundCriterion) else _NOTHING
    points = score.points if score.met or not penalty else -penalty
    verdict = Verdict.PARTIAL if points > 0 else Verdict.FAILED
    own_hint = entry.hint.text() if entry.hint else None
    return _record_of(
        entry,
        Verdict.PASSED if score.met else verdict,
        points,
        score.rationale,
        hint=score.advice if score.met else own_hint or score.hint,
        value=score.value,
        detail=score.detail,
        uncertainty=score.uncertainty,
        borderline=score.borderline,
        public=score.public,
    )


def _ungradable(
    entry: Entry, finding: Ungradable, before: Sequence[CriterionResult]
) -> CriterionResult:
    if any(result.code == finding.code for result in before):
        return _skipped(entry, f"not checked: {finding.code}, as said above")
    return _record_of(
        entry,
        Verdict.FAILED,
        _NOTHING,
        finding.rationale,
        hint=finding.hint,
        detail=finding.detail,
        code=finding.code,
    )


def _skipped(entry: Entry, rationale: str) -> CriterionResult:
    return _record_of(entry, Verdict.SKIPPED, _NOTHING, rationale)


def _error(entry: Entry, detail: str) -> CriterionResult:
    """Return a result without a verdict; only where points hang on it is it open."""
    penalty = entry.penalty if isinstance(entry, BoundCriterion) else _NOTHING
    is_open = bool(entry.points or penalty)
    return _record_of(
        entry,
        Verdict.ERROR,
        None if is_open else _NOTHING,
        Code.INFRA.text if is_open else _NO_POINTS_LOST,
        hint=Code.INFRA.hint,
        detail=detail,
        code=Code.INFRA,
    )


def _record_of(
    entry: Entry,
    verdict: Verdict,
    points: Decimal | None,
    rationale: str,
    **more: Any,  # noqa: ANN401 - fields of a result
) -> CriterionResult:
    """Return a result; the one place that fills in what the rubric says of it."""
    return CriterionResult(
        id=entry.id,
        title=entry.title.text(),
        check=entry.kind,
        verdict=verdict,
        points=points,
        max_points=entry.points,
        rationale=rationale,
        skills=entry.skills,
        group=entry.group,
        bonus=entry.bonus,
        visibility=entry.visibility,
        **more,
    )


def _record(evidence: Evidence) -> ArtifactRecord | None:
    try:
        artifact = evidence.artifact
    except Exception:
        return None
    return ArtifactRecord(
        path=artifact.name,
        format=artifact.format,
        sha256=artifact.sha256,
        bytes=artifact.size,
    )
