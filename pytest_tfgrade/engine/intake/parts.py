"""What each folder, zip and file among all submissions is, and whose."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.submission import (
    GRAPH,
    FolderFault,
    HandedIn,
    Submission,
)
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.engine.copying import PARTS
from pytest_tfgrade.engine.file_names import (
    Names,
    ending_of,
    is_meant,
    matches,
    stems,
)
from pytest_tfgrade.engine.intake.gradescope import METADATA
from pytest_tfgrade.engine.intake.merging import Part
from pytest_tfgrade.engine.intake.packed_folders import look_into_zip, look_through
from pytest_tfgrade.engine.intake.places import Entry, Kind, Place
from pytest_tfgrade.engine.intake.platforms import without_attempt
from pytest_tfgrade.engine.intake.said import Naming, Said
from pytest_tfgrade.engine.submission_folder import Asked, is_ignored
from pytest_tfgrade.rubric.handing_in import CANDIDATE, Platform


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What lies in the folder of all submissions."""

    parts: list[Part] = field(default_factory=list)
    """What is surely somebody's."""

    strays: list[tuple[str, str]] = field(default_factory=list)
    """Models of no task: whom the name speaks of, and the name."""

    sources: list[tuple[str, str, HandedIn]] = field(default_factory=list)
    """Code beside: candidate, task and file; counts for those who are known."""

    unread: list[str] = field(default_factory=list)
    """Names that are not as the platform gives them."""


def entries_of(place: Place) -> list[Entry]:
    """Return what of the folder of all submissions may be anybody's, by name."""
    inner = PARTS if place.holds(GRAPH) else frozenset()
    return [
        entry
        for entry in place.entries()
        if not is_ignored(entry.name) and entry.name not in inner
    ]


def parts_of(
    place: Place,
    asked: Asked,
    pattern: re.Pattern[str] | None,
    naming: Naming | None,
) -> Parts:
    """Return what lies in the folder of all submissions, and whose it is.

    Args:
        place: The folder.
        asked: What is looked for.
        pattern: Finds the candidate in a name; in none that it does not fit.
        naming: How names of a platform are read.
    """
    found = Parts()
    reader = _Reader(place, asked, pattern, found)
    for entry in entries_of(place):
        said = naming.says(entry) if naming else None
        if naming and entry.name == METADATA:
            continue
        if said is None:
            if naming:
                found.unread.append(printable(entry.name))
            reader.take(entry)
        elif said.counts:
            part = reader.said(entry, said)
            is_cloned = naming and naming.platform is Platform.GITHUB_CLASSROOM
            found.parts.append(_undated(part) if is_cloned else part)
    return found


def identified(pattern: re.Pattern[str] | None, name: str) -> str:
    """Return the candidate that a name speaks of, in one form of Unicode.

    >>> moodle = re.compile("^(?P<candidate>.+?)_[0-9]+_assignsubmission_file")
    >>> identified(moodle, "Ada L_12_assignsubmission_file")
    'Ada L'
    >>> identified(moodle, "ada")
    'ada'
    """
    found = pattern.search(name) if pattern else None
    return one_form((found and found[CANDIDATE]) or name)


def one_form(name: str) -> str:
    r"""Return a name in the form of Unicode that keyboards write, macOS does not.

    >>> one_form("Jose\u0301") == "Jos\u00e9"
    True
    """
    return unicodedata.normalize("NFC", name)


def _undated(part: Part) -> Part:
    """Return a part without times: those of a clone are when it was cloned."""
    found = {
        task: tuple(replace(file, stamp=None) for file in files)
        for task, files in part.submission.found.items()
    }
    return replace(part, submission=replace(part.submission, found=found))


