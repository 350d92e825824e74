"""Finding who handed in what; nothing is opened, no link is followed."""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import SubmissionsError
from pytest_tfgrade.core.submission import GRAPH, FolderFault, HandedIn, Submission
from pytest_tfgrade.core.text import identifier, printable
from pytest_tfgrade.engine.copying import PARTS
from pytest_tfgrade.engine.file_names import (
    Names,
    bears_firmly,
    ending_of,
    is_meant,
    least_doubtful,
    matches,
    stems,
)
from pytest_tfgrade.engine.submission_folder import Asked, is_ignored, look

_MOST_NAMED: Final = 5
"""Files or candidates in a message."""

_Flat = dict[str, dict[str, list[HandedIn]]]
"""Files by candidate and task."""


def discover(
    folder: Path,
    names: Names,
    identity: re.Pattern[str] | None = None,
    sources: Names = MappingProxyType({}),
) -> tuple[Submission, ...]:
    """Return the submissions in a folder, sorted by id.

    Three layouts: the folder is one candidate's (it holds a task's artifact itself);
    it holds a folder for each candidate; it holds files ``CANDIDATE_TASK.ENDING``. The
    last two may be mixed. A saved model that fits no task belongs to the candidate
    whose name it begins with; if there is none, it makes a submission of its own, so
    that nobody who misspelt a name is left out.

    A folder that holds ``saved_model.pb`` is one artifact, named by its path. If it is
    the candidate's own folder, it is the artifact of the only task, or of none.

    What is wrong with one candidate's folder, a link in its place or a part that may
    not be read, is noted in that candidate's submission.

    Args:
        folder: The submissions.
        names: By task, the paths of its artifact.
        identity: Finds a candidate in the name of a folder or flat file, by its group
            ``candidate``; a name in which it finds none is taken whole.
        sources: By task, the paths of Python files that go with an artifact, without
            ``.py``; ``CANDIDATE_NAME.py`` counts for candidates who are known.

    Raises:
        SubmissionsError: There is no such folder, it may not be read, or nothing is in
            it.
    """
    _require_readable(folder)
    place = folder.absolute()  # tests of a grader's own may change the current folder
    asked = Asked(names, sources)
    own = look(folder.resolve().name, place, asked)
    found = _candidates(place, asked, partial(_identified, identity))
    in_order = tuple(sorted(found, key=lambda submission: submission.id))
    bearers = [submission.id for submission in in_order if bears_firmly(submission)]
    if bears_firmly(own) and len(bearers) <= 1:
        return (own,)
    if bears_firmly(own) and all(len(files) == 1 for files in own.found.values()):
        raise _mixed(folder, own, bearers)
    if bearers:
        return in_order
    if own.found:
        return (own,)
    if any(submission.found or submission.fault for submission in in_order):
        return in_order
    if own.others and not any("/" in name for name in own.others):
        return (own,)  # one candidate, who misspelt the name
    raise _without_artifact(folder, own, names)


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


def _identified(identity: re.Pattern[str] | None, name: str) -> str:
    """Return the candidate that a name speaks of, fit to be part of a node id.

    >>> moodle = re.compile("^(?P<candidate>.+?)_[0-9]+_assignsubmission_file")
    >>> _identified(moodle, "Ada L_12_assignsubmission_file")
    'Ada L'
    >>> _identified(moodle, "ada")
    'ada'
    """
    found = identity.search(name) if identity else None
    return identifier((found and found["candidate"]) or name)


def _candidates(
    folder: Path, asked: Asked, identified: Callable[[str], str]
) -> list[Submission]:
    """Return a submission for everybody of whom there is a folder or a file.

    Args:
        folder: That of all submissions.
        asked: What is looked for.
        identified: Returns the candidate that the name of an entry speaks of.

    Raises:
        SubmissionsError: Two folders are of the same candidate.
    """
    submissions: dict[str, Submission] = {}
    named: dict[str, str] = {}  # folders by candidate
    flat: _Flat = {}
    flat_sources: _Flat = {}
    stray = []  # models of no task
    for entry in _entries(folder):
        if _noted(entry, asked.names, identified, flat):
            continue
        if entry.is_dir(follow_symlinks=False) or _stands_for_a_folder(entry):
            submission = _looked_into(entry, asked, identified(entry.name))
            if submission.others == (GRAPH,) and not submission.found:
                stray.append(f"{entry.name}/{GRAPH}")
                continue
            if submission.id in submissions:
                raise _twice(folder, submission.id, named[submission.id], entry.name)
            submissions[submission.id] = submission
            named[submission.id] = entry.name
        elif is_meant(entry.name):
            stray.append(entry.name)
        else:
            _noted(entry, asked.sources, identified, flat_sources, ending=".py")
    for candidate, files in flat.items():
        beside = submissions.get(candidate)
        submissions[candidate] = _joined(candidate, files, beside)
    _give_away(stray, submissions, identified)
    for candidate in flat_sources.keys() & submissions.keys():
        known = submissions[candidate]
        sources = _merged(known.sources, flat_sources[candidate])
        submissions[candidate] = replace(known, sources=sources)
    return list(submissions.values())


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Yield what lies in the folder of all submissions, by name."""
    inner = PARTS if _is_saved_model(folder) else frozenset()
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if not is_ignored(entry.name) and entry.name not in inner:
            yield entry


def _stands_for_a_folder(entry: os.DirEntry[str]) -> bool:
    """Return whether it is a link to a folder, or one that leads nowhere.

    What bears the name of a model, or leads to a file, is judged as files are.
    """
    if not entry.is_symlink() or is_meant(entry.name):
        return False
    return not os.path.isfile(entry.path)  # noqa: PTH113 - Path's raises at times


def _looked_into(entry: os.DirEntry[str], asked: Asked, id_: str) -> Submission:
    """Return what lies in a candidate's folder; of a link, that it is one."""
    if not entry.is_symlink():
        return replace(look(entry.name, Path(entry.path), asked), id=id_)
    text = f"{printable(entry.name)} is a link, not a folder"
    return Submission(id=id_, found={}, fault=FolderFault(code=Code.FORMAT, text=text))


