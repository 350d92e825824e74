"""Grading one task of one submission: criterion by criterion, in order."""

import traceback
from collections.abc import Sequence
from dataclasses import replace
from decimal import ROUND_CEILING, Decimal
from typing import Any, Final, Protocol

from pytest_tfgrade.checks import Evaluation, Model, Needs, Subject
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
from pytest_tfgrade.core.text import told
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.core.visibility import Visibility
from pytest_tfgrade.engine.evidence import Evidence
from pytest_tfgrade.engine.grouping import group_score
from pytest_tfgrade.engine.portraying import portrait_of
from pytest_tfgrade.engine.scoring import (
    Score,
    score_cases,
    score_evidence,
    score_finding,
    score_measurement,
)
from pytest_tfgrade.engine.unheld import unheld
from pytest_tfgrade.rubric import ArtifactRule, BoundCriterion, BoundGroup, Rubric
from pytest_tfgrade.rubric.schema import IfUnknown

_NOTHING: Final = Decimal(0)
_HUNDREDTH: Final = Decimal("0.01")
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
            run=evidence.run,
            portrait=portrait_of(rubric, evidence),
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
            results.append(_result(entry, rubric.artifact, evidence, results))
    return tuple(results)


def _result(
    criterion: BoundCriterion,
    rule: ArtifactRule,
    evidence: Subjects,
    before: Sequence[CriterionResult],
) -> CriterionResult:
    """Return what becomes of a criterion.

    The first of these that applies:

    1. a criterion it requires has no verdict: error; did not pass: skipped;
    2. the artifact is ungradable: failed with the code where it is first met, skipped
       after that;
    3. the machine or the grader is at fault: error, the score stays open;
    4. the format does not hold what the check looks at: skipped, or failed if the
       rubric says so;
    5. the check decides, or the scale does on what it measured.
    """
    blocked = _blocked(criterion, before)
    if blocked is not None:
        return blocked
    try:
        unknown = _unknown(criterion, rule, evidence)
        if unknown is not None and criterion.if_unknown is IfUnknown.SKIP:
            return _skipped(criterion, unknown.rationale, hint=unknown.hint)
        score = score_finding(unknown) if unknown else _score(criterion, evidence)
        return _scored(criterion, _orderly(criterion, score))
    except Ungradable as finding:
        return _ungradable(criterion, finding, before)
    except TfgradeError as error:
        return _error(criterion, str(error))
    except KeyboardInterrupt:
        raise
    except BaseException:  # a course's own check may even call sys.exit or pytest.skip
        return _error(criterion, traceback.format_exc())


def _unknown(
    criterion: BoundCriterion, rule: ArtifactRule, evidence: Subjects
) -> CheckFailed | None:
    """Return why the format of the artifact leaves a check nothing to look at.

    The subject comes first, so that what is ungradable is told as such.
    """
    if not criterion.check.reads(criterion.parameters):
        return None
    evidence.subject(criterion.check.needs, next(iter(criterion.datasets), None))
    model = evidence.subject(Needs.FACTS)
    if not isinstance(model, Model):
        return None  # of a trivial predictor
    return unheld(criterion, rule, model.facts)


def _score(criterion: BoundCriterion, evidence: Subjects) -> Score:
    """Ask the check, on each dataset if the criterion has cases."""
    scale = criterion.scale
    try:
        if isinstance(scale, Cases):
            return _score_of_cases(criterion, scale, evidence)
        found = _asked(criterion, evidence, criterion.dataset)
    except CheckFailed as finding:
        return score_finding(finding)
    if isinstance(found, Measurement) and scale is not None:
        return score_measurement(found, scale)
    if isinstance(found, Measured) and scale is None:
        return score_evidence(found, criterion.points)
    raise _misbehaved(criterion, found)


def _score_of_cases(
    criterion: BoundCriterion, cases: Cases, evidence: Subjects
) -> Score:
    """Ask the check on each dataset; what it cannot be asked on did not pass.

    Raises:
        Ungradable, CheckFailed: As on the first dataset, if it is so on all.
    """
    measurements: dict[str, Measurement] = {}
    failures: dict[str, Ungradable | CheckFailed] = {}
    for name in cases.thresholds:
        try:
            found = _asked(criterion, evidence, name)
        except (Ungradable, CheckFailed) as finding:
            failures[name] = finding
            continue
        if not isinstance(found, Measurement):
            raise _misbehaved(criterion, found)
        measurements[name] = found
    if not measurements:
        raise next(iter(failures.values()))
    reasons = {name: finding.rationale for name, finding in failures.items()}
    return score_cases(measurements, cases, reasons)


def _orderly(criterion: BoundCriterion, score: Score) -> Score:
    """Return a score in types and bounds that every report can bear.

    Raises:
        TypeError, ValueError: A course's own check gave something else.
    """
    said = (score.rationale, score.hint or "", score.advice or "", score.detail or "")
    if not all(isinstance(text, str) for text in said):
        raise TypeError(f"{criterion.check.name} gave texts that are none; correct it")
    points = Decimal(str(score.points))
    if not points.is_finite() or not 0 <= points <= criterion.points:
        what = f"{criterion.check.name} gave {points} of {criterion.points} points"
        raise ValueError(f"{what}; correct the check")
    value = None if score.value is None else float(score.value)
    if not (score.met or criterion.scale):  # a part that a check gave
        rounded = points.quantize(_HUNDREDTH, ROUND_CEILING)
        points = min(rounded, max(criterion.points - _HUNDREDTH, _NOTHING))
    return replace(score, value=value, points=points)


def _asked(
    criterion: BoundCriterion, evidence: Subjects, dataset: str | None
) -> object:
    """Ask the check; a shape that no model could change is not its fault."""
    subject = evidence.subject(criterion.check.needs, dataset)
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
        seen = (
            r for r in before if r.visibility in {Visibility.VISIBLE, entry.visibility}
        )
        hints = (r.hint for r in seen if r.id in missing and r.hint)
        is_unknown = all(verdicts.get(id_) is Verdict.SKIPPED for id_ in missing)
        hint = next(hints, None) if is_unknown else None
        return _skipped(entry, f"needs {names}, which did not pass", hint=hint)
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
    cost = _NOTHING  # on the task's own data it loses enough
    if isinstance(entry, BoundCriterion) and entry.datasets:
        cost = entry.penalty
    return _record_of(
        entry,
        Verdict.FAILED,
        -cost,
        finding.rationale,
        hint=finding.hint,
        detail=finding.detail,
        code=finding.code,
    )


def _skipped(
    entry: Entry, rationale: str, *, hint: str | None = None
) -> CriterionResult:
    return _record_of(entry, Verdict.SKIPPED, _NOTHING, rationale, hint=hint)


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
    *,
    hint: str | None = None,
    **more: Any,  # noqa: ANN401 - fields of a result
) -> CriterionResult:
    """Return a result; the one place that fills in what the rubric says of it.

    Whatever a check says, candidates are told a text of bounded length.
    """
    return CriterionResult(
        id=entry.id,
        title=entry.title.text(),
        check=entry.kind,
        verdict=verdict,
        points=points,
        max_points=entry.points,
        rationale=told(rationale),
        hint=hint and told(hint),
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
        format=evidence.format,
        sha256=artifact.sha256,
        bytes=artifact.size,
        source=artifact.source.name if artifact.source else None,
    )