class _Reader:
    """Reads entries one by one."""

    def __init__(
        self,
        place: Place,
        asked: Asked,
        pattern: re.Pattern[str] | None,
        found: Parts,
    ) -> None:
        self._place = place
        self._asked = asked
        self._pattern = pattern
        self._found = found

    def take(self, entry: Entry) -> None:
        """Note what an entry is whose name is read as it is."""
        files = list(self._flat(entry, self._asked.names))
        if files:
            for candidate, task in files:
                self._found.parts.append(self._flat_part(entry, candidate, task))
        elif entry.kind is Kind.FOLDER or self._stands_for_a_folder(entry):
            self._take_folder(entry)
        elif is_meant(entry.name):
            self._take_model(entry)
        elif entry.name.lower().endswith(".py"):
            for candidate, task in _split(entry.name, self._asked.sources):
                file = self._place.handed_in(entry.name, entry.name)
                whose = identified(self._pattern, candidate)
                self._found.sources.append((whose, task, file))

    def said(self, entry: Entry, said: Said) -> Part:
        """Return what an entry is of which a platform says whose."""
        said = replace(said, candidate=one_form(said.candidate))
        if entry.kind is Kind.FOLDER or not said.file:
            submission = self._whole(entry)
            return Part(entry=printable(entry.name), said=said, submission=submission)
        tasks = _tasks_of(said.file, self._asked.names, said.attempt)
        codes = _tasks_of(said.file, self._asked.sources, said.attempt)
        file = self._place.handed_in(entry.name, entry.name)
        is_code = said.file.lower().endswith(".py")
        if is_meant(said.file) and not tasks and _is_zip(said.file):
            submission = look_into_zip("", self._place, entry.name, self._asked)
            return Part(entry=printable(entry.name), said=said, submission=submission)
        others = (file.name,) if is_meant(said.file) and not tasks else ()
        submission = Submission(
            id="",
            found={} if is_code else dict.fromkeys(tasks, (file,)),
            sources=dict.fromkeys(codes, (file,)) if is_code else {},
            others=others,
        )
        return Part(entry=file.name, said=said, submission=submission, is_flat=True)

    def _flat(self, entry: Entry, names: Names) -> Iterator[tuple[str, str]]:
        """Yield candidate and task of ``CANDIDATE_NAME.ENDING``."""
        is_folder = self._may_be_saved_model(entry)
        if is_folder or is_meant(entry.name):
            yield from _split(entry.name, names, is_folder=is_folder)

    def _flat_part(self, entry: Entry, candidate: str, task: str) -> Part:
        file = self._place.handed_in(entry.name, entry.name)
        return Part(
            entry=file.name,
            said=Said(candidate=identified(self._pattern, candidate)),
            submission=Submission(id="", found={task: (file,)}),
            is_flat=True,
        )

    def _take_folder(self, entry: Entry) -> None:
        said = Said(candidate=identified(self._pattern, entry.name))
        submission = self._whole(entry)
        if submission.others == (GRAPH,) and not submission.found:
            self._found.strays.append((said.candidate, f"{entry.name}/{GRAPH}"))
            return
        part = Part(entry=printable(entry.name), said=said, submission=submission)
        self._found.parts.append(part)

    def _take_model(self, entry: Entry) -> None:
        """Note a model of no task, or a zip of what a candidate handed in."""
        bare = entry.name.removesuffix(ending_of(entry.name))
        whose = identified(self._pattern, bare)
        if not _is_zip(entry.name) or not self._place.may_open_zips:
            self._found.strays.append((whose, entry.name))
            return
        submission = look_into_zip("", self._place, entry.name, self._asked)
        if not (submission.found or submission.fault or submission.others):
            self._found.strays.append((whose, entry.name))
            return
        self._found.parts.append(
            Part(
                entry=printable(entry.name),
                said=Said(candidate=whose),
                submission=submission,
            )
        )

    def _whole(self, entry: Entry) -> Submission:
        """Return what is in a candidate's folder or zip; of a link, that it is one."""
        if entry.kind is Kind.FOLDER:
            return look_through(entry.name, self._place.below(entry.name), self._asked)
        if _is_zip(entry.name):
            return look_into_zip("", self._place, entry.name, self._asked)
        if entry.kind is Kind.FILE:
            return Submission(id="", found={})
        text = f"{printable(entry.name)} is a link, not a folder"
        fault = FolderFault(
            code=Code.FORMAT, text=text, hint="Hand in the folder itself."
        )
        return Submission(id="", found={}, fault=fault)

    def _stands_for_a_folder(self, entry: Entry) -> bool:
        """Return whether it is a link to a folder, or one that leads nowhere.

        What bears the name of a model, or leads to a file, is judged as files are.
        """
        if entry.kind is not Kind.LINK or is_meant(entry.name):
            return False
        return not self._place.leads_to_file(entry.name)

    def _may_be_saved_model(self, entry: Entry) -> bool:
        """Return whether it is the folder of a SavedModel, or a link to what may be.

        Such a link is found, to be refused under the name of who handed it in.
        """
        if entry.kind is Kind.LINK:
            return not is_meant(entry.name)
        return self._place.holds(f"{entry.name}/{GRAPH}")


def _is_zip(name: str) -> bool:
    return name.lower().endswith(".zip")


def _tasks_of(file: str, names: Names, attempt: int) -> list[str]:
    """Return the tasks whose name a file bears, as it is or without an attempt."""
    for name in (file, without_attempt(file)[0]) if attempt else (file,):
        bare = stems(name)
        tasks = [t for t, ps in names.items() if any(matches(s, ps) for s in bare)]
        if tasks:
            return tasks
    return []


def _split(
    name: str, names: Names, *, is_folder: bool = False
) -> Iterator[tuple[str, str]]:
    """Yield candidate and task of ``CANDIDATE_NAME.ENDING``."""
    bare = sorted(stems(name, is_folder=is_folder), key=len)
    for task, patterns in names.items():
        cuts = ((s, i) for s in bare for i, c in enumerate(s) if c == "_" and i)
        for stem, place in cuts:
            if matches(stem[place + 1 :], patterns):
                yield stem[:place], task
                break
