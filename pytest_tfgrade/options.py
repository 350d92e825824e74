"""The options, declared once: parser, ini settings and ``Settings`` derive from it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Literal

import pytest

from pytest_tfgrade.core.isolation import Mode
from pytest_tfgrade.core.visibility import (
    STAGES,
    Audience,
    Visibility,
    revealed_by,
)


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
    if text not in STAGES:
        raise ValueError(f"write {' or '.join(STAGES)}")
    return revealed_by(Visibility(text))


def _sandbox(text: str) -> Mode:
    if text not in list(Mode):
        raise ValueError(f"write {', '.join(Mode)}")
    return Mode(text)


CACHE_SIZE: Final = 2 << 30
"""Bytes of the cache, unless something else is asked for."""


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
        help="Write grades.json and other reports into this folder",
    ),
    Option(
        flag="--tfgrade-format",
        metavar="NAME",
        ini_type="linelist",
        help="A report to write beside grades.json, as html or gradescope; repeatable "
        "(default: csv, totals, junit and what plug-ins add)",
    ),
    Option(
        flag="--tfgrade-lang",
        metavar="TAG",
        help="Language of what candidates read: en or zh; texts of rubrics in any "
        "(default: en)",
    ),
    Option(
        flag="--tfgrade-fill",
        metavar="FILE",
        parse=Path,
        help="The platform's own export that the format canvas or moodle fills in",
    ),
    Option(
        flag="--tfgrade-column",
        metavar="TITLE",
        help="The column of that file that takes the points (default: found out)",
    ),
    Option(
        flag="--tfgrade-extensions",
        metavar="FILE",
        parse=Path,
        help="CSV of candidates who may hand in later, and until when",
    ),
    Option(
        flag="--tfgrade-overrides",
        metavar="FILE",
        parse=Path,
        help="YAML of points and comments that people gave, with who, when and why",
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
