"""What a rubric says that is the same for everybody: titles, hints, scales."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from pytest_tfgrade.core.localized import Localized
from pytest_tfgrade.core.threshold import Direction
from pytest_tfgrade.core.visibility import Visibility


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleOutline:
    """What a criterion asks of the value it measures."""

    kind: Literal["threshold", "bands", "curve"]
    """All points or none; steps; straight lines between the steps."""

    direction: Direction
    """Which values are better."""

    steps: tuple[tuple[Decimal, Decimal], ...]
    """Points, and the value that earns them; the fewest points first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionOutline:
    """What a rubric says of one criterion or group."""

    title: Localized
    """What it is called."""

    hint: Localized | None = None
    """The rubric's own hint; None if the check gives one."""

    scale: ScaleOutline | None = None
    """None if it measures nothing, or on several datasets."""

    measure: str | None = None
    """The metric it names, as ``accuracy``."""

    datasets: tuple[str, ...] = ()
    """The evaluation datasets that it looks at."""

    visibility: Visibility = Visibility.VISIBLE
    """When a candidate may see it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskOutline:
    """What a rubric says of a task."""

    title: Localized
    """What it is called."""

    description: Localized | None = None
    """What is to be done."""

    criteria: Mapping[str, CriterionOutline] = field(default_factory=dict)
    """By id, in the rubric's order."""
