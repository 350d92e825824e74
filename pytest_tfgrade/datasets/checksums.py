"""Whether files are still the ones that were described."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Final

from pytest_tfgrade.datasets.description import FOLDER_LIST, FilesDescription
from pytest_tfgrade.documents import Document, Invalid, Location, Problem

_LINE: Final = re.compile(r"(?P<sha256>[0-9a-f]{64}) [ *](?P<name>.+)")
_MOST_PROBLEMS: Final = 10
"""Of one folder; the others are counted."""


def require_unchanged(
    folder: Path, document: Document, description: FilesDescription
) -> None:
    """Check every file against its sha256, and every listed folder.

    Raises:
        Invalid: With a problem for each file that is missing, extra or changed.
    """
    problems: list[Problem] = []
    for name, expected in description.files.items():
        found = _sha256(folder / name)
        if found == expected:
            continue
        text = (
            f"{name} has changed: expected sha256 {expected}, found {found}; "
            "if you changed the file on purpose, write the new sha256 into dataset.yaml"
        )
        problems.append(Problem(document.locate(("files", name)), text))
    if not problems:
        for name in description.files:
            if PurePosixPath(name).name == FOLDER_LIST:
                problems += _capped(_folder_problems((folder / name).parent))
    if problems:
        raise Invalid(problems)


def listed_files(folder: Path) -> Mapping[str, str]:
    """Return the sha256 of each file that a folder's list names, by relative path.

    Raises:
        Invalid: A line is not as ``sha256sum`` writes it, or names a file again.
    """
    listed, problems = {}, []
    for place, line in _lines(folder):
        match = _LINE.fullmatch(line)
        if match is None or ".." in PurePosixPath(match["name"]).parts:
            what = "is not as sha256sum writes it: 64 digits, two spaces, a path"
            problems.append(Problem(place, f"{what}; write the list again"))
        elif match["name"] in listed:
            what = f"lists {match['name']!r} a second time; remove one"
            problems.append(Problem(place, what))
        else:
            listed[match["name"]] = match["sha256"]
    if problems:
        raise Invalid(_capped(problems))
    return listed


def _lines(folder: Path) -> Iterator[tuple[Location, str]]:
    path = folder / FOLDER_LIST
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, start=1):
        yield Location(path, number), line


def _folder_problems(folder: Path) -> list[Problem]:
    """Return what is missing, changed or extra in a folder."""
    listed = listed_files(folder)
    problems = []
    for (place, _), name in zip(_lines(folder), listed, strict=True):
        file = folder / name
        if not file.is_file():
            problems.append(Problem(place, f"{name} is missing; restore it"))
        elif (found := _sha256(file)) != listed[name]:
            text = (
                f"{name} has changed: expected sha256 {listed[name]}, found {found}; "
                "if you changed the file on purpose, write the list and its own sha256 "
                "in dataset.yaml again"
            )
            problems.append(Problem(place, text))
    present = {
        file.relative_to(folder).as_posix()
        for file in folder.rglob("*")
        if not file.is_dir()
    }
    place = Location(folder / FOLDER_LIST)
    for name in sorted(present - set(listed) - {FOLDER_LIST}):
        problems.append(Problem(place, f"{name} is not in the list; remove or add it"))
    return problems


def _capped(problems: list[Problem]) -> list[Problem]:
    if len(problems) <= _MOST_PROBLEMS:
        return problems
    last = max(problems).location
    more = f"and {len(problems) - _MOST_PROBLEMS} more like these"
    return [*sorted(problems)[:_MOST_PROBLEMS], Problem(last, more)]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
