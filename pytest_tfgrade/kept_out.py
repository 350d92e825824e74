"""Folders of submissions, which pytest never looks into for tests of its own.

A ``conftest.py`` or a test in a submission would run in pytest's own process. So these
folders are kept out of every run, also of one that does not grade: the folder that is
graded, and a folder ``submissions`` that lies beside rubrics.
"""

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pytest

NAME: Final = "submissions"
"""What a folder of submissions is called where no option says so."""

_MOST_READ: Final = 64 * 1024
"""Bytes of a file that is looked at for the keys of a rubric."""

_PLACES: Final = ("rubrics/*.yaml", "rubrics/*.yml", "rubric*.y*ml", "exam.y*ml")
"""Where rubrics and exam files lie in a course's folder."""


def _key(name: str) -> re.Pattern[str]:
    return re.compile(rf"""^[\ufeff{{\s]*["']?{name}["']?\s*:""", re.MULTILINE)


_OF_RUBRICS: Final = (_key("task"), _key("criteria"))
_OF_EXAMS: Final = (_key("exam"), _key("tasks"))


class KeptOut:
    """Keeps pytest from collecting what lies in submissions."""

    def __init__(self, known: Iterable[Path]) -> None:
        """Keep these folders out; others are found by their name."""
        self._known = frozenset(folder.resolve() for folder in known)
        self._courses: dict[Path, bool] = {}
        self._passed_over: list[Path] = []

    def holding(self, path: Path) -> Path | None:
        """Return the folder of submissions that a path is or lies in, or None.

        Links are followed, so that no other name of a submission is overlooked.
        """
        real = Path(os.path.realpath(path))  # Path.resolve fails on a link to itself
        for folder in (real, *real.parents):
            if folder in self._known or self._is_kept_out(folder):
                return folder
        return None

    @pytest.hookimpl(tryfirst=True)
    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Pass over submissions.

        Pytest asks for each step down from places that were looked at before it began
        (:func:`pytest_tfgrade.guard.require_apart`). So only what bears the name, is
        known, or leads elsewhere has to be looked at: a run of many tests stays fast.
        """
        path = collection_path
        is_plain = path.name != NAME and not path.is_symlink()
        if (is_plain and not self._known) or self.holding(path) is None:
            return None
        self._passed_over.append(path)
        return True

    def pytest_report_collectionfinish(self, config: pytest.Config) -> str | None:
        """Say what was passed over, unless it is what the run grades."""
        folders = [path for path in self._passed_over if path.name == NAME]
        if not folders or config.pluginmanager.has_plugin("tfgrade-session"):
            return None
        shown = ", ".join(
            os.path.relpath(folder, config.rootpath) for folder in folders
        )
        return f"tfgrade: not looked into for tests: {shown}"

    def _is_kept_out(self, folder: Path) -> bool:
        return folder.name == NAME and self._is_course(folder.parent)

    def _is_course(self, folder: Path) -> bool:
        if folder not in self._courses:
            self._courses[folder] = is_course(folder)
        return self._courses[folder]


def is_course(folder: Path) -> bool:
    """Return whether rubrics or an exam file lie in a folder."""
    files = (file for place in _PLACES for file in folder.glob(place))
    return any(_is_ours(file) for file in files)


def _is_ours(file: Path) -> bool:
    """Return whether a file has the keys of a rubric or of an exam.

    One that cannot be read counts as ours: better a test too few than a model's code.
    """
    try:
        with file.open("rb") as opened:
            text = opened.read(_MOST_READ).decode("utf-8", "replace")
    except OSError:
        return file.is_file()
    return any(
        all(key.search(text) for key in keys) for keys in (_OF_RUBRICS, _OF_EXAMS)
    )
