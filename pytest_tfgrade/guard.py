"""Keeping pytest itself away from submissions: nothing in them is ever imported."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_tfgrade.options import Settings


def require_apart(config: pytest.Config, settings: Settings) -> None:
    """Do nothing if pytest reads no file of the submissions as its own.

    A ``conftest.py``, ini file or module that lies in a submission would run in this
    process, which holds the targets.

    Raises:
        pytest.UsageError: One could be read; the message names each way.
    """
    ways = sorted(set(_ways_in(config, settings.submissions.resolve())))
    if ways:
        what = "pytest would take files of submissions for its own"
        lines = [
            f"{settings.submissions}: {what}",
            *(f"  {way}" for way in ways),
            f"  {_way_out(config, settings.submissions)}",
            "  or say where the course is: --rootdir COURSE -c COURSE/INI --noconftest",
        ]
        raise pytest.UsageError("\n".join(lines))


def _way_out(config: pytest.Config, submissions: Path) -> str:
    here = config.invocation_params.dir.resolve()
    if here.is_relative_to(submissions.resolve()):
        return "give the folder of the submissions alone, as --tfgrade=submissions"
    what = "stand in the course's folder and write, with the equals sign, "
    return f"{what}--tfgrade={submissions}"


def _ways_in(config: pytest.Config, submissions: Path) -> Iterator[str]:
    if config.rootpath.resolve().is_relative_to(submissions):
        yield f"they are, or hold, the rootdir {config.rootpath}"
    if config.inipath and config.inipath.resolve().is_relative_to(submissions):
        yield f"they hold the ini file {config.inipath}"
    here = config.invocation_params.dir
    if here.resolve().is_relative_to(submissions) and not _without_conftest(config):
        yield f"they are, or hold, the current folder {here}"
    for argument in config.known_args_namespace.file_or_dir:
        path = here / argument.partition("::")[0]
        if path.resolve().is_relative_to(submissions):
            yield f"the argument {argument} lies in them"
    if not _without_conftest(config):
        yield from _conftest_folders(config, submissions)
    for entry in sys.path:
        path = Path(entry) if entry else here  # '' is the current folder
        if path.resolve().is_relative_to(submissions):
            yield f"they are, or hold, the import path {path}"


def _conftest_folders(config: pytest.Config, submissions: Path) -> Iterator[str]:
    """Yield the folders whose ``conftest.py`` pytest reads before it collects.

    These are the places of tests, and in each the folders ``test*``.
    """
    here = config.invocation_params.dir
    named = config.known_args_namespace.file_or_dir
    places = [
        here,
        *(here / argument.partition("::")[0] for argument in named),
        *(config.rootpath / place for place in config.getini("testpaths")),
    ]
    for place in places:
        for folder in (place, *place.glob("test*")):
            within = folder.resolve().is_relative_to(submissions)
            if folder != here and folder.is_dir() and within:
                yield f"pytest reads conftest.py in {folder}, a place of tests"


def _without_conftest(config: pytest.Config) -> bool:
    return bool(config.known_args_namespace.noconftest)
