"""Late rules and overrides, from the files that options name to grades."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pytest_tfgrade.adjustments import (
    Decision,
    Known,
    adjusted,
    decisions_in,
    known_by,
    read_extensions,
    read_overrides,
)
from pytest_tfgrade.core.errors import TfgradeError, UsageError
from pytest_tfgrade.core.grade import Gradebook
from pytest_tfgrade.core.reckoning import LateRule
from pytest_tfgrade.core.text import printable


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustments:
    """What is done to the points that the machine gives."""

    late_rule: LateRule | None = None
    """What lateness costs."""

    extensions: Mapping[str, datetime] = field(default_factory=dict)
    """Other due dates, by submission."""

    overrides: Sequence[Decision] = ()
    """What people decided."""

    def of(self, gradebook: Gradebook) -> Gradebook:
        """Return the same grades with the points that count."""
        return adjusted(gradebook, self.late_rule, self.extensions, self.overrides)


def adjustments_for(
    known: Known,
    late_rule: LateRule | None,
    extensions: Path | None,
    overrides: Path | None,
) -> Adjustments:
    """Read what is to be done to the points of a run.

    Args:
        known: All candidates and tasks.
        late_rule: What the exam says that lateness costs.
        extensions: The file of other due dates, if there is one.
        overrides: The file of what people decided, if there is one.

    Raises:
        UsageError: With all that is wrong with both files.
    """
    problems: list[str] = []
    dates: Mapping[str, datetime] = {}
    decisions: Sequence[Decision] = ()
    if extensions is not None:
        try:
            dates = read_extensions(extensions, known, late_rule)
        except TfgradeError as error:
            problems.append(str(error))
    if overrides is not None:
        try:
            decisions = read_overrides(overrides, known)
        except TfgradeError as error:
            problems.append(str(error))
    if problems:
        raise UsageError("\n".join(problems))
    return Adjustments(late_rule=late_rule, extensions=dates, overrides=decisions)


def adjusted_anew(
    gradebook: Gradebook, extensions: Path | None, overrides: Path | None
) -> Gradebook:
    """Return grades with other due dates or decisions in place of those they have.

    Args:
        gradebook: As an earlier run wrote it.
        extensions: The file of other due dates; None leaves those that are there.
        overrides: The file of what people decided; None leaves what is there.

    Raises:
        UsageError: With all that is wrong with both files.
    """
    rule, known = gradebook.late_rule, known_by(gradebook)
    found = adjustments_for(known, rule, extensions, overrides)
    dates = rule.extensions if rule and extensions is None else found.extensions
    decided = decisions_in(gradebook) if overrides is None else found.overrides
    return adjusted(gradebook, rule, dates, decided)


def require_outside(path: Path | None, submissions: Path, flag: str) -> None:
    """Do nothing if a file of the grader's cannot be a candidate's.

    Raises:
        UsageError: It lies in the submissions.
    """
    if path is not None and path.resolve().is_relative_to(submissions.resolve()):
        shown = printable(str(path))
        what = "lies in the submissions, where candidates could write it"
        raise UsageError(f"{flag} {shown}: {what}; keep it elsewhere")
