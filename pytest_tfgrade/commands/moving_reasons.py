"""What is known to have changed between two runs, where a score moved."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from pytest_tfgrade.commands.grades_file import (
    KnownCourse,
    KnownGrades,
    KnownOverride,
    KnownSubmission,
    KnownTask,
)
from pytest_tfgrade.core.score import points_text


class Why(StrEnum):
    """What changed; the names stand in CSV and JSON."""

    ARTIFACT = "artifact"
    RUBRIC = "rubric"
    DATA = "data"
    RUNTIME = "runtime"
    HOW = "how"
    ISOLATION = "isolation"
    VERSION = "version"
    OPEN = "open"
    CUT = "cut"
    EXAM = "exam"
    LATE = "late"
    OVERRIDE = "override"
    UNKNOWN = "unknown"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that changed."""

    why: Why
    text: str
    """A phrase; may hold names from the files, not yet printable."""


Runs = tuple[KnownGrades, KnownGrades]
_Overrides = tuple[KnownOverride | None, ...]

NOTHING: Final = Reason(Why.NOTHING, "NOTHING KNOWN CHANGED")
"""Same file, same rubric, same data, another score: a fault of the grader's tools."""


def tells_nothing(reasons: Collection[Reason]) -> bool:
    """Return whether something moved though nothing known changed."""
    return NOTHING in reasons


def reasons_of_task(
    task: str, before: KnownTask | None, after: KnownTask | None, runs: Runs
) -> tuple[Reason, ...]:
    """Return all that changed for a task of a submission; never nothing at all."""
    if before is None or after is None:
        return tuple(_of_presence(before, runs))
    found = (
        *_of_artifact(before, after),
        *_of_course(task, before, after, runs),
        *_of_run(before, after, runs),
        *_of_tool(runs),
        *_of_end(before, after, runs),
        *_of_overrides(_overrides(before), _overrides(after)),
    )
    return found or (NOTHING,)


def reasons_of_whole(
    before: KnownSubmission, after: KnownSubmission, runs: Runs
) -> tuple[Reason, ...]:
    """Return what changed for a submission none of whose tasks moved."""
    other = reasons_besides_tasks(before, after, runs)
    found = (*other, *_of_rule(before, after, runs), *_of_tool(runs))
    return found or (NOTHING,)


def reasons_besides_tasks(
    before: KnownSubmission,
    after: KnownSubmission,
    _runs: Runs,
) -> tuple[Reason, ...]:
    """Return what changed of how the points of tasks become those of the whole."""
    return (
        *_of_weights(before, after),
        *_of_lateness(before, after),
        *_of_overrides((before.override,), (after.override,)),
    )


def _of_lateness(before: KnownSubmission, after: KnownSubmission) -> Iterator[Reason]:
    none = Decimal(0)
    old, new = (s.penalty.points if s.penalty else none for s in (before, after))
    if old != new:
        texts = ("open" if lost is None else points_text(lost) for lost in (old, new))
        yield Reason(Why.LATE, f"late penalty: {' -> '.join(texts)}")


def _of_overrides(old: _Overrides, new: _Overrides) -> Iterator[Reason]:
    """Say who gave other points, or no longer does."""
    if old != new:
        who = dict.fromkeys(o.by for o in (*old, *new) if o is not None)
        yield Reason(Why.OVERRIDE, f"override by {', '.join(who)}")


def _overrides(task: KnownTask) -> _Overrides:
    of_criteria = {c.id: c.override for c in task.criteria if c.override}
    return (task.override, *of_criteria.values())


def _of_weights(before: KnownSubmission, after: KnownSubmission) -> tuple[Reason, ...]:
    old, new = (
        {task.id: (task.weight, task.minimum) for task in submission.tasks}
        for submission in (before, after)
    )
    if any(old[task] != new[task] for task in old.keys() & new.keys()):
        return (Reason(Why.EXAM, "weights or minimums of the exam"),)
    return ()


def _of_presence(before: KnownTask | None, runs: Runs) -> Iterator[Reason]:
    shorter, which = (runs[0], "old") if before is None else (runs[1], "new")
    if not shorter.complete:
        yield Reason(Why.CUT, f"the {which} run did not grade everything")
    else:
        now = "new" if before is None else "no longer there"
        yield Reason(Why.EXAM, f"the task is {now}")


def _of_artifact(before: KnownTask, after: KnownTask) -> Iterator[Reason]:
    old, new = before.artifact, after.artifact
    if old is None and new is None:
        return
    if old is None:
        yield Reason(Why.ARTIFACT, "a file, where none could be read")
    elif new is None:
        yield Reason(Why.ARTIFACT, "no file that can be read any more")
    elif old.sha256 != new.sha256:
        yield Reason(Why.ARTIFACT, "another file")
    elif old.source != new.source:
        yield Reason(Why.ARTIFACT, "its source code lies elsewhere")


