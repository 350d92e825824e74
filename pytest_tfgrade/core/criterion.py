"""What became of the criteria of a task."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from pytest_tfgrade.core.reckoning import Override
from pytest_tfgrade.core.uncertainty import Uncertainty
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.core.visibility import Visibility


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a check found when it passed: evidence, and the measured value."""

    rationale: str
    """What was found, for the candidate."""

    value: float | None = None
    """The measured value, if the check measures one."""

    hint: str | None = None
    """What to try, though nothing was lost here; reports show it with the reason."""

    detail: str | None = None
    """What only the grader may see."""


ON_PUBLIC_PART: Final = "on the public part (other rows decide the points)"
"""Ends what a candidate reads of a dataset that is split."""

FINAL_PART: Final = "final part: "
"""Begins the line of a detail that says what the final part of a dataset shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicPart:
    """What the public part of a dataset shows of a criterion; the points do not."""

    value: float | None
    """The measured value, rounded as it would be compared."""

    points: Decimal
    """What it would earn."""

    n: int | None
    """Examples of the public part; None if nothing is known of the spread."""


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
    """What counts; None while the score is open (verdict ``error``)."""

    max_points: Decimal
    """Possible; 0 of a criterion that only costs points."""

    rationale: str
    """Why; the candidate sees it."""

    title: str = ""
    """The criterion in words; the candidate sees it."""

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

    group: str | None = None
    """The group it is a member of; then its points count there and nowhere else."""

    bonus: bool = False
    """Whether its points come on top of what is possible."""

    visibility: Visibility = Visibility.VISIBLE
    """When the candidate may see it."""

    uncertainty: Uncertainty | None = None
    """Examples, standard error and interval of the value."""

    borderline: bool = False
    """Whether one standard error more or less would have earned other points."""

    public: "PublicPart | None" = None
    """What the public part of the dataset shows; ``value`` is of the final part."""

    override: Override | None = None
    """What a person said of it; ``verdict`` and ``points`` are as this says."""

    @property
    def raw(self) -> Decimal | None:
        """What the machine gave; None while that is open."""
        return self.points if self.override is None else self.override.raw


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

    source: str | None = None
    """Where the code lay that goes with it; None if there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """What a report says of how a model was run."""

    runtime: str
    """Name of the runtime that loaded it."""

    repairs: tuple[str, ...] = ()
    """Names of what was mended in its file as it was loaded."""

    adapted: tuple[str, ...] = ()
    """What was adapted between the task's inputs and the model's."""
