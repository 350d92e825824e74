"""A rubric as the engine uses it: every name bound, every number checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from pytest_tfgrade.checks import Check, Needs
from pytest_tfgrade.core.call import Call
from pytest_tfgrade.core.contract import Contract
from pytest_tfgrade.core.limits import Limits
from pytest_tfgrade.core.localized import Localized
from pytest_tfgrade.core.scale import Cases, Scale
from pytest_tfgrade.core.submission import ArtifactFormat
from pytest_tfgrade.core.visibility import Visibility
from pytest_tfgrade.documents import Document
from pytest_tfgrade.rubric.schema import GroupRule, IfUnknown


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRule:
    """Which Python code goes with an artifact, and what it gives."""

    names: tuple[str, ...]
    """Paths inside a candidate's folder, without ``.py``; case does not count."""

    file: Path | None
    """The course's own code, which takes the place of the candidate's."""

    builds: str
    """The function that returns the model that weights belong to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactRule:
    """Where a task's artifact may lie, and what it may be."""

    names: tuple[str, ...]
    """Paths inside a candidate's folder, without the ending; case does not count."""

    formats: tuple[ArtifactFormat, ...]
    """Accepted formats."""

    max_size: int
    """Bytes."""

    source: SourceRule | None = None
    """The code that goes with it; None if the task takes none."""

    signature: str | None = None
    """What is called of a SavedModel or TFLite file; None: the usual one."""

    allow_lambda: bool = False
    """Whether Lambda layers may run their Python, in the sandbox."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a criterion and a group of criteria have in common."""

    id: str
    """Unique in the rubric; also the name of the pytest item."""

    title: Localized
    """For people."""

    points: Decimal
    """Earned in full; a scale may award a part."""

    requires: tuple[str, ...] = ()
    """Criteria and groups that must pass before this one is checked at all."""

    hint: Localized | None = None
    """What to try; in place of the check's own hint."""

    skills: tuple[str, ...] = ()
    """Skills of a syllabus that the criterion shows."""

    visibility: Visibility = Visibility.VISIBLE
    """When candidates may see it."""

    bonus: bool = False
    """Whether its points come on top of those that are possible."""

    group: str | None = None
    """The group it is a member of."""

    @property
    def possible(self) -> Decimal:
        """What it adds to the possible points of the task."""
        counts = self.group is None and not self.bonus
        return self.points if counts else Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundCriterion(Entry):
    """One gradeable statement, its check found and its parameters checked."""

    check: Check
    """The question."""

    parameters: Mapping[str, Any]
    """Keyword arguments of the check's function."""

    scale: Scale | Cases | None = None
    """Makes points of a measured value; None if the check decides by itself."""

    dataset: str | None = None
    """Evaluation dataset in place of the rubric's."""

    penalty: Decimal = Decimal(0)
    """What failing costs."""

    if_unknown: IfUnknown = IfUnknown.SKIP
    """What becomes of it if the format does not hold what the check looks at."""

    @property
    def kind(self) -> str:
        """What reports call it: the name of the check."""
        return self.check.name

    @property
    def datasets(self) -> tuple[str, ...]:
        """The evaluation datasets that it names itself."""
        cases = self.scale.thresholds if isinstance(self.scale, Cases) else ()
        return (*((self.dataset,) if self.dataset else ()), *cases)


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundGroup(Entry):
    """Criteria whose points count together."""

    rule: GroupRule
    """How."""

    members: tuple[str, ...]
    """Ids of its criteria, which stand before it."""

    @property
    def kind(self) -> str:
        """What reports call it: the rule."""
        return f"group.{self.rule}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceArtifact:
    """A file whose points are known."""

    file: Path
    """Where it lies."""

    points: Decimal
    """What grading it must give."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowedPredictor:
    """A trivial predictor, and what it may earn."""

    name: str
    """One of ``predictors.PREDICTORS``."""

    points: Decimal
    """The most that it may earn."""

    options: Mapping[str, Any]
    """Keyword arguments of the predictor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfTest:
    """What a rubric must give for files and predictors that are known."""

    artifacts: tuple[ReferenceArtifact, ...] = ()
    predictors: tuple[AllowedPredictor, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rubric:
    """How one task is graded."""

    task: str
    """Unique in the exam; part of every node id."""

    title: Localized
    """For people."""

    dataset: str | None
    """Name of the evaluation dataset; None if no criterion needs predictions."""

    artifact: ArtifactRule
    """What the candidate hands in."""

    contract: Contract
    """What the model takes and returns."""

    limits: Limits
    """What the model may use."""

    criteria: tuple[BoundCriterion | BoundGroup, ...]
    """In the order they are checked and reported; members before their group."""

    document: Document
    """Where it was read from; for messages that name a place."""

    description: Localized = Localized({"": ""})  # noqa: RUF009 - it is immutable
    """What the candidate is to do."""

    selftest: SelfTest = field(default_factory=SelfTest)
    """What is known to come out."""

    @property
    def points(self) -> Decimal:
        """Points of the whole task, without bonus."""
        return sum((criterion.possible for criterion in self.criteria), Decimal(0))

    @property
    def checked(self) -> tuple[BoundCriterion, ...]:
        """The criteria, without groups."""
        return tuple(c for c in self.criteria if isinstance(c, BoundCriterion))

    @property
    def runs_models(self) -> bool:
        """Whether a criterion needs predictions."""
        return any(c.check.needs is Needs.PREDICTIONS for c in self.checked)

    @property
    def times_models(self) -> bool:
        """Whether a criterion looks at the time of predictions."""
        return any(c.check.is_timed for c in self.checked)

    @property
    def measures_cost(self) -> bool:
        """Whether a criterion looks at what predictions cost, in time or memory."""
        return any(c.check.is_timed or c.check.is_weighed for c in self.checked)

    @property
    def datasets(self) -> tuple[str, ...]:
        """Every evaluation dataset that it names, its own first."""
        own = (self.dataset,) if self.dataset else ()
        named = (name for criterion in self.checked for name in criterion.datasets)
        return tuple(dict.fromkeys((*own, *named)))

    def calls(self, dataset: str) -> tuple[Call, ...]:
        """Return what its criteria will ask of a model on a dataset, each once."""
        asking = (
            c
            for c in self.checked
            if c.check.needs is Needs.PREDICTIONS
            and dataset in (c.datasets or (self.dataset,))
        )
        named = (
            call for c in asking for call in c.check.calls(c.parameters, self.contract)
        )
        return tuple(dict.fromkeys(named))
