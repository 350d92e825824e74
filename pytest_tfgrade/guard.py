"""Keeping pytest itself away from submissions: nothing in them is ever imported."""

import glob
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_tfgrade.core.text import printable
from pytest_tfgrade.kept_out import NAME, KeptOut, is_course
from pytest_tfgrade.options import OPTIONS
from pytest_tfgrade.settings import Settings

_WHAT = "pytest would take files of submissions for its own"


def kept_out(config: pytest.Config, settings: Settings | None) -> KeptOut:
    """Return what keeps pytest from looking into submissions for tests.

    Args:
        config: Before any ``conftest.py`` is read.
        settings: None if the run does not grade.
    """
    base = config.inipath.parent if config.inipath else config.rootpath
    places = {base, config.rootpath, config.invocation_params.dir}
    courses = {place for place in places if is_course(place)}
    if any(config.getini(option.name) for option in OPTIONS):
        courses.add(base)
    known = [settings.submissions] if settings else []
    known += [course / NAME for course in courses if (course / NAME).exists()]
    return KeptOut(known)


def require_apart(
    config: pytest.Config, settings: Settings | None, kept: KeptOut
) -> None:
    """Do nothing if pytest reads no file of submissions as its own.

    A ``conftest.py``, ini file or module that lies in a submission would run in this
    process, which holds the targets.

    Raises:
        pytest.UsageError: One could be read; the message names each way.
    """
    ways = sorted(set(_ways_in(config, kept, grading=settings is not None)))
    if ways:
        out = _ways_out(config, settings) if settings else _ways_out_of_a_plain_run()
        place = f"{settings.submissions}: " if settings else ""
        lines = (f"{place}{_WHAT}", *(f"  {line}" for line in (*ways, *out)))
        raise pytest.UsageError("\n".join(map(printable, lines)))


def _ways_out(config: pytest.Config, settings: Settings) -> Iterator[str]:
    here = config.invocation_params.dir.resolve()
    if here.is_relative_to(settings.submissions.resolve()):
        yield "give the folder of the submissions alone, as --tfgrade=submissions"
    else:
        what = "stand in the course's folder and write, with the equals sign, "
        yield f"{what}--tfgrade={settings.submissions}"
    where = "or say where the course is, and nothing of theirs is read: "
    yield f"{where}tfgrade grade {settings.submissions} --course COURSE"


def _ways_out_of_a_plain_run() -> Iterator[str]:
    yield f"give other places of tests; --tfgrade={NAME} grades what was handed in"
    yield "or run their code in this process all the same: -p no:tfgrade"


def _ways_in(config: pytest.Config, kept: KeptOut, *, grading: bool) -> Iterator[str]:
    if kept.holding(config.rootpath):
        yield f"they are, or hold, the rootdir {config.rootpath}"
    if config.inipath and kept.holding(config.inipath):
        read = f"they hold the ini file {config.inipath}"
        yield f"{read}; what it names, by -p or pythonpath, may have run already"
    if kept.holding(config.invocation_params.dir):
        yield from _ways_in_from_here(config, grading=grading)
    yield from _named_places(config, kept, grading=grading)
    if not _without_conftest(config):
        yield from _conftest_folders(config, kept)
    for path in _import_paths(config):
        if kept.holding(path):
            read = f"they are, or hold, the import path {path}"
            yield f"{read}; what lies there may have run already"


def _ways_in_from_here(config: pytest.Config, *, grading: bool) -> Iterator[str]:
    """Yield what pytest does with the current folder, which lies in submissions."""
    here = config.invocation_params.dir
    collected = not grading and not _named(config)
    if collected or not _without_conftest(config):
        yield f"they are, or hold, the current folder {here}"
    known = config.known_args_namespace
    if getattr(known, "numprocesses", None) or getattr(known, "tx", None):
        yield f"pytest-xdist's workers import from the current folder {here}"


def _named_places(
    config: pytest.Config, kept: KeptOut, *, grading: bool
) -> Iterator[str]:
    for argument in _named(config):
        if any(kept.holding(path) for path in _meant(config, argument)):
            yield f"the argument {argument} lies in them"
    if grading or _named(config):
        return  # pytest then collects nothing that only the ini file names
    for place in _places_of_tests(config):
        if kept.holding(place):
            yield f"testpaths of the ini file name {place}"


def _named(config: pytest.Config) -> list[str]:
    """Return the places of tests on the command line."""
    named: list[str] = config.known_args_namespace.file_or_dir
    return named


def _meant(config: pytest.Config, argument: str) -> Iterator[Path]:
    """Yield the places that an argument can mean: paths, or the path of a module."""
    here = config.invocation_params.dir
    place = argument.partition("::")[0]
    yield here / place
    yield here / place.partition("[")[0]
    if config.known_args_namespace.pyargs:
        inner = place.replace(".", os.sep)
        yield from (path / inner for path in _import_paths(config))


def _places_of_tests(config: pytest.Config) -> Iterator[Path]:
    """Yield the places of tests that the ini file names."""
    root = config.rootpath
    for place in config.getini("testpaths"):
        yield root / place
        # Unlike Path.glob, it takes what pytest takes: also an absolute pattern.
        found = glob.iglob(place, root_dir=root, recursive=True)  # noqa: PTH207
        yield from (root / path for path in found)


def _import_paths(config: pytest.Config) -> Iterator[Path]:
    """Yield where Python imports from, now or once pytest has read its ini file."""
    here = config.invocation_params.dir
    yield from (here / entry for entry in sys.path)  # '' is the current folder
    yield from config.getini("pythonpath")


def _conftest_folders(config: pytest.Config, kept: KeptOut) -> Iterator[str]:
    """Yield the folders whose ``conftest.py`` pytest reads before it collects.

    These are the places of tests, and in each the folders ``test*``.
    """
    here = config.invocation_params.dir
    arguments = (path for name in _named(config) for path in _meant(config, name))
    places = {here, *arguments, *_places_of_tests(config)}
    # Unlike Path.is_dir, it takes a name that is too long for one.
    for place in filter(os.path.isdir, places):
        for folder in (place, *filter(Path.is_dir, place.glob("test*"))):
            if folder != here and kept.holding(folder):
                yield f"pytest reads conftest.py in {folder}, a place of tests"
            conftest = folder / "conftest.py"
            if conftest.is_symlink() and kept.holding(conftest):
                yield f"{conftest} is a link to one of their files"


def _without_conftest(config: pytest.Config) -> bool:
    return bool(config.known_args_namespace.noconftest)
