"""What people decided in place of the machine: a YAML file that others can review."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator

from pytest_tfgrade.adjustments.known import Known, TaskWorth
from pytest_tfgrade.core.errors import UsageError
from pytest_tfgrade.core.reckoning import Override
from pytest_tfgrade.core.score import counted, points_text
from pytest_tfgrade.core.text import LONGEST_TOLD, printable
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.documents import (
    Document,
    Invalid,
    Location,
    Problem,
    Strict,
    closest,
    no_boolean,
    read_document,
    shown,
    suggestion,
    validate,
)

OPEN: Final = "open"
"""What ``was`` says of a score that the machine left open."""


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """What a decision is about."""

    submission: str
    """Its id."""

    task: str | None = None
    """None: the whole submission."""

    criterion: str | None = None
    """A criterion or group; None: the whole task."""

    def __str__(self) -> str:
        """Return it as pytest names an item."""
        return "::".join(filter(None, (self.submission, self.task, self.criterion)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One entry of the file: what somebody decided, of what."""

    target: Target
    """What it is about."""

    points: Decimal | None = None
    """What counts; None leaves the machine's points."""

    comment: str = ""
    """For the candidate; may be empty."""

    by: str
    """Who decided."""

    at: str
    """The day, as 2025-01-31."""

    why: str
    """The reason; for graders."""

    was: Decimal | Literal["open"] | None = None
    """What the machine had given when it was decided; None: not said."""

    place: Location | None = None
    """Where it stands; None if it is of an earlier run."""

    def fits(self, raw: Decimal | None) -> bool:
        """Return whether the machine gives what it gave, to the hundredth."""
        if self.was is None or raw is None or self.was == OPEN:
            return self.was is None or (raw is None) == (self.was == OPEN)
        return round(raw, 2) == round(Decimal(self.was), 2)

    def override(self, raw: Decimal | None, verdict: Verdict | None = None) -> Override:
        """Return it beside what the machine gave."""
        return Override(
            points=self.points,
            raw=raw,
            raw_verdict=verdict,
            comment=self.comment,
            by=self.by,
            at=self.at,
            why=self.why,
        )


_Points = Annotated[Decimal, BeforeValidator(no_boolean), Field(ge=0)]


def _was(value: object) -> Decimal | Literal["open"]:
    if value == OPEN:
        return OPEN
    if isinstance(value, int | float) and not isinstance(value, bool):
        points = Decimal(str(value))
        if points.is_finite():
            return points
    raise ValueError(f"must be points, or {OPEN!r}, got {shown(value)}")


def _day(value: object) -> str:
    is_day = isinstance(value, date) and not isinstance(value, datetime)
    if isinstance(value, str):
        try:
            value, is_day = date.fromisoformat(value), True
        except ValueError:
            is_day = False
    if isinstance(value, date) and is_day:
        return value.isoformat()
    written = value.isoformat(" ") if isinstance(value, datetime) else shown(value)
    raise ValueError(f"must be a day, got {written}; write it as 2025-01-31")


def _one_line(text: str) -> str:
    """Return a text as every report can bear it."""
    return printable(" ".join(text.split()))


def _not_empty(text: str) -> str:
    if text:
        return text
    raise ValueError("must not be empty; write it out")


_Name = Annotated[str, AfterValidator(str.strip), AfterValidator(_not_empty)]
_Comment = Annotated[str, Field(max_length=LONGEST_TOLD), AfterValidator(_one_line)]
_Said = Annotated[_Comment, AfterValidator(_not_empty)]


class OverridePart(Strict):
    """One entry of the file."""

    submission: _Name
    task: _Name | None = None
    criterion: _Name | None = None
    points: _Points | None = None
    was: Annotated[Decimal | Literal["open"] | None, PlainValidator(_was)] = None
    comment: _Comment = ""
    by: _Said
    at: Annotated[str, PlainValidator(_day)]
    why: _Said


