"""From what a check found to points, reasons and evidence."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite

from pytest_tfgrade.core.criterion import Measured, PublicPart
from pytest_tfgrade.core.errors import CheckFailed
from pytest_tfgrade.core.measurement import Measurement
from pytest_tfgrade.core.scale import Cases, Scale, compared, is_borderline
from pytest_tfgrade.core.uncertainty import Uncertainty


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What became of a question that was asked."""

    met: bool
    """Whether nothing more could be earned."""

    points: Decimal
    """Earned."""

    rationale: str
    """Why, for the candidate."""

    hint: str | None = None
    """What to try, for a candidate who lost points."""

    value: float | None = None
    """The measured value, rounded as it was compared."""

    detail: str | None = None
    """For the grader only."""

    uncertainty: Uncertainty | None = None
    """Of the value."""

    borderline: bool = False
    """Whether one standard error would have changed the points."""

    public: PublicPart | None = None
    """What the public part shows, if the dataset has one."""


def score_evidence(measured: Measured, points: Decimal) -> Score:
    """Return the score of a criterion that is met."""
    return Score(
        met=True,
        points=points,
        rationale=measured.rationale,
        value=measured.value,
        detail=measured.detail,
    )


def score_finding(finding: CheckFailed) -> Score:
    """Return the score of a criterion that is not met, or in part."""
    return Score(
        met=False,
        points=finding.points or Decimal(0),
        rationale=finding.rationale,
        hint=finding.hint,
        value=finding.value,
        detail=finding.detail,
    )


def score_measurement(measurement: Measurement, scale: Scale) -> Score:
    """Return what a measured value earns.

    Where the dataset has a public part, the candidate reads what that part shows, and
    the points are those of the final part.
    """
    value = measurement.value
    met = scale.goal(value).admits(value)
    said = _sentence(measurement, scale)
    public = measurement.public
    if public is None:
        rationale, detail = said, measurement.detail
    else:
        rationale = f"{_sentence(public, scale)} on the public part"
        detail = "\n".join(filter(None, (f"final part: {said}", measurement.detail)))
    return Score(
        met=met,
        points=scale.points(value),
        rationale=rationale,
        hint=measurement.hint,
        value=rounded(measurement),
        detail=detail,
        uncertainty=measurement.uncertainty,
        borderline=is_borderline(measurement, scale),
        public=None if public is None else _public_part(public, scale),
    )


def score_cases(measurements: Mapping[str, Measurement], cases: Cases) -> Score:
    """Return what the values on several evaluation datasets earn."""
    passed = [
        name
        for name, measurement in measurements.items()
        if cases.thresholds[name].admits(measurement.value)
    ]
    said = [
        f"{name}: {compared(m.name, m.value, cases.thresholds[name])}"
        for name, m in measurements.items()
    ]
    total = len(measurements)
    return Score(
        met=len(passed) == total,
        points=cases.each * len(passed),
        rationale=f"{len(passed)} of {total} cases passed; {', '.join(said)}",
        hint=next((m.hint for m in measurements.values() if m.hint), None),
        value=float(len(passed)),
        detail="\n".join(m.detail for m in measurements.values() if m.detail) or None,
    )


def rounded(measurement: Measurement) -> float | None:
    """Return a value as it is compared, so that reports show what counted."""
    if not isfinite(measurement.value):
        return None
    return float(measurement.direction.rounded(measurement.value))


def _sentence(measurement: Measurement, scale: Scale) -> str:
    value = measurement.value
    said = compared(measurement.name, value, scale.goal(value))
    return f"{said}, {measurement.context}" if measurement.context else said


def _public_part(public: Measurement, scale: Scale) -> PublicPart:
    return PublicPart(
        value=rounded(public),
        points=scale.points(public.value),
        n=public.uncertainty.n if public.uncertainty else 0,
    )
