"""Who may see what, and when."""

from enum import StrEnum
from typing import Final


class Audience(StrEnum):
    """Who reads something."""

    GRADER = "grader"
    CANDIDATE = "candidate"


class Visibility(StrEnum):
    """When a candidate may see a criterion: its title, result, reason and hint."""

    VISIBLE = "visible"
    HIDDEN = "hidden"  # never; its points count
    AFTER_DUE_DATE = "after_due_date"
    AFTER_PUBLISHED = "after_published"


STAGES: Final = (Visibility.AFTER_DUE_DATE, Visibility.AFTER_PUBLISHED)
"""What is shown later, in the order in which that comes."""


def revealed_by(stage: Visibility) -> frozenset[Visibility]:
    """Return what candidates may see once a stage has come.

    >>> sorted(stage.value for stage in revealed_by(Visibility.AFTER_PUBLISHED))
    ['after_due_date', 'after_published']
    """
    return frozenset(STAGES[: STAGES.index(stage) + 1])
