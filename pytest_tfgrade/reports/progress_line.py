"""One line that tells how far a run has come."""

import math
from dataclasses import dataclass
from typing import Final

from pytest_tfgrade.core.text import printable
from pytest_tfgrade.reports.line import shortened

_MOST_NAMES: Final = 3
"""Of jobs that are told to run now."""

_LONGEST_NAME: Final = 40
"""Columns of one of them."""

_LONG: Final = 10.0
"""Seconds from which it is told how long a job has been running."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far a run has come; a job is a task of a submission."""

    total: int
    """Jobs in all."""

    graded: int = 0
    """Those that this run has graded."""

    recalled: int = 0
    """Those whose grade an earlier run has left in the cache."""

    rate: float | None = None
    """Jobs graded in a second, of late; None while nothing can be said."""

    running: tuple[tuple[str, float], ...] = ()
    """What is being graded, the longest first, and for how many seconds."""

    unreported: int = 0
    """Criteria that pytest has yet to report, if that is known."""

    @property
    def finished(self) -> int:
        """Jobs that have a grade."""
        return self.graded + self.recalled

    @property
    def seconds_left(self) -> float | None:
        """Seconds until all is graded, if nothing more is recalled; None: not known."""
        if not self.rate or self.finished >= self.total:
            return None
        return (self.total - self.finished) / self.rate


def render_standing(standing: Standing, width: int | None = None) -> str:
    """Return counts, rate, time left and what runs now, cut to ``width`` columns.

    >>> running = (("al::a", 1.0),)
    >>> render_standing(
    ...     Standing(total=200, graded=30, recalled=20, rate=2.5, running=running)
    ... )
    '50 of 200 tasks (25%), 20 from the cache, 2.5/s, 60 s left; now al::a'
    """
    share = 100 * standing.finished // standing.total if standing.total else 100
    facts = [f"{standing.finished} of {standing.total} tasks ({share}%)"]
    if standing.recalled:
        facts.append(f"{standing.recalled} from the cache")
    if standing.rate and standing.finished < standing.total:
        facts.append(rate_text(standing.rate))
    if standing.seconds_left is not None:
        facts.append(f"{duration_text(standing.seconds_left)} left")
    text = f"{', '.join(facts)}{_now(standing)}"
    return text if width is None else shortened(text, width)


def render_end(standing: Standing, seconds: float) -> str:
    """Return what a run has done in so many seconds.

    >>> render_end(Standing(total=200, graded=30, recalled=170), 11.3)
    '200 tasks in 12 s, 170 from the cache'
    >>> render_end(Standing(total=200, graded=1), 0.2)
    '1 of 200 tasks in 1 s'
    """
    whole = standing.finished >= standing.total
    tasks = f"{standing.total} tasks"
    done = tasks if whole else f"{standing.finished} of {tasks}"
    cached = f", {standing.recalled} from the cache" if standing.recalled else ""
    return f"{done} in {duration_text(seconds)}{cached}"


def rate_text(rate: float) -> str:
    """Write a rate in the unit in which it is at least one.

    >>> rate_text(12.34), rate_text(0.5), rate_text(0.01), rate_text(1e-5)
    ('12/s', '30/min', '36/h', '0.036/h')
    """
    units = (("s", 1), ("min", 60), ("h", 3600))
    unit, seconds = next((u for u in units if rate * u[1] >= 1), units[-1])
    each = rate * seconds
    return f"{each:.0f}/{unit}" if each >= 10 else f"{each:.2g}/{unit}"  # noqa: PLR2004 - two digits


def duration_text(seconds: float) -> str:
    """Write a duration in as few digits as a guess deserves, rounded up.

    >>> duration_text(0.1), duration_text(99), duration_text(101)
    ('1 s', '99 s', '2 min')
    >>> duration_text(6000), duration_text(6001), duration_text(100 * 3600)
    ('100 min', '1 h 41 min', '100 h')
    """
    if seconds <= 99:  # noqa: PLR2004 - two digits
        return f"{max(math.ceil(seconds), 1)} s"
    minutes = math.ceil(seconds / 60)
    if minutes <= 100:  # noqa: PLR2004 - and nobody counts in hours yet
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def _now(standing: Standing) -> str:
    if standing.running:
        names = [_running(*job) for job in standing.running[:_MOST_NAMES]]
        more = len(standing.running) - len(names)
        return f"; now {', '.join(names)}" + (f" and {more} more" if more else "")
    if standing.finished < standing.total:
        return "; getting ready" if not standing.graded else ""
    return f"; {standing.unreported} results to report" if standing.unreported else ""


def _running(name: str, seconds: float) -> str:
    shown = shortened(printable(name), _LONGEST_NAME)
    return f"{shown} for {duration_text(seconds)}" if seconds >= _LONG else shown
