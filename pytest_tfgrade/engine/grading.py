"""Grading one task of one submission: criterion by criterion, in order."""

import traceback
from decimal import Decimal
from typing import Final

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.criterion import ArtifactRecord, CriterionResult, Measured
from pytest_tfgrade.core.errors import CheckFailed, RunnerError, Ungradable
from pytest_tfgrade.core.grade import TaskGrade
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.engine.evidence import Evidence
from pytest_tfgrade.rubric import BoundCriterion, Rubric

_NOTHING: Final = Decimal(0)


def grade_task(rubric: Rubric, evidence: Evidence) -> TaskGrade:
    """Grade one task of one submission; whatever happens becomes a verdict."""
    try:
        results: list[CriterionResult] = []
        for criterion in rubric.criteria:
            results.append(_result(criterion, evidence, results))
        return TaskGrade(
            id=rubric.task,
            criteria=tuple(results),
            planned=len(rubric.criteria),
            max_points=rubric.points,
            artifact=_record(evidence),
            seconds=dict(evidence.seconds),
        )
    finally:
        evidence.close()


def _result(
    criterion: BoundCriterion, evidence: Evidence, before: list[CriterionResult]
) -> CriterionResult:
    """Return what becomes of a criterion.

    The first of these that applies:

    1. a criterion it requires has no verdict: error; did not pass: skipped;
    2. the artifact is ungradable: failed with the code where it is first met, skipped
       after that;
    3. the machine or the grader is at fault: error, the score stays open;
    4. the check decides.
    """
    blocked = _blocked(criterion, before)
    if blocked is not None:
        return blocked
    try:
        subject = evidence.subject(criterion.check.needs)
        measured = criterion.check.function(subject, **criterion.parameters)
    except Ungradable as finding:
        return _ungradable(criterion, finding, before)
    except CheckFailed as finding:
        return _failed(criterion, finding)
    except RunnerError as error:
        return _error(criterion, str(error))
    except Exception:
        return _error(criterion, traceback.format_exc())
    return _passed(criterion, measured)


def _blocked(
    criterion: BoundCriterion, before: list[CriterionResult]
) -> CriterionResult | None:
    """Return what becomes of a criterion whose requirements are not met."""
    verdicts = {result.id: result.verdict for result in before}
    required = criterion.requires
    waiting = [id_ for id_ in required if verdicts.get(id_) is Verdict.ERROR]
    if waiting:
        return _error(criterion, f"it needs {waiting[0]}, which has no verdict")
    missing = [id_ for id_ in required if verdicts.get(id_) is not Verdict.PASSED]
    if missing:
        names = " and ".join(missing)
        return _skipped(criterion, f"needs {names}, which did not pass")
    return None


def _passed(criterion: BoundCriterion, measured: Measured) -> CriterionResult:
    return _record_of(
        criterion,
        Verdict.PASSED,
        criterion.points,
        measured.rationale,
        value=measured.value,
        detail=measured.detail,
    )


def _failed(criterion: BoundCriterion, finding: CheckFailed) -> CriterionResult:
    points = finding.points or _NOTHING
    return _record_of(
        criterion,
        Verdict.PARTIAL if points else Verdict.FAILED,
        points,
        finding.rationale,
        hint=criterion.hint or finding.hint,
        value=finding.value,
        detail=finding.detail,
    )


def _ungradable(
    criterion: BoundCriterion, finding: Ungradable, before: list[CriterionResult]
) -> CriterionResult:
    if any(result.code == finding.code for result in before):
        return _skipped(criterion, f"not checked: {finding.code}, as said above")
    return _record_of(
        criterion,
        Verdict.FAILED,
        _NOTHING,
        finding.rationale,
        hint=finding.hint,
        detail=finding.detail,
        code=finding.code,
    )


def _skipped(criterion: BoundCriterion, rationale: str) -> CriterionResult:
    return _record_of(criterion, Verdict.SKIPPED, _NOTHING, rationale)


def _error(criterion: BoundCriterion, detail: str) -> CriterionResult:
    return _record_of(
        criterion,
        Verdict.ERROR,
        None,
        Code.INFRA.text,
        hint=Code.INFRA.hint,
        detail=detail,
        code=Code.INFRA,
    )


def _record_of(  # noqa: PLR0913 - one place that fills in what a criterion says
    criterion: BoundCriterion,
    verdict: Verdict,
    points: Decimal | None,
    rationale: str,
    *,
    hint: str | None = None,
    value: float | None = None,
    detail: str | None = None,
    code: Code | None = None,
) -> CriterionResult:
    return CriterionResult(
        id=criterion.id,
        check=criterion.check.name,
        verdict=verdict,
        points=points,
        max_points=criterion.points,
        rationale=rationale,
        hint=hint,
        value=value,
        detail=detail,
        skills=criterion.skills,
        code=code,
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
