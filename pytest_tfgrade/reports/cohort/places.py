"""Where in a gradebook something was found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A submission, a task of it, or a criterion of that."""

    submission: str
    """Its id."""

    task: str | None = None
    """None: the whole submission."""

    criterion: str | None = None
    """None: the whole task."""
