"""Finding who handed in what; nothing but zips is opened, no link is followed."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

from pytest_tfgrade.core.errors import SubmissionsError, Ungradable
from pytest_tfgrade.core.submission import Submission
from pytest_tfgrade.core.text import identifier
from pytest_tfgrade.engine.file_names import Names, bears_firmly
from pytest_tfgrade.engine.intake.disk_place import DiskPlace
from pytest_tfgrade.engine.intake.gathering import gathered, of_one
from pytest_tfgrade.engine.intake.merging import Part
from pytest_tfgrade.engine.intake.notices import notices_of
from pytest_tfgrade.engine.intake.packed_folders import only_folder
from pytest_tfgrade.engine.intake.parts import Parts, entries_of, parts_of
from pytest_tfgrade.engine.intake.places import Place
from pytest_tfgrade.engine.intake.platforms import naming_of
from pytest_tfgrade.engine.intake.roster import Roster
from pytest_tfgrade.engine.intake.said import Naming
from pytest_tfgrade.engine.intake.zip_listing import OF_ALL, BadZip
from pytest_tfgrade.engine.intake.zip_place import zip_on_disk
from pytest_tfgrade.engine.submission_folder import Asked, look
from pytest_tfgrade.rubric.handing_in import DEFAULT, HandingIn

_MOST_NAMED: Final = 5
"""Files or candidates in a message."""

_DEEPEST: Final = 4
"""Folders in a zip that may lie around all submissions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """Who handed in what."""

    submissions: tuple[Submission, ...]
    """By id."""

    notices: tuple[str, ...] = ()
    """What was decided and could be otherwise, for graders; printable lines."""


def discover(
    folder: Path,
    names: Names,
    identity: re.Pattern[str] | None = None,
    sources: Names = MappingProxyType({}),
) -> tuple[Submission, ...]:
    """Return the submissions that ``take_in`` finds, without roster and due date.

    Args:
        folder: The submissions.
        names: By task, the paths of its artifact.
        identity: Finds a candidate in the name of a folder or flat file.
        sources: By task, the paths of Python files that go with an artifact.

    Raises:
        SubmissionsError: As for ``take_in``.
    """
    rules = HandingIn(pattern=identity)
    return take_in(folder, Asked(names, sources), rules).submissions


def take_in(
    folder: Path,
    asked: Asked,
    rules: HandingIn = DEFAULT,
    roster: Roster | None = None,
) -> Intake:
    """Return the submissions in a folder or zip, sorted by id.

    Three layouts: the folder is one candidate's (it holds a task's artifact itself);
    it holds a folder or zip for each candidate; it holds files
    ``CANDIDATE_TASK.ENDING``. The last two may be mixed. A saved model that fits no
    task belongs to the candidate whose name it begins with; if there is none, it makes
    a submission of its own, so that nobody who misspelt a name is left out.

    Names may be those that a platform gives to what it lets graders download.

    A folder that holds ``saved_model.pb`` is one artifact, named by its path. If it is
    the candidate's own folder, it is the artifact of the only task, or of none.

    What is wrong with one candidate's folder or zip, a link in its place or a part that
    may not be read, is noted in that candidate's submission.

    Args:
        folder: The submissions, or a zip of them.
        asked: By task, the paths of artifacts, and those of Python files that go with
            them, without ``.py``; ``CANDIDATE_NAME.py`` counts for candidates who are
            known.
        rules: What the exam says of names, duplicates and the due date. A name in
            which its pattern finds no candidate is taken whole.
        roster: Everybody who could hand in; who did not has a submission, too.

    Raises:
        SubmissionsError: There is no such folder, it may not be read, or nothing is in
            it; or somebody may be several of the roster.
    """
    place = _opened(folder)
    found = partial(_found, asked=asked, rules=rules)
    if isinstance(place, DiskPlace):
        return _taken(folder, found(place, folder.resolve().name), rules, roster)
    levels = [found(level, name) for name, level in _levels(place, folder.stem)]
    named = [level for level in levels if level.naming]
    of_named = (level for level in named if level.bearers)
    of_several = (level for level in levels if len(level.bearers) > 1)
    of_any = (level for level in levels if level.bearers or level.own.found)
    in_order = (of_named, of_several, of_any, named)
    best = next((level for some in in_order for level in some), levels[0])
    return _taken(folder, best, rules, roster)


class _Found(NamedTuple):
    """What lies in the folder of all submissions, not yet taken for a layout."""

    own: Submission
    """If it is one candidate's."""

    parts: Parts
    """If it is not."""

    naming: Naming | None
    """How names are read."""

    asked: Asked
    """What was looked for."""

    @property
    def bearers(self) -> list[str]:
        """Return who surely handed in a model, sorted."""
        firm = (part for part in self.parts.parts if bears_firmly(part.submission))
        return sorted({identifier(part.said.candidate) for part in firm})


