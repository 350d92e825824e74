"""Who is late, by how much, and by what clock."""

from collections.abc import Iterator, Sequence
from datetime import UTC, timedelta
from typing import Final

from pytest_tfgrade.adjustments.wording import named
from pytest_tfgrade.core.grade import Grade
from pytest_tfgrade.core.reckoning import LateRule, Penalty
from pytest_tfgrade.core.submission import Stamp


def penalty_of(grade: Grade, rule: LateRule) -> Penalty | None:
    """Return what lateness costs a submission; None if nothing.

    Nothing is lost by a time that the rule does not trust, or by the platform's word
    alone, which says not how late.
    """
    stamp = grade.taken_in.handed_in
    if stamp is None or not rule.trusts(stamp.clock):
        return None
    late = _lateness(grade, stamp, rule)
    share = rule.share(late)
    return Penalty(late=late, share=share, taken=rule.taken) if share else None


_UNTRUSTED: Final = (
    "late by times of files alone, which may be those of a download or copy; 'clock' "
    "under 'late' in the exam file says what may count"
)
_UNSAID: Final = (
    "late by the platform, which says not by how much; override their points, if need "
    "be"
)
_UNKNOWN: Final = "for nothing tells when they handed in"
_CONTRADICTED: Final = (
    "late by the platform and in time by 'due'; correct 'due', if need be"
)
_REASONS: Final = (_UNTRUSTED, _UNSAID, _UNKNOWN, _CONTRADICTED)


def lateness_notices(grades: Sequence[Grade], rule: LateRule) -> Iterator[str]:
    """Yield who lost nothing and might have, and why."""
    reasons = [(grade.id, _reason(grade, rule)) for grade in grades]
    for reason in _REASONS:
        concerned = [id_ for id_, why in reasons if why == reason]
        if concerned:
            yield f"none for {named(concerned)}, {reason}"


def _reason(grade: Grade, rule: LateRule) -> str | None:
    """Return why somebody lost nothing; None if that is as it should be."""
    stamp, late = grade.taken_in.handed_in, grade.taken_in.late
    if stamp is None:
        if late:
            return _UNSAID
        has_files = any(task.artifact for task in grade.tasks)
        return _UNKNOWN if late is None and has_files else None
    by_platform = late and stamp.at <= rule.due
    if not rule.trusts(stamp.clock):
        may_lose = bool(rule.share(_lateness(grade, stamp, rule)))
        return _UNTRUSTED if may_lose or by_platform else None
    return _CONTRADICTED if by_platform else None


def _lateness(grade: Grade, stamp: Stamp, rule: LateRule) -> timedelta:
    due = rule.due_for(grade.id)
    return stamp.at.astimezone(UTC) - due.astimezone(UTC)
