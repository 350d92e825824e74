"""How fast models are graded, of late."""

from collections import deque
from typing import Final

_REMEMBERED: Final = 50
"""Jobs whose ends are remembered."""

_LEAST: Final = 3
"""Jobs before which a rate would be a guess."""


class Pace:
    """The rate of the last jobs; moments are seconds of any clock that never goes back.

    >>> pace = Pace()
    >>> pace.begin(100.0)
    >>> for moment in (101.0, 102.0, 104.0):
    ...     pace.note(moment)
    >>> pace.rate(106.0)
    0.5
    """

    def __init__(self) -> None:
        """Know nothing yet."""
        self._ends: deque[float] = deque(maxlen=_REMEMBERED)
        self._since: float | None = None

    def begin(self, moment: float) -> None:
        """Note that the first job is being graded; what was before does not count."""
        if self._since is None:
            self._since = moment

    def note(self, moment: float) -> None:
        """Note that a job has been graded."""
        self.begin(moment)
        if len(self._ends) == _REMEMBERED:
            self._since = self._ends[0]
        self._ends.append(moment)

    def rate(self, moment: float) -> float | None:
        """Return jobs graded in a second; less for each second in which none was."""
        if self._since is None or len(self._ends) < _LEAST or moment <= self._since:
            return None
        return len(self._ends) / (moment - self._since)