def _noted(
    entry: os.DirEntry[str],
    names: Names,
    identified: Callable[[str], str],
    flat: _Flat,
    *,
    ending: str | None = None,
) -> bool:
    """Add ``CANDIDATE_NAME.ENDING`` to flat files; return whether it is one."""
    if ending is None:
        is_folder = _may_be_saved_model(entry)
        fits = is_folder or is_meant(entry.name)
    else:
        is_folder, fits = False, entry.name.lower().endswith(ending)
    bearers = list(_split(entry.name, names, is_folder=is_folder)) if fits else []
    for candidate, task in bearers:
        file = HandedIn(name=printable(entry.name), path=Path(entry.path))
        flat.setdefault(identified(candidate), {}).setdefault(task, []).append(file)
    return bool(bearers)


def _may_be_saved_model(entry: os.DirEntry[str]) -> bool:
    """Return whether it is the folder of a SavedModel, or a link that may lead to one.

    Such a link is found, to be refused under the name of who handed it in.
    """
    if entry.is_symlink():
        return not is_meant(entry.name)
    return _is_saved_model(Path(entry.path))


def _is_saved_model(folder: Path) -> bool:
    return os.path.lexists(folder / GRAPH)


def _twice(folder: Path, id_: str, one: str, other: str) -> SubmissionsError:
    both = f"{printable(one)} and {printable(other)}"
    text = f"{folder}: {both} are both found to be of the candidate {id_!r}; let the "
    way_out = "pattern 'candidates' in the exam file take in what tells them apart"
    return SubmissionsError(f"{text}{way_out}")


def _give_away(
    stray: Sequence[str],
    submissions: dict[str, Submission],
    identified: Callable[[str], str],
) -> None:
    """Add models of no task to the submissions of those whom their names speak of."""
    for name in stray:
        bare = name.removesuffix(f"/{GRAPH}").removesuffix(ending_of(name))
        owner = _owner(identified(bare), submissions)
        submissions[owner.id] = replace(owner, others=(*owner.others, printable(name)))


def _owner(name: str, submissions: Mapping[str, Submission]) -> Submission:
    """Return the submission whose id a name begins with, or a new one of that name."""
    parts = name.split("_")
    begins = ("_".join(parts[:count]) for count in range(len(parts), 0, -1))
    known = next((begin for begin in begins if begin in submissions), None)
    return submissions[known] if known else Submission(id=name, found={})


def _joined(
    candidate: str, files: Mapping[str, Sequence[HandedIn]], beside: Submission | None
) -> Submission:
    """Return a submission of flat files, and of the candidate's folder if any."""
    joined = _merged(beside.found if beside else {}, files)
    found = {task: least_doubtful(files) for task, files in joined.items()}
    return replace(beside or Submission(id=candidate, found={}), found=found)


def _merged(
    one: Mapping[str, Sequence[HandedIn]], other: Mapping[str, Sequence[HandedIn]]
) -> dict[str, tuple[HandedIn, ...]]:
    tasks = dict.fromkeys((*one, *other))
    return {task: (*one.get(task, ()), *other.get(task, ())) for task in tasks}


def _split(name: str, names: Names, *, is_folder: bool) -> Iterator[tuple[str, str]]:
    """Yield candidate and task of ``CANDIDATE_NAME.ENDING``."""
    bare = sorted(stems(name, is_folder=is_folder), key=len)
    for task, patterns in names.items():
        cuts = ((s, i) for s in bare for i, c in enumerate(s) if c == "_" and i)
        for stem, place in cuts:
            if matches(stem[place + 1 :], patterns):
                yield stem[:place], task
                break
