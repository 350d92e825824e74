"""What became of the criteria of a task."""

from dataclasses import dataclass
from decimal import Decimal

from pytest_tfgrade.core.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a check found when it passed: evidence, and the measured value."""

    rationale: str
    """What was found, for the candidate."""

    value: float | None = None
    """The measured value, if the check measures one."""

    detail: str | None = None
    """What only the grader may see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionResult:
    """What became of one criterion for one submission."""

    id: str
    """The criterion, unique within the rubric."""

    check: str
    """The check that it names."""

    verdict: Verdict
    """What became of it."""

    points: Decimal | None
    """Earned; None while the score is open (verdict ``error``)."""

    max_points: Decimal
    """Possible."""

    rationale: str
    """Why; the candidate sees it."""

    hint: str | None = None
    """What to try; the candidate sees it."""

    value: float | None = None
    """The measured value, rounded as it was compared."""

    detail: str | None = None
    """Tracebacks, logs and values, for the grader only."""

    skills: tuple[str, ...] = ()
    """Skills of a syllabus that the criterion shows."""

    code: str | None = None
    """The code of an ungradable artifact, where this criterion met it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactRecord:
    """What a report says of an artifact."""

    path: str
    """Where the candidate had it, relative to the submission; printable."""

    format: str
    """How the model was saved."""

    sha256: str
    """Of the file, in hexadecimal."""

    bytes: int
    """Size of the file."""
