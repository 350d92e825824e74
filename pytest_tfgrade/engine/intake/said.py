"""What the name of a folder or file says of who handed it in."""

from collections.abc import Callable
from dataclasses import dataclass

from pytest_tfgrade.core.submission import Person, Stamp
from pytest_tfgrade.engine.intake.places import Entry
from pytest_tfgrade.rubric.handing_in import Platform


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What is known of an entry by its name, or by what lies beside it."""

    candidate: str
    """Who handed it in, as named there."""

    people: tuple[Person, ...] = ()
    """The same, part by part; several for a group."""

    number: str = ""
    """By which the platform tells candidates apart."""

    file: str = ""
    """What the candidate called the file; empty where all is of the candidate."""

    attempt: int = 0
    """Counted by the platform, if it counts."""

    late: bool | None = None
    """Whether the platform says so."""

    stamp: Stamp | None = None
    """When it was handed in, if the platform says so."""

    counts: bool = True
    """Whether it may hold what is graded, not an online text or feedback."""


Says = Callable[[Entry], Said | None]
"""Reads an entry; None if its name is not as it should be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """How names are read."""

    platform: Platform
    """What they are like."""

    says: Says
    """Reads one."""

    assignment: str = ""
    """Of GitHub Classroom, what they begin with."""

    detected: bool = False
    """Whether nobody said so."""