def _of_course(
    task: str, before: KnownTask, after: KnownTask, runs: Runs
) -> Iterator[Reason]:
    old, new = (_course(run, task) for run in runs)
    if old is None or new is None:
        if _asks_otherwise(before, after):
            yield Reason(Why.RUBRIC, "rubric")
        lost = any(run.course is None for run in runs)
        why = "by the version that graded" if lost else "where nobody's file was graded"
        yield Reason(Why.UNKNOWN, f"rubric and data: not recorded {why}")
        return
    if old.rubric != new.rubric:
        yield Reason(Why.RUBRIC, "rubric")
    names = [
        name
        for name in dict.fromkeys((*old.data, *new.data))
        if old.data.get(name) != new.data.get(name)
    ]
    if names:
        yield Reason(Why.DATA, f"data: {', '.join(names)}")


def _asks_otherwise(before: KnownTask, after: KnownTask) -> bool:
    """Return whether the criteria themselves prove that the rubric changed."""
    return before.max_points != after.max_points or any(
        (criterion.check, criterion.max_points) != (same.check, same.max_points)
        for criterion in before.criteria
        for same in after.criteria
        if same.id == criterion.id
    )


def _course(run: KnownGrades, task: str) -> KnownCourse | None:
    return None if run.course is None else run.course.get(task)


def _of_run(before: KnownTask, after: KnownTask, runs: Runs) -> Iterator[Reason]:
    old, new = before.run, after.run
    if old is not None and new is not None:
        if old.runtime != new.runtime:
            yield Reason(Why.RUNTIME, f"runtime: {old.runtime} -> {new.runtime}")
        elif (versions := _versions(old.runtime, runs)) is not None:
            yield Reason(Why.RUNTIME, f"runtime {old.runtime}: {versions}")
        if (old.repairs, old.adapted) != (new.repairs, new.adapted):
            yield Reason(Why.HOW, "other repairs or adaptations")
    if (old is not None or new is not None) and isolation_differs(runs):
        yield Reason(Why.ISOLATION, isolation_text(runs))


def _versions(runtime: str, runs: Runs) -> str | None:
    """Say which libraries of a runtime have other versions; None if none has."""
    old, new = (run.tool.runtimes.get(runtime, {}) for run in runs)
    return versions_text(old, new) if old and new and old != new else None


def versions_text(old: Mapping[str, str], new: Mapping[str, str]) -> str:
    """Name what has another version.

    >>> versions_text({"keras": "3.14", "numpy": "2.0"}, {"keras": "3.15"})
    'keras 3.14 -> 3.15, numpy 2.0 -> none'
    """
    return ", ".join(
        f"{name} {old.get(name, 'none')} -> {new.get(name, 'none')}"
        for name in dict.fromkeys((*old, *new))
        if old.get(name) != new.get(name)
    )


def isolation_differs(runs: Runs) -> bool:
    """Return whether models were isolated in another way, as far as both runs say."""
    old, new = runs
    if old.isolated != new.isolated:
        return True
    return None not in {old.sandbox, new.sandbox} and old.sandbox != new.sandbox


def isolation_text(runs: Runs) -> str:
    """Say how models were isolated in both runs."""
    old, new = (
        (run.sandbox or "isolated") if run.isolated else "NOT ISOLATED" for run in runs
    )
    return f"sandbox: {old} -> {new}"


def _of_tool(runs: Runs) -> Iterator[Reason]:
    old, new = (run.tool.version for run in runs)
    if old != new:
        yield Reason(Why.VERSION, f"pytest-tfgrade {old} -> {new}")


def _of_end(before: KnownTask, after: KnownTask, runs: Runs) -> Iterator[Reason]:
    """Say whether either run came to no end with the task."""
    if before.points is None and after.points is not None:
        yield Reason(Why.OPEN, "was open")
    elif before.points is not None and after.points is None:
        yield Reason(Why.OPEN, "is open now")
    old, new = ({criterion.id for criterion in t.criteria} for t in (before, after))
    for run, fewer, which in ((runs[0], old < new, "old"), (runs[1], new < old, "new")):
        if fewer and not run.complete:
            yield Reason(Why.CUT, f"the {which} run did not grade all of it")


def _of_rule(
    before: KnownSubmission, after: KnownSubmission, runs: Runs
) -> Iterator[Reason]:
    """Say why other candidates pass with the same points."""
    if (before.points, before.max_points) != (after.points, after.max_points):
        return
    if runs[0].complete != runs[1].complete:
        yield Reason(Why.CUT, "one of the runs did not grade everything")
    else:
        yield Reason(Why.EXAM, "the exam's rule for passing")
