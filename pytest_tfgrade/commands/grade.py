"""``tfgrade grade``: pytest, started where no file of a submission can be its own.

A plug-in comes too late for that: pytest reads an ini file, and loads what this names
and what is on the import path, before it loads plug-ins. So all that pytest would look
for is said here, and it begins anew in the course's folder.
"""

import argparse
import os
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NoReturn

from pytest_tfgrade.commands.pytest_settings import settings_file
from pytest_tfgrade.core.errors import UsageError
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.kept_out import KeptOut
from pytest_tfgrade.options import OPTIONS

_SUBMISSIONS, *_PASSED_ON = OPTIONS

_SET_HERE: Final = re.compile(r"-c.*|--(config-file|rootdir|tfgrade)(=.*)?")
"""Options that would undo what this command is for."""

_PATHS: Final = ("--junitxml", "--junit-xml", "--log-file", "--basetemp")
"""Options of pytest's own whose values are paths of the caller."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the submissions, the course, and all options of the plug-in."""
    parser.add_argument(
        "submissions",
        metavar="SUBMISSIONS",
        type=Path,
        help="Folder or zip of submissions, or of one candidate",
    )
    parser.add_argument(
        "--course",
        metavar="DIR",
        type=Path,
        default=Path(),
        help="Folder with rubrics and hidden data, in which pytest begins (default: "
        "the current folder)",
    )
    for option in _PASSED_ON:
        parser.add_argument(
            option.flag,
            dest=option.name,
            metavar=option.metavar,
            action="append",
            default=[],
            help=option.help,
        )


def grade(given: argparse.Namespace) -> NoReturn:
    """Become pytest, so that signals and the exit status are its own.

    Raises:
        UsageError: Something is not there, or lies where pytest or Python could take
            a file of a submission for its own.
    """
    if given.submissions.suffix.lower() != ".zip" or not given.submissions.is_file():
        _require_folder(given.submissions, "give SUBMISSIONS before options of pytest")
    _require_folder(given.course, "give the folder of the course")
    here, submissions = Path.cwd(), given.submissions.absolute()
    course = given.course.resolve()  # as pytest will call the folder it begins in
    ini = settings_file(course)
    _require_apart(KeptOut([submissions]), course, ini)
    _require_rubrics(given, course, ini)
    more = list(_own_options(given, here)) + list(_words(given.passed_on, here))
    words = [sys.executable, "-P", "-m", "pytest", *_found(course, ini, more)]
    words += [f"{_SUBMISSIONS.flag}={submissions}", *more]
    if entries := os.environ.get("PYTHONPATH"):
        absolute = (str(here / entry) for entry in entries.split(os.pathsep))
        os.environ["PYTHONPATH"] = os.pathsep.join(absolute)
    os.chdir(course)
    os.execv(words[0], words)  # noqa: S606 - without a shell


def _found(course: Path, ini: Path | None, words: Sequence[str]) -> Iterator[str]:
    """Yield what pytest would look for on its own; it reads no ini file but this."""
    yield f"--rootdir={course}"
    yield f"--confcutdir={course}"
    yield f"--config-file={ini or os.devnull}"
    yield "-pno:cacheprovider"
    places = (course / word.partition("::")[0] for word in words if word[:1] != "-")
    if not (course / "conftest.py").exists() and not any(map(os.path.exists, places)):
        yield "--noconftest"  # a place of tests may have its own


def _own_options(given: argparse.Namespace, here: Path) -> Iterator[str]:
    for option in _PASSED_ON:
        for value in getattr(given, option.name):
            yield f"{option.flag}={here / value if option.parse is Path else value}"


def _words(passed_on: Sequence[str], here: Path) -> Iterator[str]:
    """Yield the words that are for pytest alone.

    Raises:
        UsageError: One would undo what this command does.
    """
    before = ""
    for word in passed_on:
        if _SET_HERE.fullmatch(word):
            remedy = "leave it out; --course says where the course is"
            raise _mistake(word, f"is set by tfgrade grade; {remedy}")
        flag, equals, value = word.partition("=")
        if before in _PATHS:
            yield str(here / word)
        elif equals and flag in _PATHS:
            yield f"{flag}={here / value}"
        else:
            yield word
        before = word


def _require_folder(path: Path, remedy: str) -> None:
    if not os.path.isdir(path):  # noqa: PTH112 - takes a name that is too long for one
        raise _mistake(path, f"is not a folder; {remedy}")


def _require_apart(kept: KeptOut, course: Path, ini: Path | None) -> None:
    if kept.holding(course):
        what = "lies in the submissions; say where the course is: --course DIR"
        raise _mistake(course, what)
    if ini and kept.holding(ini):
        what = "leads into the submissions, whose code it could load; remove it"
        raise _mistake(ini, what)
    for entry in sys.path:
        if kept.holding(Path(entry)):
            what = "Python imports from this folder of the submissions, whose code may"
            remedy = "have run already; unset PYTHONPATH, and call tfgrade by its name"
            raise _mistake(entry, f"{what} {remedy}")


def _require_rubrics(given: argparse.Namespace, course: Path, ini: Path | None) -> None:
    """Do nothing if a folder is a course, whose settings and code may be trusted."""
    named = ini and "tfgrade_rubrics" in ini.read_text("utf-8", "replace")
    if not (named or given.tfgrade_rubrics or (course / "rubrics").exists()):
        what = "holds no rubrics; say where the course is: --course DIR"
        raise _mistake(course, what)


def _mistake(what: Path | str, text: str) -> UsageError:
    return UsageError(f"{printable(str(what))}: {text}")
