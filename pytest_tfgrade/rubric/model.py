"""A rubric as the engine uses it: every name bound, every number checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pytest_tfgrade.checks import Check
from pytest_tfgrade.core.contract import Contract
from pytest_tfgrade.core.limits import Limits
from pytest_tfgrade.core.submission import ArtifactFormat
from pytest_tfgrade.documents import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactRule:
    """Where a task's artifact may lie, and what it may be."""

    names: tuple[str, ...]
    """Paths inside a candidate's folder, without the ending; case does not count."""

    formats: tuple[ArtifactFormat, ...]
    """Accepted formats."""

    max_size: int
    """Bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundCriterion:
    """One gradeable statement, its check found and its parameters checked."""

    id: str
    """Unique in the rubric; also the name of the pytest item."""

    title: str
    """For people."""

    check: Check
    """The question."""

    parameters: Mapping[str, Any]
    """Keyword arguments of the check's function."""

    points: Decimal
    """Earned in full; bands may award a part."""

    requires: tuple[str, ...]
    """Criteria that must pass before this one is checked at all."""

    hint: str | None
    """What to try; in place of the check's own hint."""

    skills: tuple[str, ...]
    """Skills of a syllabus that the criterion shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rubric:
    """How one task is graded."""

    task: str
    """Unique in the exam; part of every node id."""

    title: str
    """For people."""

    dataset: str | None
    """Name of the evaluation dataset; None if no criterion needs predictions."""

    artifact: ArtifactRule
    """What the candidate hands in."""

    contract: Contract
    """What the model takes and returns."""

    limits: Limits
    """What the model may use."""

    criteria: tuple[BoundCriterion, ...]
    """In the order they are checked and reported."""

    document: Document
    """Where it was read from; for messages that name a place."""

    @property
    def points(self) -> Decimal:
        """Points of the whole task."""
        return sum((criterion.points for criterion in self.criteria), Decimal(0))
