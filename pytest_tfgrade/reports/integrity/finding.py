"""What a report on integrity says: who is alike, in what, by which figures."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

Evidence = Mapping[str, float | int | str | bool | None]
"""Figures by their names, as ``findings.json`` has them."""

MOST_PAIRS: Final = 20
"""Of a group that are told, the strongest."""

GIVEN_SHARE: Final = 0.2
"""A group with so many of those who were compared is likely to have been given it."""

GIVEN_LEAST: Final = 6
"""A group that is smaller is not."""


class Kind(StrEnum):
    """What a finding is about, the most certain first."""

    IDENTICAL_FILES = "identical-files"
    IDENTICAL_WEIGHTS = "identical-weights"
    SHARED_WEIGHTS = "shared-weights"
    SIMILAR_WEIGHTS = "similar-weights"
    REORDERED_WEIGHTS = "reordered-weights"
    ALIKE_ANSWERS = "alike-answers"
    UNTRAINED = "untrained"
    CONSTANT = "constant-answers"

    @property
    def is_of_one(self) -> bool:
        """Whether it says something of each submission by itself."""
        return self in {Kind.UNTRAINED, Kind.CONSTANT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two of a group, and what was measured of them."""

    a: str
    """One submission."""

    b: str
    """The other one."""

    evidence: Evidence
    """What was measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something a person should look at; no proof, and no points hang on it."""

    kind: Kind
    """What it is about."""

    task: str
    """The task."""

    who: tuple[str, ...]
    """The submissions, sorted."""

    compared: int
    """How many submissions of the task were looked at for this."""

    evidence: Evidence = field(default_factory=dict)
    """What was measured of all of them."""

    pairs: tuple[Pair, ...] = ()
    """What was measured of two of them, the strongest first."""

    left_out: int = 0
    """How many more pairs there are."""

    @property
    def may_be_given(self) -> bool:
        """Whether so many are alike that the course is likely to have given it out."""
        least = max(GIVEN_LEAST, GIVEN_SHARE * self.compared)
        return not self.kind.is_of_one and len(self.who) >= least


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """How many submissions of a task were compared."""

    task: str
    """The task."""

    files: int
    """Artifacts."""

    weights: int
    """Files whose weights could be looked at."""

    layouts: int
    """Different layouts among them; weights are compared within one."""

    answers: int
    """Models that predicted something."""
