"""The options, declared once: parser, ini settings and ``Settings`` derive from it."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, Literal

import pytest

from pytest_tfgrade.core.isolation import Mode
from pytest_tfgrade.core.visibility import Visibility


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option; also an ini setting, its name without dashes in front."""

    flag: str
    """As on the command line."""

    metavar: str
    """What stands for the value in help texts."""

    help: str
    """One phrase, without a final period."""

    parse: Callable[[str], Any] = str
    """From text to value; ValueError if it has none."""

    ini_type: Literal["string", "linelist"] = "string"
    """``linelist`` for options that may be repeated."""

    @property
    def name(self) -> str:
        """The name of the ini setting and of the parser's destination."""
        return self.flag.removeprefix("--").replace("-", "_")


def _workers(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ValueError("write a whole number above 0")
    return int(text)


def _revealed(text: str) -> frozenset[Visibility]:
    if text not in _STAGES:
        raise ValueError(f"write {' or '.join(_STAGES)}")
    return frozenset(_STAGES[: _STAGES.index(Visibility(text)) + 1])


def _sandbox(text: str) -> Mode:
    if text not in list(Mode):
        raise ValueError(f"write {', '.join(Mode)}")
    return Mode(text)


CACHE_SIZE: Final = 2 << 30
"""Bytes of the cache, unless something else is asked for."""

_STAGES: Final = (Visibility.AFTER_DUE_DATE, Visibility.AFTER_PUBLISHED)
"""In the order in which they come."""


class Engine(StrEnum):
    """Where models run."""

    LOCAL = "local"
    DASK = "dask"


def _engine(text: str) -> Engine:
    if text not in list(Engine):
        raise ValueError(f"write {' or '.join(Engine)}")
    return Engine(text)


def _cache(text: str) -> Path | Literal["off"]:
    if not text:  # as of a variable that is not set; Path("") is the current folder
        raise ValueError("write a folder, or off")
    return "off" if text == "off" else Path(text)


def _size(text: str) -> int:
    from pydantic import TypeAdapter, ValidationError

    from pytest_tfgrade.rubric.values import FileSize

    try:
        return TypeAdapter(FileSize).validate_python(text)
    except ValidationError:
        raise ValueError("write a number and a unit, as 500 MB or 2 GiB") from None


class Audience(StrEnum):
    """Who reads what pytest writes to the terminal."""

    GRADER = "grader"
    CANDIDATE = "candidate"


def _audience(text: str) -> Audience:
    if text not in list(Audience):
        raise ValueError(f"write {' or '.join(Audience)}")
    return Audience(text)


OPTIONS: Final = (
    Option(
        flag="--tfgrade",
        metavar="PATH",
        parse=Path,
        help="Folder of submissions to grade; without it the plugin is idle",
    ),
    Option(
        flag="--tfgrade-rubrics",
        metavar="PATH",
        parse=Path,
        help="Rubric, or folder of rubrics (default: rubrics/ under the rootdir)",
    ),
    Option(
        flag="--tfgrade-data",
        metavar="PATH",
        parse=Path,
        help="Folder of evaluation datasets "
        "(default: reference_data/ under the rootdir)",
    ),
    Option(
        flag="--tfgrade-report",
        metavar="DIR",
        parse=Path,
        help="Write grades.json, grades.csv, totals.csv, junit.xml and what plug-ins "
        "add into this folder",
    ),
    Option(
        flag="--tfgrade-task",
        metavar="NAME",
        ini_type="linelist",
        help="Grade only this task; a glob, and repeatable",
    ),
    Option(
        flag="--tfgrade-candidate",
        metavar="NAME",
        ini_type="linelist",
        help="Grade only this submission; a glob, and repeatable",
    ),
    Option(
        flag="--tfgrade-workers",
        metavar="N",
        parse=_workers,
        help="Models in flight at a time (default: the usable cores)",
    ),
    Option(
        flag="--tfgrade-roster",
        metavar="FILE",
        parse=Path,
        help="CSV of all candidates, as platforms export it; who handed in nothing "
        "gets a row, too",
    ),
    Option(
        flag="--tfgrade-cache",
        metavar="DIR",
        parse=_cache,
        help="Keep predictions and grades by content in this folder, or off; a run "
        "that was cut short goes on from there (default: pytest-tfgrade in the user's "
        "cache)",
    ),
    Option(
        flag="--tfgrade-cache-size",
        metavar="SIZE",
        parse=_size,
        help="Bytes that the cache may take, as 500 MB; what was not used for longest "
        "goes first (default: 2 GiB)",
    ),
    Option(
        flag="--tfgrade-engine",
        metavar="WHERE",
        parse=_engine,
        help="Where models run: local, or dask for the workers of a Dask cluster "
        "(default: local)",
    ),
    Option(
        flag="--tfgrade-dask",
        metavar="ADDRESS",
        help="The Dask cluster: its scheduler's address, as tcp://host:8786, or the "
        "file that the scheduler wrote",
    ),
    Option(
        flag="--tfgrade-sandbox",
        metavar="MODE",
        parse=_sandbox,
        help="auto isolates models, or stops where that cannot be had; limits and off "
        "grade all the same, NOT ISOLATED on every report (default: auto)",
    ),
    Option(
        flag="--tfgrade-reveal",
        metavar="WHEN",
        parse=_revealed,
        help="Let reports for candidates show criteria marked after_due_date, or "
        "after_published and these (default: neither)",
    ),
    Option(
        flag="--tfgrade-audience",
        metavar="WHO",
        parse=_audience,
        help="Who reads the terminal and --junitxml: grader, or candidate, who sees no "
        "hidden criterion, no final value and no detail (default: grader)",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the options and ini settings of a run say."""

    submissions: Path
    """Folder of submissions."""

    rubrics: Path
    """Rubric or folder of rubrics."""

    data: Path
    """Folder of evaluation datasets."""

    report: Path | None
    """Folder for reports; None for none."""

    tasks: tuple[str, ...]
    """Globs of tasks; empty for all."""

    candidates: tuple[str, ...]
    """Globs of submissions; empty for all."""

    workers: int | None
    """Models in flight; None for the usable cores."""

    roster: Path | None = None
    """CSV of all candidates."""

    cache: Path | None = None
    """Folder of the cache; None for none."""

    is_cache_asked_for: bool = False
    """Whether somebody named the folder; else a run does without, if need be."""

    cache_size: int = CACHE_SIZE
    """Bytes that it may take."""

    engine: Engine = Engine.LOCAL
    """Where models run."""

    dask: str | None = None
    """Address or scheduler file of a Dask cluster."""

    sandbox: Mode = Mode.AUTO
    """How models are isolated."""

    audience: Audience = Audience.GRADER
    """Who reads the terminal."""

    revealed: frozenset[Visibility] = frozenset()
    """What candidates may see by now beside what is always visible."""

    @property
    def hidden(self) -> tuple[Path, ...]:
        """What no model may see."""
        cache = (self.cache,) if self.cache else ()
        return self.data, self.rubrics, self.submissions, *cache


def register(parser: pytest.Parser) -> None:
    """Offer every option on the command line and as an ini setting."""
    group = parser.getgroup("tfgrade", "grading of saved models (pytest-tfgrade)")
    for option in OPTIONS:
        repeated = option.ini_type == "linelist"
        group.addoption(
            option.flag,
            dest=option.name,
            action="append" if repeated else "store",
            metavar=option.metavar,
            help=option.help,
        )
        parser.addini(
            option.name,
            f"Default for {option.flag}",
            type=option.ini_type,
            default=[] if repeated else None,
        )


def read(config: pytest.Config) -> Settings | None:
    """Return what a run is asked to do; None if it is not asked to grade.

    Raises:
        pytest.UsageError: A value cannot be what it is given for.
    """
    values = {option.name: _value(config, option) for option in OPTIONS}
    submissions = values["tfgrade"]
    if submissions is None:
        return None
    root = _root(config)
    return Settings(
        submissions=submissions,
        rubrics=values["tfgrade_rubrics"] or _shown(root / "rubrics"),
        data=values["tfgrade_data"] or _shown(root / "reference_data"),
        report=values["tfgrade_report"],
        tasks=tuple(values["tfgrade_task"]),
        candidates=tuple(values["tfgrade_candidate"]),
        workers=values["tfgrade_workers"],
        roster=values["tfgrade_roster"],
        cache=_cache_folder(values["tfgrade_cache"]),
        is_cache_asked_for=values["tfgrade_cache"] is not None,
        cache_size=values["tfgrade_cache_size"] or CACHE_SIZE,
        engine=values["tfgrade_engine"] or Engine.LOCAL,
        dask=values["tfgrade_dask"],
        sandbox=values["tfgrade_sandbox"] or Mode.AUTO,
        revealed=values["tfgrade_reveal"] or frozenset(),
        audience=values["tfgrade_audience"] or Audience.GRADER,
    )


def _cache_folder(given: Path | Literal["off"] | None) -> Path | None:
    """Return the folder of the cache: the user's own, unless another is given.

    It is not below the rootdir, as pytest's is: that may be a candidate's repository,
    which could bring a cache along.
    """
    if given == "off":
        return None
    base = os.environ.get("XDG_CACHE_HOME", "")
    home = base if os.path.isabs(base) else os.path.expanduser("~/.cache")  # noqa: PTH111, PTH117 - fail nowhere
    return given or Path(home, "pytest-tfgrade")


def _root(config: pytest.Config) -> Path:
    """Return the rootdir, or the current folder where a value of ours misled pytest.

    pytest looks for its rootdir from every word of the command line that is no option,
    before it knows this plugin's options. So in ``--tfgrade ../handed_in`` it takes the
    value for a place of tests; in ``--tfgrade=../handed_in`` it does not.
    """
    known = config.known_args_namespace
    if known.rootdir or known.inifilename or known.file_or_dir:
        return config.rootpath
    here = config.invocation_params.dir.resolve()
    words = [str(word) for word in config.invocation_params.args]
    flags = {option.flag for option in OPTIONS}
    values = [value for flag, value in pairwise(words) if flag in flags]
    misled = any(not (here / value).resolve().is_relative_to(here) for value in values)
    return here if misled else config.rootpath


def _shown(path: Path) -> Path:
    """Return a path relative to the current folder, as people write it."""
    return Path(os.path.relpath(path))


def _value(config: pytest.Config, option: Option) -> Any:  # noqa: ANN401 - as parsed
    """Return a value from the command line, else from the ini file, else None.

    Paths on the command line are relative to the current folder, those in an ini file
    to the file.
    """
    given = getattr(config.known_args_namespace, option.name, None)
    base = config.invocation_params.dir
    if given is None:
        given = config.getini(option.name) or None
        base = config.inipath.parent if config.inipath else config.rootpath
    if option.ini_type == "linelist":
        return given or ()
    if given is None:
        return None
    try:
        value = option.parse(given)
    except ValueError as error:
        text = f"{option.flag}: cannot use {given!r}; {error}"
        raise pytest.UsageError(text) from None
    return _shown(base / value) if isinstance(value, Path) else value
