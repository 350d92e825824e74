"""The unit of work of a run."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Job:
    """One task of one submission."""

    submission: str
    """The id of the submission."""

    task: str
    """The task."""
