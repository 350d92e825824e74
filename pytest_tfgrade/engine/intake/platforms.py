"""Names as learning platforms give them to what they let graders download.

========================= ==========================================================
Moodle                    ``Full Name_ID_assignsubmission_file`` and what follows: a
                          folder, or ``_`` and the file; ``Participant_ID`` if blind
Canvas                    ``lastfirst_LATE_USER_NUMBER_name-1.ext``, ``_LATE`` if it
                          was, ``-1`` counts attempts
Gradescope                ``submission_ID`` beside ``submission_metadata.yml``
GitHub Classroom          ``ASSIGNMENT-USER``, a clone or the zip of one
========================= ==========================================================
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import takewhile
from typing import Final

from pytest_tfgrade.core.submission import Clock, Person
from pytest_tfgrade.engine.intake import gradescope
from pytest_tfgrade.engine.intake.places import Entry, Kind, Place
from pytest_tfgrade.engine.intake.said import Naming, Said
from pytest_tfgrade.rubric.handing_in import HandingIn, Platform

_MOODLE: Final = re.compile(
    r"(?P<name>.+?)_(?P<id>\d+)_assign(?P<kind>submission|feedback)_(?P<plugin>[a-z]+)"
    r"(?:_(?P<file>.*))?",
    re.DOTALL,
)
_CANVAS: Final = re.compile(
    r"(?P<name>[^_]+)(?P<late>_LATE)?_(?P<user>\d+)_(?P<number>\d+)_(?P<file>.+)",
    re.DOTALL,
)
_ATTEMPT: Final = re.compile(r"(?P<stem>.+)-(?P<attempt>[1-9]\d?)", re.DOTALL)
_BLIND: Final = "Participant"
_LONG_ID: Final = 4
"""Digits from which on a number in a name is surely no count of a course's own."""

_BRANCHES: Final = ("-main", "-master")
"""What GitHub adds to the name of a zip."""

_FEWEST_CLONES: Final = 2


def naming_of(
    place: Place, entries: Sequence[Entry], rules: HandingIn
) -> Naming | None:
    """Return how the names of entries are to be read; None: as they are.

    Args:
        place: Where they lie.
        entries: All of them that are anybody's.
        rules: What the exam says.

    Raises:
        SubmissionsError: Gradescope's ``submission_metadata.yml`` cannot be read.
    """
    if rules.pattern is not None:
        return None
    if rules.platform is not None:
        return _given(place, entries, rules)
    return next(
        filter(
            None,
            (
                _detected_moodle(entries),
                _detected_canvas(entries),
                _detected_gradescope(place, entries),
                _detected_github(place, entries),
            ),
        ),
        None,
    )


def without_attempt(file: str) -> tuple[str, int]:
    """Return a file's name without what Canvas adds when it is handed in again.

    >>> without_attempt("digits-2.keras"), without_attempt("digits.weights-1.h5")
    (('digits.keras', 2), ('digits.weights.h5', 1))
    >>> without_attempt("resnet-50x.keras")
    ('resnet-50x.keras', 0)
    """
    stem, dot, ending = file.rpartition(".")
    found = _ATTEMPT.fullmatch(stem or ending)
    if not found:
        return file, 0
    bare = found["stem"] + (dot + ending if stem else "")
    return bare, int(found["attempt"])


def _given(place: Place, entries: Sequence[Entry], rules: HandingIn) -> Naming:
    """Return how to read names of the platform that the exam names."""
    match rules.platform:
        case Platform.CANVAS:
            return Naming(platform=Platform.CANVAS, says=_canvas)
        case Platform.GRADESCOPE:
            says = gradescope.reader(place, Clock.PLATFORM)
            return Naming(platform=Platform.GRADESCOPE, says=says)
        case Platform.GITHUB_CLASSROOM:
            assignment = rules.assignment or _common_prefix(entries)
            return _of_github(assignment)
        case _:
            return Naming(platform=Platform.MOODLE, says=_moodle)


def _detected_moodle(entries: Sequence[Entry]) -> Naming | None:
    if entries and all(_moodle(entry) for entry in entries):
        return Naming(platform=Platform.MOODLE, says=_moodle, detected=True)
    return None


