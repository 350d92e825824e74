"""What became of a criterion, and of a task."""

from enum import StrEnum


class Verdict(StrEnum):
    """What became of one criterion."""

    PASSED = "passed"
    PARTIAL = "partial"  # some of the points
    FAILED = "failed"  # the submission is at fault
    SKIPPED = "skipped"  # something it needs did not pass
    ERROR = "error"  # the grader is at fault; the score stays open


class TaskResult(StrEnum):
    """What became of one task."""

    GRADED = "graded"
    UNGRADABLE = "ungradable"  # the artifact is at fault; a code says how
    ERROR = "error"  # the grader is at fault; the score stays open