def _found(place: Place, name: str, asked: Asked, rules: HandingIn) -> _Found:
    naming = naming_of(place, entries_of(place), rules)
    parts = parts_of(place, asked, rules.pattern, naming)
    return _Found(look(name, place, asked), parts, naming, asked)


def _levels(place: Place, name: str) -> list[tuple[str, Place]]:
    """Return a zip, and the folders in it that all of it lies in."""
    levels = [(name, place)]
    while len(levels) < _DEEPEST and (only := only_folder(place)):
        place = place.below(only)
        levels.append((only, place))
    return levels


def _taken(
    folder: Path, found: _Found, rules: HandingIn, roster: Roster | None
) -> Intake:
    """Return the submissions of the layout that fits what was found."""
    own, bearers = found.own, found.bearers
    if found.naming is None:
        if bears_firmly(own) and len(bearers) <= 1:
            return _alone(own, rules, roster)
        if bears_firmly(own) and all(len(files) == 1 for files in own.found.values()):
            raise _mixed(folder, own, bearers)
        if not bearers and own.found:
            return _alone(own, rules, roster)
    parts = [part.submission for part in found.parts.parts]
    if any(submission.found or submission.fault for submission in parts):
        platform = found.naming.platform if found.naming else None
        twice = partial(_twice, folder)
        all_ = gathered(found.parts, rules, roster, platform, twice=twice)
        notices = notices_of(all_, found.parts, found.naming, rules, roster)
        return Intake(submissions=all_.submissions, notices=notices)
    if own.others and not any("/" in name for name in own.others):
        return _alone(own, rules, roster)  # one candidate, who misspelt the name
    raise _without_artifact(folder, own, found.asked.names)


def _alone(own: Submission, rules: HandingIn, roster: Roster | None) -> Intake:
    """Return the submission of the one candidate whose folder was given."""
    submission = of_one(own, rules, roster)
    notices = roster.notices if roster else ()
    return Intake(submissions=(submission,), notices=notices)


def _opened(folder: Path) -> Place:
    """Return the folder of all submissions, or the zip."""
    place = folder.absolute()  # tests of a grader's own may change the current folder
    if not os.path.isfile(folder):  # noqa: PTH113 - Path's raises where it may not look
        _require_readable(folder)
        return DiskPlace(place)
    if folder.suffix.lower() != ".zip":
        what = "is not a folder; give the folder that holds the submissions"
        raise SubmissionsError(f"{folder}: {what}")
    try:
        return zip_on_disk(place.resolve(), folder.name, OF_ALL, of_all=True)
    except BadZip as finding:
        raise SubmissionsError(f"{folder}: {finding.what}; download it again") from None
    except Ungradable as finding:
        raise SubmissionsError(f"{folder}: {finding.rationale}; give a zip") from None


def _require_readable(folder: Path) -> None:
    """Do nothing if the folder of all submissions can be read and entered."""
    try:
        os.scandir(folder).close()
        os.stat(os.path.join(folder, os.curdir))  # noqa: PTH116, PTH118 - Path drops it
    except FileNotFoundError:
        what = "there is no such folder; give the folder that holds the submissions"
    except NotADirectoryError:
        what = "is not a folder; give the folder that holds the submissions"
    except OSError as error:
        what = f"cannot be read: {error.strerror}; make it readable"
    else:
        return
    raise SubmissionsError(f"{folder}: {what}")


def _without_artifact(folder: Path, own: Submission, names: Names) -> SubmissionsError:
    others = own.others[:_MOST_NAMED]
    there = f"; there are {', '.join(others)}" if others else ""
    expected = f"expected {_expected(names)}{there}"
    return SubmissionsError(f"{folder}: there is no artifact of any task; {expected}")


def _mixed(folder: Path, own: Submission, bearers: Sequence[str]) -> SubmissionsError:
    files = ", ".join(file.name for found in own.found.values() for file in found)
    text = f"{folder}: {files} would make this the folder of one candidate, but "
    others = ", ".join(bearers[:_MOST_NAMED])
    others += ", ..." if len(bearers) > _MOST_NAMED else ""
    remedy = "take it out, or give one candidate's folder"
    return SubmissionsError(f"{text}{others} handed in models, too; {remedy}")


def _expected(names: Names) -> str:
    """Say where an artifact of the first task might lie.

    >>> _expected({"digits": ("digits", "category2/mymodel")})
    'CANDIDATE/digits.keras, CANDIDATE_digits.keras, or digits.keras of one candidate'
    """
    first = f"{next(iter(names.values()))[0]}.keras"
    return f"CANDIDATE/{first}, CANDIDATE_{first}, or {first} of one candidate"


def _twice(folder: Path, id_: str, parts: Sequence[Part]) -> SubmissionsError:
    both = f"{parts[0].entry} and {parts[1].entry}"
    text = f"{folder.absolute()}: {both} are both found to be of the candidate "
    way_out = "let the pattern 'candidates' in the exam file take in what tells them "
    more = "apart, or write duplicates: latest if they are one"
    return SubmissionsError(f"{text}{id_!r}; {way_out}{more}")
