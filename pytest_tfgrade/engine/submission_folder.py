"""What one candidate handed in; nothing is opened, no link is followed."""

from dataclasses import replace
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.submission import (
    ENDINGS,
    GRAPH,
    FolderFault,
    HandedIn,
    Submission,
)
from pytest_tfgrade.core.text import identifier, printable
from pytest_tfgrade.engine.copying import PARTS
from pytest_tfgrade.engine.file_names import (
    APPLE_DOUBLE,
    MODELS,
    Names,
    bears_firmly,
    is_meant,
    least_doubtful,
    matches,
    may_be_meant,
    stems,
)
from pytest_tfgrade.engine.intake.places import Place

DEEPEST: Final = 8
"""Folders below the candidate's own; what lies deeper is not looked at."""

MOST_FILES: Final = 20_000
"""Of one submission, folders counted; what comes later is not looked at."""


class Asked(NamedTuple):
    """What is looked for, by task."""

    names: Names
    """Of artifacts."""

    sources: Names
    """Of Python files that go with them."""


def look(
    name: str, folder: Place, asked: Asked, zips: list[str] | None = None
) -> Submission:
    """Return what lies in a candidate's folder; zips in it stay closed.

    Args:
        name: Of the candidate.
        folder: Where it lies.
        asked: What is looked for.
        zips: Gets the paths of zips that belong to no task.

    Returns:
        With a fault, if a part of it may not be read.
    """
    found: dict[str, list[HandedIn]] = {}
    sources: dict[str, list[HandedIn]] = {}
    others = []
    files, fault = _files(folder)
    for relative in files:
        path = PurePosixPath(relative)
        if path.suffix.lower() == ".py":
            for task in _tasks(relative, asked.sources):
                code = folder.handed_in(relative, relative)
                sources.setdefault(task, []).append(code)
            continue
        place = str(path.parent) if path.name == GRAPH != relative else relative
        tasks = _tasks(place, asked.names, is_folder=place != relative)
        for task in tasks:
            file = folder.handed_in(place, place)
            found.setdefault(task, []).append(file)
        if not tasks and is_meant(relative) and not _is_apple_double(path.name):
            others.append(printable(relative))
            if zips is not None and path.suffix.lower() == ".zip":
                zips.append(relative)
    kept = {t: least_doubtful(found[t]) for t in asked.names if t in found}
    submission = Submission(
        id=identifier(name),
        found=kept,
        others=tuple(others),
        sources={t: tuple(sources[t]) for t in asked.sources if t in sources},
        fault=fault,
    )
    return _with_own_folder(submission, folder, asked.names)


def _with_own_folder(submission: Submission, folder: Place, names: Names) -> Submission:
    """Take a candidate's own folder for the artifact of the only task, if it is one."""
    if GRAPH not in submission.others or len(names) != 1 or bears_firmly(submission):
        return submission
    others = tuple(other for other in submission.others if other != GRAPH)
    file = folder.handed_in("", GRAPH)
    return replace(submission, found={next(iter(names)): (file,)}, others=others)


def _tasks(relative: str, names: Names, *, is_folder: bool = False) -> list[str]:
    """Return the tasks whose name a file or a folder bears."""
    parent, slash, name = relative.rpartition("/")
    bare = stems(
        f"{parent}{slash}{name.removeprefix(APPLE_DOUBLE)}", is_folder=is_folder
    )
    return [
        task
        for task, patterns in names.items()
        if any(matches(stem, patterns) for stem in bare)
    ]


def _files(folder: Place) -> tuple[list[str], FolderFault | None]:
    """Return what in a submission may be asked for, relative to its folder, sorted.

    With them comes why a part could not be looked into, if so. A SavedModel is there by
    its ``saved_model.pb`` alone. A folder with the ending of a saved model counts as a
    file: somebody unpacked it, or named a SavedModel so.
    """
    files: list[str] = []
    closed: list[OSError] = []
    seen = 0
    for root, folders, here in folder.walk(closed.append):
        inner = PARTS - {GRAPH} if GRAPH in here else frozenset()
        unpacked = [name for name in folders if _is_named_as_a_model(name)]
        kept = [name for name in here if _is_asked_for(name)] + unpacked
        before = f"{root}/" if root else ""
        files += [before + name for name in kept if name not in inner]
        seen += len(here) + len(folders)
        folders[:] = sorted(
            name
            for name in folders
            if name not in unpacked and name not in inner and not is_ignored(name)
        )
        if root and root.count("/") + 1 >= DEEPEST:
            folders.clear()
        if seen > MOST_FILES:
            break
    return sorted(files[:MOST_FILES]), _unreadable(closed[0]) if closed else None


def _is_named_as_a_model(folder: str) -> bool:
    return PurePosixPath(folder).suffix.lower() in ENDINGS and not is_ignored(folder)


def _is_asked_for(name: str) -> bool:
    if _is_apple_double(name):
        return True
    is_code = name.lower().endswith(".py")
    return (is_code or may_be_meant(name)) and not is_ignored(name)


def _is_apple_double(name: str) -> bool:
    """Return whether macOS made the file beside a model."""
    ending = PurePosixPath(name.removeprefix(APPLE_DOUBLE)).suffix.lower()
    return name.startswith(APPLE_DOUBLE) and ending in MODELS


def _unreadable(error: OSError) -> FolderFault:
    """Return a fault of the machine: it would look like a folder without a model."""
    place = printable(str(error.filename))
    text = f"{place}: cannot be read: {error.strerror}; make it readable"
    return FolderFault(code=Code.INFRA, text=text)


def is_ignored(name: str) -> bool:
    """Return whether a name is none of a candidate's own making."""
    return name.startswith(".") or name in {"__MACOSX", "__pycache__"}
