"""Who may see a criterion, and when."""

from enum import StrEnum


class Visibility(StrEnum):
    """When a candidate may see a criterion: its title, result, reason and hint."""

    VISIBLE = "visible"
    HIDDEN = "hidden"  # never; its points count
    AFTER_DUE_DATE = "after_due_date"
    AFTER_PUBLISHED = "after_published"
