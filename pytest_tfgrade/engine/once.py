"""A step whose outcome, good or bad, is the same whenever it is asked for."""

from collections.abc import Callable
from typing import Generic, TypeVar

Outcome = TypeVar("Outcome")


class Once(Generic[Outcome]):
    """Calls a function at most once and keeps what it returns or raises.

    >>> calls = []
    >>> step = Once(lambda: calls.append("called") or len(calls))
    >>> step(), step()
    (1, 1)
    """

    def __init__(self, take: Callable[[], Outcome]) -> None:
        """Call nothing yet."""
        self._take = take
        self._value: Outcome | None = None
        self._error: Exception | None = None
        self._taken = False

    @property
    def is_taken(self) -> bool:
        """Whether the step was taken, whatever came of it."""
        return self._taken

    def __call__(self) -> Outcome:
        """Return the value, or raise the error, of the first call."""
        if not self._taken:
            try:
                self._value = self._take()
            except Exception as error:
                self._error = error
            self._taken = True
        if self._error is not None:
            raise self._error
        return self._value  # type: ignore[return-value]
