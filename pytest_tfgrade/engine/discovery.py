"""Finding who handed in what; nothing is opened, no link is followed."""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Final

from pytest_tfgrade.core.errors import SubmissionsError
from pytest_tfgrade.core.submission import ENDINGS, HandedIn, Submission
from pytest_tfgrade.core.text import identifier, printable

MODEL_ENDINGS: Final = frozenset(
    {*ENDINGS, ".tflite", ".pb", ".zip", ".pkl", ".pt", ".pth", ".onnx", ".tar", ".gz"}
)
"""Files that may be meant as a model; others are the candidate's own affair."""

DEEPEST: Final = 8
MOST_FILES: Final = 20_000
"""Of one submission; what lies deeper or comes later is not looked at."""

Names = Mapping[str, tuple[str, ...]]
"""By task, the paths of its artifact in a submission, without ending; globs."""


def discover(
    folder: Path, names: Names, identity: re.Pattern[str] | None = None
) -> tuple[Submission, ...]:
    """Return the submissions in a folder, sorted by id.

    Three layouts: the folder is one candidate's (it holds a task's artifact itself);
    it holds a folder for each candidate; it holds files ``CANDIDATE_TASK.ENDING``. The
    last two may be mixed. A saved model that fits no task belongs to the candidate
    whose name it begins with; if there is none, it makes a submission of its own, so
    that nobody who misspelt a name is left out.

    Args:
        folder: The submissions.
        names: By task, the paths of its artifact.
        identity: Finds a candidate in the name of a folder or flat file, by its group
            ``candidate``; a name in which it finds none is taken whole.

    Raises:
        SubmissionsError: There is no such folder, nothing in it, or a part that cannot
            be looked at.
    """
    if not folder.is_dir():
        what = "is not a folder" if folder.exists() else "there is no such folder"
        text = f"{folder}: {what}; give the folder that holds the submissions"
        raise SubmissionsError(text)
    place = folder.absolute()  # tests of a grader's own may change the current folder
    own = _submission(folder.resolve().name, place, names)
    found = _candidates(place, names, partial(_identified, identity))
    bearers = sorted(submission.id for submission in found if submission.found)
    if own.found and len(bearers) <= 1:
        return (own,)
    if own.found and all(len(files) == 1 for files in own.found.values()):
        raise _mixed(folder, own, bearers)
    if bearers:
        return tuple(sorted(found, key=lambda submission: submission.id))
    if own.others and not any("/" in name for name in own.others):
        return (own,)  # one candidate, who misspelt the name
    there = f"; there are {', '.join(own.others[:5])}" if own.others else ""
    expected = f"expected {_expected(names)}{there}"
    raise SubmissionsError(f"{folder}: there is no artifact of any task; {expected}")


def _mixed(folder: Path, own: Submission, bearers: Sequence[str]) -> SubmissionsError:
    files = ", ".join(file.name for found in own.found.values() for file in found)
    text = f"{folder}: {files} would make this the folder of one candidate, but "
    others = ", ".join(bearers[:5]) + (", ..." if len(bearers) > 5 else "")  # noqa: PLR2004
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
    folder: Path, names: Names, identified: Callable[[str], str]
) -> list[Submission]:
    submissions: dict[str, Submission] = {}
    named: dict[str, str] = {}
    flat: dict[str, dict[str, list[HandedIn]]] = {}
    stray = []
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if _is_ignored(entry.name):
            continue
        _require_no_link(entry)
        bearers = list(_split(entry.name, names))
        for candidate, task in bearers:
            file = HandedIn(name=printable(entry.name), path=Path(entry.path))
            of_one = flat.setdefault(identified(candidate), {})
            of_one.setdefault(task, []).append(file)
        if bearers:
            continue
        if entry.is_dir(follow_symlinks=False):
            submission = _submission(entry.name, Path(entry.path), names)
            submission = replace(submission, id=identified(entry.name))
            if submission.id in submissions:
                raise _twice(folder, submission.id, named[submission.id], entry.name)
            submissions[submission.id] = submission
            named[submission.id] = entry.name
        elif _ending(entry.name).lower() in MODEL_ENDINGS:
            stray.append(entry.name)
    for candidate, files in flat.items():
        beside = submissions.get(candidate)
        submissions[candidate] = _joined(candidate, files, beside)
    for name in stray:
        owner = _owner(identified(name.removesuffix(_ending(name))), submissions)
        submissions[owner.id] = replace(owner, others=(*owner.others, printable(name)))
    return list(submissions.values())


