"""What a run tells whoever watches it."""

from typing import Final, Protocol

from pytest_tfgrade.engine.job import Job


class Watch(Protocol):
    """Is told how far a run has come; from any thread, so it must be quick and safe."""

    def began(self, total: int) -> None:
        """Learn how many jobs there are; once, before any of them."""
        ...

    def started(self, job: Job) -> None:
        """Learn that a job is being graded."""
        ...

    def finished(self, job: Job, *, recalled: bool) -> None:
        """Learn that a job has a grade.

        Args:
            job: What was graded; ``started`` was told of it unless it was recalled.
            recalled: Whether an earlier run had graded it.
        """
        ...


class Unwatched:
    """Lets everything pass."""

    def began(self, total: int) -> None:
        """Do nothing."""

    def started(self, job: Job) -> None:
        """Do nothing."""

    def finished(self, job: Job, *, recalled: bool) -> None:
        """Do nothing."""


UNWATCHED: Final = Unwatched()
"""Where nobody watches."""
