"""One submission of all that a candidate handed in, by the rule for duplicates."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pytest_tfgrade.core.submission import HandedIn, Stamp, Submission
from pytest_tfgrade.engine.file_names import least_doubtful
from pytest_tfgrade.engine.intake.said import Said
from pytest_tfgrade.rubric.handing_in import Duplicates


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One folder, zip or file that a candidate handed in."""

    entry: str
    """Its name; printable."""

    said: Said
    """What its name says."""

    submission: Submission
    """What it holds; the id is of no meaning."""

    is_flat: bool = False
    """Whether it is one file or one SavedModel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What counts of several parts for one task."""

    task: str
    """The task."""

    kept: tuple[tuple[Part, HandedIn], ...]
    """What counts; several if nothing says which."""

    dropped: tuple[tuple[Part, HandedIn], ...]
    """What does not."""


def merged(
    id_: str, parts: Sequence[Part], rule: Duplicates
) -> tuple[Submission, list[Choice]]:
    """Return a candidate's submission, and for which tasks something had to be chosen.

    Code counts from the part whose model counts, if there is any in it.

    Args:
        id_: Of the submission.
        parts: By the names of their entries.
        rule: Which of several parts counts for a task.
    """
    tasks = dict.fromkeys(task for part in parts for task in part.submission.found)
    found, choices = {}, []
    for task in tasks:
        choice = _chosen(task, parts, rule)
        found[task] = tuple(file for _, file in choice.kept)
        if choice.dropped:
            choices.append(choice)
    dropped = [file.name for choice in choices for _, file in choice.dropped]
    chosen = {choice.task: {id(part) for part, _ in choice.kept} for choice in choices}
    submission = Submission(
        id=id_,
        found=found,
        others=tuple(name for part in parts for name in part.submission.others),
        sources=_sources(parts, chosen),
        fault=next((p.submission.fault for p in parts if p.submission.fault), None),
        set_aside=tuple(dropped),
    )
    return submission, choices


def with_times(
    submission: Submission, parts: Sequence[Part], due: datetime | None
) -> Submission:
    """Return a submission with when it was handed in, and whether that was late.

    What the platform writes beside a part goes before the times of files. What the
    platform calls late is late; of the rest, the due date decides if there is one.
    """
    counting = {id(file) for files in submission.found.values() for file in files}
    of_parts = [part for part in parts if _counts(part, counting)] or list(parts)
    stamps = [stamp for p in of_parts if (stamp := _when(p, counting)) is not None]
    handed_in = max(stamps, default=None)
    marks = {part.said.late for part in of_parts}
    late: bool | None
    if True in marks:
        late = True
    elif due is not None:
        late = None if handed_in is None else handed_in.at > due
    else:
        late = False if False in marks else None
    return replace(submission, handed_in=handed_in, late=late)


def _counts(part: Part, counting: set[int]) -> bool:
    files = (file for found in part.submission.found.values() for file in found)
    return any(id(file) in counting for file in files)


def _when(part: Part, counting: set[int] | None = None) -> Stamp | None:
    """Return when a part was handed in: the last of its files, or those that count."""
    if part.said.stamp is not None:
        return part.said.stamp
    files = [file for found in part.submission.found.values() for file in found]
    own = [f for f in files if counting is None or id(f) in counting] or files
    return max((file.stamp for file in own if file.stamp), default=None)


def _chosen(task: str, parts: Sequence[Part], rule: Duplicates) -> Choice:
    """Return which files count for a task.

    Attempts are counted by the platform, or told apart by time. Nothing is guessed: of
    equal ones, or if one has no time, all are kept, which is E_FORMAT in the end.
    """
    all_ = [(p, file) for p in parts for file in p.submission.found.get(task, ())]
    likely = {id(file) for file in least_doubtful([file for _, file in all_])}
    files = [(part, file) for part, file in all_ if id(file) in likely]
    own = {id(part): part for part, _ in files}
    kept = files
    if len(own) > 1 and rule is not Duplicates.REFUSE:
        best = _best(task, list(own.values()), rule)
        if best is not None:
            kept = [(part, file) for part, file in files if part is best]
    dropped = [pair for pair in files if pair not in kept]
    return Choice(task=task, kept=tuple(kept), dropped=tuple(dropped))


def _best(task: str, parts: Sequence[Part], rule: Duplicates) -> Part | None:
    attempts = {part.said.attempt for part in parts}
    keys: list[tuple[int, datetime | None]] = []
    for part in parts:
        counting = {id(file) for file in part.submission.found[task]}
        stamp = _when(part, counting)
        keys.append((part.said.attempt, stamp.at if stamp else None))
    if len(attempts) < len(parts) and any(at is None for _, at in keys):
        return None
    ends = max if rule is Duplicates.LATEST else min
    if len(attempts) == len(parts):
        best = ends(attempts)
        return next(part for part in parts if part.said.attempt == best)
    sure = [(attempt, at) for attempt, at in keys if at is not None]
    last = ends(sure)
    if sure.count(last) > 1:
        return None
    return parts[keys.index(last)]


def _sources(
    parts: Sequence[Part], chosen: dict[str, set[int]]
) -> dict[str, tuple[HandedIn, ...]]:
    tasks = dict.fromkeys(task for part in parts for task in part.submission.sources)
    sources = {}
    for task in tasks:
        bearing = [part for part in parts if task in part.submission.sources]
        kept = [p for p in bearing if task not in chosen or id(p) in chosen[task]]
        sources[task] = tuple(
            file for part in kept or bearing for file in part.submission.sources[task]
        )
    return sources
