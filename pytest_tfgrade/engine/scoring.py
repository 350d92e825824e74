"""From what a check found to points, reasons and evidence."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from math import isfinite
from types import MappingProxyType

from pytest_tfgrade.core.criterion import (
    FINAL_PART,
    ON_PUBLIC_PART,
    Measured,
    PublicPart,
)
from pytest_tfgrade.core.errors import CheckFailed
from pytest_tfgrade.core.measurement import Measurement
from pytest_tfgrade.core.scale import (
    Cases,
    PassMark,
    Scale,
    compared,
    is_borderline,
)
from pytest_tfgrade.core.threshold import Threshold
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

    advice: str | None = None
    """What to try, for one who did not."""

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
        advice=measured.hint,
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
    points = scale.points(value)
    said = _sentence(measurement, scale)
    public = measurement.public
    if public is None:
        rationale, detail = said, measurement.detail
    else:
        public = replace(public, context=measurement.context)
        rationale = f"{_sentence(public, scale)} {ON_PUBLIC_PART}"
        detail = "\n".join(filter(None, (f"{FINAL_PART}{said}", measurement.detail)))
    return Score(
        met=points == scale.full if scale.full else scale.goal(value).admits(value),
        points=points,
        rationale=rationale,
        hint=measurement.hint,
        value=rounded(measurement),
        detail=detail,
        uncertainty=measurement.uncertainty,
        borderline=is_borderline(measurement, scale),
        public=None if public is None else _public_part(public, scale),
    )


def score_cases(
    measurements: Mapping[str, Measurement],
    cases: Cases,
    failures: Mapping[str, str] = MappingProxyType({}),
) -> Score:
    """Return what the values on several evaluation datasets earn.

    Args:
        measurements: By dataset.
        cases: The bound on each, and what it earns.
        failures: By dataset, why there is no value.
    """
    passed = [
        name
        for name, measurement in measurements.items()
        if cases.thresholds[name].admits(measurement.value)
    ]
    said = [
        _said_of_case(name, measurement, cases.thresholds[name])
        for name, measurement in measurements.items()
    ]
    details = [
        line
        for name, measurement in measurements.items()
        for line in _details_of_case(name, measurement, cases.thresholds[name])
    ]
    said += [f"{name}: {why}" for name, why in failures.items()]
    total = len(cases.thresholds)
    return Score(
        met=len(passed) == total,
        points=cases.each * len(passed),
        rationale=f"{len(passed)} of {total} cases passed; {', '.join(said)}",
        hint=next((m.hint for m in measurements.values() if m.hint), None),
        value=float(len(passed)),
        detail="\n".join(details) or None,
        borderline=any(
            is_borderline(measurement, PassMark(cases.thresholds[name], cases.each))
            for name, measurement in measurements.items()
        ),
    )


def _said_of_case(name: str, measurement: Measurement, threshold: Threshold) -> str:
    """Say what a candidate may read of one case."""
    shown = measurement.public or measurement
    said = f"{name}: {compared(shown.name, shown.value, threshold)}"
    return said if measurement.public is None else f"{said} on the public part"


def _details_of_case(
    name: str, measurement: Measurement, threshold: Threshold
) -> Iterator[str]:
    """Yield what the grader may read of one case."""
    if measurement.public is not None:
        said = compared(measurement.name, measurement.value, threshold)
        yield f"final part of {name}: {said}"
    if measurement.detail:
        yield measurement.detail


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
        n=public.uncertainty.n if public.uncertainty else None,
    )
