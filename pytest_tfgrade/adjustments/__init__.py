"""What people do to points after a machine gave them: late rules, overrides.

A layer beside ``datasets``: imports ``core`` and ``documents`` only.
"""

from pytest_tfgrade.adjustments.apply import adjusted, decisions_in
from pytest_tfgrade.adjustments.extensions import read_extensions
from pytest_tfgrade.adjustments.known import (
    CriterionWorth,
    Known,
    TaskWorth,
    known_by,
)
from pytest_tfgrade.adjustments.overrides import Decision, Target, read_overrides

__all__ = [
    "CriterionWorth",
    "Decision",
    "Known",
    "Target",
    "TaskWorth",
    "adjusted",
    "decisions_in",
    "known_by",
    "read_extensions",
    "read_overrides",
]