def read_overrides(path: Path, known: Known) -> tuple[Decision, ...]:
    """Return what people decided, in the order of the file.

    Args:
        path: The file: a list of entries; one with comments alone is an empty one.
        known: All submissions and tasks.

    Raises:
        UsageError: With all problems of the file, and their places.
    """
    try:
        if _is_blank(path):
            return ()
        return _decisions(read_document(path), known)
    except Invalid as invalid:
        raise UsageError(str(invalid)) from None


def _is_blank(path: Path) -> bool:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return False  # said where it is read
    return not any(line.partition("#")[0].strip() for line in lines)


def _decisions(document: Document, known: Known) -> tuple[Decision, ...]:
    if not isinstance(document.value, list):
        text = "must be a list of overrides; begin each with '- '"
        raise Invalid([Problem(document.locate(()), text)])
    decisions: list[Decision] = []
    problems: list[Problem] = []
    seen: dict[Target, int] = {}
    for index in range(len(document.value)):
        try:
            part = validate(document, OverridePart, at=(index,))
        except Invalid as invalid:
            problems += invalid.problems
            continue
        decision = _decision(part, document.locate((index,)))
        wrong = [*_problems(decision, known), *_twice(decision, seen)]
        problems += [
            Problem(document.locate((index, key), at_key=key == "points"), text)
            for key, text in wrong
        ]
        decisions.append(decision)
    if problems:
        raise Invalid(problems)
    return tuple(decisions)


def _decision(part: OverridePart, place: Location) -> Decision:
    return Decision(
        target=Target(part.submission, part.task, part.criterion),
        points=part.points,
        comment=part.comment,
        by=part.by,
        at=part.at,
        why=part.why,
        was=part.was,
        place=place,
    )


def _twice(decision: Decision, seen: dict[Target, int]) -> Iterator[tuple[str, str]]:
    line = decision.place.line if decision.place else 0
    first = seen.setdefault(decision.target, line)
    if first != line:
        yield "submission", f"line {first} overrides the same; remove one"


def _problems(decision: Decision, known: Known) -> Iterator[tuple[str, str]]:
    """Yield keys of an entry, and what is wrong with them."""
    target = decision.target
    if decision.points is None and not decision.comment:
        yield "submission", "overrides nothing; add points or a comment"
    if target.submission not in known.candidates and known.whole:
        what = f"no submission is called {shown(target.submission)}"
        yield "submission", f"{what}; {_way_out(target.submission, known.candidates)}"
    if target.task is None:
        if target.criterion is not None:
            yield "criterion", "a criterion is one of a task; add its task"
        if known.whole:
            yield from _beyond(decision, known.most, "a submission")
    elif target.task in known.tasks:
        yield from _problems_of_task(decision, known.tasks[target.task], known)
    elif known.whole:
        what = f"there is no task {shown(target.task)}"
        yield "task", f"{what}; {_way_out(target.task, known.tasks)}"


def _problems_of_task(
    decision: Decision, task: TaskWorth, known: Known
) -> Iterator[tuple[str, str]]:
    id_ = decision.target.criterion
    if id_ is None:
        if known.whole:
            what = f"the task {shown(decision.target.task)}"
            yield from _beyond(decision, task.most, what)
        return
    criterion = task.criteria.get(id_)
    if criterion is None:
        if known.whole:
            what = f"no criterion of the task is called {shown(id_)}"
            yield "criterion", f"{what}; {_way_out(id_, task.criteria)}"
        return
    if criterion.group is not None and decision.points is not None:
        what = f"{shown(id_)} is a member of the group {shown(criterion.group)}"
        yield "criterion", f"{what}, whose points count; override the group"
        return
    yield from _beyond(decision, criterion.points, f"the criterion {shown(id_)}")


def _beyond(decision: Decision, most: Decimal, what: str) -> Iterator[tuple[str, str]]:
    """Find more points than there are."""
    if decision.points is not None and decision.points > most:
        got = points_text(decision.points)
        yield "points", f"{what} has at most {counted(most)}, got {got}; correct it"


def _way_out(word: str, known: Mapping[str, object]) -> str:
    """Return the name that is likely meant; of few, all."""
    few = len(known) <= _FEW
    if few or closest(word, known):
        return suggestion(word, known)
    return "correct it, or remove the entry"


_FEW: Final = 10
"""Names that one line can list."""
