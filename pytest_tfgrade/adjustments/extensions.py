"""Who may hand in later: a CSV file with a due date for each candidate."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pytest_tfgrade.adjustments.known import Known
from pytest_tfgrade.core.errors import UsageError
from pytest_tfgrade.core.reckoning import LateRule
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.core.times import WRITTEN_AS, read_duration, read_moment
from pytest_tfgrade.documents import Invalid, Location, Problem, closest
from pytest_tfgrade.documents.table import Cell, Table, read_table

_WHO: Final[Mapping[str, tuple[str, ...]]] = {
    "submission": ("submission", "submissions", "candidate"),
    "id": ("id", "id number", "student id", "sis user id", "sid"),
    "email": ("email", "e mail", "email address", "e mail address", "mail"),
}
"""What columns may be called that say who somebody is."""

_DUE: Final = ("due", "due date", "extended to", "extension", "until")
"""What the column of due dates may be called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One line of the file, of somebody who is known."""

    submission: str
    due: datetime
    location: Location


def read_extensions(
    path: Path, known: Known, rule: LateRule | None
) -> Mapping[str, datetime]:
    """Return due dates in UTC by submission, for those who have another.

    A line names somebody by ``submission``, ``id`` or ``email``, if by several by all
    of them, and has in ``due`` a time with a zone, or what to add to the due date, as
    ``+2 days``, which are 48 hours. Of several people behind one submission, the latest
    date counts.

    Args:
        path: The file.
        known: All candidates.
        rule: What lateness costs.

    Raises:
        UsageError: With all problems of the file, and their places; or lateness costs
            nothing.
    """
    if rule is None:
        what = "lateness costs nothing, so nobody needs an extension"
        raise UsageError(f"{path}: {what}; write 'due' and 'late' into the exam file")
    try:
        return _dates(read_table(path), known, rule)
    except Invalid as invalid:
        raise UsageError(str(invalid)) from None


def _dates(table: Table, known: Known, rule: LateRule) -> dict[str, datetime]:
    columns, due_column = _columns(table)
    directory = _Directory(known)
    lines: list[_Line] = []
    problems: list[Problem] = []
    for row in table.rows:
        cells = {kind: row[at] for kind, at in columns.items() if at < len(row)}
        cells = {kind: cell for kind, cell in cells.items() if cell.text}
        end = Cell("", row[-1].location)
        due_cell = row[due_column] if due_column < len(row) else end
        try:
            due = _due(due_cell.text, rule)
        except ValueError as error:
            problems.append(Problem(due_cell.location, str(error)))
            due = rule.due
        if not cells:
            text = "names nobody; fill in or remove the line"
            problems.append(Problem(row[0].location, text))
            continue
        found = directory.find(cells)
        if isinstance(found, Problem):
            problems.append(found)
        elif found is not None:
            first = next(iter(cells.values()))
            lines.append(_Line(submission=found, due=due, location=first.location))
    problems += _twice(lines, known)
    if problems:
        raise Invalid(problems)
    return {line.submission: line.due for line in sorted(lines, key=_order)}


def _order(line: _Line) -> tuple[str, datetime]:
    return line.submission, line.due


def _columns(table: Table) -> tuple[dict[str, int], int]:
    """Return where it stands who somebody is, and where the due dates stand.

    Raises:
        Invalid: It stands nowhere.
    """
    places: dict[str, int] = {}
    for index, cell in enumerate(table.header):
        places.setdefault(_plain(cell.text), index)
    columns = {
        kind: next(places[name] for name in names if name in places)
        for kind, names in _WHO.items()
        if not places.keys().isdisjoint(names)
    }
    due = next((places[name] for name in _DUE if name in places), None)
    header = [printable(cell.text, limit=40) for cell in table.header]
    there = f"there are {', '.join(map(repr, header[:10]))}"
    problems = []
    if not columns:
        text = "no column says who somebody is; name one submission, id or email"
        problems.append(Problem(table.header[0].location, f"{text}; {there}"))
    if due is None:
        text = f"no column says when; name one due; {there}"
        problems.append(Problem(table.header[0].location, text))
    if problems or due is None:
        raise Invalid(problems)
    return columns, due


def _plain(header: str) -> str:
    return re.sub(r"[\s_.-]+", " ", header).strip().casefold()


def _due(text: str, rule: LateRule) -> datetime:
    """Return a due date from what a cell says.

    Raises:
        ValueError: It says none, or none that is later than everybody's.
    """
    if not text:
        raise ValueError(f"has no due date; write it {WRITTEN_AS}, or +2 days")
    if text.startswith("+"):
        due = rule.due + read_duration(text.removeprefix("+"))
    else:
        try:
            due = read_moment(text).astimezone(UTC)
        except ValueError as error:
            raise ValueError(f"{error}, or +2 days") from None
    if due > rule.due:
        return due
    what = f"is not later than the due date of all, {rule.due:%Y-%m-%d %H:%M} UTC"
    raise ValueError(f"{what}; correct it, or remove the line")


def _twice(lines: Sequence[_Line], known: Known) -> Iterator[Problem]:
    """Find candidates who stand in two lines; people of a group may."""
    seen: dict[str, _Line] = {}
    for line in lines:
        first = seen.setdefault(line.submission, line)
        people = known.candidates[line.submission]
        if first is not line and len(people) < 2:  # noqa: PLR2004 - is no group
            who = printable(line.submission, limit=80)
            text = f"{who!r} stands in line {first.location.line}, too; remove one"
            yield Problem(line.location, text)


class _Directory:
    """Finds submissions by what a file may call them."""

    def __init__(self, known: Known) -> None:
        """Look up all candidates."""
        self._known = known
        self._spelt: dict[str, str] = {}
        by_name = self._by({id_: [id_] for id_ in known.candidates})
        by_id, by_email = (self._by(_of_people(known, f)) for f in ("id", "email"))
        # Without a roster the names of submissions are all the ids there are; with
        # one they are not, for candidates choose some of them.
        self._words = {
            "submission": by_name,
            "id": by_id or by_name,
            "email": by_email,
        }

    def _by(self, names: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
        """Return submissions by their names, whose case does not count."""
        found: dict[str, list[str]] = {}
        for id_, known in names.items():
            for word, name in {_word(name): name for name in known if name}.items():
                found.setdefault(word, []).append(id_)
                self._spelt.setdefault(word, name)
        return found

    def find(self, cells: Mapping[str, Cell]) -> str | Problem | None:
        """Return the submission that all cells mean, or what is wrong.

        None if it is nobody known, and not everybody is.
        """
        first = next(iter(cells.values()))
        fitting: list[set[str]] = []
        for kind, cell in cells.items():
            found = self._words[kind].get(_word(cell.text))
            if found is None:
                return self._unknown(kind, cell) if self._known.whole else None
            fitting.append({cell.text} if cell.text in found else {*found})
        common = set.intersection(*fitting)
        if len(common) == 1:
            return common.pop()
        if not common:
            return Problem(first.location, "names two; correct one of the cells")
        names = " or ".join(sorted(printable(id_, limit=80) for id_ in common))
        return Problem(first.location, f"may be {names}; name the submission")

    def _unknown(self, kind: str, cell: Cell) -> Problem:
        who = f"{printable(cell.text, limit=80)!r} is nobody here"
        close = closest(_word(cell.text), self._words[kind])
        if close is not None:
            meant = printable(self._spelt[close], limit=80)
            return Problem(cell.location, f"{who}; did you mean {meant!r}?")
        if kind == "email" and not self._words[kind]:
            text = "no address is known; name the submission, or give a roster"
            return Problem(cell.location, f"{who}; {text}")
        return Problem(cell.location, f"{who}; correct or remove the line")


def _of_people(known: Known, field: str) -> dict[str, list[str]]:
    return {
        id_: [getattr(person, field) for person in people]
        for id_, people in known.candidates.items()
    }


def _word(text: str) -> str:
    return text.strip().casefold()