def _twice(folder: Path, id_: str, one: str, other: str) -> SubmissionsError:
    both = f"{printable(one)} and {printable(other)}"
    text = f"{folder}: {both} are both found to be of the candidate {id_!r}; let the "
    way_out = "pattern 'candidates' in the exam file take in what tells them apart"
    return SubmissionsError(f"{text}{way_out}")


def _require_no_link(entry: os.DirEntry[str]) -> None:
    if entry.is_symlink() and entry.is_dir():
        text = f"{printable(entry.path)}: is a link to a folder, and links are not "
        raise SubmissionsError(f"{text}followed; copy the folder here")


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
    in_folder = beside.found if beside else {}
    tasks = [*in_folder, *(task for task in files if task not in in_folder)]
    return Submission(
        id=candidate,
        found={t: (*in_folder.get(t, ()), *files.get(t, ())) for t in tasks},
        others=beside.others if beside else (),
    )


def _split(name: str, names: Names) -> Iterator[tuple[str, str]]:
    """Yield candidate and task of ``CANDIDATE_TASK.ENDING``."""
    ending = _ending(name)
    if ending.lower() not in MODEL_ENDINGS:
        return
    stem = name.removesuffix(ending)
    for task, patterns in names.items():
        for place in (i for i, letter in enumerate(stem) if letter == "_" and i):
            if _matches(stem[place + 1 :], patterns):
                yield stem[:place], task
                break


def _ending(name: str) -> str:
    return PurePosixPath(name).suffix


def _submission(name: str, folder: Path, names: Names) -> Submission:
    found: dict[str, list[HandedIn]] = {}
    others = []
    for relative in _files(folder):
        path = PurePosixPath(relative)
        if path.suffix.lower() not in MODEL_ENDINGS:
            continue
        file = HandedIn(name=printable(relative), path=folder / relative)
        tasks = [task for task, patterns in names.items() if _bears(path, patterns)]
        for task in tasks:
            found.setdefault(task, []).append(file)
        if not tasks:
            others.append(file.name)
    return Submission(
        id=identifier(name),
        found={task: tuple(found[task]) for task in names if task in found},
        others=tuple(others),
    )


def _bears(path: PurePosixPath, patterns: Sequence[str]) -> bool:
    return _matches(str(path.with_suffix("")), patterns)


def _matches(stem: str, patterns: Sequence[str]) -> bool:
    parts = stem.casefold().split("/")
    return any(_fit(parts, pattern.casefold().split("/")) for pattern in patterns)


def _fit(parts: Sequence[str], patterns: Sequence[str]) -> bool:
    """Match folder by folder, so that no ``*`` reaches into another folder."""
    return len(parts) == len(patterns) and all(map(fnmatchcase, parts, patterns))


def _files(folder: Path) -> list[str]:
    """Return the files of a submission relative to its folder, sorted.

    A folder with the ending of a saved model counts as a file: somebody unpacked it.
    """
    files: list[str] = []
    for root, folders, here in os.walk(folder, onerror=_refuse, followlinks=False):
        relative = Path(root).relative_to(folder)
        unpacked = [name for name in folders if _ending(name).lower() in ENDINGS]
        kept = [name for name in [*here, *unpacked] if not _is_ignored(name)]
        files += [(relative / name).as_posix() for name in kept]
        folders[:] = sorted(
            name for name in folders if name not in unpacked and not _is_ignored(name)
        )
        if len(relative.parts) >= DEEPEST:
            folders.clear()
        if len(files) > MOST_FILES:
            break
    return sorted(files[:MOST_FILES])


def _refuse(error: OSError) -> None:
    """Stop, for a folder that we may not read would look like one without a model."""
    place = printable(str(error.filename))
    text = f"{place}: cannot be read: {error.strerror}; make it readable"
    raise SubmissionsError(text) from None


def _is_ignored(name: str) -> bool:
    return name.startswith(".") or name in {"__MACOSX", "__pycache__"}