def _detected_canvas(entries: Sequence[Entry]) -> Naming | None:
    """Return Canvas' way, if numbers are too long and too many for anything else."""
    found = [_CANVAS.fullmatch(entry.name) for entry in entries]
    numbers = {match["number"] for match in found if match}
    is_sure = all(
        match is not None and min(map(len, match.group("user", "number"))) >= _LONG_ID
        for match in found
    )
    if found and is_sure and len(numbers) == len(found):
        return Naming(platform=Platform.CANVAS, says=_canvas, detected=True)
    return None


def _detected_gradescope(place: Place, entries: Sequence[Entry]) -> Naming | None:
    if not place.holds(gradescope.METADATA):
        return None
    # Nobody said that Gradescope wrote it: where the folder is one candidate's own, the
    # candidate may have, with a better time in it.
    says = gradescope.reader(place, Clock.ZIP)
    if all(entry.name == gradescope.METADATA or says(entry) for entry in entries):
        return Naming(platform=Platform.GRADESCOPE, says=says, detected=True)
    return None


def _detected_github(place: Place, entries: Sequence[Entry]) -> Naming | None:
    """Return GitHub's way, if all are clones, or zips of them, and begin alike."""
    if len(entries) < _FEWEST_CLONES:
        return None
    if not all(_is_clone(place, entry) for entry in entries):
        return None
    assignment = _common_prefix(entries)
    if not assignment:
        return None
    return replace(_of_github(assignment), detected=True)


def _of_github(assignment: str) -> Naming:
    return Naming(
        platform=Platform.GITHUB_CLASSROOM,
        says=partial(_github, assignment),
        assignment=assignment,
    )


def _common_prefix(entries: Sequence[Entry]) -> str:
    """Return what all names begin with, up to a hyphen; empty if there is nothing."""
    names = sorted(e.name for e in entries if e.kind is Kind.FOLDER or _is_zip(e))
    first, last = names[:1], names[-1:]  # what these share, all between them share
    alike = takewhile(
        lambda pair: pair[0] == pair[1],
        zip("".join(first), "".join(last), strict=False),
    )
    return "".join(sign for sign, _ in alike).rpartition("-")[0]


def _is_clone(place: Place, entry: Entry) -> bool:
    if _is_zip(entry):
        return entry.name[: -len(".zip")].endswith(_BRANCHES)
    return place.holds(f"{entry.name}/.git")


def _is_zip(entry: Entry) -> bool:
    return entry.kind is Kind.FILE and entry.name.lower().endswith(".zip")


def _moodle(entry: Entry) -> Said | None:
    found = _MOODLE.fullmatch(entry.name)
    if not found:
        return None
    name, number = found["name"], found["id"]
    is_blind = name == _BLIND
    person = Person(name="" if is_blind else name, number=number)
    return Said(
        candidate=f"{name}_{number}" if is_blind else name,
        people=(person,),
        number=number,
        file="" if entry.kind is Kind.FOLDER else found["file"] or "",
        counts=(found["kind"], found["plugin"]) == ("submission", "file"),
    )


def _canvas(entry: Entry) -> Said | None:
    found = _CANVAS.fullmatch(entry.name)
    if not found:
        return None
    file = found["file"]
    _, attempt = without_attempt(file)
    return Said(
        candidate=found["name"],
        people=(Person(name=found["name"], number=found["user"]),),
        number=found["user"],
        file="" if entry.kind is Kind.FOLDER else file,
        attempt=attempt,
        late=found["late"] is not None,
    )


def _github(assignment: str, entry: Entry) -> Said | None:
    user = entry.name.removeprefix(f"{assignment}-")
    if not assignment or user in {entry.name, ""}:
        return None
    if entry.kind is not Kind.FOLDER:
        if not _is_zip(entry):
            return None
        user = user[: -len(".zip")]
        branch = next((b for b in _BRANCHES if user.endswith(b)), "")
        user = user.removesuffix(branch)
    return Said(candidate=user, people=(Person(github=user),))
