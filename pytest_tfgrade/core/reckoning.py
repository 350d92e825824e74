"""What is done to points after a machine gave them: late penalties, overrides."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Final, TypeGuard

from pytest_tfgrade.core.submission import Clock
from pytest_tfgrade.core.verdict import Verdict

_HUNDREDTH: Final = Decimal("0.01")
_MILLIONTH: Final = Decimal("0.000001")
_NOTHING: Final = Decimal(0)
_NO_TIME: Final = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """What a person said of a result: other points, a comment, or both."""

    points: Decimal | None = None
    """What counts in place of the machine's points; None leaves these."""

    raw: Decimal | None = None
    """What the machine gave; None while that is open."""

    raw_verdict: Verdict | None = None
    """The machine's verdict, of a criterion."""

    comment: str = ""
    """For the candidate; may be empty."""

    by: str
    """Who decided."""

    at: str
    """The day, as 2025-01-31."""

    why: str
    """The reason; for graders."""


def gives_points(override: Override | None) -> TypeGuard[Override]:
    """Return whether a person gave points in place of the machine's."""
    return override is not None and override.points is not None


class Taken(StrEnum):
    """What the share of a late penalty is of."""

    EARNED = "earned"  # points
    POSSIBLE = "possible"  # points


@dataclass(frozen=True, slots=True, kw_only=True)
class LateRule:
    """What lateness costs."""

    due: datetime
    """In UTC; for all who have no other."""

    grace: timedelta = _NO_TIME
    """How much later still counts as in time."""

    steps: tuple[tuple[timedelta, Decimal], ...]
    """Time after the due date, and the share that is lost by whoever came later than
    that, 0 to 1; by time, and no share below the one before."""

    is_linear: bool = False
    """Whether the share grows on straight lines between the steps."""

    taken: Taken = Taken.EARNED
    """What it is a share of."""

    clock: Clock = Clock.PLATFORM
    """The least to be trusted that a penalty may hang on."""

    extensions: Mapping[str, datetime] = field(default_factory=dict)
    """Other due dates, in UTC, by submission."""

    def due_for(self, submission: str) -> datetime:
        """Return when somebody had to hand in."""
        return self.extensions.get(submission, self.due)

    def trusts(self, clock: Clock) -> bool:
        """Return whether a penalty may hang on what a clock says."""
        order = list(Clock)
        return order.index(clock) <= order.index(self.clock)

    def share(self, late: timedelta) -> Decimal:
        """Return what is lost, 0 to 1, rounded down to millionths.

        What is late by no more than the grace, or a step, is before it.

        >>> from datetime import UTC
        >>> day = timedelta(days=1)
        >>> steps = ((0 * day, Decimal("0.1")), (4 * day, Decimal("0.5")))
        >>> due = datetime(2025, 1, 31, tzinfo=UTC)
        >>> LateRule(due=due, steps=steps).share(4 * day)
        Decimal('0.1')
        >>> LateRule(due=due, steps=steps, is_linear=True).share(2 * day)
        Decimal('0.3')
        """
        if late <= max(self.grace, _NO_TIME):
            return _NOTHING
        lost = max((s for at, s in self.steps if late > at), default=_NOTHING)
        for (early, less), (then, more) in pairwise(self.steps):
            if self.is_linear and early < late <= then:
                lost = less + (more - less) * _ratio(late - early, then - early)
        return _short(lost.quantize(_MILLIONTH, ROUND_DOWN))


def _ratio(part: timedelta, whole: timedelta) -> Decimal:
    unit = timedelta.resolution
    return Decimal(part // unit) / Decimal(whole // unit)


def _short(share: Decimal) -> Decimal:
    """Return the same without zeros at the end, as ``grades.json`` gives it back."""
    return Decimal(f"{share.normalize():f}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Penalty:
    """What lateness costs a submission."""

    late: timedelta
    """How late, after due date and extension; grace does not shorten it."""

    share: Decimal
    """What is lost, 0 to 1."""

    taken: Taken = Taken.EARNED
    """What it is a share of."""

    def points(self, earned: Decimal, possible: Decimal) -> Decimal:
        """Return the points that are lost, rounded down to hundredths.

        Never more than were earned.

        >>> penalty = Penalty(late=timedelta(days=1), share=Decimal("0.1"))
        >>> penalty.points(Decimal(15), Decimal(25))
        Decimal('1.50')
        """
        base = earned if self.taken is Taken.EARNED else possible
        lost = (self.share * base).quantize(_HUNDREDTH, ROUND_DOWN)
        return min(max(lost, _NOTHING), earned)
